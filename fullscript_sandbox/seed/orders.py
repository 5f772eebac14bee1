"""What patients bought of their plans: orders, and labs on their way to results."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from fullscript_sandbox.models import (
    Clinic,
    Lab,
    LabRecommendation,
    LineItem,
    Order,
    Patient,
    Recommendation,
    TreatmentPlan,
    Variant,
)
from fullscript_sandbox.seed import lab_history
from fullscript_sandbox.seed.source import Row, Rows, Seed

SHARE_ORDERED = 0.75
SHIPPING = Decimal("4.99")
FREE_SHIPPING = Decimal(50)
CENT = Decimal("0.01")


def grow(seed: Seed, world: Rows) -> Rows:
    """An order for most active plans, and a lab order for each lab in it."""
    rows: Rows = {Order: [], LineItem: []}
    prices = _prices(world)
    labs = {lab["id"]: lab for lab in world[Lab]}
    for number, plan in enumerate(_ordered(seed, world)):
        items = list(_items(seed, world, plan, labs))
        order = _order(seed, world, plan, number, _sum(items, prices))
        rows[Order].append(order)
        rows[LineItem] += [item | {"order_id": order["id"]} for item in items]
    rows |= lab_history.grow(seed, world, rows[Order])
    return rows


def _ordered(seed: Seed, world: Rows) -> list[Row]:
    active = (plan for plan in world[TreatmentPlan] if plan["state"] == "active")
    return [plan for plan in active if seed.random("ordered", plan["id"]).random() < SHARE_ORDERED]


def _prices(world: Rows) -> dict[str, Decimal]:
    """What a unit costs, by the variant's id; labs have one too."""
    supplements = {variant["id"]: variant["msrp"] for variant in world[Variant]}
    return supplements | {lab["variant_id"]: lab["price"] for lab in world[Lab]}


def _lab_ids(world: Rows, plan: Row) -> list[str]:
    found = (one for one in world[LabRecommendation] if one["treatment_plan_id"] == plan["id"])
    return [one["lab_id"] for one in found]


def _items(seed: Seed, world: Rows, plan: Row, labs: dict[str, Row]) -> Iterator[Row]:
    recommended = (one for one in world[Recommendation] if one["treatment_plan_id"] == plan["id"])
    bought = [(one["variant_id"], "supplement", one["units_to_purchase"]) for one in recommended]
    bought += [(labs[lab_id]["variant_id"], "labs", 1) for lab_id in _lab_ids(world, plan)]
    for position, (variant_id, kind, quantity) in enumerate(bought):
        yield {
            "id": seed.id("line item", plan["id"], position),
            "position": position,
            "variant_id": variant_id,
            "type": kind,
            "quantity": quantity,
            "treatment_plan_id": plan["id"],
        }


def _sum(items: list[Row], prices: dict[str, Decimal]) -> Decimal:
    return sum((prices[item["variant_id"]] * item["quantity"] for item in items), Decimal(0))


def _order(seed: Seed, world: Rows, plan: Row, number: int, msrp_total: Decimal) -> Row:
    chance = seed.random("order", plan["id"])
    patient = next(one for one in world[Patient] if one["id"] == plan["patient_id"])
    clinic = next(one for one in world[Clinic] if one["id"] == plan["clinic_id"])
    discount = Decimal(patient["discount"] + clinic["discount"]) / 100
    item_total = (msrp_total * (1 - discount)).quantize(CENT)
    return {
        "id": seed.id("order", plan["id"]),
        "clinic_id": plan["clinic_id"],
        "patient_id": plan["patient_id"],
        "order_number": f"R{410_000_000 + 7_919 * number}",
        "completed_at": min(plan["created_at"] + timedelta(hours=chance.uniform(1, 90)), seed.ago(0)),
        "item_total": item_total,
        "msrp_total": msrp_total,
        "payment_total": item_total + (0 if item_total >= FREE_SHIPPING else SHIPPING),
    }
