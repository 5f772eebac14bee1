"""What is looked up for the token of the request: its clinic's records, or 404."""

from __future__ import annotations

from flask import g
from sqlalchemy import select

from fullscript_sandbox import patients
from fullscript_sandbox.database import db
from fullscript_sandbox.models import Clinic, Patient, User
from fullscript_sandbox.refusals import Invalid, NotFound


def clinic() -> Clinic:
    """The clinic that the token belongs to: nothing of another one is ever reached."""
    found: Clinic = g.token.clinic
    return found


def patient(patient_id: str) -> Patient:
    """The clinic's patient, or NotFound."""
    return patients.get_of(g.token.clinic_id, patient_id)


def user(user_id: str, type_: str) -> User:
    """The clinic's practitioner or staff member with this id, or NotFound."""
    found = db.session.scalar(
        select(User).where(User.id == user_id, User.clinic_id == clinic().id, User.type == type_)
    )
    if found is None:
        raise NotFound("Practitioner" if type_ == "Practitioner" else "Staff")
    return found


def practitioner(practitioner_id: str) -> User:
    """The clinic's practitioner with this id, or NotFound."""
    return user(practitioner_id, "Practitioner")


def acting_practitioner(practitioner_id: str | None) -> User:
    """In whose name something is written: the one named, or the practitioner whose token it is.

    Staff and clinic tokens have to name one (guide: Create a patient treatment plan). Raises Invalid.
    """
    if not practitioner_id:
        if g.token.app.level == "clinic" or not g.token.user.is_practitioner:
            raise Invalid(["Practitioner can't be blank"])
        own: User = g.token.user
        return own
    try:
        return practitioner(practitioner_id)
    except NotFound as error:
        raise Invalid(["Practitioner must exist"]) from error
