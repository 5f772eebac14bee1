"""Paying for a patient's cart, by the patient or for them in the practice (field notes, 1.14)."""

from __future__ import annotations

from collections.abc import Mapping

from fullscript_sandbox import carts, events, orders, payments, receipts
from fullscript_sandbox.database import write_alone
from fullscript_sandbox.models import Event, Order, Patient, TreatmentPlan
from fullscript_sandbox.payments import Card
from fullscript_sandbox.refusals import WrongState


def fill_cart(plan: TreatmentPlan) -> Patient:
    """Throw away what is in the cart of the plan's patient and put the plan's items in. The caller commits.

    Raises WrongState unless the plan is active: what was not sent to a patient cannot be bought.
    """
    if plan.state != "active" or plan.patient is None:
        raise WrongState(f"Treatment plan is {plan.state}; only an active one can be checked out")
    carts.fill(plan.patient, orders.recommended(plan))
    return plan.patient


def pay(patient: Patient, card: Card, mark: str) -> Order:
    """Order what can be bought of the patient's cart, and empty it. The caller commits.

    *mark* is of the cart that was seen. Raises WrongState when it is another one by now, or empty; Invalid or
    Declined for the card. Of two at once, one orders and the other finds the cart empty.
    """
    write_alone()
    cart = carts.of(patient)
    if not cart.items:
        raise WrongState("The cart is empty")
    if mark != cart.mark:
        raise WrongState("The cart changed in the meantime")
    payments.charge(card)
    order = orders.buy(patient, cart.items)
    carts.clear(patient)
    settle(order)
    return order


def buy_of(plan: TreatmentPlan, quantities: Mapping[str, int] | None, card: Card) -> Order:
    """Order so many of which variants of a plan, all of it when nothing is said, without a cart.

    The caller settles and commits. Raises as `pay` does, and NotFound for what the plan does not recommend.
    """
    if plan.state != "active" or plan.patient is None:
        raise WrongState(f"Treatment plan is {plan.state}; only an active one can be bought")
    items = orders.recommended(plan)
    if quantities is not None:
        items = carts.chosen(items, quantities)
    payments.charge(card)
    return orders.buy(plan.patient, items)


def settle(order: Order) -> Event:
    """Tell the apps of an order that was paid for, and its patient. Returns the event."""
    receipts.confirm(order)
    return events.order_placed(order)


def refund(order: Order) -> None:
    """Give an order's money back and tell the patient. Callers commit. Raises WrongState the second time."""
    write_alone()
    orders.refund(order)
    receipts.tell_refund(order)
