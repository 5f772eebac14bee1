"""Treatment plans and what they are made from: recommendations, protocols, resources."""

from __future__ import annotations

import secrets
from datetime import date, datetime

from sqlalchemy import JSON, Column, ForeignKey, Index, LargeBinary, String, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from fullscript_sandbox.database import Base, UtcDateTime, new_id
from fullscript_sandbox.models.accounts import Clinic, User
from fullscript_sandbox.models.catalog import Variant
from fullscript_sandbox.models.labs import Lab
from fullscript_sandbox.models.patients import Patient

plan_resource = Table(
    "plan_resource",
    Base.metadata,
    Column("treatment_plan_id", ForeignKey("treatment_plan.id"), primary_key=True),
    Column("resource_id", ForeignKey("resource.id", ondelete="CASCADE"), primary_key=True, index=True),
)


class PlanNumber(Base):
    """A number that a plan was given; it outlives the plan, so that an old link never opens another one."""

    __tablename__ = "plan_number"

    number: Mapped[int] = mapped_column(primary_key=True)


class TreatmentPlan(Base):
    """What a practitioner recommends to a patient: a draft, then active, then perhaps cancelled."""

    __tablename__ = "treatment_plan"
    __table_args__ = (Index("plan_by_patient", "patient_id", "created_at", "id"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    # The number that redirect links carry, as base64 of "TreatmentPlan-<number>" (field notes, 1.13).
    number: Mapped[int] = mapped_column(ForeignKey("plan_number.number"), unique=True)
    clinic_id: Mapped[str] = mapped_column(ForeignKey("clinic.id"), index=True)
    patient_id: Mapped[str | None] = mapped_column(ForeignKey("patient.id"))
    practitioner_id: Mapped[str] = mapped_column(ForeignKey("user.id"), index=True)
    app_id: Mapped[str | None] = mapped_column(ForeignKey("app.id"))  # None: made in Fullscript's own pages
    state: Mapped[str] = mapped_column(String(9), default="draft")
    available_at: Mapped[date | None]
    personal_message: Mapped[str | None]
    metadata_id: Mapped[str | None] = mapped_column(index=True)
    # The event that told of its activation in Fullscript's pages; None when it was activated through REST.
    activated_event_id: Mapped[str | None] = mapped_column(String(36))
    invitation_code: Mapped[str] = mapped_column(default=lambda: secrets.token_hex(5))  # 10 hex digits
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    clinic: Mapped[Clinic] = relationship()
    patient: Mapped[Patient | None] = relationship()
    practitioner: Mapped[User] = relationship()
    recommendations: Mapped[list[Recommendation]] = relationship(
        back_populates="treatment_plan",
        order_by="Recommendation.position",
        cascade="all, delete-orphan",
    )
    lab_recommendations: Mapped[list[LabRecommendation]] = relationship(
        back_populates="treatment_plan",
        order_by="LabRecommendation.position",
        cascade="all, delete-orphan",
    )
    resources: Mapped[list[Resource]] = relationship(
        secondary=plan_resource, order_by="Resource.name", back_populates="treatment_plans"
    )


class Recommendation(Base):
    """One size of one product in a plan, and how to take it."""

    __tablename__ = "recommendation"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    treatment_plan_id: Mapped[str] = mapped_column(ForeignKey("treatment_plan.id"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    variant_id: Mapped[str] = mapped_column(ForeignKey("variant.id"))
    refill: Mapped[bool] = mapped_column(default=False)
    units_to_purchase: Mapped[int] = mapped_column(default=1)
    amount: Mapped[str | None]
    frequency: Mapped[str | None]
    duration: Mapped[str | None]
    format: Mapped[str | None]
    time_of_day: Mapped[list[str]] = mapped_column(JSON, default=list)
    take_with: Mapped[str | None]
    additional_info: Mapped[str | None]

    treatment_plan: Mapped[TreatmentPlan] = relationship(back_populates="recommendations")
    variant: Mapped[Variant] = relationship()


class LabRecommendation(Base):
    """One lab in a plan; it becomes a lab order when the patient buys it."""

    __tablename__ = "lab_recommendation"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    treatment_plan_id: Mapped[str] = mapped_column(ForeignKey("treatment_plan.id"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    lab_id: Mapped[str] = mapped_column(ForeignKey("lab.id"))

    treatment_plan: Mapped[TreatmentPlan] = relationship(back_populates="lab_recommendations")
    lab: Mapped[Lab] = relationship()


class Protocol(Base):
    """Recommendations kept for reuse. `kind` is protocol or template, two views of nearly the same thing."""

    __tablename__ = "protocol"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(10), default="protocol")
    clinic_id: Mapped[str | None] = mapped_column(
        ForeignKey("clinic.id"), index=True
    )  # None: Fullscript's own
    practitioner_id: Mapped[str | None] = mapped_column(ForeignKey("user.id"), index=True)
    name: Mapped[str]
    current_state: Mapped[str] = mapped_column(default="active")
    shared: Mapped[bool] = mapped_column(default=False)
    personal_message: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    recommendations: Mapped[list[ProtocolRecommendation]] = relationship(
        order_by="ProtocolRecommendation.position", cascade="all, delete-orphan"
    )


class ProtocolRecommendation(Base):
    __tablename__ = "protocol_recommendation"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    protocol_id: Mapped[str] = mapped_column(ForeignKey("protocol.id"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    variant_id: Mapped[str] = mapped_column(ForeignKey("variant.id"))
    refill: Mapped[bool] = mapped_column(default=False)
    quantity_recommended: Mapped[int] = mapped_column(default=1)
    dosage_amount: Mapped[str | None]
    dosage_frequency: Mapped[str | None]
    dosage_duration: Mapped[str | None]
    dosage_permutations: Mapped[str | None]
    dosage_format: Mapped[str | None]


class Resource(Base):
    """A document that a practitioner hands to patients. Without a practitioner it is Fullscript's own."""

    __tablename__ = "resource"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    clinic_id: Mapped[str | None] = mapped_column(ForeignKey("clinic.id"), index=True)
    practitioner_id: Mapped[str | None] = mapped_column(ForeignKey("user.id"), index=True)
    name: Mapped[str]
    type: Mapped[str | None]
    category: Mapped[str | None]
    file_name: Mapped[str | None]
    content_type: Mapped[str | None]
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    # False: attached to a plan alone, and not in the practitioner's list (guide: Create a resource).
    in_library: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    treatment_plans: Mapped[list[TreatmentPlan]] = relationship(
        secondary=plan_resource, back_populates="resources"
    )
