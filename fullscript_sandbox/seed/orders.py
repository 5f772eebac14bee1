"""What patients bought of their plans: orders, and labs on their way to results."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from fullscript_sandbox.models import (
    Clinic,
    Lab,
    LabOrder,
    LabRecommendation,
    LabResult,
    LineItem,
    Order,
    Patient,
    Recommendation,
    TreatmentPlan,
    Variant,
)
from fullscript_sandbox.seed.paper import pdf
from fullscript_sandbox.seed.source import Row, Rows, Seed

SHARE_ORDERED = 0.75
SHIPPING = Decimal("4.99")
FREE_SHIPPING = Decimal(50)
CENT = Decimal("0.01")

# In the order in which a lab goes through them (guide: Labs); seeded lab orders take turns.
LAB_STATES = (
    "purchased",
    "schedule_appointment",
    "upcoming_appointment",
    "processing",
    "partial_results",
    "results_ready",
    "interpretation_ready",
    "interpretation_shared",
    "results_amended",
)
WITH_RESULTS = set(LAB_STATES[4:])


def grow(seed: Seed, world: Rows) -> Rows:
    """An order for most active plans, and a lab order for each lab in it."""
    rows: Rows = {Order: [], LineItem: [], LabOrder: [], LabResult: []}
    prices = _prices(world)
    labs = {lab["id"]: lab for lab in world[Lab]}
    for number, plan in enumerate(_ordered(seed, world)):
        items = list(_items(seed, world, plan, labs))
        order = _order(seed, world, plan, number, _sum(items, prices))
        rows[Order].append(order)
        rows[LineItem] += [item | {"order_id": order["id"]} for item in items]
        for lab_id in _lab_ids(world, plan):
            rows[LabOrder].append(_lab_order(seed, order, plan, lab_id, len(rows[LabOrder])))
    rows[LabResult] = [_result(seed, one, labs[one["lab_id"]]) for one in rows[LabOrder] if _has_result(one)]
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


def _lab_order(seed: Seed, order: Row, plan: Row, lab_id: str, number: int) -> Row:
    return {
        "id": seed.id("lab order", order["id"], lab_id),
        "clinic_id": plan["clinic_id"],
        "patient_id": plan["patient_id"],
        "practitioner_id": plan["practitioner_id"],
        "treatment_plan_id": plan["id"],
        "order_id": order["id"],
        "lab_id": lab_id,
        "state": LAB_STATES[number % len(LAB_STATES)],
        "created_at": order["completed_at"],
        "updated_at": order["completed_at"],
    }


def _has_result(lab_order: Row) -> bool:
    return lab_order["state"] in WITH_RESULTS


def _result(seed: Seed, lab_order: Row, lab: Row) -> Row:
    lines = [lab["company"], lab["description"], "Everything within range. Nothing here was measured."]
    return {
        "id": seed.id("lab result", lab_order["id"]),
        "lab_order_id": lab_order["id"],
        "name": f"{lab['name']} results",
        "pdf": pdf(lab["name"], lines),
        "created_at": lab_order["updated_at"],
    }
