"""A clinic's patients: creating and changing them. Finding them is in patient_search.py.

Knows the database and no HTTP. Callers commit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from fullscript_sandbox import events, outbox
from fullscript_sandbox.clock import now
from fullscript_sandbox.database import db
from fullscript_sandbox.models import Clinic, Patient
from fullscript_sandbox.patient_fields import GENDERS, READERS, REQUIRED, is_email, read_flag, read_text
from fullscript_sandbox.patient_search import matches, search, with_type
from fullscript_sandbox.refusals import Invalid, NotFound

__all__ = [
    "GENDERS",
    "count",
    "create",
    "everybody",
    "find_by_email",
    "get",
    "get_of",
    "is_email",
    "matches",
    "page",
    "search",
    "show",
    "update",
    "with_type",
]


# Made once: building a statement takes longer than running it. The clinic comes along for its discount.
_BY_ID = (
    select(Patient)
    .where(Patient.id == bindparam("patient_id"), Patient.clinic_id == bindparam("clinic_id"))
    .options(joinedload(Patient.clinic))
)


def get(clinic: Clinic, patient_id: str) -> Patient:
    """The clinic's patient with this id, or NotFound: another clinic's patient does not exist here."""
    return get_of(clinic.id, patient_id)


def get_of(clinic_id: str, patient_id: str) -> Patient:
    """The same, for who knows the clinic by its id."""
    patient = db.session.scalar(_BY_ID, {"patient_id": patient_id, "clinic_id": clinic_id})
    if patient is None:
        raise NotFound("Patient")
    return patient


# What an answer shows of a patient, as columns of the tables: a record would take far longer to read.
_PATIENT, _CLINIC = Patient.__table__.c, Clinic.__table__.c
_SHOWN = (
    select(
        *(_PATIENT[name] for name in ("id", "first_name", "last_name", "email", "archived")),
        *(_PATIENT[name] for name in ("date_of_birth", "gender", "discount", "mobile_number")),
        *(_PATIENT[name] for name in ("text_message_notification", "metadata_id", "guardian_patient_id")),
        (_PATIENT.discount + _CLINIC.discount).label("total_discount"),
        _PATIENT.guardian_patient_id.is_not(None).label("is_dependent"),
    )
    .where(_CLINIC.id == _PATIENT.clinic_id)
    .where(_PATIENT.id == bindparam("patient_id"), _PATIENT.clinic_id == bindparam("clinic_id"))
)


def show(clinic_id: str, patient_id: str) -> Any:
    """What an answer shows of the patient, for reading alone. Raises NotFound."""
    shown = db.session.execute(_SHOWN, {"patient_id": patient_id, "clinic_id": clinic_id}).first()
    if shown is None:
        raise NotFound("Patient")
    return shown


_LISTED = (
    select(*(_PATIENT[name] for name in ("id", "first_name", "last_name", "email", "archived")))
    .where(_PATIENT.clinic_id == bindparam("clinic_id"))
    .where(_PATIENT.position > bindparam("start"), _PATIENT.position <= bindparam("end"))
    .order_by(_PATIENT.position)
)
_COUNTED = select(func.max(_PATIENT.position)).where(_PATIENT.clinic_id == bindparam("clinic_id"))


def page(clinic_id: str, start: int, size: int) -> tuple[Sequence[Any], int]:
    """What lists show of the patients from *start* on, in the order in which they came; how many there are.

    A page deep in the list costs what the first one costs.
    """
    listed = {"clinic_id": clinic_id, "start": start, "end": start + size}
    total = db.session.scalar(_COUNTED, {"clinic_id": clinic_id}) or 0
    return (db.session.execute(_LISTED, listed).all() if start < total else []), total


def everybody(clinic: Clinic) -> Select[Patient]:
    """The clinic's patients in the order in which they came."""
    return select(Patient).where(Patient.clinic_id == clinic.id).order_by(Patient.position)


