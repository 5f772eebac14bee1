"""What the host and Fullscript each say about a patient, field by field, and what can be done about it.

Nothing is ever written over by itself: a person sees both values and chooses (choices.py).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from fullscript_embed.models import PatientFacts
from fullscript_embed.patient_data import gender, mobile_number
from fullscript_embed.people import Patient

# By the host's name of a field: what people call it, and what the REST API does.
FIELDS = {
    "first_name": ("First name", "first_name"),
    "last_name": ("Last name", "last_name"),
    "email": ("E-mail", "email"),
    "date_of_birth": ("Date of birth", "date_of_birth"),
    "sex": ("Sex", "gender"),
    "mobile_number": ("Mobile number", "mobile_number"),
}
DEPENDENT = "is_dependent"
GENDER_WORDS = {"female": "Female", "male": "Male", "x": "Unspecified"}
YES_NO = {True: "Yes", False: "No"}


@dataclass(frozen=True, slots=True)
class FieldView:
    """One field on both sides, as people read it; None where nothing is known.

    *can_take* and *can_send* say whether Fullscript's value can become the host's, and the other way round.
    """

    name: str
    label: str
    ours: str | None = field(repr=False)
    theirs: str | None = field(repr=False)
    differs: bool
    can_take: bool
    can_send: bool


def compare(patient: Patient, facts: PatientFacts, *, host_takes: bool) -> tuple[FieldView, ...]:
    """Every field on both sides. *host_takes* is False in a host that gave no `update_patient`."""
    views = [_compare(name, patient, facts, host_takes=host_takes) for name in FIELDS]
    if patient.is_dependent is not None and facts.is_dependent is not None:
        views.append(_dependence(patient.is_dependent, facts.is_dependent, host_takes=host_takes))
    return tuple(views)


def version(views: Iterable[FieldView], fullscript_patient_id: str) -> str:
    """What changes when either side does: the page that was shown is the one that a choice is about."""
    said = [fullscript_patient_id, *((view.name, view.ours, view.theirs) for view in views)]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:32]


def to_take(names: Iterable[str], facts: PatientFacts) -> dict[str, Any]:
    """Fullscript's values of these fields, as the host's `update_patient` gets them."""
    return {name: _theirs(name, facts) for name in names}


def to_send(names: Iterable[str], patient: Patient) -> dict[str, Any]:
    """The host's values of these fields, as the REST API's update takes them."""
    return {FIELDS[name][1]: _ours(name, patient) for name in names}


def _compare(name: str, patient: Patient, facts: PatientFacts, *, host_takes: bool) -> FieldView:
    ours, theirs = _ours(name, patient), _theirs(name, facts)
    differs = not _is_same(name, ours, theirs)
    raw = patient.mobile_number if name == "mobile_number" else None
    return FieldView(
        name,
        FIELDS[name][0],
        _shown(name, ours) or (raw or "").strip() or None,
        _shown(name, theirs),
        differs=differs or bool(raw and ours is None and theirs is None),
        can_take=differs and host_takes and theirs is not None,
        can_send=differs and ours is not None,
    )


def _dependence(ours: bool, theirs: bool, *, host_takes: bool) -> FieldView:
    """Who has come of age at Fullscript may do so here; nobody is put into anybody's care by this."""
    return FieldView(
        DEPENDENT,
        "Dependent of somebody",
        YES_NO[ours],
        YES_NO[theirs],
        differs=ours != theirs,
        can_take=ours and not theirs and host_takes,
        can_send=False,
    )


def _ours(name: str, patient: Patient) -> Any:
    match name:
        case "date_of_birth":
            return patient.date_of_birth
        case "sex":
            return gender(patient.sex)
        case "mobile_number":
            return mobile_number(patient.mobile_number)
        case _:
            return (getattr(patient, name) or "").strip() or None


def _theirs(name: str, facts: PatientFacts) -> Any:
    match name:
        case "date_of_birth":
            return _day(facts.date_of_birth)
        case "sex":
            return facts.gender if facts.gender in GENDER_WORDS else None
        case "is_dependent":
            return facts.is_dependent
        case _:
            return (getattr(facts, name) or "").strip() or None


def _is_same(name: str, ours: Any, theirs: Any) -> bool:
    if name == "email" and ours and theirs:
        return bool(ours.casefold() == theirs.casefold())
    return bool(ours == theirs)


def _shown(name: str, value: Any) -> str | None:
    if isinstance(value, date):
        return value.strftime("%-d %b %Y")
    return GENDER_WORDS.get(value) if name == "sex" else value


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
