"""What a door answers when the database does not take what it brings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError

from fullscript_embed.errors import NotStored
from fullscript_embed.logs import say_unexpected
from fullscript_embed.state import current


@contextmanager
def storing(what: str) -> Iterator[None]:
    """Answer 503 when the database fails, and log that *what* was not stored: it will be sent again."""
    try:
        yield
    except SQLAlchemyError as error:
        current().db_session.rollback()
        say_unexpected(f"{what} could not be stored", error)
        raise NotStored from None
