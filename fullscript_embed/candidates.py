"""Finding a patient at Fullscript: by our id, then by the exact e-mail address, then a person chooses.

Fullscript's search is fuzzy and families share addresses, so that what it finds is compared with the patient
before it is believed: a name or date of birth that differs makes a candidate of it, never a hit.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice

from fullscript_embed.api import FullscriptClient
from fullscript_embed.api.errors import Forbidden, RecordNotFound
from fullscript_embed.api.records.patients import Patient as Record
from fullscript_embed.links import EMAIL, METADATA
from fullscript_embed.people import Patient

EVERYBODY = "all"  # the search leaves dependents out unless it is told so
# Each has to be asked for on its own, because lists have no dates of birth.
MOST_CANDIDATES = 8
# Of a search's answer; the best come first.
MOST_READ = 100


@dataclass(frozen=True, slots=True)
class Found:
    """What a look at Fullscript gave: who the patient is, by "metadata" or "email", or candidates."""

    hit: Record | None = None
    found_by: str | None = None
    candidates: tuple[Record, ...] = field(default=())


def look_up(client: FullscriptClient, patient: Patient, *, never: str | None = None) -> Found:
    """Look for *patient*: our id, the exact address, then names. Whoever has the id *never* is no hit."""
    own = _by_our_id(client, patient)
    good = [one for one in own if _is_hit(one, never) and not contradicts(patient, one)]
    if len(own) == 1 and good:
        return Found(own[0], METADATA)
    same = _by_address(client, patient)
    good = [one for one in same if _is_hit(one, never) and is_same_person(patient, one)]
    if not own and len(same) == 1 and good:
        return Found(same[0], EMAIL)
    named = _rows(client, " ".join(filter(None, (patient.first_name, patient.last_name))))
    return Found(candidates=_whole(client, [*own, *same, *named]))


def find_by_our_id(client: FullscriptClient, patient: Patient, *, never: str | None = None) -> Record | None:
    """The one that carries the patient's id and does not contradict them, or None; a single call."""
    own = _by_our_id(client, patient)
    good = [one for one in own if _is_hit(one, never) and not contradicts(patient, one)]
    return good[0] if len(own) == 1 and good else None


def search(client: FullscriptClient, words: str) -> tuple[Record, ...]:
    """Whom a person's own *words* find, for them to choose from."""
    return _whole(client, _rows(client, words))


def is_same_person(patient: Patient, record: Record) -> bool:
    """True when names and, where both are known, dates of birth are the same."""
    names = (patient.first_name, record.first_name), (patient.last_name, record.last_name)
    return all(fold(ours) == fold(theirs) for ours, theirs in names) and not _is_born_otherwise(
        patient, record
    )


def contradicts(patient: Patient, record: Record) -> bool:
    """True for somebody who was born on another day, or both of whose names are others.

    A name alone may have changed; an id that is ours may also be another application's.
    """
    others = (
        bool(ours and theirs) and fold(ours) != fold(theirs)
        for ours, theirs in (
            (patient.first_name, record.first_name),
            (patient.last_name, record.last_name),
        )
    )
    return _is_born_otherwise(patient, record) or all(others)


def fold(text: str | None) -> str:
    """*text* for comparison: without case, accents and blanks around it."""
    plain = unicodedata.normalize("NFKD", (text or "").strip().casefold())
    return "".join(char for char in plain if not unicodedata.combining(char))


def _is_born_otherwise(patient: Patient, record: Record) -> bool:
    born = patient.date_of_birth, record.date_of_birth
    return None not in born and born[0] != born[1]


def _is_hit(record: Record, never: str | None) -> bool:
    return not record.archived and record.id != never


def _by_our_id(client: FullscriptClient, patient: Patient) -> list[Record]:
    """Those whose metadata has our id; none where the scope for asking was not granted."""
    try:
        matches = list(islice(client.metadata.find(patient.id, record_type="patient"), MOST_CANDIDATES))
    except Forbidden:
        return []
    found = (match.subject for match in matches if match.id == patient.id)
    return [one for one in found if isinstance(one, Record) and one.id]


def _by_address(client: FullscriptClient, patient: Patient) -> list[Record]:
    """Everybody with exactly the patient's address, whatever its case; whole."""
    email = (patient.email or "").strip()
    if not email:
        return []
    same = [row for row in _rows(client, email) if (row.email or "").strip().casefold() == email.casefold()]
    return list(_whole(client, same))


def _rows(client: FullscriptClient, words: str) -> list[Record]:
    if not words.strip():
        return []
    return list(islice(client.patients.search(words, patient_type=EVERYBODY), MOST_READ))


def _whole(client: FullscriptClient, rows: Iterable[Record]) -> tuple[Record, ...]:
    """Each of them once and whole, the first few; without those who are gone meanwhile."""
    first = islice({row.id: row for row in rows}.values(), MOST_CANDIDATES)
    asked = (row if row.date_of_birth else _ask(client, row) for row in first)
    return tuple(one for one in asked if one is not None)


def _ask(client: FullscriptClient, row: Record) -> Record | None:
    try:
        return client.patients.retrieve(row.id)
    except RecordNotFound:
        return None
