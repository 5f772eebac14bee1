"""Labs as a test wants them: bought, moved on, with results, and nobody has to open a page for it."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Literal

from flask import request
from pydantic import AwareDatetime
from sqlalchemy import select

from fullscript_sandbox import events, lab_orders, lab_registration, lab_results, orders, plans
from fullscript_sandbox.clock import iso
from fullscript_sandbox.control.room import Message, bp, speaks
from fullscript_sandbox.database import db
from fullscript_sandbox.models import Event, LabOrder, LabResult, TreatmentPlan, User
from fullscript_sandbox.refusals import NotFound


class Purchase(Message):
    """Whose plan is bought: everything that it recommends, labs among it."""

    plan_id: str


class Move(Message):
    """The state that comes next. `appointment_at` is for upcoming_appointment."""

    state: Literal[
        "schedule_appointment",
        "upcoming_appointment",
        "processing",
        "interpretation_ready",
        "interpretation_shared",
    ]
    appointment_at: AwareDatetime | None = None


class Delivery(Message):
    """Results that come: of half of the tests that wait, or, with `complete`, of all.

    `document` is what comes with them: a PDF; a web page that says so (`html`) or calls itself a PDF
    (`disguised`); nothing at all (`empty`).
    """

    complete: bool = True
    document: lab_results.Document = "pdf"


class Amendment(Message):
    """Which result is replaced, the latest when left out, and by what kind of document."""

    result_id: str | None = None
    document: lab_results.Document = "pdf"


class Result(Message):
    """A document that came. `tests` are the names of those that it answers."""

    id: str
    replaces_id: str | None
    tests: list[str]
    created_at: str


class LabOrderFacts(Message):
    """A lab order. `event_id` is of what this call made happen, if that left an event."""

    id: str
    state: str
    lab: str
    company: str
    requires_appointment: bool
    appointment_at: str | None
    tests: list[str]
    patient_id: str
    practitioner_id: str
    treatment_plan_id: str | None
    order_id: str | None
    results: list[Result]
    event_id: str | None = None


class LabOrders(Message):
    orders: list[LabOrderFacts]


class Registration(Message):
    """Whether a practitioner is registered for labs, with what NPI, and shares results automatically."""

    email: str
    registered: bool = True
    share_results_automatically: bool = False


@bp.get("/lab_orders")
@speaks(gives=LabOrders, query=("patient_id",))
def list_lab_orders() -> LabOrders:
    """Every lab order, oldest first, of a patient if one is named."""
    chosen = select(LabOrder).order_by(LabOrder.created_at, LabOrder.id)
    if "patient_id" in request.args:
        chosen = chosen.where(LabOrder.patient_id == request.args["patient_id"])
    return LabOrders(orders=[_facts(one) for one in db.session.scalars(chosen)])


@bp.post("/lab_orders")
@speaks(takes=Purchase, gives=LabOrders, status=HTTPStatus.CREATED)
def purchase_labs(body: Purchase) -> LabOrders:
    """Let a plan's patient buy all that it recommends, and answer the lab orders that came of it."""
    plan = db.session.get(TreatmentPlan, body.plan_id)
    if plan is None:
        raise NotFound("Treatment plan")
    plans.take_turn(plan.clinic)
    order = orders.place(plan)
    event = events.order_placed(order)
    made = list(db.session.scalars(select(LabOrder).where(LabOrder.order_id == order.id)))
    db.session.commit()
    return LabOrders(orders=[_facts(one, event) for one in made])


@bp.post("/lab_orders/<lab_order_id>/state")
@speaks(takes=Move, gives=LabOrderFacts)
def move_lab_order(lab_order_id: str, body: Move) -> LabOrderFacts:
    """Take the next step that is none of results. It leaves no event."""

    def step(lab_order: LabOrder) -> None:
        lab_orders.move(lab_order, body.state, body.appointment_at)

    return _done(lab_order_id, step)


@bp.post("/lab_orders/<lab_order_id>/results")
@speaks(takes=Delivery, gives=LabOrderFacts, status=HTTPStatus.CREATED)
def push_lab_results(lab_order_id: str, body: Delivery) -> LabOrderFacts:
    """Let results come, which is told as lab_order.updated."""
    return _done(
        lab_order_id, lambda one: lab_results.push(one, complete=body.complete, document=body.document)
    )


@bp.post("/lab_orders/<lab_order_id>/amendments")
@speaks(takes=Amendment, gives=LabOrderFacts, status=HTTPStatus.CREATED)
def amend_lab_result(lab_order_id: str, body: Amendment) -> LabOrderFacts:
    """Let a result be replaced by another, which is told as lab_order.updated."""
    return _done(lab_order_id, lambda one: lab_results.amend(one, body.result_id, body.document))


@bp.post("/lab_registrations")
@speaks(takes=Registration, status=HTTPStatus.NO_CONTENT)
def register_for_labs(body: Registration) -> None:
    """Register a practitioner for labs, or end it, and set whether results are shared automatically."""
    user = db.session.scalar(select(User).where(User.email == body.email.lower()))
    if user is None:
        raise NotFound("User")
    lab_registration.put(user, registered=body.registered)
    user.share_results_automatically = body.share_results_automatically
    db.session.commit()


def _done(lab_order_id: str, step: Callable[[LabOrder], Event | None]) -> LabOrderFacts:
    """Do it while nobody else writes to the clinic, and answer the lab order as it is then."""
    found = db.session.get(LabOrder, lab_order_id)
    if found is None:
        raise NotFound("Lab order")
    plans.take_turn(found.patient.clinic)
    db.session.refresh(found)
    event = step(found)
    db.session.commit()
    return _facts(found, event)


def _facts(one: LabOrder, event: Event | None = None) -> LabOrderFacts:
    return LabOrderFacts(
        id=one.id,
        state=one.state,
        lab=one.lab.name,
        company=one.lab.company,
        requires_appointment=one.lab.requires_appointment,
        appointment_at=iso(one.appointment_at),
        tests=[test.name for test in one.lab.tests],
        patient_id=one.patient_id,
        practitioner_id=one.practitioner_id,
        treatment_plan_id=one.treatment_plan_id,
        order_id=one.order_id,
        results=[_result(one, result) for result in one.results],
        event_id=event.id if event else None,
    )


def _result(lab_order: LabOrder, result: LabResult) -> Result:
    return Result(
        id=result.id,
        replaces_id=result.replaces_id,
        tests=[test.name for test in lab_order.lab.tests if test.id in result.test_ids],
        created_at=iso(result.created_at) or "",
    )
