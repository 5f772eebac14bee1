"""How a dynamic link is asked for: by whose connection, in whose name, and what is noted of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar
from urllib.parse import urlsplit

from sqlalchemy import or_, select

from fullscript_embed import audit, candidates, connections, links, patients, redirect_patients
from fullscript_embed.api import FullscriptClient, RequestInvalid
from fullscript_embed.api.records.plans import DynamicLink
from fullscript_embed.clock import utcnow
from fullscript_embed.environments import Environment
from fullscript_embed.errors import (
    LabsNotOffered,
    PatientIncomplete,
    PractitionerNeeded,
    UpstreamFailed,
)
from fullscript_embed.models import Connection, TreatmentPlan
from fullscript_embed.people import Patient, User
from fullscript_embed.plan_facts import CANCELLED
from fullscript_embed.redirect_ways import DRAFT, MATCHING, Known, Way
from fullscript_embed.state import current, signed_in

T = TypeVar("T")

PRACTITIONER, CLINIC = "Practitioner", "Clinic"
WITHOUT_ADDRESS = "Fullscript's answer had no address that can be opened. Try again in a moment."


@dataclass(frozen=True, slots=True)
class Caller:
    """Who wants a link, and by which connection. Plain values: a call may end the session's transaction."""

    user: User
    environment: Environment
    connection_id: int
    clinic_id: str
    # Whose plans these are, when it is a practitioner who asks; None for staff.
    practitioner_id: str | None

    def call(self, do: Callable[[FullscriptClient], T]) -> T:
        """Do something at Fullscript in the name of who asks."""
        return connections.call(self.connection_id, do, now=utcnow())


def caller(entrypoint: str) -> Caller:
    """Who is signed in. Raises SignedOut, SwitchedOff, LabsNotOffered, NotConnected or ReconnectRequired."""
    user = signed_in()
    environment = current().environment_of(user)
    if entrypoint == "labs" and environment.is_canadian:
        raise LabsNotOffered
    found = connections.require(user, environment)
    return Caller(user, environment, found.id, found.clinic_id or "", _own_practitioner(found, user))


def known(who: Caller, patient: Patient) -> Known:
    """What is kept here of who the patient is in the caller's clinic."""
    place = who.environment.name, who.clinic_id, patient.id
    note = links.find_note(*place)
    return Known(links.fullscript_patient_id(*place), note.unlinked_id if note else None)


def practitioners(who: Caller) -> list[tuple[str, str]]:
    """The clinic's practitioners as id and name, by name."""
    found = who.call(lambda client: list(client.practitioners.list()))
    named = [(one.id, " ".join(filter(None, (one.first_name, one.last_name))) or "Unnamed") for one in found]
    return sorted(named, key=lambda one: one[1].casefold())


def make(
    who: Caller,
    way: Way,
    patient: Patient,
    *,
    practitioner_id: str | None,
    entrypoint: str,
    send_welcome_email: bool | None,
) -> DynamicLink:
    """Ask for a draft or a matching link. Raises PatientIncomplete or PractitionerNeeded."""
    ids = {"patient_id": way.known_id, "external_id": patient.id} if way.kind == MATCHING else {}
    described = redirect_patients.for_link(patient, send_welcome_email=send_welcome_email, **ids)

    def ask(client: FullscriptClient) -> DynamicLink:
        group = client.dynamic_links
        create = group.create_draft if way.kind == DRAFT else group.create_matching
        return create(practitioner_id=practitioner_id, patient=described, entrypoint=entrypoint)

    try:
        return who.call(ask)
    except RequestInvalid as error:
        if redirect_patients.is_about_practitioner(error.messages):
            raise PractitionerNeeded from None
        if not error.messages:
            raise
        raise PatientIncomplete(redirect_patients.problems(error.messages)) from None


def address(found: DynamicLink, environment: Environment) -> str:
    """The link's address. Raises UpstreamFailed for one that a browser should not be sent to."""
    parts = urlsplit(found.redirect_url or "")
    schemes = {"https", urlsplit(environment.hosts.api_url).scheme}  # http is the sandbox's alone
    if parts.scheme not in schemes or not parts.netloc:
        raise UpstreamFailed(WITHOUT_ADDRESS)
    return parts.geturl()


def remember(who: Caller, kind: str, patient: Patient, found: DynamicLink, *, is_ours: bool) -> None:
    """Keep who the patient turned out to be, or that Fullscript may tell it. The caller commits."""
    place, at = (who.environment.name, who.clinic_id, patient.id), utcnow()
    if kind == MATCHING:
        links.expect(*place, at=at)
    elif is_ours and found.patient is not None:
        links.keep_link(*place, found.patient.id, at=at, found_by=links.REDIRECT)


def look_for_expected(who: Caller, patient: Patient) -> None:
    """Link whom the practitioner matched on the gateway's page, if Fullscript tells our id back. Commits.

    One call, and none for a patient who was not sent there.
    """
    place = who.environment.name, who.clinic_id, patient.id
    note = links.find_note(*place)
    if note is None or note.expected_at is None:
        return
    found = who.call(partial(candidates.find_by_our_id, patient=patient, never=note.unlinked_id))
    if found is not None:
        links.keep_link(*place, found.id, at=utcnow(), found_by=links.REDIRECT)
        current().db_session.commit()


def note(who: Caller, patient_id: str | None, **details: str | None) -> None:
    """Write down that a link was made, and that the connection was used. Commits."""
    session = current().db_session
    found = session.get(Connection, who.connection_id)
    if found is not None:
        connections.mark_used(found, now=utcnow())
    audit.record(
        session,
        "link.made",
        user_id=who.user.id,
        environment=who.environment.name,
        patient_id=patient_id,
        details=details,
    )
    session.commit()


def is_open_here(who: Caller, patient: Patient, treatment_plan_id: str) -> bool:
    """True when the plan is kept here as the patient's, in the caller's clinic, and not as cancelled."""
    mine = or_(TreatmentPlan.patient_id == patient.id, patients.is_of(TreatmentPlan, patient.id))
    wanted = select(TreatmentPlan.state).where(
        TreatmentPlan.environment == who.environment.name,
        TreatmentPlan.clinic_id == who.clinic_id,
        TreatmentPlan.fullscript_id == treatment_plan_id,
        mine,
    )
    found = current().db_session.execute(wanted).first()
    return found is not None and found.state != CANCELLED


def _own_practitioner(connection: Connection, user: User) -> str | None:
    if connection.user_type == PRACTITIONER:
        return connection.fullscript_user_id
    if connection.user_type == CLINIC and user.fullscript_user_type == PRACTITIONER:
        return user.fullscript_user_id
    return None
