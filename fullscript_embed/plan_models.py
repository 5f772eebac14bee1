"""What happened to a treatment plan, one row for each event."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from fullscript_embed.columns import UtcDateTime
from fullscript_embed.models import Base


class PlanChange(Base):
    """One event of a plan, or one difference that a check found, with what the plan said afterwards.

    Kept by the event's own id, so that an event that is applied again is the same row.
    """

    __tablename__ = "fullscript_plan_change"

    environment: Mapped[str] = mapped_column(String(16), primary_key=True)
    clinic_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    plan_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    # Fullscript's id of the event; for a difference, "answer" and the moment of the plan's change.
    event_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str | None] = mapped_column(String(24))
    # None where the event did not speak of them.
    recommendations: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))
    lab_recommendations: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))