def count(clinic: Clinic) -> int:
    """How many patients the clinic has: the position of the last."""
    return db.session.scalar(_COUNTED, {"clinic_id": clinic.id}) or 0


def find_by_email(clinic: Clinic, email: str) -> Patient | None:
    """The one patient of the clinic who has this address; dependents share their guardian's."""
    return db.session.scalars(
        select(Patient)
        .where(Patient.clinic_id == clinic.id, Patient.email == email.strip())
        .where(Patient.guardian_patient_id.is_(None))
    ).first()


def create(clinic: Clinic, data: Mapping[str, Any], *, source: Literal["api", "platform"] = "api") -> Patient:
    """Add a patient from the reference's key names; numbers and booleans may come as text.

    Sends the welcome e-mail to the outbox unless `send_welcome_email` is false. With source="platform"
    (Embed, redirect links, Fullscript's own pages) it also records the `patient.created` event, which
    changes made through REST never do. Raises Invalid with one message for each broken rule.
    `guardian_patient_id` makes a dependent, who shares the guardian's address.
    """
    values = _read(clinic, data, None)
    welcome = read_flag(data.get("send_welcome_email"), default=True)
    moment = now()
    patient = Patient(clinic=clinic, **values, created_at=moment, updated_at=moment)
    patient.guardian_patient_id = _guardian_id(clinic, data)
    db.session.add(patient)
    _flush()
    if welcome:
        _welcome(patient)
    if source == "platform":
        events.patient_created(patient)
    return patient


def update(
    patient: Patient, data: Mapping[str, Any], *, source: Literal["api", "platform"] = "api"
) -> Patient:
    """Change what *data* names and leave the rest. Raises Invalid and changes nothing when a rule breaks.

    With source="platform" it records `patient.updated` if anything but the metadata changed.
    """
    values = _read(patient.clinic, data, patient)
    changed = {name for name, value in values.items() if getattr(patient, name) != value}
    for name in changed:
        setattr(patient, name, values[name])
    if changed:
        patient.updated_at = now()
        _flush()
    if source == "platform" and changed - {"metadata_id"}:
        events.patient_updated(patient)
    return patient


def _flush() -> None:
    """Write; of two requests with the same new address at once, the second is refused here."""
    try:
        db.session.flush()
    except IntegrityError as error:
        db.session.rollback()
        raise Invalid(["Email has already been taken"]) from error


def _read(clinic: Clinic, data: Mapping[str, Any], patient: Patient | None) -> dict[str, Any]:
    """The columns that *data* sets, or Invalid. A new patient (None) gets every required one."""
    messages: list[str] = []
    values: dict[str, Any] = {}
    for name, read in READERS.items():
        if name in data or (patient is None and name in REQUIRED):
            values[name] = read(data.get(name), name.replace("_", " ").capitalize(), messages)
    if isinstance(data.get("metadata"), Mapping):
        values["metadata_id"] = read_text(data["metadata"].get("id"), "Metadata", messages)
    guardian = data.get("guardian_patient_id") or (patient.guardian_patient_id if patient else None)
    if values.get("email") and not guardian and not messages:
        owner = find_by_email(clinic, values["email"])
        if owner is not None and owner is not patient:
            messages.append("Email has already been taken")
    if messages:
        raise Invalid(messages)
    return values


def _guardian_id(clinic: Clinic, data: Mapping[str, Any]) -> str | None:
    guardian_id = data.get("guardian_patient_id")
    if not guardian_id:
        return None
    try:
        return get(clinic, str(guardian_id)).id
    except NotFound as error:
        raise Invalid(["Guardian must exist"]) from error


def _welcome(patient: Patient) -> None:
    outbox.send(
        "welcome",
        clinic_id=patient.clinic_id,
        channel="email",
        recipient=patient.email,
        subject=f"Welcome to {patient.clinic.name}'s dispensary",
        body=(
            f"Hello {patient.first_name},\n\n{patient.clinic.name} has made an account for you at "
            "Fullscript, where you can see what is recommended to you and order it."
        ),
    )
