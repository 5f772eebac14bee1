"""Results of labs, and when Fullscript was last asked about a patient's labs."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from fullscript_embed.columns import UtcDateTime
from fullscript_embed.models import Base


class LabResult(Base):
    """One document of a lab order's results. Where its PDF is, is asked for each time that somebody opens it:
    such an address may open the file to whoever has it."""

    __tablename__ = "fullscript_lab_result"
    __table_args__ = (UniqueConstraint("environment", "clinic_id", "lab_order_id", "fullscript_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    environment: Mapped[str] = mapped_column(String(16))
    clinic_id: Mapped[str] = mapped_column(String(64))
    lab_order_id: Mapped[str] = mapped_column(String(64))
    fullscript_id: Mapped[str] = mapped_column(String(64))
    name: Mapped[str | None] = mapped_column(Text)
    # All results so far in one document, beside the single ones.
    is_aggregate: Mapped[bool] = mapped_column(default=False)
    is_amendment: Mapped[bool] = mapped_column(default=False)
    # Which results this one stands in for.
    replaces: Mapped[list[str]] = mapped_column(JSON, default=list)
    # By the vendor's clock; None when it does not say.
    created_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    heard_at: Mapped[datetime] = mapped_column(UtcDateTime)
    replaced_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Since when Fullscript does not list it any more.
    gone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # When somebody first looked at it here.
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # When every receiver of the signal had heard of it, and how often it was tried.
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    tell_attempts: Mapped[int] = mapped_column(default=0)


class LabCheck(Base):
    """When Fullscript was asked about a patient's lab orders, and when it is to be asked again."""

    __tablename__ = "fullscript_lab_check"
    __table_args__ = (Index("ix_fullscript_lab_check_due_at", "due_at"),)

    environment: Mapped[str] = mapped_column(String(16), primary_key=True)
    clinic_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    fullscript_patient_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Since the last answer: when there was none, and why, as a code of docs/extension.md.
    failed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failure: Mapped[str | None] = mapped_column(String(32))
    # None while nothing is under way.
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
