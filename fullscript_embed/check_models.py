"""When what is kept of a patient was last compared with Fullscript."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from fullscript_embed.columns import UtcDateTime
from fullscript_embed.models import Base


class LastCheck(Base):
    """The last comparison of one noun, "plans" or "orders", of one of Fullscript's patients."""

    __tablename__ = "fullscript_last_check"

    environment: Mapped[str] = mapped_column(String(16), primary_key=True)
    clinic_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    fullscript_patient_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    noun: Mapped[str] = mapped_column(String(16), primary_key=True)
    # The last one that Fullscript answered.
    checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # False when there was more than one check asks for; the next one goes on.
    is_complete: Mapped[bool] = mapped_column(default=True)
    # The last one that it did not answer, and why, in the code of our error; None since one succeeded.
    failed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failure: Mapped[str | None] = mapped_column(String(32))
