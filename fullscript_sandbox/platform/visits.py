"""Who is working in the platform's pages, however they came in.

A frame signs in with the key in its page: `Authorization: Frame <key>`. No cookie is looked at, so a
frame works where third-party cookies are blocked, and whoever is signed in to the sandbox in another tab
stays so (guide: "The secret_token login context is agnostic of active sessions on the browser").

The tab of a redirect link is the user's own session, by its cookie. Each call names the link and carries
the page's CSRF token, reading calls too: after somebody else signed in, an open tab is nobody's any more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import g, request
from flask_wtf.csrf import validate_csrf
from sqlalchemy import or_, select
from wtforms.validators import ValidationError

from fullscript_sandbox import frame_sessions, redirect_tabs, session
from fullscript_sandbox.database import db
from fullscript_sandbox.models import App, Clinic, FrameSession, Patient, TreatmentPlan, User
from fullscript_sandbox.redirect_tabs import Opening
from fullscript_sandbox.refusals import Invalid, NotFound

P = ParamSpec("P")
R = TypeVar("R")

LINK_HEADER = "X-Redirect-Link"
CSRF_HEADER = "X-CSRFToken"
# As long as a frame stays signed in.
TAB_LIFETIME = timedelta(hours=8)


class VisitEnded(Exception):
    """Nobody is signed in with this request: no key, an unknown one, or one that has ended."""


class TabEnded(VisitEnded):
    """The same in a tab: signed out, somebody else signed in, or the page was open for too long."""


@dataclass(frozen=True)
class Visit:
    """One signed-in visit to the platform: a user, the app that brought them, and what it said.

    `opening` is what the link of a tab opens, None in a frame. An app that is gone, or that had no part in
    a plan, is None.
    """

    user: User
    app: App | None
    patient: Patient | None
    patient_data: dict[str, Any]
    entrypoint: str
    opening: Opening | None = None

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

    def may_move(self, plan: TreatmentPlan) -> bool:
        """True for the draft that the tab's link is tied to: a wrong match can be put right."""
        return self.opening is not None and self.opening.plan_id == plan.id and plan.state == "draft"

    def message(self, build: Callable[..., dict[str, Any]], *facts: Any) -> dict[str, Any] | None:
        """What a frame tells the page around it; None in a tab, around which there is none."""
        return None if self.opening else build(*facts, self.app)

    def drafts_of(self, patient: Patient) -> list[TreatmentPlan]:
        """The patient's drafts that this user may go on with, newest first.

        A draft with nothing in it is none yet: each draft link that is asked for leaves one.
        """
        mine = [one.id for one in self.practitioners]
        query = select(TreatmentPlan).where(
            TreatmentPlan.patient_id == patient.id,
            TreatmentPlan.state == "draft",
            TreatmentPlan.practitioner_id.in_(mine),
            or_(
                TreatmentPlan.recommendations.any(),
                TreatmentPlan.lab_recommendations.any(),
                TreatmentPlan.personal_message.is_not(None),
            ),
        )
        return list(db.session.scalars(query.order_by(TreatmentPlan.updated_at.desc(), TreatmentPlan.id)))


def visit_required(view: Callable[P, R]) -> Callable[P, R]:
    """Let only signed-in visits in, and put theirs in `g.visit`."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        g.visit = _of_frame() if "Authorization" in request.headers else _of_tab()
        return view(*args, **kwargs)

    return guarded


def current() -> Visit:
    """The visit of the request that is being answered."""
    visit: Visit = g.visit
    return visit


def _of_frame() -> Visit:
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    frame = frame_sessions.find(key) if scheme == "Frame" else None
    if frame is None:
        raise VisitEnded
    return _visit(frame)


def _visit(frame: FrameSession) -> Visit:
    patient = db.session.get(Patient, frame.patient_id) if frame.patient_id else None
    return Visit(frame.user, frame.app, patient, frame.patient_data, frame.entrypoint)


def _of_tab() -> Visit:
    """Raises VisitEnded, and LinkRefused when what the link led to is closed to the user by now."""
    link, user = request.headers.get(LINK_HEADER), session.signed_in_user()
    if link is None:
        raise VisitEnded
    if user is None:
        raise TabEnded
    try:
        validate_csrf(request.headers.get(CSRF_HEADER), time_limit=int(TAB_LIFETIME.total_seconds()))
    except ValidationError as error:
        raise TabEnded from error
    opening = redirect_tabs.open_link(link, user)
    return Visit(
        user, opening.app, opening.patient, opening.patient_data, opening.entrypoint, opening=opening
    )
