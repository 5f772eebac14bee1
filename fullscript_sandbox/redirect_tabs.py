"""What a redirect link opens, and for whom (guide: Fullscript Redirect).

Nothing is stored for a tab: the link and who is signed in decide, for the page and for each call that it
makes. A link has no end of its own; it is tied to one plan, except the link to a new one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select, update

from fullscript_sandbox.database import db
from fullscript_sandbox.models import App, DataToken, Patient, TreatmentPlan, User
from fullscript_sandbox.patient_fields import read_flag
from fullscript_sandbox.patient_matching import only_match
from fullscript_sandbox.refusals import Invalid

_NUMBER = re.compile(r"[0-9]{1,15}")
# What the form of a new patient is filled with, of all that a gateway link may know.
FORM_FIELDS = (
    "first_name",
    "last_name",
    "email",
    "date_of_birth",
    "gender",
    "mobile_number",
    "discount",
)


class LinkRefused(Exception):
    """A link that does not open for this user. `reason` is unknown, cancelled or country.

    unknown     no such link, or one of another clinic or practitioner: nobody can tell which
    cancelled   `plan` was cancelled; the user may know of it
    country     `app` belongs to the other country's environment
    """

    def __init__(self, reason: str, *, plan: TreatmentPlan | None = None, app: App | None = None) -> None:
        super().__init__(reason)
        self.reason, self.plan, self.app = reason, plan, app


@dataclass(frozen=True)
class Opening:
    """What a link opens. `key` stands for the link in the calls of its page.

    `plan_id` is of the plan that the link is tied to, also where that plan is not made yet.
    """

    key: str
    app: App | None
    plan: TreatmentPlan | None = None
    plan_id: str | None = None
    practitioner: User | None = None
    patient: Patient | None = None
    patient_data: dict[str, Any] = field(default_factory=dict)
    external_id: str | None = None
    entrypoint: str = "catalog"


def new_plan_key(client_id: str) -> str:
    return f"new/{client_id}"


def plan_key(number: int, entrypoint: str) -> str:
    return f"plan/{number}/{entrypoint}"


def gateway_key(token: str) -> str:
    return f"gateway/{token}"


def open_link(key: str, user: User) -> Opening:
    """What the link of that key opens for *user*. Raises LinkRefused."""
    kind, _, rest = key.partition("/")
    opener = _OPENERS.get(kind)
    if opener is None:
        raise LinkRefused("unknown")
    return opener(key, rest, user)


def keep_external_id(opening: Opening, patient: Patient) -> None:
    """Keep the partner's own id for this patient, if the link has one. The caller commits.

    Nobody else of the clinic keeps it: a match that was put right leaves nothing behind.
    """
    own = opening.external_id
    if not own or patient.metadata_id == own:
        return
    of_clinic = Patient.clinic_id == patient.clinic_id
    db.session.execute(update(Patient).where(of_clinic, Patient.metadata_id == own).values(metadata_id=None))
    patient.metadata_id = own


def _open_new(key: str, client_id: str, user: User) -> Opening:
    app = db.session.scalar(select(App).where(App.client_id == client_id))
    if app is None:
        raise LinkRefused("unknown")
    if app.country != user.clinic.country:
        raise LinkRefused("country", app=app)
    return Opening(key, app)


def _open_plan(key: str, rest: str, user: User) -> Opening:
    number, _, entrypoint = rest.partition("/")
    wanted = int(number) if _NUMBER.fullmatch(number) else None
    plan = db.session.scalar(select(TreatmentPlan).where(TreatmentPlan.number == wanted))
    if plan is None:
        raise LinkRefused("unknown")
    return _of_plan(key, plan, user, entrypoint=entrypoint)


def _open_gateway(key: str, token: str, user: User) -> Opening:
    kept = db.session.get(DataToken, token)
    if kept is None or kept.data.get("clinic_id") != user.clinic_id:
        raise LinkRefused("unknown")
    data, patient_data = kept.data, kept.data.get("patient") or {}
    plan_id = data.get("plan_id")
    plan = db.session.get(TreatmentPlan, plan_id) if plan_id else None
    rest: dict[str, Any] = {
        "entrypoint": data.get("entrypoint") or "catalog",
        "external_id": patient_data.get("external_id") or None,
        "patient_data": _form_data(patient_data),
    }
    if plan is not None:
        return _of_plan(key, plan, user, **rest)
    practitioner = db.session.get(User, data["practitioner_id"]) if data.get("practitioner_id") else None
    _need_name(user, practitioner)
    rest["entrypoint"] = _entrypoint(user, rest["entrypoint"])
    app, patient = db.session.get(App, data["app_id"]), only_match(user.clinic, patient_data)
    return Opening(key, app, None, plan_id, practitioner=practitioner, patient=patient, **rest)


_OPENERS: dict[str, Callable[[str, str, User], Opening]] = {
    "new": _open_new,
    "plan": _open_plan,
    "gateway": _open_gateway,
}


def _of_plan(key: str, plan: TreatmentPlan, user: User, *, entrypoint: str, **rest: Any) -> Opening:
    if plan.clinic_id != user.clinic_id:
        raise LinkRefused("unknown")
    _need_name(user, plan.practitioner)
    app = db.session.get(App, plan.app_id) if plan.app_id else None
    if plan.state == "cancelled":
        raise LinkRefused("cancelled", plan=plan, app=app)
    rest["entrypoint"] = _entrypoint(user, entrypoint)
    return Opening(key, app, plan, plan.id, plan.practitioner, plan.patient, **rest)


def _need_name(user: User, practitioner: User | None) -> None:
    """Staff and the owner write in everybody's name, practitioners in their own."""
    if practitioner is not None and not user.picks_practitioner and practitioner.id != user.id:
        raise LinkRefused("unknown")


def _entrypoint(user: User, wanted: str) -> str:
    """Labs are available in the US only (guide: Entrypoint)."""
    return "labs" if wanted == "labs" and user.clinic.country == "US" else "catalog"


def _form_data(patient: dict[str, Any]) -> dict[str, Any]:
    data = {name: patient[name] for name in FORM_FIELDS if patient.get(name) not in (None, "")}
    try:
        welcome = read_flag(patient.get("send_welcome_email"), default=True)
    except Invalid:
        welcome = True
    return data | ({} if welcome else {"send_welcome_email": False})
