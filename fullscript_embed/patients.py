"""Patients of Fullscript: what it says about them, and which patients of the host they are."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, select

from fullscript_embed import facts
from fullscript_embed.api.parsing import read_flag, read_object, read_text
from fullscript_embed.api.records.patients import Patient as Record
from fullscript_embed.models import LabOrder, Order, PatientFacts, PatientLink, TreatmentPlan
from fullscript_embed.state import current
from fullscript_embed.tellings import Telling

ASKED = "patient.asked"

_TEXTS = (
    "first_name",
    "last_name",
    "email",
    "date_of_birth",
    "gender",
    "mobile_number",
    "discount",
    "total_discount",
    "guardian_patient_id",
)
_FLAGS = ("text_message_notification", "is_dependent")


def keep(telling: Telling) -> None:
    """Keep what an event says about a patient, as far as it says anything. The caller commits."""
    raw = said_of(telling)
    known, _is_new = facts.record(PatientFacts, telling, facts.identity(telling, raw))
    said: dict[str, Any] = {name: read_text(raw[name]) for name in _TEXTS if name in raw}
    said |= {name: read_flag(raw[name]) for name in _FLAGS if name in raw}
    facts.keep(known, said, telling)


def keep_answer(environment: str, clinic_id: str, record: Record, *, now: datetime) -> PatientFacts:
    """Keep what Fullscript answers about a patient, as newer than every event before. The caller commits."""
    said: dict[str, Any] = {name: getattr(record, name) for name in (*_TEXTS, *_FLAGS)}
    said["date_of_birth"] = record.date_of_birth.isoformat() if record.date_of_birth else None
    if record.is_dependent is None:  # an older answer, which does not speak of it
        said = {name: said[name] for name in said.keys() - {"is_dependent", "guardian_patient_id"}}
    data = {"patient": {"id": record.id, **said}}
    keep(Telling(environment, clinic_id, ASKED, ASKED, ASKED, now, data))
    current().db_session.flush()
    known = facts_of(environment, clinic_id, record.id)
    assert known is not None  # noqa: S101 -- it was kept two lines above
    known.is_archived, known.checked_at = bool(record.archived), now
    return known


def said_of(telling: Telling) -> dict[str, Any]:
    """The patient in an event's data, nested or flat."""
    return read_object(telling.data.get("patient")) or telling.data


def facts_of(environment: str, clinic_id: str, fullscript_patient_id: str) -> PatientFacts | None:
    """What Fullscript said about one of its patients, or None."""
    wanted = select(PatientFacts).filter_by(
        environment=environment, clinic_id=clinic_id, fullscript_id=fullscript_patient_id
    )
    return current().db_session.scalar(wanted)


def in_host(environment: str, clinic_id: str, fullscript_patient_id: str) -> list[str]:
    """The host's patients who are linked to one of Fullscript: none, one, or a family with one account."""
    wanted = select(PatientLink.patient_id).filter_by(
        environment=environment, clinic_id=clinic_id, fullscript_patient_id=fullscript_patient_id
    )
    return sorted(current().db_session.scalars(wanted))


def is_of(kind: type[Order | LabOrder | TreatmentPlan], patient_id: str) -> ColumnElement[bool]:
    """The condition that a record's Fullscript patient is linked to that patient of the host."""
    mine = PatientLink.patient_id == patient_id
    return and_(
        # For the index alone: the rest says it all, but has SQLite look at every row.
        kind.fullscript_patient_id.in_(select(PatientLink.fullscript_patient_id).where(mine)),
        exists().where(
            mine,
            PatientLink.fullscript_patient_id == kind.fullscript_patient_id,
            PatientLink.clinic_id == kind.clinic_id,
            PatientLink.environment == kind.environment,
        ),
    )
