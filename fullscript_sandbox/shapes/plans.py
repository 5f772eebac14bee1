"""Treatment plans and what is in them (field notes, 1.8 and 1.22)."""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict

from fullscript_sandbox import links
from fullscript_sandbox.clock import iso
from fullscript_sandbox.models import Lab, Recommendation, Resource, TreatmentPlan
from fullscript_sandbox.shapes.patients import Metadata

State = Literal["draft", "active", "cancelled"]


class Reference(TypedDict):
    """Somebody, by id alone."""

    id: str


class PatientReference(TypedDict):
    """Nobody yet, in a draft that was made without a patient."""

    id: str | None


class Dosage(TypedDict):
    amount: str | None
    frequency: str | None
    duration: str | None
    format: str | None
    additional_info: str | None
    time_of_day: list[str]


class EventDosage(Dosage):
    """Events were seen with the names that products use, and are documented with these: they have both."""

    recommended_amount: str | None
    recommended_frequency: str | None
    recommended_duration: str | None


class RecommendationData(TypedDict):
    variant_id: str
    refill: bool
    units_to_purchase: int
    take_with: str | None
    dosage: Dosage


class EventRecommendation(TypedDict):
    variant_id: str
    refill: bool
    units_to_purchase: int
    take_with: str | None
    dosage: EventDosage


class LabTestName(TypedDict):
    id: str
    name: str


class LabRecommendationData(TypedDict):
    id: str
    name: str
    requires_fasting: bool
    instructions: str
    tests: list[LabTestName]


class ResourceData(TypedDict):
    id: str
    attachment_url: str
    category: str | None
    name: str
    type: str | None


class PlanRow(TypedDict):
    """A plan in a list: no recommendations, no link, no metadata."""

    id: str
    state: State
    patient: PatientReference
    practitioner: Reference
    available_at: str | None
    created_at: str
    updated_at: str


class PlanDetail(PlanRow):
    """A plan on its own."""

    invitation_url: str
    recommendations: list[RecommendationData]
    personal_message: str | None
    metadata: Metadata
    lab_recommendations: list[LabRecommendationData]
    resources: list[ResourceData]


class PlanData(TypedDict):
    """A plan as events carry it: `active` is a text there, and both old and new keys are present."""

    id: str
    state: State
    active: Literal["true", "false"]
    patient: PatientReference
    practitioner: Reference
    available_at: str | None
    recommendations: list[EventRecommendation]
    resources: list[ResourceData]
    lab_recommendations: list[LabRecommendationData]


class LinkedPlan(TypedDict):
    """A plan inside a dynamic link."""

    id: str
    state: State
    available_at: str | None


def plan_row(plan: TreatmentPlan) -> PlanRow:
    return {
        "id": plan.id,
        "state": _state(plan),
        "patient": {"id": plan.patient_id},
        "practitioner": {"id": plan.practitioner_id},
        "available_at": _available(plan),
        "created_at": iso(plan.created_at) or "",
        "updated_at": iso(plan.updated_at) or "",
    }


def plan_detail(plan: TreatmentPlan) -> PlanDetail:
    """A cancelled plan shows no recommendations any more (field notes, 1.8)."""
    recommendations = [] if plan.state == "cancelled" else plan.recommendations
    return {
        **plan_row(plan),
        "invitation_url": links.invitation_url(plan),
        "recommendations": [recommendation(item) for item in recommendations],
        "personal_message": plan.personal_message,
        "metadata": {"id": plan.metadata_id},
        "lab_recommendations": [lab_recommendation(item.lab) for item in plan.lab_recommendations],
        "resources": [resource_data(item) for item in plan.resources],
    }


def plan_data(plan: TreatmentPlan) -> PlanData:
    return {
        "id": plan.id,
        "state": _state(plan),
        "active": "true" if plan.state == "active" else "false",
        "patient": {"id": plan.patient_id},
        "practitioner": {"id": plan.practitioner_id},
        "available_at": _available(plan),
        "recommendations": [event_recommendation(item) for item in plan.recommendations],
        "resources": [resource_data(item) for item in plan.resources],
        "lab_recommendations": [lab_recommendation(item.lab) for item in plan.lab_recommendations],
    }


def linked_plan(plan: TreatmentPlan) -> LinkedPlan:
    return {"id": plan.id, "state": _state(plan), "available_at": _available(plan)}


def recommendation(item: Recommendation) -> RecommendationData:
    return {
        "variant_id": item.variant_id,
        "refill": item.refill,
        "units_to_purchase": item.units_to_purchase,
        "take_with": item.take_with,
        "dosage": dosage(item),
    }


def event_recommendation(item: Recommendation) -> EventRecommendation:
    return {
        "variant_id": item.variant_id,
        "refill": item.refill,
        "units_to_purchase": item.units_to_purchase,
        "take_with": item.take_with,
        "dosage": {
            **dosage(item),
            "recommended_amount": item.amount,
            "recommended_frequency": item.frequency,
            "recommended_duration": item.duration,
        },
    }


def dosage(item: Recommendation) -> Dosage:
    return {
        "amount": item.amount,
        "frequency": item.frequency,
        "duration": item.duration,
        "format": item.format,
        "additional_info": item.additional_info,
        "time_of_day": item.time_of_day,
    }


def lab_recommendation(lab: Lab) -> LabRecommendationData:
    return {
        "id": lab.id,
        "name": lab.name,
        "requires_fasting": lab.requires_fasting,
        "instructions": lab.instructions,
        "tests": [{"id": test.id, "name": test.name} for test in lab.tests],
    }


def resource_data(resource: Resource) -> ResourceData:
    return {
        "id": resource.id,
        "attachment_url": links.attachment_url(resource),
        "category": resource.category,
        "name": resource.name,
        "type": resource.type,
    }


def _state(plan: TreatmentPlan) -> State:
    states: dict[str, State] = {"draft": "draft", "active": "active", "cancelled": "cancelled"}
    return states[plan.state]


def _available(plan: TreatmentPlan) -> str | None:
    return plan.available_at.isoformat() if plan.available_at else None
