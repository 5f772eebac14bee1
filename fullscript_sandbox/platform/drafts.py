"""Building a plan: kept as a draft under an id that the page chose, then sent once, then perhaps changed."""

from __future__ import annotations

import uuid
from typing import Any

from flask import request

from fullscript_sandbox import events, plans
from fullscript_sandbox.database import db
from fullscript_sandbox.models import Event, TreatmentPlan
from fullscript_sandbox.platform import bp, cards, contents, messages
from fullscript_sandbox.platform.visits import Visit, current, visit_required
from fullscript_sandbox.refusals import Invalid, NotFound, WrongState


@bp.get("/plans/<plan_id>")
@visit_required
def show_plan(plan_id: str) -> dict[str, Any]:
    """A plan with its products and labs, to go on with."""
    return {"plan": cards.plan_page(current().plan_or_404(plan_id))}


@bp.put("/plans/<plan_id>")
@visit_required
def save_plan(plan_id: str) -> dict[str, Any]:
    """Keep a draft. Doing it again after a lost answer changes nothing."""
    visit, body = current(), _body()
    plans.take_turn(visit.clinic)
    plan = _written(visit, plan_id, body)
    db.session.commit()
    return {"plan": cards.plan_row(plan)}


@bp.put("/plans/<plan_id>/activation")
@visit_required
def send_plan(plan_id: str) -> dict[str, Any]:
    """Keep the plan and send it to the patient. However often it is asked, it is sent and told of once."""
    visit, body = current(), _body()
    plans.take_turn(visit.clinic)
    event = _told_already(visit, plan_id)
    if event is None:
        plan = _written(visit, plan_id, body)
        event = _activate(plan)
        db.session.commit()
    else:
        _refuse_other_contents(visit.plan_or_404(plan_id), body)
    plan = visit.plan_or_404(plan_id)
    message = visit.message(messages.treatment_plan_activated, plan, event)
    return {"plan": cards.plan_page(plan), "message": message}


@bp.put("/plans/<plan_id>/changes")
@visit_required
def change_plan(plan_id: str) -> dict[str, Any]:
    """Change what an active plan says, but not for whom and from whom it is (guide: plan updated).

    It is told as `treatment_plan.recommendation.updated` if what it recommends changed. Doing it again
    after a lost answer changes nothing and tells nothing.
    """
    visit, body = current(), _body()
    plans.take_turn(visit.clinic)
    plan = visit.plan_or_404(plan_id)
    _refuse_other_people(plan, body)
    before = contents.recommended(plan)
    _fill(plan, body)
    if not plan.recommendations and not plan.lab_recommendations:
        raise Invalid(["Recommendations can't be blank"])
    db.session.flush()
    if contents.recommended(plan) != before:
        events.recommendation_updated(plan)
    db.session.commit()
    return {"plan": cards.plan_page(plan)}


@bp.delete("/plans/<plan_id>")
@visit_required
def discard_plan(plan_id: str) -> dict[str, Any]:
    """Throw a draft away. Nothing to throw away is fine too."""
    visit = current()
    plan = db.session.get(TreatmentPlan, plan_id)
    if plan is not None:
        plan = visit.plan_or_404(plan_id)
        _refuse_sent(plan)
        db.session.delete(plan)
        db.session.commit()
    return {}


def _body() -> dict[str, Any]:
    body = request.get_json()
    if not isinstance(body, dict):
        raise Invalid(["The body must be an object"])
    return body


def _written(visit: Visit, plan_id: str, body: dict[str, Any]) -> TreatmentPlan:
    """The draft with that id, made if it is not there yet, holding what *body* says."""
    practitioner = visit.practitioner(body.get("practitioner_id"))
    plan = _found_or_new(visit, plan_id, body)
    _refuse_sent(plan)
    plans.set_practitioner(plan, practitioner)
    _fill(plan, body)
    return plan


def _fill(plan: TreatmentPlan, body: dict[str, Any]) -> None:
    plans.set_recommendations(plan, body.get("recommendations", []))
    plans.set_lab_recommendations(plan, body.get("lab_ids", []))
    plans.set_message(plan, body.get("personal_message"))


def _found_or_new(visit: Visit, plan_id: str, body: dict[str, Any]) -> TreatmentPlan:
    patient = visit.patient_or_404(body.get("patient_id"))
    if db.session.get(TreatmentPlan, plan_id) is None:
        practitioner = visit.practitioner(body.get("practitioner_id"))
        return plans.new_plan(visit.clinic, practitioner, patient, visit.app, plan_id=_own_id(plan_id))
    plan = visit.plan_or_404(plan_id)
    if visit.may_move(plan):
        plan.patient = patient
    elif plan.patient_id != patient.id:
        raise WrongState("This draft belongs to another patient")
    return plan


def _own_id(plan_id: str) -> str:
    """The id that a page chose, in the form of all ids; NotFound for anything else."""
    try:
        return str(uuid.UUID(plan_id))
    except ValueError as error:
        raise NotFound("Treatment plan") from error


def _refuse_sent(plan: TreatmentPlan) -> None:
    if plan.state != "draft":
        raise WrongState(f"This treatment plan is {plan.state} already")


def _activate(plan: TreatmentPlan) -> Event:
    """Send the plan and record what happened, under the id that every door will tell it by."""
    plans.activate(plan)
    event = events.treatment_plan_created(plan)
    db.session.flush()
    plan.activated_event_id = event.id
    return event


def _told_already(visit: Visit, plan_id: str) -> Event | None:
    """The event of an activation that these pages made before, if they did."""
    plan = db.session.get(TreatmentPlan, plan_id)
    if plan is None or plan.activated_event_id is None:
        return None
    plan = visit.plan_or_404(plan_id)
    return db.session.get(Event, plan.activated_event_id)


def _refuse_other_people(plan: TreatmentPlan, body: dict[str, Any]) -> None:
    if plan.state != "active":
        raise WrongState(f"This treatment plan is {plan.state}; only an active one can be changed")
    if (body.get("patient_id"), body.get("practitioner_id")) != (plan.patient_id, plan.practitioner_id):
        raise WrongState("An active treatment plan keeps its patient and its practitioner")


def _refuse_other_contents(plan: TreatmentPlan, body: dict[str, Any]) -> None:
    """Asked again after a lost answer, it is the same plan; from another tab it may be another one."""
    if plan.state != "active":
        raise WrongState(f"This treatment plan is {plan.state} already")
    before = contents.everything(plan)
    _fill(plan, body)
    same = contents.everything(plan) == before
    db.session.rollback()
    if not same:
        raise WrongState("This treatment plan was sent meanwhile, with other contents; it is active already")
