"""Orders as a test wants them: placed and refunded, and nobody has to open a page for it."""

from __future__ import annotations

from http import HTTPStatus

from fullscript_sandbox import checkout, payments, plans
from fullscript_sandbox.clock import iso
from fullscript_sandbox.control.room import Message, bp, speaks
from fullscript_sandbox.database import db
from fullscript_sandbox.models import Event, Order, TreatmentPlan
from fullscript_sandbox.payments import Card, Declined
from fullscript_sandbox.refusals import Invalid, NotFound
from fullscript_sandbox.shapes.orders import plan_ids


class OrderWish(Message):
    """Whose plan is bought from, how many of which of its variants, and the number of the card.

    Without `quantities` all that the plan recommends, as often as it does.
    """

    plan_id: str
    quantities: dict[str, int] | None = None
    card: str = payments.PAYS


class OrderFacts(Message):
    """An order. `event_id` is of its order.placed, in the answer that placed it."""

    id: str
    order_number: str
    patient_id: str
    treatment_plan_ids: list[str]
    payment_total: str
    completed_at: str
    refunded_at: str | None
    event_id: str | None = None


@bp.post("/orders")
@speaks(takes=OrderWish, gives=OrderFacts, status=HTTPStatus.CREATED)
def place_order(body: OrderWish) -> OrderFacts:
    """Let a plan's patient buy of it, which is told as order.placed. A declined card is 422."""
    plan = db.session.get(TreatmentPlan, body.plan_id)
    if plan is None:
        raise NotFound("Treatment plan")
    plans.lock(plan)
    try:
        order = checkout.buy_of(plan, body.quantities, Card(body.card, "12/99", "123"))
    except Declined as error:
        raise Invalid(["card: it was declined; nothing was ordered"]) from error
    event = checkout.settle(order)
    db.session.commit()
    return _facts(order, event)


@bp.post("/orders/<order_id>/refund")
@speaks(gives=OrderFacts)
def refund_order(order_id: str) -> OrderFacts:
    """Give an order's money back. No event tells of it."""
    order = db.session.get(Order, order_id)
    if order is None:
        raise NotFound("Order")
    checkout.refund(order)
    db.session.commit()
    return _facts(order)


def _facts(order: Order, event: Event | None = None) -> OrderFacts:
    return OrderFacts(
        id=order.id,
        order_number=order.order_number,
        patient_id=order.patient_id,
        treatment_plan_ids=plan_ids(order),
        payment_total=f"{order.payment_total:.2f}",
        completed_at=iso(order.completed_at) or "",
        refunded_at=iso(order.refunded_at),
        event_id=event.id if event else None,
    )
