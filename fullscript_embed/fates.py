"""What becomes of an event that could not be done, or that nobody could be told of.

Waiting events are tried again, later each time. An event of a clinic that nobody connected is parked until
somebody does. What will fail again however often it is tried is dead at once, with its error, until somebody
replays it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import DataError

from fullscript_embed.api.errors import FullscriptError
from fullscript_embed.clock import utcnow
from fullscript_embed.errors import ClinicNotConnected, EmbedError, EventRefused
from fullscript_embed.models import DEAD, PARKED, WAITING, InboxEvent
from fullscript_embed.state import current

# The first repetition comes after half a minute, each later one after twice as long, up to an hour; after
# more than a day of that somebody has to look.
FIRST_PAUSE, LONGEST_PAUSE, MOST_ATTEMPTS = timedelta(seconds=30), timedelta(hours=1), 32
MOST_DOUBLINGS = 7
# What is wrong with the event, or with us, and not with the moment.
PERMANENT = (EventRefused, ArithmeticError, AttributeError, DataError, LookupError, TypeError, ValueError)


def keep_failure(number: int, error: Exception, *, applied_at: datetime | None = None) -> None:
    """Count a failure of an event that was applied then, or never, with its error and what becomes of it.

    Leaves alone what somebody else has applied or put back meanwhile. Commits, and first rolls back what was
    left half done. The caller logs the error.
    """
    session = current().db_session
    session.rollback()
    columns = InboxEvent.__table__.columns
    attempts = (session.scalar(select(columns.attempts).where(columns.id == number)) or 0) + 1
    session.execute(
        update(InboxEvent)
        .where(InboxEvent.id == number, InboxEvent.applied_at == applied_at)
        .values(attempts=attempts, last_error=in_words(error), **fate(error, attempts, now=utcnow()))
    )
    session.commit()


def fate(error: Exception, attempts: int, *, now: datetime) -> dict[str, Any]:
    """The columns of an event after its failure number *attempts*."""
    if isinstance(error, ClinicNotConnected):
        return {"state": PARKED}
    if isinstance(error, PERMANENT) or attempts >= MOST_ATTEMPTS:
        return {"state": DEAD}
    return {"state": WAITING, "due_at": now + pause(attempts)}


def pause(attempts: int) -> timedelta:
    """How long to wait after that many failures."""
    doublings: int = 2 ** min(max(attempts - 1, 0), MOST_DOUBLINGS)
    return min(FIRST_PAUSE * doublings, LONGEST_PAUSE)


def in_words(error: Exception) -> str:
    """An error as it may be shown: the text of an unexpected one may quote the event, so its type alone."""
    if isinstance(error, FullscriptError):
        return f"Fullscript: {error.reason}"
    return str(error) if isinstance(error, EmbedError) else type(error).__name__
