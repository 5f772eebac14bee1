"""Clinic: what the token's clinic is."""

from __future__ import annotations

from sqlalchemy import func, select
from typing_extensions import TypedDict

from fullscript_sandbox import patients
from fullscript_sandbox.api import needs, scopes
from fullscript_sandbox.api.endpoint import Section
from fullscript_sandbox.database import db
from fullscript_sandbox.models import User
from fullscript_sandbox.shapes.people import ClinicData, clinic_data

section = Section("Clinic")


class ClinicAnswer(TypedDict):
    clinic: ClinicData


@section.get("/clinic", "Retrieve a clinic", ClinicAnswer, scopes=(scopes.CLINIC_READ,))
def retrieve() -> ClinicAnswer:
    """The clinic that the access token belongs to."""
    clinic = needs.clinic()
    practitioners = select(func.count()).where(User.clinic_id == clinic.id, User.type == "Practitioner")
    counts = patients.count(clinic), db.session.scalar(practitioners) or 0
    return {"clinic": clinic_data(clinic, *counts)}
