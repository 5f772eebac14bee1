"""A patient's Fullscript record as a page shows it (people.html)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from fullscript_embed import cross_index, links
from fullscript_embed.api.records.patients import Patient as Record
from fullscript_embed.differences import FieldView
from fullscript_embed.link_models import REFUSED
from fullscript_embed.models import Connection, PatientFacts, PatientLink
from fullscript_embed.people import Patient
from fullscript_embed.state import current

SAME_ADDRESS, OUR_ID = "Same e-mail address", "Carries this patient's id"


@dataclass(frozen=True, slots=True)
class CandidateView:
    """Somebody at Fullscript who may be the patient. *taken_by* is another patient of the host who is linked
    to them, *is_taken* is true also when the signed-in user may not see who that is."""

    id: str
    name: str = field(repr=False)
    email: str | None = field(repr=False)
    date_of_birth: date | None = field(repr=False)
    hints: tuple[str, ...]
    is_dependent: bool
    is_archived: bool
    is_taken: bool
    taken_by: Patient | None = field(repr=False, default=None)

    @property
    def can_be_chosen(self) -> bool:
        return not (self.is_archived or self.is_taken)


@dataclass(frozen=True, slots=True)
class LinkView:
    """Who the patient is. *index_state* says whether Fullscript carries the host's id: "waiting", "written",
    "refused", or None where it is not to."""

    fullscript_patient_id: str
    linked_at: datetime
    found_by: str | None
    index_state: str | None
    index_reason: str | None

    @property
    def carries_other_id(self) -> bool:
        """True while Fullscript's record has an id that this application did not put there."""
        return self.index_state == REFUSED and self.index_reason == cross_index.OTHER_ID


@dataclass(frozen=True, slots=True)
class Problem:
    """What kept something from being done, in words; *needs_connection* when connecting is the way on."""

    message: str
    code: str
    needs_connection: bool


@dataclass(frozen=True, slots=True)
class RecordView:
    """Everything that the page of a patient's Fullscript record shows.

    *status* is the HTTP status for it, *done* what was done, for a message after a redirect. *candidates* is
    None while nobody was looked for. *is_fresh* is False when Fullscript did not answer and *facts* are those
    of *checked_at*, or of events. *version* goes with the form of choices.
    """

    patient: Patient
    clinic_name: str | None = None
    link: LinkView | None = None
    facts: PatientFacts | None = field(default=None, repr=False)
    fields: tuple[FieldView, ...] = ()
    version: str = ""
    is_fresh: bool = False
    is_gone: bool = False
    candidates: tuple[CandidateView, ...] | None = None
    query: str = field(default="", repr=False)
    taken: CandidateView | None = None
    problem: Problem | None = None
    done: str | None = None
    status: int = 200

    @property
    def differences(self) -> tuple[FieldView, ...]:
        """The fields in which the two sides differ."""
        return tuple(one for one in self.fields if one.differs)

    @property
    def can_choose(self) -> bool:
        """True when something can be done about a difference."""
        return self.is_fresh and any(one.can_take or one.can_send for one in self.fields)


def link_view(link: PatientLink) -> LinkView:
    """A link with how far cross-indexing is."""
    row = cross_index.find(link.environment, link.clinic_id, cross_index.PATIENT, link.fullscript_patient_id)
    is_mine = row is not None and row.wanted_id == link.patient_id
    return LinkView(
        link.fullscript_patient_id,
        link.linked_at,
        link.found_by,
        row.state if row and is_mine else None,
        row.reason if row and is_mine else None,
    )


def candidate_views(
    connection: Connection, patient: Patient, records: Iterable[Record]
) -> tuple[CandidateView, ...]:
    """Candidates with what speaks for and against each."""
    return tuple(candidate_view(connection, patient, record) for record in records)


def candidate_view(connection: Connection, patient: Patient, record: Record) -> CandidateView:
    """One of them."""
    place = connection.environment, connection.clinic_id or ""
    other = links.holder(*place, record.id, but=patient.id)
    email = (record.email or "").casefold()
    hints = {
        OUR_ID: record.metadata.id == patient.id,
        SAME_ADDRESS: bool(email) and email == (patient.email or "").strip().casefold(),
    }
    return CandidateView(
        record.id,
        " ".join(filter(None, (record.first_name, record.last_name))) or "No name",
        record.email,
        record.date_of_birth,
        tuple(hint for hint, holds in hints.items() if holds),
        is_dependent=bool(record.is_dependent),
        is_archived=bool(record.archived),
        is_taken=other is not None,
        taken_by=current().extension.find_patient(other) if other else None,
    )
