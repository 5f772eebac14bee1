"""What a practitioner does with a plan: cancel it, sell it in the office, pass the patient's invitation on.

Each asks Fullscript in the name of who is signed in, and says what became of a plan that was cancelled
meanwhile instead of failing on it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from fullscript_embed import audit, connections, embed, plan_checks, plans
from fullscript_embed.api import FullscriptClient
from fullscript_embed.api.errors import RecordNotFound, RequestInvalid
from fullscript_embed.api.records.plans import TreatmentPlan as ReportedPlan
from fullscript_embed.checks import Asked
from fullscript_embed.errors import PlanNotActive, PlanNotFound
from fullscript_embed.models import TreatmentPlan
from fullscript_embed.plan_facts import ACTIVE, CANCELLED
from fullscript_embed.state import current, signed_in

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Cancellation:
    """A plan that is cancelled now; *was_before* when somebody else had done it already."""

    plan_id: str
    was_before: bool


def cancel(patient_id: str, plan_id: str) -> Cancellation:
    """Cancel an active plan at Fullscript, and keep that it is. Commits, with an audit entry.

    Raises PlanNotActive for a draft, PlanNotFound, another Refusal, or the FullscriptError.
    """
    asked = _asked(patient_id, plan_id)
    try:
        answer, was_before = asked.call(partial(_cancel, plan_id)), False
    except RequestInvalid:
        answer, was_before = _look(asked, plan_id), True
    if answer.state != CANCELLED:
        raise _not_active(asked, answer)
    _note(asked, patient_id, answer, "treatment_plan.cancelled")
    return Cancellation(plan_id, was_before)


def in_office_checkout(patient_id: str, plan_id: str) -> str:
    """Put the plan's items into the patient's cart, in place of all that is in it, and give the address where
    the practitioner pays for it. Commits an audit entry.

    Raises PlanNotActive unless the plan can be bought, PlanNotFound, another Refusal, or the FullscriptError.
    """
    asked = _asked(patient_id, plan_id)
    try:
        checkout = asked.call(partial(_check_out, plan_id))
    except RequestInvalid:
        raise _not_active(asked, _look(asked, plan_id)) from None
    _note(asked, patient_id, None, "in_office_checkout.opened", plan_id=plan_id)
    return checkout or ""


def invitation(patient_id: str, plan_id: str) -> str:
    """The link by which the patient gets to an active plan, as in their e-mail: whoever has it is taken for
    the patient. It is not kept here. Commits an audit entry.

    Raises PlanNotActive, PlanNotFound, another Refusal, or the FullscriptError.
    """
    asked = _asked(patient_id, plan_id)
    answer = _look(asked, plan_id)
    if answer.state != ACTIVE or not answer.invitation_url:
        raise _not_active(asked, answer)
    _note(asked, patient_id, answer, "invitation.read")
    return answer.invitation_url


def _asked(patient_id: str, plan_id: str) -> Asked:
    """Whom to ask about the plan. Raises PlanNotFound unless it is this patient's, in the user's clinic."""
    user = signed_in()
    patient = embed.visible_patient(patient_id)
    mine = connections.require(user, current().environment_of(user))
    place = (mine.environment, mine.clinic_id)
    wanted = plans.newest_first(patient.id).where(TreatmentPlan.fullscript_id == plan_id)
    rows = current().db_session.scalars(wanted).all()
    plan = next((row for row in rows if (row.environment, row.clinic_id) == place), None)
    if plan is None:
        raise PlanNotFound
    found = Asked(mine.id, plan.environment, plan.clinic_id, plan.fullscript_patient_id or "")
    current().db_session.rollback()
    return found


def _look(asked: Asked, plan_id: str) -> ReportedPlan:
    return asked.call(partial(_retrieve, plan_id))


def _not_active(asked: Asked, answer: ReportedPlan) -> PlanNotActive:
    """Keep what the plan is instead, and say it. Commits."""
    plan_checks.keep_answers(asked, [answer])
    current().db_session.commit()
    return PlanNotActive(answer.state)


def _note(
    asked: Asked, patient_id: str, answer: ReportedPlan | None, action: str, *, plan_id: str = ""
) -> None:
    session = current().db_session
    if answer is not None:
        plan_checks.keep_answers(asked, [answer])
    audit.record(
        session,
        action,
        user_id=signed_in().id,
        environment=asked.environment,
        patient_id=patient_id,
        details={"plan": answer.id if answer else plan_id},
    )
    session.commit()


def _found(do: Callable[[], T]) -> T:
    try:
        return do()
    except RecordNotFound:
        raise PlanNotFound from None


def _cancel(plan_id: str, client: FullscriptClient) -> ReportedPlan:
    return _found(partial(client.treatment_plans.cancel, plan_id))


def _retrieve(plan_id: str, client: FullscriptClient) -> ReportedPlan:
    return _found(partial(client.treatment_plans.retrieve, plan_id))


def _check_out(plan_id: str, client: FullscriptClient) -> str | None:
    return _found(partial(client.treatment_plans.in_office_checkout, plan_id)).url
