"""Labs (United States only): what can be recommended, what was bought, what came back."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import JSON, ForeignKey, LargeBinary, Numeric, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from fullscript_sandbox.database import Base, UtcDateTime, new_id
from fullscript_sandbox.models.accounts import User
from fullscript_sandbox.models.patients import Patient


class Lab(Base):
    """Something that can be recommended and bought; it holds one or more tests."""

    __tablename__ = "lab"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    variant_id: Mapped[str] = mapped_column(String(36), unique=True, default=new_id)  # its id in order lines
    name: Mapped[str] = mapped_column(index=True)
    company: Mapped[str]
    description: Mapped[str]
    instructions: Mapped[str]
    sample_type: Mapped[str]
    requires_fasting: Mapped[bool] = mapped_column(default=False)
    requires_appointment: Mapped[bool] = mapped_column(default=False)
    turnaround_days: Mapped[int] = mapped_column(default=5)
    price: Mapped[Decimal] = mapped_column(Numeric(8, 2))

    tests: Mapped[list[LabTest]] = relationship(back_populates="lab", order_by="LabTest.position")


class LabTest(Base):
    __tablename__ = "lab_test"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    lab_id: Mapped[str] = mapped_column(ForeignKey("lab.id"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="")

    lab: Mapped[Lab] = relationship(back_populates="tests")


class LabOrder(Base):
    """A lab that a patient was recommended or bought, on its way to results (guide: labs, life cycle).

    `state` is the API's word; lab_orders.py says which follows which.
    """

    __tablename__ = "lab_order"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    clinic_id: Mapped[str] = mapped_column(ForeignKey("clinic.id"), index=True)
    patient_id: Mapped[str] = mapped_column(ForeignKey("patient.id"), index=True)
    practitioner_id: Mapped[str] = mapped_column(ForeignKey("user.id"))
    treatment_plan_id: Mapped[str | None] = mapped_column(ForeignKey("treatment_plan.id"), index=True)
    order_id: Mapped[str | None] = mapped_column(ForeignKey("order.id"), index=True)
    lab_id: Mapped[str] = mapped_column(ForeignKey("lab.id"))
    state: Mapped[str] = mapped_column(String(24), default="purchased")
    appointment_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    lab: Mapped[Lab] = relationship()
    patient: Mapped[Patient] = relationship()
    practitioner: Mapped[User] = relationship()
    results: Mapped[list[LabResult]] = relationship(
        back_populates="lab_order", order_by="LabResult.created_at"
    )


class LabResult(Base):
    """One document that the lab sent, with the tests that it answers; it may replace an earlier one.

    `pdf` is what is downloaded, as `content_type`. A test may have ordered something that is no PDF.
    """

    __tablename__ = "lab_result"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    lab_order_id: Mapped[str] = mapped_column(ForeignKey("lab_order.id"), index=True)
    replaces_id: Mapped[str | None] = mapped_column(ForeignKey("lab_result.id"))
    test_ids: Mapped[list[str]] = mapped_column(JSON, default=list)
    content_type: Mapped[str] = mapped_column(default="application/pdf")
    pdf: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    lab_order: Mapped[LabOrder] = relationship(back_populates="results")
