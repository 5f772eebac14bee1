"""Redirect: links that open Fullscript itself in a tab (the guide: Fullscript Redirect).

Each is asked for when somebody wants to go there and never kept: its address may change, and one that was
used opens the same plan again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

from fullscript_embed import embed, redirect_calls, redirect_ways
from fullscript_embed.api import RecordNotFound
from fullscript_embed.api.records.plans import DynamicLink
from fullscript_embed.errors import PlanNotOpen, PractitionerNeeded
from fullscript_embed.people import Patient
from fullscript_embed.redirect_calls import Caller
from fullscript_embed.redirect_ways import DRAFT, EDIT, MATCHING, NEW, Known, Way
from fullscript_embed.state import signed_in

# Those that a host may ask for by name; the others follow from what is opened.
KINDS = (DRAFT, MATCHING)


@dataclass(frozen=True, slots=True)
class Link:
    """An address of Fullscript's, to be opened in a tab of its own and not to be kept.

    *kind* is "draft" (a plan was begun for the patient), "matching" (the practitioner finds the patient
    there), "new" (and begins the plan there) or "edit".
    """

    url: str
    kind: str
    treatment_plan_id: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """A practitioner of the clinic."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Questions:
    """What a person has to say before a link can be made.

    *practitioners* is not empty for staff: one of them has to be chosen. *may_create* is True when Fullscript
    may make a new patient with the address *email*: whether it then sends a welcome e-mail is to be said.
    """

    practitioners: tuple[Choice, ...] = ()
    may_create: bool = False
    email: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class _Answers:
    practitioner_id: str | None
    send_welcome_email: bool | None
    entrypoint: str


class Redirect:
    """What a host asks for to send its users into Fullscript, always in the name of who is signed in.

    Every method raises SignedOut, SwitchedOff, NotConnected, ReconnectRequired, or the FullscriptError that
    kept it from being done; those with a patient PatientNotFound too, and LabsNotOffered for labs in Canada.
    Each link that is made leaves an entry "link.made" in the audit trail.
    """

    def link(
        self,
        patient_id: str | int,
        *,
        entrypoint: str = "catalog",
        kind: str | None = None,
        practitioner_id: str | None = None,
        send_welcome_email: bool | None = None,
    ) -> Link | Questions:
        """A fresh link for a patient, or what has to be asked first: call it again with the answers.

        Without a *kind* ("draft" or "matching") it takes the one that fits: the draft link where it finds
        this patient and nobody else, or where Fullscript does not know them; else the one that lets the
        practitioner match them. *practitioner_id* is for staff; a practitioner's plan is their own. Raises
        PatientIncomplete with Fullscript's sentences about the patient's fields, and PractitionerNeeded when
        the clinic has no such practitioner.
        """
        who, patient = _who_and_whom(patient_id, entrypoint)
        known = redirect_calls.known(who, patient)
        if kind is None:
            way = who.call(partial(redirect_ways.choose, patient=patient, known=known))
        else:
            way = redirect_ways.told(kind, known)
        if way.kind == NEW:
            return _new(who, patient.id)
        answers = _Answers(who.practitioner_id or practitioner_id, send_welcome_email, entrypoint)
        asked = _questions(who, way, patient, answers)
        return asked or _link(who, way, patient, known, answers, chosen=kind is None)

    def new(self) -> Link:
        """A fresh link to where a plan is begun and its patient found or made. It names no patient."""
        return _new(redirect_calls.caller("catalog"), None)

    def edit(self, patient_id: str | int, treatment_plan_id: str, *, entrypoint: str = "catalog") -> Link:
        """A fresh link to a plan of the patient's that is kept here and is a draft or active.

        Raises PlanNotOpen when it is neither, here or at Fullscript.
        """
        who, patient = _who_and_whom(patient_id, entrypoint)
        if not redirect_calls.is_open_here(who, patient, treatment_plan_id):
            raise PlanNotOpen
        try:
            found = who.call(lambda api: api.dynamic_links.retrieve(treatment_plan_id, entrypoint=entrypoint))
        except RecordNotFound:
            raise PlanNotOpen from None
        url = redirect_calls.address(found, who.environment)
        redirect_calls.note(
            who, patient.id, kind=EDIT, entrypoint=entrypoint, treatment_plan_id=treatment_plan_id
        )
        return Link(url, EDIT, treatment_plan_id)


def _who_and_whom(patient_id: str | int, entrypoint: str) -> tuple[Caller, Patient]:
    """A patient who may not be seen is not there, whether or not somebody is connected."""
    signed_in()
    patient = embed.visible_patient(str(patient_id))
    return redirect_calls.caller(entrypoint), patient


def _new(who: Caller, patient_id: str | None) -> Link:
    found = who.call(lambda client: client.dynamic_links.new())
    url = redirect_calls.address(found, who.environment)
    redirect_calls.note(who, patient_id, kind=NEW)
    return Link(url, NEW)


def _questions(who: Caller, way: Way, patient: Patient, answers: _Answers) -> Questions | None:
    """What has to be asked still, or None."""
    asks_for_practitioner = answers.practitioner_id is None
    asks_about_email = way.may_create and answers.send_welcome_email is None and bool(patient.email)
    if not asks_for_practitioner and not asks_about_email:
        return None
    found = redirect_calls.practitioners(who) if asks_for_practitioner else []
    if asks_for_practitioner and not found:
        raise PractitionerNeeded
    choices = tuple(Choice(*one) for one in found)
    return Questions(choices, asks_about_email, patient.email if asks_about_email else None)


def _link(
    who: Caller, way: Way, patient: Patient, known: Known, answers: _Answers, *, chosen: bool
) -> Link | Questions:
    """Ask for the link, and keep what its answer tells. Commits."""
    found = _made(who, way, patient, answers)
    is_ours = redirect_ways.is_ours(found.patient, patient, known)
    if chosen and way.kind == DRAFT and not is_ours:
        # The address was theirs by name, and Fullscript's whole record says that it is somebody else's.
        way = redirect_ways.told(MATCHING, known)
        if asked := _questions(who, way, patient, answers):
            return asked
        found = _made(who, way, patient, answers)
    url = redirect_calls.address(found, who.environment)
    plan_id = found.treatment_plan.id if found.treatment_plan else None
    redirect_calls.remember(who, way.kind, patient, found, is_ours=is_ours)
    redirect_calls.note(
        who,
        patient.id,
        kind=way.kind,
        entrypoint=answers.entrypoint,
        treatment_plan_id=plan_id,
        practitioner_id=answers.practitioner_id,
        welcome_email=_word(answers.send_welcome_email if way.may_create else None),
    )
    return Link(url, way.kind, plan_id)


def _made(who: Caller, way: Way, patient: Patient, answers: _Answers) -> DynamicLink:
    return redirect_calls.make(
        who,
        way,
        patient,
        practitioner_id=answers.practitioner_id,
        entrypoint=answers.entrypoint,
        send_welcome_email=answers.send_welcome_email,
    )


def _word(choice: bool | None) -> str | None:
    return None if choice is None else ("sent" if choice else "not_sent")
