"""The sandbox's clock: the machine's, plus what a test moved it by.

Codes, tokens, grants and retention go by this clock. Webhook signatures do not: a receiver compares
them with its own wall clock (architecture, "The sandbox is honest").
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import current_app


class Clock:
    """Tells the time and can be moved forward. Kept by the application, so that a restart resets it."""

    def __init__(self) -> None:
        self.offset = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset

    def advance(self, step: timedelta) -> datetime:
        """Move the clock forward by *step* and return the new time.

        Raises ValueError for a negative step: what has expired does not come back to life.
        """
        if step < timedelta(0):
            raise ValueError("the clock only moves forward")
        self.offset += step
        return self.now()

    def reset(self) -> None:
        self.offset = timedelta(0)


def now() -> datetime:
    """The current time by the clock of the sandbox that is answering."""
    clock: Clock = current_app.extensions["sandbox.clock"]
    return clock.now()


def iso(moment: datetime | None) -> str | None:
    """The form in which Fullscript writes moments: UTC, milliseconds, Z (field notes, section 1)."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
