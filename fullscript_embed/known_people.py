"""`fullscript.people`: who a patient of the host is at Fullscript, and what both sides say about them.

For the signed-in user's clinic. Every method asks the host who may see the patient, and asks Fullscript in
the user's own name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TypeVar

from fullscript_embed import audit, candidates, choices, connections, cross_index, embed, links, patients
from fullscript_embed.api import FullscriptClient, FullscriptError
from fullscript_embed.api.errors import RecordNotFound
from fullscript_embed.api.records.patients import Patient as Record
from fullscript_embed.candidates import Found
from fullscript_embed.clock import utcnow
from fullscript_embed.differences import compare, version
from fullscript_embed.errors import (
    AlreadyLinked,
    NotConnected,
    ReconnectRequired,
    RecordChanged,
    Refusal,
    UpstreamFailed,
)
from fullscript_embed.models import Connection, PatientFacts
from fullscript_embed.people import Patient
from fullscript_embed.record_views import (
    CandidateView,
    Problem,
    RecordView,
    candidate_view,
    candidate_views,
    link_view,
)
from fullscript_embed.state import current, signed_in
from fullscript_embed.views.answers import of_upstream

T = TypeVar("T")

CONFLICT, NOT_FOUND, BAD_GATEWAY = 409, 404, 502
LONGEST_QUERY = 100
LINKED = "The patient is linked to Fullscript."
ARCHIVED = "This patient is archived at Fullscript. Restore them there first, or choose somebody else."
GONE = "Fullscript has no such patient in your clinic any more. Look again."


class KnownPeople:
    """What a page about a patient's Fullscript record shows and does.

    Everything raises SignedOut or PatientNotFound. Whatever else goes wrong, Fullscript being away too, is in
    the answer's `problem`, because the page is of use all the same.
    """

    def record(self, patient_id: str | int) -> RecordView:
        """What is known, compared with what Fullscript says now; what is kept where it does not answer."""
        patient = self._patient(patient_id)
        connection = self._connection()
        if connection is None:
            return self._kept(patient, None, NotConnected())
        if not connection.is_usable:
            return self._kept(patient, connection, ReconnectRequired(connection.status_reason))
        return self._show(patient, connection)

    def kept(self, patient_id: str | int) -> RecordView:
        """The same as it is kept, without asking Fullscript: for a word about differences on other pages."""
        patient, connection = self._patient(patient_id), self._connection()
        if connection is None:
            return RecordView(patient)
        return replace(self._kept(patient, connection, NotConnected()), problem=None)

    def submit(self, patient_id: str | int, form: Mapping[str, str]) -> RecordView:
        """Do what a form of people.html says in `do`: find, search, link, unlink, index, dismiss or choose.

        Commits, with an entry in the audit trail. `done` of the answer says what was done; without it the
        answer is the page to show, with its `status`.
        """
        patient = self._patient(patient_id)
        does = {
            "find": self._find,
            "search": self._search,
            "link": self._link,
            "unlink": self._unlink,
            "index": self._index,
            "dismiss": self._dismiss,
            "choose": self._choose,
        }.get(form.get("do", ""), self._nothing)
        connection = self._connection()
        if connection is None:
            return self._refused(patient, NotConnected())
        try:
            return does(patient, connection, form)
        except FullscriptError as error:
            refusal = of_upstream(error)
        except Refusal as error:
            refusal = error
        current().db_session.rollback()
        return self._refused(patient, refusal)

    def link(self, patient_id: str | int, fullscript_patient_id: str) -> None:
        """Say who a patient is in the signed-in user's clinic, as a person's choice. Commits.

        Raises AlreadyLinked for somebody who is another patient of the host, and what Fullscript refuses.
        """
        patient, connection = self._patient(patient_id), self._connected()
        self._link(patient, connection, {"fullscript_patient_id": fullscript_patient_id})

    def find(self, patient_id: str | int) -> str | None:
        """The patient's id at Fullscript: the link, else our id in the metadata, else the exact address.

        A find is kept as the link. None when a person has to choose. Raises NotConnected, or a
        FullscriptError.
        """
        patient, connection = self._patient(patient_id), self._connected()
        known = links.fullscript_patient_id(connection.environment, connection.clinic_id, patient.id)
        if known is None and self._looked_up(patient, connection).hit is not None:
            known = links.fullscript_patient_id(connection.environment, connection.clinic_id, patient.id)
        return known

    def _nothing(self, _patient: Patient, _connection: Connection, _form: Mapping[str, str]) -> RecordView:
        raise Refusal("That request could not be read.", status=400, code="invalid_request")

    def _find(self, patient: Patient, connection: Connection, _form: Mapping[str, str]) -> RecordView:
        found = self._looked_up(patient, connection)
        if found.hit is not None:
            return RecordView(patient, done=LINKED)
        views = candidate_views(connection, patient, found.candidates)
        return self._show(patient, connection, candidates=views)

    def _search(self, patient: Patient, connection: Connection, form: Mapping[str, str]) -> RecordView:
        words = form.get("query", "").strip()[:LONGEST_QUERY]
        found = self._ask(connection, partial(_search, words)) if words else ()
        views = candidate_views(connection, patient, found)
        return self._show(patient, connection, candidates=views, query=words)

    def _link(self, patient: Patient, connection: Connection, form: Mapping[str, str]) -> RecordView:
        wanted = form.get("fullscript_patient_id", "").strip()[:64]
        try:
            record = self._ask(connection, partial(_retrieve, wanted)) if wanted else None
        except RecordNotFound:
            record = None
        if record is None:
            raise Refusal(GONE, status=NOT_FOUND, code="not_found")
        if record.archived:
            raise Refusal(ARCHIVED, status=CONFLICT, code="archived")
        self._keep_link(patient, connection, record, links.CHOSEN)
        return RecordView(patient, done=LINKED)

    def _unlink(self, patient: Patient, connection: Connection, _form: Mapping[str, str]) -> RecordView:
        known = links.fullscript_patient_id(connection.environment, connection.clinic_id, patient.id)
        links.unlink(connection.environment, connection.clinic_id or "", patient.id)
        if known:
            self._audit("patient.unlinked", patient, connection, fullscript_patient_id=known)
        return RecordView(patient, done="The link to Fullscript was removed.")

    def _index(self, patient: Patient, connection: Connection, _form: Mapping[str, str]) -> RecordView:
        place = connection.environment, connection.clinic_id or ""
        known = links.fullscript_patient_id(*place, patient.id)
        if known is None:
            raise RecordChanged
        cross_index.wish(*place, cross_index.PATIENT, known, patient.id, overwrites=True)
        self._audit("patient.id_replaced", patient, connection, fullscript_patient_id=known)
        return RecordView(patient, done="Fullscript will carry this patient's id within a minute.")

    def _dismiss(self, patient: Patient, connection: Connection, _form: Mapping[str, str]) -> RecordView:
        links.dismiss(connection.environment, connection.clinic_id or "", patient.id)
        self._audit("patient.link_dismissed", patient, connection)
        return RecordView(patient, done="Nothing was linked.")

    def _choose(self, patient: Patient, connection: Connection, form: Mapping[str, str]) -> RecordView:
        """Apply choices to the values that were shown, and to no others."""
        choice = choices.read(form)
        fresh = self._show(patient, connection)
        if fresh.facts is None or not fresh.is_fresh or fresh.link is None:
            return replace(fresh, status=BAD_GATEWAY if fresh.problem else CONFLICT)
        if form.get("seen") != fresh.version:
            raise RecordChanged
        choices.check(choice, fresh)
        record = choices.send(choice, patient, partial(self._ask, connection), fresh.facts.fullscript_id)
        if record is not None:
            self._keep_facts(connection, record)
            self._audit("patient.sent", patient, connection, fields=" ".join(sorted(choice.send)))
        if choices.take(choice, patient, fresh.facts):
            self._audit("patient.taken", patient, connection, fields=" ".join(sorted(choice.take)))
        return RecordView(patient, done=choices.in_words(choice))

    def _show(
        self,
        patient: Patient,
        connection: Connection,
        *,
        candidates: tuple[CandidateView, ...] | None = None,
        query: str = "",
    ) -> RecordView:
        """The page for somebody who is connected; a link is checked with Fullscript."""
        view = RecordView(patient, connection.clinic_name, candidates=candidates, query=query)
        link = links.find_link(connection.environment, connection.clinic_id, patient.id)
        if link is None:
            return self._with_taken(view, connection)
        view = replace(view, link=link_view(link))
        try:
            record = self._ask(connection, partial(_retrieve, link.fullscript_patient_id))
        except RecordNotFound:
            return self._with_taken(replace(view, is_gone=True), connection)
        except (FullscriptError, NotConnected) as error:
            refusal = of_upstream(error) if isinstance(error, FullscriptError) else error
            current().db_session.rollback()
            return self._kept(patient, connection, refusal)
        fresh = self._compared(view, self._keep_facts(connection, record), is_fresh=True)
        return self._with_taken(fresh, connection)

    def _compared(
        self, view: RecordView, facts: PatientFacts | None, *, is_fresh: bool = False
    ) -> RecordView:
        if facts is None:
            return view
        takes = current().extension.update_patient is not None
        fields = compare(view.patient, facts, host_takes=takes)
        return replace(
            view, facts=facts, fields=fields, version=version(fields, facts.fullscript_id), is_fresh=is_fresh
        )

    def _with_taken(self, view: RecordView, connection: Connection) -> RecordView:
        """The page, with whoever was chosen on this patient's page and is another patient's."""
        note = links.find_note(connection.environment, connection.clinic_id, view.patient.id)
        if note is None or note.taken_id is None:
            return view
        try:
            record = self._ask(connection, partial(_retrieve, note.taken_id))
        except (FullscriptError, NotConnected):
            return view
        return replace(view, taken=candidate_view(connection, view.patient, record))

    def _kept(self, patient: Patient, connection: Connection | None, refusal: Refusal) -> RecordView:
        """What is kept, where Fullscript cannot be asked."""
        view = RecordView(patient, problem=_problem(refusal))
        if connection is None:
            return view
        link = links.find_link(connection.environment, connection.clinic_id, patient.id)
        view = replace(view, clinic_name=connection.clinic_name, link=link_view(link) if link else None)
        if link is None:
            return view
        facts = patients.facts_of(link.environment, link.clinic_id, link.fullscript_patient_id)
        return self._compared(view, facts)

    def _refused(self, patient: Patient, refusal: Refusal) -> RecordView:
        """The page as it is now, with what was not done; Fullscript is not asked again when it is away."""
        connection = self._connection()
        if connection is None or isinstance(refusal, (NotConnected, UpstreamFailed)):
            return replace(self._kept(patient, connection, refusal), status=refusal.http_status)
        view = self._show(patient, connection)
        return replace(view, problem=_problem(self._named(refusal)), status=refusal.http_status)

    def _named(self, refusal: Refusal) -> Refusal:
        """A refusal that names the other patient, when the signed-in user may see them."""
        other = getattr(refusal, "patient_id", None)
        patient = current().extension.find_patient(other) if other else None
        if patient is None:
            return refusal
        name = " ".join(filter(None, (patient.first_name, patient.last_name)))
        return AlreadyLinked(
            f"This Fullscript patient is linked to {name} already. Remove that link first if it is wrong, "
            "or choose somebody else."
        )

    def _looked_up(self, patient: Patient, connection: Connection) -> Found:
        """Look at Fullscript; a hit is kept as the link. One that is another patient's is a candidate."""
        note = links.find_note(connection.environment, connection.clinic_id, patient.id)
        never = note.unlinked_id if note else None
        found = self._ask(connection, lambda client: candidates.look_up(client, patient, never=never))
        if found.hit is None:
            return found
        try:
            self._keep_link(patient, connection, found.hit, found.found_by or links.EMAIL)
        except AlreadyLinked:
            return Found(candidates=(found.hit,))
        return found

    def _keep_link(self, patient: Patient, connection: Connection, record: Record, found_by: str) -> None:
        place = connection.environment, connection.clinic_id or ""
        links.link(*place, patient.id, record.id, found_by=found_by)
        self._keep_facts(connection, record)
        self._audit("patient.linked", patient, connection, fullscript_patient_id=record.id, found_by=found_by)

    def _keep_facts(self, connection: Connection, record: Record) -> PatientFacts:
        now = utcnow()
        facts = patients.keep_answer(connection.environment, connection.clinic_id or "", record, now=now)
        current().db_session.commit()
        return facts

    def _audit(self, action: str, patient: Patient, connection: Connection, **ids: str) -> None:
        session = current().db_session
        details = {"clinic_id": connection.clinic_id, **ids}
        audit.record(
            session,
            action,
            user_id=connection.user_id,
            environment=connection.environment,
            patient_id=patient.id,
            details=details,
        )
        session.commit()

    def _ask(self, connection: Connection, do: Callable[[FullscriptClient], T]) -> T:
        current().db_session.rollback()  # nothing is locked while Fullscript is asked
        return connections.call(connection.id, do, now=utcnow())

    def _patient(self, patient_id: str | int) -> Patient:
        signed_in()
        return embed.visible_patient(str(patient_id))

    def _connection(self) -> Connection | None:
        return connections.shown(signed_in())

    def _connected(self) -> Connection:
        user = signed_in()
        return connections.require(user, current().environment_of(user))


def _search(words: str, client: FullscriptClient) -> tuple[Record, ...]:
    return candidates.search(client, words)


def _retrieve(fullscript_patient_id: str, client: FullscriptClient) -> Record:
    return client.patients.retrieve(fullscript_patient_id)


def _problem(refusal: Refusal) -> Problem:
    return Problem(refusal.message, refusal.error_code, isinstance(refusal, NotConnected))
