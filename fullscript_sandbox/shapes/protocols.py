"""Protocols and templates: recommendations kept for reuse (field notes, 1.12)."""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict

from fullscript_sandbox.models import Protocol, ProtocolRecommendation
from fullscript_sandbox.shapes.plans import PatientReference


class KeptRecommendation(TypedDict):
    """Its dosage lies flat, unlike a treatment plan's."""

    variant_id: str
    refill: bool
    dosage_amount: str | None
    dosage_frequency: str | None
    dosage_duration: str | None
    dosage_permutations: str | None
    dosage_format: str | None
    quantity_recommended: int


class TemplateRow(TypedDict):
    id: str
    name: str
    current_state: str


class ProtocolRow(TemplateRow):
    ownership_type: Literal["owned", "shared"]


class ProtocolDetail(TypedDict):
    id: str
    name: str
    current_state: str
    practitioner: PatientReference
    personal_message: str | None
    recommendations: list[KeptRecommendation]


class TemplateDetail(TypedDict):
    """Like a protocol, but for `practitioner_id`."""

    id: str
    name: str
    current_state: str
    practitioner_id: str | None
    personal_message: str | None
    recommendations: list[KeptRecommendation]


def template_row(protocol: Protocol) -> TemplateRow:
    return {"id": protocol.id, "name": protocol.name, "current_state": protocol.current_state}


def protocol_row(protocol: Protocol, practitioner_id: str) -> ProtocolRow:
    ownership: Literal["owned", "shared"] = (
        "owned" if protocol.practitioner_id == practitioner_id else "shared"
    )
    return {**template_row(protocol), "ownership_type": ownership}


def protocol_detail(protocol: Protocol) -> ProtocolDetail:
    return {
        "id": protocol.id,
        "name": protocol.name,
        "current_state": protocol.current_state,
        "practitioner": {"id": protocol.practitioner_id},
        "personal_message": protocol.personal_message,
        "recommendations": [kept_recommendation(item) for item in protocol.recommendations],
    }


def template_detail(protocol: Protocol) -> TemplateDetail:
    return {
        "id": protocol.id,
        "name": protocol.name,
        "current_state": protocol.current_state,
        "practitioner_id": protocol.practitioner_id,
        "personal_message": protocol.personal_message,
        "recommendations": [kept_recommendation(item) for item in protocol.recommendations],
    }


def kept_recommendation(item: ProtocolRecommendation) -> KeptRecommendation:
    return {
        "variant_id": item.variant_id,
        "refill": item.refill,
        "dosage_amount": item.dosage_amount,
        "dosage_frequency": item.dosage_frequency,
        "dosage_duration": item.dosage_duration,
        "dosage_permutations": item.dosage_permutations,
        "dosage_format": item.dosage_format,
        "quantity_recommended": item.quantity_recommended,
    }
