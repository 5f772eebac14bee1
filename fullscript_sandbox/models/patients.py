"""Patients, who belong to a clinic, and where they live."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import FetchedValue, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from fullscript_sandbox.database import Base, UtcDateTime, new_id
from fullscript_sandbox.models.accounts import Clinic


class Patient(Base):
    """Somebody in the care of a clinic.

    An e-mail address is unique within a clinic among patients who are not dependents; a dependent
    carries the guardian's (field notes, P29). Names and addresses compare case-blind.

    `number` and `position` are filled in by the database (models/patient_index.py): the first is unique in
    all of Fullscript and stands in links, the second counts the patients of one clinic from 1 without gaps.
    """

    __tablename__ = "patient"
    __table_args__ = (
        Index("patient_by_name", "clinic_id", "last_name", "first_name", "id"),
        Index("patient_by_email", "clinic_id", "email"),
        Index(
            "patient_email_once",
            "clinic_id",
            "email",
            unique=True,
            sqlite_where=text("guardian_patient_id IS NULL"),
        ),
        Index("patient_by_first_name", "clinic_id", "first_name"),
        Index("patient_by_domain", "clinic_id", text("substr(email, instr(email, '@') + 1) COLLATE NOCASE")),
        Index("patient_by_position", "clinic_id", "position"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    clinic_id: Mapped[str] = mapped_column(ForeignKey("clinic.id"))
    number: Mapped[int] = mapped_column(server_default=FetchedValue(), nullable=True, unique=True)
    position: Mapped[int] = mapped_column(server_default=FetchedValue(), nullable=True)
    guardian_patient_id: Mapped[str | None] = mapped_column(ForeignKey("patient.id"), index=True)
    first_name: Mapped[str] = mapped_column(String(collation="NOCASE"))
    last_name: Mapped[str] = mapped_column(String(collation="NOCASE"))
    email: Mapped[str] = mapped_column(String(collation="NOCASE"))
    date_of_birth: Mapped[date | None]
    gender: Mapped[str | None]
    discount: Mapped[float] = mapped_column(default=0)
    mobile_number: Mapped[str | None]
    text_message_notification: Mapped[bool] = mapped_column(default=True)
    archived: Mapped[bool] = mapped_column(default=False)
    metadata_id: Mapped[str | None] = mapped_column(index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    clinic: Mapped[Clinic] = relationship()
    guardian: Mapped[Patient | None] = relationship(remote_side=[id], back_populates="dependents")
    dependents: Mapped[list[Patient]] = relationship(back_populates="guardian")
    addresses: Mapped[list[Address]] = relationship(back_populates="patient")

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def is_dependent(self) -> bool:
        return self.guardian_patient_id is not None

    @property
    def total_discount(self) -> float:
        """The patient's own discount and the clinic's, in percent."""
        return self.discount + self.clinic.discount


class Address(Base):
    __tablename__ = "address"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    patient_id: Mapped[str] = mapped_column(ForeignKey("patient.id"), index=True)
    address1: Mapped[str]
    address2: Mapped[str | None]
    city: Mapped[str]
    state: Mapped[str]
    zipcode: Mapped[str]
    country: Mapped[str] = mapped_column(String(2))

    patient: Mapped[Patient] = relationship(back_populates="addresses")
