"""Which of Fullscript's links fits a patient, so that no plan is begun for somebody else.

A draft link finds its patient by e-mail address alone, and knows no dependents (the reference: Dynamic link).
Families share addresses: so it is used where exactly one patient of Fullscript's has the address and is ours,
or nobody has it. Everybody else is matched by the practitioner, on the page that the gateway link opens.
"""

from __future__ import annotations

from dataclasses import dataclass

from fullscript_embed import candidates, redirect_patients
from fullscript_embed.api import FullscriptClient
from fullscript_embed.api.records.patients import Patient as Record
from fullscript_embed.people import Patient

DRAFT, MATCHING, NEW, EDIT = "draft", "matching", "new", "edit"


@dataclass(frozen=True, slots=True)
class Known:
    """Who a patient is at Fullscript as far as we know, and who a person said that they are not."""

    id: str | None = None
    never: str | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """A kind of link. *known_id* is who the patient is there, None while that is not known. *may_create* is
    True when following it may make a new patient of Fullscript's, who gets an e-mail."""

    kind: str
    known_id: str | None = None
    may_create: bool = False


def choose(client: FullscriptClient, patient: Patient, known: Known) -> Way:
    """The way for *patient*. Two calls, and a third where a family shares an address."""
    if known.id is None and redirect_patients.is_nobody(patient):
        return Way(NEW)
    if known.id is None:
        found = candidates.find_by_our_id(client, patient, never=known.never)
        known = Known(found.id if found else None, known.never)
    if patient.is_dependent:
        return told(MATCHING, known)
    same = redirect_patients.with_address(client, patient)
    if not same:
        return told(DRAFT if known.id is None else MATCHING, known)
    ours = [row.id for row in same if is_ours(row, patient, known)]
    if len(ours) == len(same) == 1:
        return Way(DRAFT, ours[0])
    return told(MATCHING, known if known.id or len(ours) != 1 else _seen(client, patient, known, ours[0]))


def told(kind: str, known: Known) -> Way:
    """The way that a host insists on, without a look at Fullscript."""
    return Way(kind, known.id, may_create=known.id is None)


def _seen(client: FullscriptClient, patient: Patient, known: Known, found_id: str) -> Known:
    """Who has the patient's name among a family with one address, once the whole record agrees."""
    record = client.patients.retrieve(found_id)
    return Known(found_id, known.never) if is_ours(record, patient, known) else known


def is_ours(record: Record | None, patient: Patient, known: Known) -> bool:
    """True when the *record* of Fullscript's is our *patient*, by what is known of both."""
    if record is None or record.id == known.never:
        return False
    return record.id == known.id if known.id is not None else candidates.is_same_person(patient, record)
