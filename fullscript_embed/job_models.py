"""What the jobs keep beside what they work on: how far polls came, who was seen, and what was counted."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from fullscript_embed.columns import UtcDateTime
from fullscript_embed.models import Base


class PollState(Base):
    """How far one category of one clinic's events was polled, or its deliveries."""

    __tablename__ = "fullscript_poll_state"

    environment: Mapped[str] = mapped_column(String(16), primary_key=True)
    clinic_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    category: Mapped[str] = mapped_column(String(24), primary_key=True)
    # By the vendor's clock: the newest of which all that came before it is in the inbox.
    newest_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # By ours: when a poll came to its end.
    polled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_error: Mapped[str | None] = mapped_column(Text)
    # How many events no other door had brought by then.
    found: Mapped[int] = mapped_column(default=0)


class Heartbeat(Base):
    """When somebody was last known to work."""

    __tablename__ = "fullscript_heartbeat"

    name: Mapped[str] = mapped_column(String(24), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class AcceptedCount(Base):
    """How many events each door brought first, up to an event's number; prunable events are among them."""

    __tablename__ = "fullscript_accepted_count"

    environment: Mapped[str] = mapped_column(String(16), primary_key=True)
    door: Mapped[str] = mapped_column(String(16), primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger, default=0)


class CountedUpTo(Base):
    """The number of the last event that `AcceptedCount` knows of. One row."""

    __tablename__ = "fullscript_counted_up_to"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(BigInteger, default=0)


class CallCount(Base):
    """How many calls Fullscript answered in which way, and how long that took, of all processes together."""

    __tablename__ = "fullscript_call_count"

    route: Mapped[str] = mapped_column(String(120), primary_key=True)
    # The HTTP status, or why there was none: unreachable, timed_out …
    status: Mapped[str] = mapped_column(String(32), primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger, default=0)
    microseconds: Mapped[int] = mapped_column(BigInteger, default=0)
    # Of these, how many took at most so long.
    within_100_ms: Mapped[int] = mapped_column(BigInteger, default=0)
    within_300_ms: Mapped[int] = mapped_column(BigInteger, default=0)
    within_1_s: Mapped[int] = mapped_column(BigInteger, default=0)
    within_3_s: Mapped[int] = mapped_column(BigInteger, default=0)
    within_10_s: Mapped[int] = mapped_column(BigInteger, default=0)
