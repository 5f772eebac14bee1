"""Clinics, practitioners and staff (field notes, 1.4, 1.6 and 1.7)."""

from __future__ import annotations

from typing_extensions import TypedDict

from fullscript_sandbox import links
from fullscript_sandbox.clock import iso
from fullscript_sandbox.models import Clinic, User
from fullscript_sandbox.shapes.patients import Metadata


class ClinicData(TypedDict):
    id: str
    name: str
    patient_count: int
    practitioner_count: int
    discount: float
    dispensary_url: str
    integration_id: str
    integration_activated_at: str | None
    margin_type: str


class StaffData(TypedDict):
    id: str
    first_name: str
    last_name: str
    email: str
    metadata: Metadata


class PractitionerData(TypedDict):
    id: str
    first_name: str
    last_name: str
    email: str
    practitioner_type_id: str | None
    metadata: Metadata
    invite_accepted: bool


def clinic_data(clinic: Clinic, patient_count: int, practitioner_count: int) -> ClinicData:
    return {
        "id": clinic.id,
        "name": clinic.name,
        "patient_count": patient_count,
        "practitioner_count": practitioner_count,
        "discount": clinic.discount,
        "dispensary_url": links.dispensary_url(clinic),
        "integration_id": clinic.integration_id,
        "integration_activated_at": iso(clinic.integration_activated_at),
        "margin_type": clinic.margin_type,
    }


def staff_data(user: User) -> StaffData:
    return {
        "id": user.id,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "email": user.email,
        "metadata": {"id": user.metadata_id},
    }


def practitioner_data(user: User) -> PractitionerData:
    return {
        "id": user.id,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "email": user.email,
        "practitioner_type_id": user.practitioner_type_id,
        "metadata": {"id": user.metadata_id},
        "invite_accepted": user.invite_accepted,
    }
