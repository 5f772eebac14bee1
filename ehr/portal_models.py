"""The patients' own accounts: who may sign in to the portal, invitations to it, and stays in it.

What a browser or a link holds is a random token; only its hash is kept, so that the database opens nothing.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship
from werkzeug.security import check_password_hash, generate_password_hash

from ehr.database import Base, UtcDateTime, utcnow
from ehr.models import Patient


class PatientAccount(Base):
    """A patient who can sign in. Families share addresses, but one address signs one person in."""

    __tablename__ = "patient_account"

    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id"), unique=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)  # lower case
    password_hash: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)

    patient: Mapped[Patient] = relationship(lazy="joined")

    def set_password(self, password: str) -> None:
        """Keep only a scrypt hash of the password."""
        self.password_hash = generate_password_hash(password, method="scrypt")

    def has_password(self, password: str) -> bool:
        return check_password_hash(self.password_hash, password)


class PatientInvitation(Base):
    """A link by which a patient sets a password, once. A patient's next one takes the place of the last."""

    __tablename__ = "patient_invitation"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)  # the hash of the link's token
    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id"), unique=True)
    email: Mapped[str] = mapped_column(String(254))
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)

    patient: Mapped[Patient] = relationship(lazy="joined")


class PatientStay(Base):
    """One stay of a patient in one browser; signing out deletes it."""

    __tablename__ = "patient_stay"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)  # the hash of the cookie
    account_id: Mapped[int] = mapped_column(ForeignKey("patient_account.id"), index=True)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)

    account: Mapped[PatientAccount] = relationship(lazy="joined")


def hashed(token: str) -> str:
    """What is kept of a token; the token itself is long and random, so that no slower hash is needed."""
    return hashlib.sha256(token.encode()).hexdigest()
