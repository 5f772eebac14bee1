"""What is kept beside patient links: ids for Fullscript's metadata, and links that are not made."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from fullscript_embed.clock import utcnow
from fullscript_embed.columns import UtcDateTime
from fullscript_embed.models import Base

# What became of an id that Fullscript is to carry.
WAITING, WRITTEN, REFUSED = "waiting", "written", "refused"


class CrossIndex(Base):
    """The id of the host's that one record of Fullscript's is to carry in its metadata (cross_index.py)."""

    __tablename__ = "fullscript_cross_index"
    __table_args__ = (
        UniqueConstraint("environment", "clinic_id", "kind", "fullscript_id"),
        Index("ix_fullscript_cross_index_due", "state", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    environment: Mapped[str] = mapped_column(String(16))
    clinic_id: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(16))  # patient, practitioner or staff
    fullscript_id: Mapped[str] = mapped_column(String(64))
    # The host's id; None when it is to be taken out again.
    wanted_id: Mapped[str | None] = mapped_column(String(255))
    # What we wrote last: only that, and nothing, may be written over.
    written_id: Mapped[str | None] = mapped_column(String(255))
    # True when a person said to write over whatever is there.
    overwrites: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(16), default=WAITING)
    # Why it is refused, or was not done yet: a FullscriptError's reason, "other_id" or "not_connected".
    reason: Mapped[str | None] = mapped_column(String(32))
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)


class LinkNote(Base):
    """What is remembered of a host patient in a clinic apart from the link (links.py)."""

    __tablename__ = "fullscript_link_note"

    environment: Mapped[str] = mapped_column(String(16), primary_key=True)
    clinic_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    patient_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    # Whom a person unlinked: nobody but a person links these two again.
    unlinked_id: Mapped[str | None] = mapped_column(String(64))
    unlinked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Who was chosen in Fullscript on this patient's page, and is another patient's already.
    taken_id: Mapped[str | None] = mapped_column(String(64))
    taken_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Since when Fullscript has been given our id of this patient, to be told back in events.
    expected_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
