"""Orders: choosing among them, pricing, placing and refunding one. Knows the database and no HTTP."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple, Protocol

from sqlalchemy import Select, select
from sqlalchemy.orm import selectinload

from fullscript_sandbox import lab_orders
from fullscript_sandbox.clock import now
from fullscript_sandbox.database import db, new_id
from fullscript_sandbox.models import Clinic, Lab, LineItem, Order, Patient, TreatmentPlan, Variant
from fullscript_sandbox.refusals import NotFound, WrongState

SHIPPING = Decimal("4.99")
FREE_SHIPPING = Decimal(50)
CENT = Decimal("0.01")


class Buyable(Protocol):
    """What can become a line of an order: an item of a cart, or one that a plan recommends."""

    @property
    def variant_id(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def quantity(self) -> int: ...
    @property
    def treatment_plan_id(self) -> str | None: ...


class Recommended(NamedTuple):
    """Something that a plan recommends, as often as it does."""

    variant_id: str
    type: str
    quantity: int
    treatment_plan_id: str


class Amounts(NamedTuple):
    """What an order costs: at list prices, less the discounts, and with the shipping."""

    msrp_total: Decimal
    item_total: Decimal
    payment_total: Decimal

    @property
    def discount(self) -> Decimal:
        return self.msrp_total - self.item_total

    @property
    def shipping(self) -> Decimal:
        return self.payment_total - self.item_total


def of_clinic(clinic: Clinic) -> Select[Order]:
    """The clinic's orders, with what is in them at hand; the caller sorts."""
    return select(Order).where(Order.clinic_id == clinic.id).options(selectinload(Order.line_items))


def of_patient(patient: Patient) -> Select[Order]:
    """The patient's orders, oldest first."""
    chosen = select(Order).where(Order.patient_id == patient.id).options(selectinload(Order.line_items))
    return chosen.order_by(Order.completed_at, Order.id)


def with_plan(chosen: Select[Order], plan_id: str) -> Select[Order]:
    """Orders that hold something which this plan recommended."""
    return chosen.where(Order.line_items.any(LineItem.treatment_plan_id == plan_id))


def with_labs(chosen: Select[Order]) -> Select[Order]:
    """Orders that hold a lab."""
    return chosen.where(Order.line_items.any(LineItem.type == "labs"))


def get(clinic: Clinic, order_id: str) -> Order:
    """The clinic's order with this id, or NotFound."""
    order = db.session.get(Order, order_id)
    if order is None or order.clinic_id != clinic.id:
        raise NotFound("Order")
    return order


def recommended(plan: TreatmentPlan) -> list[Recommended]:
    """All that the plan recommends; labs once each."""
    items = [
        Recommended(one.variant_id, "supplement", one.units_to_purchase, plan.id)
        for one in plan.recommendations
    ]
    return items + [Recommended(one.lab.variant_id, "labs", 1, plan.id) for one in plan.lab_recommendations]


def place(plan: TreatmentPlan) -> Order:
    """Let the plan's patient buy all that it recommends; the labs in it become lab orders. Callers commit.

    Raises WrongState unless the plan is active.
    """
    if plan.state != "active" or plan.patient is None:
        raise WrongState(f"Treatment plan is {plan.state}; only an active one can be bought")
    return buy(plan.patient, recommended(plan))


def buy(patient: Patient, items: Sequence[Buyable]) -> Order:
    """Let the patient buy these items, flushed; the labs among them become lab orders. Callers commit.

    Raises WrongState where there is nothing to buy.
    """
    if not items:
        raise WrongState("There is nothing to order")
    amounts = price(patient, items)
    order = Order(id=new_id(), clinic_id=patient.clinic_id, patient=patient, completed_at=now())
    order.order_number = f"R{500_000_000 + secrets.randbelow(400_000_000)}"
    order.line_items = [_line_item(position, item) for position, item in enumerate(items)]
    order.msrp_total, order.item_total, order.payment_total = amounts
    db.session.add(order)
    db.session.flush()
    lab_orders.purchase(order)
    db.session.flush()
    return order


def refund(order: Order) -> None:
    """Give the money back. Callers commit. Raises WrongState when that was done before.

    The API goes on to list the order: "all completed or refunded orders" (reference: Orders). No event and no
    field tells of it, and what became of its labs stays as it is.
    """
    if order.refunded_at is not None:
        raise WrongState(f"Order {order.order_number} is refunded already")
    order.refunded_at = now()


def price(patient: Patient, items: Sequence[Buyable]) -> Amounts:
    """List prices, less the discounts of patient and clinic; small orders pay for their shipping."""
    msrp_total = sum((unit_price(item) * item.quantity for item in items), Decimal(0))
    item_total = (msrp_total * (1 - Decimal(patient.total_discount) / 100)).quantize(CENT)
    free = not items or item_total >= FREE_SHIPPING
    return Amounts(msrp_total, item_total, item_total + (0 if free else SHIPPING))


def unit_price(item: Buyable) -> Decimal:
    """The list price of one."""
    if item.type == "labs":
        return db.session.scalars(select(Lab.price).where(Lab.variant_id == item.variant_id)).one()
    return db.session.get_one(Variant, item.variant_id).msrp


def _line_item(position: int, item: Buyable) -> LineItem:
    return LineItem(
        position=position,
        variant_id=item.variant_id,
        type=item.type,
        quantity=item.quantity,
        treatment_plan_id=item.treatment_plan_id,
    )
