"""What becomes of an event that could not be done, or that nobody could be told of.

Waiting events are tried again, later each time. An event of a clinic that nobody connected is parked until
somebody does. What will fail again however often it is tried is dead at once, with its error, until somebody
replays it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.exc import DataError

from fullscript_embed.api.errors import FullscriptError
from fullscript_embed.errors import ClinicNotConnected, EmbedError, EventRefused
from fullscript_embed.models import DEAD, PARKED, WAITING

# The first repetition comes after half a minute, each later one after twice as long, up to an hour; after
# more than a day of that somebody has to look.
FIRST_PAUSE, LONGEST_PAUSE, MOST_ATTEMPTS = timedelta(seconds=30), timedelta(hours=1), 32
MOST_DOUBLINGS = 7
# What is wrong with the event, or with us, and not with the moment.
PERMANENT = (EventRefused, ArithmeticError, AttributeError, DataError, LookupError, TypeError, ValueError)


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
