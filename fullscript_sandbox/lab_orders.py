"""Labs that a patient bought become lab orders (guide: Labs, life cycle)."""

from __future__ import annotations

from sqlalchemy import select

from fullscript_sandbox.database import db, new_id
from fullscript_sandbox.models import Lab, LabOrder, LineItem, Order, TreatmentPlan


def purchase(order: Order) -> list[LabOrder]:
    """Make a lab order, in the state `purchased`, of each lab among the order's items. The caller commits.

    Nobody can buy a lab that no plan recommends, so that each has its practitioner from the plan.
    """
    made = [_lab_order(order, item) for item in order.line_items if item.type == "labs"]
    db.session.add_all(made)
    return made


def _lab_order(order: Order, item: LineItem) -> LabOrder:
    lab = db.session.scalars(select(Lab).where(Lab.variant_id == item.variant_id)).one()
    plan = db.session.get_one(TreatmentPlan, item.treatment_plan_id)
    return LabOrder(
        id=new_id(),
        clinic_id=order.clinic_id,
        patient_id=order.patient_id,
        practitioner_id=plan.practitioner_id,
        treatment_plan_id=plan.id,
        order_id=order.id,
        lab_id=lab.id,
        created_at=order.completed_at,
        updated_at=order.completed_at,
    )
