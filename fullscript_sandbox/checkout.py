"""The patient's cart, as an in-office checkout fills it (field notes, 1.14)."""

from __future__ import annotations

from sqlalchemy import delete, select

from fullscript_sandbox.database import db
from fullscript_sandbox.models import CartItem, Patient, TreatmentPlan
from fullscript_sandbox.refusals import WrongState


def fill_cart(plan: TreatmentPlan) -> Patient:
    """Throw away what is in the cart of the plan's patient and put the plan's items in. The caller commits.

    Raises WrongState unless the plan is active: what was not sent to a patient cannot be bought.
    """
    if plan.state != "active" or plan.patient is None:
        raise WrongState(f"Treatment plan is {plan.state}; only an active one can be checked out")
    db.session.execute(delete(CartItem).where(CartItem.patient_id == plan.patient.id))
    items = [(item.variant_id, "supplement", item.units_to_purchase) for item in plan.recommendations]
    items += [(item.lab.variant_id, "labs", 1) for item in plan.lab_recommendations]
    for variant_id, kind, quantity in items:
        db.session.add(
            CartItem(
                patient_id=plan.patient.id,
                variant_id=variant_id,
                type=kind,
                quantity=quantity,
                treatment_plan_id=plan.id,
            )
        )
    return plan.patient


def cart(patient: Patient) -> list[CartItem]:
    """What the patient is about to buy."""
    return list(db.session.scalars(select(CartItem).where(CartItem.patient_id == patient.id)))
