"""Column types: moments in UTC, and text that is encrypted at rest."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from sqlalchemy import DateTime, Dialect, Text
from sqlalchemy.types import TypeDecorator

from fullscript_embed.encryption import current_cipher
from fullscript_embed.errors import EncryptionKeyMissing

log = logging.getLogger(__name__)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment. Takes and gives aware datetimes; stored without an offset, in UTC."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 -- SQLAlchemy's signature
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 -- SQLAlchemy's signature
        return None if value is None else value.replace(tzinfo=UTC)


class Encrypted(TypeDecorator[str]):
    """Text that the database only sees encrypted, with the keys of the current application.

    A value that no configured key opens reads as None, as if it had been forgotten, and is logged: a lost key
    costs the users a new connection, and no page an error.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 -- SQLAlchemy's signature
        return None if value is None else current_cipher().encrypt(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 -- SQLAlchemy's signature
        try:
            return None if value is None else current_cipher().decrypt(value)
        except EncryptionKeyMissing:
            log.warning("fullscript: a stored token is under a key that is not configured any more")
            return None
