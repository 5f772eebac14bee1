"""Clinics and the people who work in them.

A clinic has an owner, practitioners (the owner is one of them) and staff (guide: design decisions,
"How will you support multiple practitioners?"). Practitioners and staff sign in with an e-mail address
that is unique in all of Fullscript.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship
from werkzeug.security import check_password_hash, generate_password_hash

from fullscript_sandbox.database import Base, UtcDateTime, new_id


class Clinic(Base):
    __tablename__ = "clinic"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    name: Mapped[str]
    slug: Mapped[str] = mapped_column(unique=True)
    country: Mapped[str] = mapped_column(String(2))
    discount: Mapped[int] = mapped_column(default=0)
    margin_type: Mapped[str] = mapped_column(default="standard")
    integration_id: Mapped[str] = mapped_column(default=new_id)
    integration_activated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    users: Mapped[list[User]] = relationship(back_populates="clinic", order_by="User.last_name")

    @property
    def practitioners(self) -> list[User]:
        return [user for user in self.users if user.is_practitioner]


class User(Base):
    """A practitioner or a staff member; `type` is the word that OAuth answers use for it."""

    __tablename__ = "user"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    clinic_id: Mapped[str] = mapped_column(ForeignKey("clinic.id"), index=True)
    type: Mapped[str] = mapped_column(String(12))
    is_owner: Mapped[bool] = mapped_column(default=False)
    email: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str]
    first_name: Mapped[str]
    last_name: Mapped[str]
    practitioner_type_id: Mapped[str | None] = mapped_column(ForeignKey("practitioner_type.id"))
    metadata_id: Mapped[str | None] = mapped_column(index=True)
    npi: Mapped[str | None]
    labs_registered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    share_results_automatically: Mapped[bool] = mapped_column(default=False)
    invite_accepted: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    clinic: Mapped[Clinic] = relationship(back_populates="users")

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def is_practitioner(self) -> bool:
        return self.type == "Practitioner"

    @property
    def picks_practitioner(self) -> bool:
        """True for staff and the owner, who choose whose name a plan carries (guide: platform feature)."""
        return self.is_owner or not self.is_practitioner

    def set_password(self, password: str) -> None:
        self.password_hash = hash_password(password)

    def has_password(self, password: str) -> bool:
        return check_password_hash(self.password_hash, password)


def hash_password(password: str) -> str:
    """A hash that is quick to check: these accounts are invented, and browser tests sign in all the time."""
    return generate_password_hash(password, method="pbkdf2:sha256:1000")
