"""Finding patients: by words as the search endpoint does, and by who they are as the Embed feature does."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import SequenceMatcher
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    column,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    table,
)
from sqlalchemy.orm import aliased

from fullscript_sandbox.database import db
from fullscript_sandbox.models import Clinic, Patient
from fullscript_sandbox.models.patient_index import fold

# The index holds sequences of three letters; shorter words are looked for at the start of names.
_SHORTEST_INDEXED = 3
# A search for an address also finds those who share its domain (field notes, 1.5), unless that is a
# domain that everybody uses.
_MOST_OF_ONE_DOMAIN = 50
_LAST = "\U0010ffff"
_BEST = 10

_ADDRESS = re.compile(r"[^@]+@[^@]+\.[^@]+")
# As the index patient_by_domain has it.
_domain: ColumnElement[str] = literal_column(
    "substr(patient.email, instr(patient.email, '@') + 1) COLLATE NOCASE"
)

_index = table("patient_search", column("rowid"), column("words"))


def search(clinic: Clinic, query: str | None, *, patient_type: str | None = "all") -> Select[Patient]:
    """The clinic's patients who have every word of *query* somewhere in their names or address.

    Blind to case and accents; a part of a word is enough; the word may also be an address whose domain
    others share. The best come first: the exact address, the exact name, then by name. Without a query,
    everybody by name.
    """
    words = fold(query or "").split()
    chosen = with_type(select(Patient).where(Patient.clinic_id == clinic.id), patient_type)
    parts = [word for word in words if len(word) >= _SHORTEST_INDEXED and not _ADDRESS.fullmatch(word)]
    if parts:
        chosen = chosen.where(_hold(*parts))
    for word in words:
        if len(word) < _SHORTEST_INDEXED:
            chosen = chosen.where(_starts_with(word))
        elif _ADDRESS.fullmatch(word):
            chosen = chosen.where(_has_address(clinic, word))
    return chosen.order_by(*_best_first(" ".join(words)))


def with_type(chosen: Select[Patient], patient_type: str | None) -> Select[Patient]:
    """Narrow a choice of patients: `dependent`, `guardian` (who has dependents), or `all`.

    None leaves the dependents out: "patients with no dependents" (guide: Search for patients) is read as
    a list of patients without the dependents among them, since the other reading would hide guardians.
    """
    if patient_type == "dependent":
        return chosen.where(Patient.guardian_patient_id.is_not(None))
    if patient_type == "guardian":
        child = aliased(Patient)
        return chosen.where(exists().where(child.guardian_patient_id == Patient.id))
    if patient_type is None:
        return chosen.where(Patient.guardian_patient_id.is_(None))
    return chosen


def matches(clinic: Clinic, data: Mapping[str, Any]) -> list[Patient]:
    """Patients who may be the person in *data* (the reference's key names), the likeliest first, ten at most.

    An id, of Fullscript's or of the partner's (`external_id`), decides alone. Otherwise somebody counts who
    has the address, or whose name is the same or nearly so.
    """
    known = _by_id(clinic, data)
    if known is not None:
        return [known]
    wanted = {name: fold(str(value)) for name, value in data.items() if value and isinstance(value, str)}
    scored = [(_likeness(patient, wanted), patient) for patient in _candidates(clinic, wanted)]
    likely = sorted((pair for pair in scored if pair[0] > 0), key=lambda pair: (-pair[0], pair[1].number))
    return [patient for _, patient in likely[:_BEST]]


def _has_address(clinic: Clinic, word: str) -> ColumnElement[bool]:
    """True for who has this address, or one of the same domain where that is a small one.

    An address that nobody has may be a part of one, and is looked for in the index.
    """
    own = Patient.email == word
    known = select(Patient.id).where(Patient.clinic_id == clinic.id, own).limit(1)
    found = own if db.session.scalar(known) else _hold(word)
    colleague: ColumnElement[bool] = _domain == literal(word.partition("@")[2])
    return or_(found, colleague) if _are_few(clinic, colleague) else found


def _hold(*parts: str) -> ColumnElement[bool]:
    """True for patients in whose names or address every one of *parts* is found, by the index."""
    quoted = ('"' + part.replace('"', '""').replace("\0", "") + '"' for part in parts)
    found = select(_index.c.rowid).select_from(_index)
    return Patient.number.in_(found.where(column("patient_search").op("MATCH")(" AND ".join(quoted))))


def _are_few(clinic: Clinic, condition: ColumnElement[bool]) -> bool:
    found = select(Patient.id).where(Patient.clinic_id == clinic.id, condition)
    several = select(func.count()).select_from(found.limit(_MOST_OF_ONE_DOMAIN + 1).subquery())
    return (db.session.scalar(several) or 0) <= _MOST_OF_ONE_DOMAIN


def _starts_with(word: str) -> ColumnElement[bool]:
    fields = (Patient.last_name, Patient.first_name, Patient.email)
    return or_(*(and_(field >= word, field < word + _LAST) for field in fields))


def _best_first(words: str) -> list[ColumnElement[Any]]:
    by_name: list[Any] = [Patient.last_name, Patient.first_name, Patient.id]
    if not words:
        return by_name
    name = Patient.first_name + " " + Patient.last_name
    exact = case((Patient.email == words, 0), (func.fold(name) == words, 1), else_=2)
    return [exact, *by_name]


def _by_id(clinic: Clinic, data: Mapping[str, Any]) -> Patient | None:
    of_clinic = select(Patient).where(Patient.clinic_id == clinic.id)
    for field, name in ((Patient.id, "id"), (Patient.metadata_id, "external_id")):
        value = data.get(name)
        if value and isinstance(value, str):
            patient = db.session.scalars(of_clinic.where(field == value)).first()
            if patient is not None:
                return patient
    return None


def _candidates(clinic: Clinic, wanted: Mapping[str, str]) -> list[Patient]:
    """Everybody with the same address, last name or first name; each by an index."""
    fields = {"email": Patient.email, "last_name": Patient.last_name, "first_name": Patient.first_name}
    same = [field == wanted[name] for name, field in fields.items() if name in wanted]
    if not same:
        return []
    return list(db.session.scalars(select(Patient).where(Patient.clinic_id == clinic.id, or_(*same))))


def _likeness(patient: Patient, wanted: Mapping[str, str]) -> float:
    """How likely *patient* is the person: 0 is "no", above 3 the address and the name are the same."""
    first = _alike(patient.first_name, wanted.get("first_name"))
    last = _alike(patient.last_name, wanted.get("last_name"))
    same_address = fold(patient.email) == wanted.get("email")
    named = "first_name" in wanted or "last_name" in wanted
    if not same_address and (first < _NEARLY or last < _NEARLY):
        return 0
    born = patient.date_of_birth.isoformat() if patient.date_of_birth else None
    same_birth = born is not None and born == wanted.get("date_of_birth")
    return 2 * same_address + (first + last if named else 0) + same_birth


_NEARLY = 0.8


def _alike(text: str, wanted: str | None) -> float:
    """From 0 to 1; what is not given does not speak against anybody."""
    return SequenceMatcher(None, fold(text), wanted).ratio() if wanted else _NEARLY
