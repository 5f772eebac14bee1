"""Patients, as the API and events show them (field notes, 1.5 and 1.17)."""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict

from fullscript_sandbox.models import Address, Patient


class Metadata(TypedDict):
    """The partner's own id for a record."""

    id: str | None


class PatientRow(TypedDict):
    """A patient in a list."""

    id: str
    first_name: str
    last_name: str
    email: str
    archived: bool


class PatientData(TypedDict):
    """A patient as events carry them."""

    id: str
    first_name: str
    last_name: str
    email: str
    date_of_birth: str | None
    gender: str | None
    discount: float
    total_discount: float
    mobile_number: str | None
    text_message_notification: bool
    is_dependent: bool
    guardian_patient_id: str | None


class PatientDetail(PatientRow):
    """A patient on their own."""

    date_of_birth: str | None
    gender: str | None
    discount: float
    total_discount: float
    mobile_number: str | None
    text_message_notification: bool
    metadata: Metadata
    is_dependent: bool
    guardian_patient_id: str | None


class LinkedPatient(PatientRow):
    """A patient inside a dynamic link: no metadata, and two fields that are off (field notes, 1.5)."""

    date_of_birth: str | None
    gender: str | None
    discount: float
    total_discount: float
    mobile_number: str
    text_message_notification: Literal[0]
    is_dependent: bool
    guardian_patient_id: str | None


class AddressData(TypedDict):
    id: str
    address1: str
    address2: str | None
    zipcode: str
    city: str
    state: str
    country: str


def number(value: float) -> float:
    """Percentages without a fraction are whole numbers on the wire: 10, not 10.0."""
    return int(value) if value == int(value) else value


def patient_row(patient: Patient) -> PatientRow:
    return {
        "id": patient.id,
        "first_name": patient.first_name,
        "last_name": patient.last_name,
        "email": patient.email,
        "archived": patient.archived,
    }


def patient_data(patient: Patient) -> PatientData:
    return {
        "id": patient.id,
        "first_name": patient.first_name,
        "last_name": patient.last_name,
        "email": patient.email,
        "date_of_birth": _date(patient),
        "gender": patient.gender,
        "discount": number(patient.discount),
        "total_discount": number(patient.total_discount),
        "mobile_number": patient.mobile_number,
        "text_message_notification": patient.text_message_notification,
        "is_dependent": patient.is_dependent,
        "guardian_patient_id": patient.guardian_patient_id,
    }


def patient_detail(patient: Patient) -> PatientDetail:
    return {
        **patient_row(patient),
        "date_of_birth": _date(patient),
        "gender": patient.gender,
        "discount": number(patient.discount),
        "total_discount": number(patient.total_discount),
        "mobile_number": patient.mobile_number,
        "text_message_notification": patient.text_message_notification,
        "metadata": {"id": patient.metadata_id},
        "is_dependent": patient.is_dependent,
        "guardian_patient_id": patient.guardian_patient_id,
    }


def linked_patient(patient: Patient) -> LinkedPatient:
    """Every recorded link shows an empty number and a 0, whatever the patient has."""
    return {
        **patient_row(patient),
        "date_of_birth": _date(patient),
        "gender": patient.gender,
        "discount": number(patient.discount),
        "total_discount": number(patient.total_discount),
        "mobile_number": "",
        "text_message_notification": 0,
        "is_dependent": patient.is_dependent,
        "guardian_patient_id": patient.guardian_patient_id,
    }


def address_data(address: Address) -> AddressData:
    return {
        "id": address.id,
        "address1": address.address1,
        "address2": address.address2,
        "zipcode": address.zipcode,
        "city": address.city,
        "state": address.state,
        "country": address.country,
    }


def _date(patient: Patient) -> str | None:
    return patient.date_of_birth.isoformat() if patient.date_of_birth else None
