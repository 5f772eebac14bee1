"""How long what was bought lasts: from the quantities of orders and the dosage of the plan."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from fractions import Fraction
from typing import NamedTuple

from sqlalchemy import select

from fullscript_sandbox.clock import now
from fullscript_sandbox.database import db
from fullscript_sandbox.models import LineItem, Order, Recommendation, TreatmentPlan

TIMES = {
    "once per day": 1,
    "twice per day": 2,
    "three times per day": 3,
    "four times per day": 4,
    "every morning": 1,
    "every night": 1,
}


class Supply(NamedTuple):
    """When something was last bought, and until when it lasts where the dosage says so."""

    bought_at: datetime
    lasts_until: datetime | None

    @property
    def is_due(self) -> bool:
        """True once it is used up."""
        return self.lasts_until is not None and self.lasts_until <= now()


def of_plan(plan: TreatmentPlan) -> Mapping[str, Supply]:
    """For each variant of the plan that its patient bought and kept: the last time, by its id."""
    query = select(LineItem.variant_id, LineItem.quantity, Order.completed_at)
    query = query.join(Order, Order.id == LineItem.order_id).order_by(Order.completed_at)
    query = query.where(Order.patient_id == plan.patient_id, Order.refunded_at.is_(None))
    bought = {row.variant_id: row for row in db.session.execute(query)}
    found = {}
    for item in plan.recommendations:
        if row := bought.get(item.variant_id):
            days = days_of(item, row.quantity)
            until = row.completed_at + timedelta(days=days) if days else None
            found[item.variant_id] = Supply(row.completed_at, until)
    return found


def days_of(item: Recommendation, quantity: int) -> int | None:
    """How many days so many packages last; None where a package is not counted in what is taken."""
    a_day = _amount(item.amount or "") * TIMES.get(item.frequency or "", 0)
    unit, form = (item.variant.unit_of_measure or "").removesuffix("s"), (item.format or "").removesuffix("s")
    if not a_day or not item.variant.units or unit != form:
        return None
    return int(item.variant.units * quantity / a_day)


def _amount(text: str) -> Fraction:
    """How much at a time: of "1-2" the 2, "1 1/2" and "1,5" are the same; 0 where it is no number."""
    most = text.replace(",", ".").rpartition("-")[2]
    try:
        return sum((Fraction(part) for part in most.split()), Fraction(0))
    except (ValueError, ZeroDivisionError):
        return Fraction(0)
