"""Patients, and what belongs to one."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from fullscript_embed.api.parsing import Record
from fullscript_embed.api.records.base import Metadata, record


@record
class Patient(Record):
    """A patient of a clinic.

    Lists and searches answer with id, names, email and `archived` alone: retrieve one for the rest (field
    notes, 1.5). `gender` is male, female or x. Discounts are in percent; `total_discount` includes the
    clinic's.
    """

    id: str = ""
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    archived: bool | None = None
    date_of_birth: date | None = None
    gender: str | None = None
    discount: Decimal | None = None
    total_discount: Decimal | None = None
    mobile_number: str | None = None
    text_message_notification: bool | None = None
    is_dependent: bool | None = None
    guardian_patient_id: str | None = None
    metadata: Metadata = Metadata()


@record
class Address(Record):
    """An address of a patient. `state` and `country` are codes: "AZ", "US"."""

    id: str = ""
    address1: str | None = None
    address2: str | None = None
    zipcode: str | None = None
    city: str | None = None
    state: str | None = None
    country: str | None = None
