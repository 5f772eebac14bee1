"""How patients sign in to the shop; practitioners and staff have accounts of another kind."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship
from werkzeug.security import check_password_hash

from fullscript_sandbox.database import Base, UtcDateTime
from fullscript_sandbox.models.patients import Patient


class PatientAccount(Base):
    """A patient who chose a password. Dependents have none: their guardian acts for them."""

    __tablename__ = "patient_account"

    patient_id: Mapped[str] = mapped_column(ForeignKey("patient.id"), primary_key=True)
    password_hash: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    patient: Mapped[Patient] = relationship()

    def has_password(self, password: str) -> bool:
        return check_password_hash(self.password_hash, password)
