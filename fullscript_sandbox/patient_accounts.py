"""Accounts of patients: claimed once with the link that came with a plan, then opened with a password.

Callers commit.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from fullscript_sandbox.accounts import password_problem
from fullscript_sandbox.clock import now
from fullscript_sandbox.database import db, write_alone
from fullscript_sandbox.models import Clinic, Patient, PatientAccount
from fullscript_sandbox.models.accounts import hash_password
from fullscript_sandbox.patients import find_by_email
from fullscript_sandbox.refusals import Invalid, WrongState


def owner_of(patient: Patient) -> Patient:
    """Who acts for the patient: the guardian, or the patient alone."""
    return patient.guardian or patient


def household(owner: Patient) -> list[Patient]:
    """Whom *owner* sees and orders for: themselves first, then their dependents by name."""
    dependents = [one for one in owner.dependents if not one.archived]
    return [owner, *sorted(dependents, key=lambda one: (one.first_name, one.id))]


def find(patient: Patient) -> PatientAccount | None:
    """The account that acts for the patient, or None before it was claimed."""
    return db.session.get(PatientAccount, owner_of(patient).id)


def claim(owner: Patient, email: str, password: str) -> PatientAccount:
    """Let *owner* choose a password, who has to know the address that the link was sent to.

    Raises Invalid for another address or a password that is too short, WrongState when an account is there.
    """
    write_alone()
    if email.strip().casefold() != owner.email.casefold():
        raise Invalid(["This link was sent to another address"])
    if problem := password_problem(password):
        raise Invalid([problem])
    if find(owner) is not None:
        raise WrongState("There is an account already")
    account = PatientAccount(patient_id=owner.id, password_hash=hash_password(password), created_at=now())
    db.session.add(account)
    return account


def check(clinic: Clinic, email: str, password: str) -> Patient | None:
    """The clinic's patient whom *email* and *password* open together, else None."""
    patient = find_by_email(clinic, email)
    account = find(patient) if patient else None
    return patient if account is not None and account.has_password(password) else None


def claimed(clinic: Clinic, limit: int) -> Sequence[Patient]:
    """Patients of the clinic who have an account, in the order in which they came."""
    query = select(Patient).join(PatientAccount, PatientAccount.patient_id == Patient.id)
    query = query.where(Patient.clinic_id == clinic.id, Patient.guardian_patient_id.is_(None))
    return db.session.scalars(query.order_by(Patient.position).limit(limit)).all()
