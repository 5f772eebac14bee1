"""Now. Functions that decide take it as an argument; views, jobs and commands ask here."""

from __future__ import annotations

from datetime import UTC, datetime


def utcnow() -> datetime:
    """The current moment, aware, in UTC."""
    return datetime.now(UTC)
