"""What was recommended against what was ordered, and when a refill is due.

Counted are the plans that are active now: of each product the newest plan that recommends it, and what was
ordered since that plan was made, whoever it was ordered from.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from fullscript_embed import names, patients, plans, refills
from fullscript_embed.models import Name, Order, TreatmentPlan
from fullscript_embed.plan_facts import ACTIVE
from fullscript_embed.refills import Bought
from fullscript_embed.state import current

DUE, LATER, UNKNOWN, NOT_PLANNED, NOT_ORDERED = "due", "later", "unknown", "not_planned", "not_ordered"


@dataclass(frozen=True, slots=True)
class Adherence:
    """One product that is recommended now.

    *recommended* and *ordered* are in packages; None where it is not known. *refill* is "due" (within a week,
    or over), "later", "unknown" (it cannot be counted from dosage and package), "not_planned" (the plan says
    no refill) or "not_ordered"; *runs_out_on* is None unless it can be counted.
    """

    variant_id: str
    product_name: str | None
    brand_name: str | None
    size: str | None
    plan_id: str
    recommended_at: datetime
    recommended: int | None
    ordered: int | None
    last_ordered_at: datetime | None
    refill: str
    runs_out_on: date | None

    @property
    def is_ordered(self) -> bool:
        """True when at least as much was ordered as was recommended."""
        return bool(self.ordered) and (self.ordered or 0) >= (self.recommended or 1)


@dataclass(frozen=True, slots=True)
class _Line:
    """A product as the newest active plan recommends it."""

    plan: Any
    said: Mapping[str, Any]


def of_patient(patient_id: str, *, today: date) -> list[Adherence]:
    """The products that are recommended to a patient now, the newest plan's first. Three queries."""
    lines = _recommended(patient_id)
    if not lines:
        return []
    bought = _bought(patient_id, since=min(line.plan.happened_at for line in lines.values()))
    known = names.find((line.plan.environment, names.VARIANT, variant) for variant, line in lines.items())
    return [
        _row(line, bought.get(variant, []), known.get((line.plan.environment, names.VARIANT, variant)), today)
        for variant, line in lines.items()
    ]


def _recommended(patient_id: str) -> dict[str, _Line]:
    columns = TreatmentPlan.__table__.columns
    active = (
        select(columns.fullscript_id, columns.environment, columns.happened_at, columns.recommendations)
        .where(plans.is_of_patient(patient_id), columns.state == ACTIVE)
        .order_by(columns.happened_at.desc(), columns.id.desc())
    )
    found: dict[str, _Line] = {}
    for plan in current().db_session.execute(active):
        for said in plan.recommendations:
            found.setdefault(str(said["variant_id"]), _Line(plan, said))
    return found


def _bought(patient_id: str, *, since: datetime) -> dict[str, list[tuple[datetime, int | None]]]:
    """By variant, when and how many packages; labs are not counted."""
    columns = Order.__table__.columns
    at = func.coalesce(columns.completed_at, columns.happened_at)
    orders = select(columns.completed_at, columns.happened_at, columns.line_items).where(
        patients.is_of(Order, patient_id), at >= since
    )
    found: dict[str, list[tuple[datetime, int | None]]] = defaultdict(list)
    for order in current().db_session.execute(orders):
        for item in order.line_items:
            if not item["is_lab"]:
                found[str(item["variant_id"])].append(
                    (order.completed_at or order.happened_at, item["quantity"])
                )
    return found


def _row(
    line: _Line, bought: Iterable[tuple[datetime, int | None]], name: Name | None, today: date
) -> Adherence:
    mine = [(at, quantity) for at, quantity in bought if at >= line.plan.happened_at]
    refill, runs_out_on = _refill(line.said, mine, name, today)
    return Adherence(
        variant_id=str(line.said["variant_id"]),
        product_name=name.name if name else None,
        brand_name=name.brand if name else None,
        size=name.size if name else None,
        plan_id=line.plan.fullscript_id,
        recommended_at=line.plan.happened_at,
        recommended=line.said.get("units_to_purchase"),
        ordered=_sum(quantity for _at, quantity in mine),
        last_ordered_at=max((at for at, _quantity in mine), default=None),
        refill=refill,
        runs_out_on=runs_out_on,
    )


def _sum(quantities: Iterable[int | None]) -> int | None:
    known = list(quantities)
    return None if None in known else sum(one or 0 for one in known)


def _refill(
    said: Mapping[str, Any], bought: list[tuple[datetime, int | None]], name: Name | None, today: date
) -> tuple[str, date | None]:
    if not bought:
        return NOT_ORDERED, None
    packages = list(_packages(bought))
    end = refills.runs_out_on(
        packages,
        said.get("dosage") or {},
        name.units if name else None,
        name.unit_of_measure if name else None,
    )
    if said.get("refill") is False:
        return NOT_PLANNED, end
    if end is None:
        return UNKNOWN, None
    return (DUE if refills.is_due(end, today=today) else LATER), end


def _packages(bought: Iterable[tuple[datetime, int | None]]) -> Iterator[Bought]:
    return (Bought(at.date(), quantity) for at, quantity in bought)
