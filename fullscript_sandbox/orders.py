"""A clinic's orders: choosing among them, placing one. Knows the database and no HTTP."""

from __future__ import annotations

import secrets
from decimal import Decimal

from sqlalchemy import Select, select
from sqlalchemy.orm import selectinload

from fullscript_sandbox.clock import now
from fullscript_sandbox.database import db, new_id
from fullscript_sandbox.models import Clinic, LabOrder, LineItem, Order, Patient, TreatmentPlan, Variant
from fullscript_sandbox.refusals import NotFound, WrongState

SHIPPING = Decimal("4.99")
FREE_SHIPPING = Decimal(50)
CENT = Decimal("0.01")


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


def place(plan: TreatmentPlan) -> Order:
    """Let the plan's patient buy all that it recommends; the labs in it become lab orders. Callers commit.

    Raises WrongState unless the plan is active.
    """
    if plan.state != "active" or plan.patient is None:
        raise WrongState(f"Treatment plan is {plan.state}; only an active one can be bought")
    order = Order(id=new_id(), clinic_id=plan.clinic_id, patient=plan.patient, completed_at=now())
    order.order_number = f"R{500_000_000 + secrets.randbelow(400_000_000)}"
    order.line_items = _line_items(plan)
    _price(order, plan)
    db.session.add(order)
    for item in plan.lab_recommendations:
        db.session.add(_lab_order(order, plan, item.lab_id))
    db.session.flush()
    return order


def _line_items(plan: TreatmentPlan) -> list[LineItem]:
    bought = [(item.variant_id, "supplement", item.units_to_purchase) for item in plan.recommendations]
    bought += [(item.lab.variant_id, "labs", 1) for item in plan.lab_recommendations]
    return [
        LineItem(position=position, variant_id=variant, type=kind, quantity=units, treatment_plan_id=plan.id)
        for position, (variant, kind, units) in enumerate(bought)
    ]


def _price(order: Order, plan: TreatmentPlan) -> None:
    """List prices, less the discounts of patient and clinic; small orders pay for their shipping."""
    prices = [
        db.session.get_one(Variant, item.variant_id).msrp * item.units_to_purchase
        for item in plan.recommendations
    ]
    prices += [item.lab.price for item in plan.lab_recommendations]
    order.msrp_total = sum(prices, Decimal(0))
    discount = Decimal(order.patient.total_discount) / 100
    order.item_total = (order.msrp_total * (1 - discount)).quantize(CENT)
    order.payment_total = order.item_total + (0 if order.item_total >= FREE_SHIPPING else SHIPPING)


def _lab_order(order: Order, plan: TreatmentPlan, lab_id: str) -> LabOrder:
    return LabOrder(
        id=new_id(),
        clinic_id=plan.clinic_id,
        patient_id=order.patient.id,
        practitioner_id=plan.practitioner_id,
        treatment_plan_id=plan.id,
        order_id=order.id,
        lab_id=lab_id,
        created_at=order.completed_at,
        updated_at=order.completed_at,
    )
