"""Finding records. The question of who may see them is part of the look-up, so that no view can forget it."""

from __future__ import annotations

from flask import abort
from sqlalchemy import Select, select

from ehr.database import db
from ehr.models import Patient, User, fold
from ehr.sign_ins import the_user

# The largest id that PostgreSQL's integer holds; asking for a larger one would be an error there.
LARGEST_ID = 2**31 - 1


def visible_patient(user: User, patient_id: str | int) -> Patient | None:
    """The patient when *user* has a role that sees patients, in the same practice; else None."""
    number = str(patient_id)
    if not (number.isascii() and number.isdecimal()) or int(number) > LARGEST_ID or not user.sees_patients:
        return None
    return db.session.scalar(
        select(Patient).where(Patient.id == int(number), Patient.practice_id == user.practice_id)
    )


def patient_or_404(patient_id: int) -> Patient:
    """The patient, for the signed-in user; 404 for one of another practice as for one that is not there."""
    return visible_patient(the_user(), patient_id) or abort(404)


def search_patients(user: User, query: str) -> Select[Patient]:
    """The practice's patients in whom every word of *query* occurs, whatever its case and accents, by name.

    Looks at names, e-mail address, phone number and date of birth (1984-03-12).
    """
    words = fold(query).split()[:10]
    matches = [Patient.search_text.contains(word, autoescape=True) for word in words]
    order = (Patient.last_name, Patient.first_name, Patient.id)
    return select(Patient).where(Patient.practice_id == user.practice_id, *matches).order_by(*order)
