"""Practices, the people who work there, and their patients."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship
from werkzeug.security import check_password_hash, generate_password_hash

from ehr.database import Base, UtcDateTime, utcnow


class Role(StrEnum):
    """What somebody does in a practice: charts are for the first two, accounts for administrators."""

    PRACTITIONER = "practitioner"
    STAFF = "staff"
    ADMINISTRATOR = "administrator"

    @property
    def sees_patients(self) -> bool:
        return self is not Role.ADMINISTRATOR


class Sex(StrEnum):
    """The patient's sex as the practice recorded it."""

    FEMALE = "female"
    MALE = "male"
    UNSPECIFIED = "x"


class Practice(Base):
    """The organisation that uses this app. Fullscript's counterpart is a clinic."""

    __tablename__ = "practice"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    country: Mapped[str] = mapped_column(String(2))

    users: Mapped[list[User]] = relationship(back_populates="practice")


class User(Base):
    """Somebody who signs in."""

    __tablename__ = "user_account"  # `user` is a reserved word in PostgreSQL

    id: Mapped[int] = mapped_column(primary_key=True)
    practice_id: Mapped[int] = mapped_column(ForeignKey("practice.id"), index=True)
    role: Mapped[Role] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(254), unique=True)  # lower case
    password_hash: Mapped[str] = mapped_column(String(255))
    # An administrator's word: False closes everything of Fullscript for this user.
    may_use_fullscript: Mapped[bool] = mapped_column(default=True)
    # When the invitation to connect, which is shown to who has not connected yet, was sent away.
    invitation_dismissed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    practice: Mapped[Practice] = relationship(back_populates="users", lazy="joined")

    def set_password(self, password: str) -> None:
        """Keep only a scrypt hash of the password."""
        self.password_hash = generate_password_hash(password, method="scrypt")

    def has_password(self, password: str) -> bool:
        return check_password_hash(self.password_hash, password)

    @property
    def is_administrator(self) -> bool:
        return self.role == Role.ADMINISTRATOR

    @property
    def sees_patients(self) -> bool:
        return Role(self.role).sees_patients


class SignIn(Base):
    """One stay of a user in one browser. Kept here, so that signing out ends every copy of the cookie."""

    __tablename__ = "sign_in"

    id: Mapped[str] = mapped_column(String(43), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    user: Mapped[User] = relationship(lazy="joined")


class Patient(Base):
    """Somebody in the care of a practice. Families share e-mail addresses, so these are not unique."""

    __tablename__ = "patient"
    __table_args__ = (Index("ix_patient_by_name", "practice_id", "last_name", "first_name", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    practice_id: Mapped[int] = mapped_column(ForeignKey("practice.id"))
    guardian_id: Mapped[int | None] = mapped_column(ForeignKey("patient.id"), index=True)
    first_name: Mapped[str] = mapped_column(String(100))
    last_name: Mapped[str] = mapped_column(String(100))
    email: Mapped[str | None] = mapped_column(String(254))
    date_of_birth: Mapped[date | None]
    sex: Mapped[Sex | None] = mapped_column(String(10))
    phone: Mapped[str | None] = mapped_column(String(40))  # as somebody entered it
    phone_e164: Mapped[str | None] = mapped_column(String(16))  # +15035550123
    # What the patient said in the portal about text messages; None while they said nothing.
    text_message_consent: Mapped[bool | None]
    text_message_consent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    allergies: Mapped[str] = mapped_column(Text, default="")
    search_text: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow, onupdate=utcnow)

    practice: Mapped[Practice] = relationship()
    guardian: Mapped[Patient | None] = relationship(remote_side=[id], back_populates="dependents")
    dependents: Mapped[list[Patient]] = relationship(
        back_populates="guardian", order_by="Patient.date_of_birth"
    )
    visits: Mapped[list[Visit]] = relationship(
        back_populates="patient", order_by="Visit.at.desc(), Visit.id.desc()"
    )

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def initials(self) -> str:
        return f"{self.first_name[:1]}{self.last_name[:1]}".upper()

    def age(self, today: date) -> int | None:
        """Completed years on *today*; None without a date of birth."""
        born = self.date_of_birth
        if born is None:
            return None
        return today.year - born.year - ((today.month, today.day) < (born.month, born.day))

    def index_for_search(self) -> None:
        """Bring `search_text` up to date: call after names, address, phone or date of birth changed."""
        parts = (self.first_name, self.last_name, self.email, self.phone_e164, self.date_of_birth)
        self.search_text = fold(" ".join(str(part) for part in parts if part))


class Visit(Base):
    """A note that somebody wrote into the chart."""

    __tablename__ = "visit"

    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id"), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    note: Mapped[str] = mapped_column(Text)

    patient: Mapped[Patient] = relationship(back_populates="visits")
    author: Mapped[User] = relationship(lazy="joined")


class Attempts(Base):
    """How often something was tried within a window of time; ehr/throttle.py counts here."""

    __tablename__ = "attempts"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int]
    ends_at: Mapped[float] = mapped_column(index=True)  # seconds since 1970


def fold(text: str) -> str:
    """*text* for comparison: lower case, without accents, so that "Zoé" is found by "zoe"."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in plain if not unicodedata.combining(char))
