"""Who is working in the platform's pages, however they came in.

A frame signs in with the key in its page: `Authorization: Frame <key>`. No cookie is looked at, so a
frame works where third-party cookies are blocked, and whoever is signed in to the sandbox in another tab
stays so (guide: "The secret_token login context is agnostic of active sessions on the browser").
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import g, request
from sqlalchemy import select

from fullscript_sandbox import frame_sessions
from fullscript_sandbox.database import db
from fullscript_sandbox.models import App, Clinic, FrameSession, Patient, TreatmentPlan, User
from fullscript_sandbox.refusals import Invalid, NotFound

P = ParamSpec("P")
R = TypeVar("R")


class VisitEnded(Exception):
    """Nobody is signed in with this request: no key, an unknown one, or one that has ended."""


@dataclass(frozen=True)
class Visit:
    """One signed-in visit to the platform: a user, the app that brought them, and what it said."""

    user: User
    app: App
    patient: Patient | None
    patient_data: dict[str, Any]
    entrypoint: str

    @property
    def clinic(self) -> Clinic:
        return self.user.clinic

    @property
    def has_labs(self) -> bool:
        """Labs are available in the US only (guide: Initialization parameters)."""
        return self.clinic.country == "US"

    @property
    def practitioners(self) -> list[User]:
        """In whose name this user may write: staff and owners for all, practitioners for themselves."""
        if not self.user.picks_practitioner:
            return [self.user]
        return sorted(self.clinic.practitioners, key=lambda one: (one.id != self.user.id, one.last_name))

    def practitioner(self, user_id: Any) -> User:
        """The practitioner with that id, if this user may write in their name; else Invalid."""
        for one in self.practitioners:
            if one.id == user_id:
                return one
        raise Invalid(["Practitioner is not one that you can write plans for"])

    def patient_or_404(self, patient_id: Any) -> Patient:
        """The clinic's patient with that id; NotFound for another clinic's and for archived ones."""
        patient = frame_sessions.patient_of(self.user, patient_id)
        if patient is None:
            raise NotFound("Patient")
        return patient

    def plan_or_404(self, plan_id: str) -> TreatmentPlan:
        """The clinic's plan with that id, if this user may work on it."""
        plan = db.session.get(TreatmentPlan, plan_id)
        if plan is None or plan.clinic_id != self.clinic.id or plan.practitioner not in self.practitioners:
            raise NotFound("Treatment plan")
        return plan

    def drafts_of(self, patient: Patient) -> list[TreatmentPlan]:
        """The patient's drafts that this user may go on with, newest first."""
        mine = [one.id for one in self.practitioners]
        query = select(TreatmentPlan).where(
            TreatmentPlan.patient_id == patient.id,
            TreatmentPlan.state == "draft",
            TreatmentPlan.practitioner_id.in_(mine),
        )
        return list(db.session.scalars(query.order_by(TreatmentPlan.updated_at.desc(), TreatmentPlan.id)))


def visit_required(view: Callable[P, R]) -> Callable[P, R]:
    """Let only signed-in visits in, and put theirs in `g.visit`."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        g.visit = _of_frame()
        return view(*args, **kwargs)

    return guarded


def current() -> Visit:
    """The visit of the request that is being answered."""
    visit: Visit = g.visit
    return visit


def _of_frame() -> Visit:
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    session = frame_sessions.find(key) if scheme == "Frame" else None
    if session is None:
        raise VisitEnded
    return _visit(session)


def _visit(session: FrameSession) -> Visit:
    patient = db.session.get(Patient, session.patient_id) if session.patient_id else None
    return Visit(session.user, session.app, patient, session.patient_data, session.entrypoint)
