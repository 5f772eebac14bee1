"""Labs of the past: bought or not yet, on their way, and what came back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from fullscript_sandbox.lab_documents import Report, written
from fullscript_sandbox.models import (
    Lab,
    LabOrder,
    LabRecommendation,
    LabResult,
    LabTest,
    Patient,
    TreatmentPlan,
    User,
)
from fullscript_sandbox.seed.source import Row, Rows, Seed

# In the order in which a lab goes through them (guide: Labs); what was bought takes turns.
STATES = (
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
WITH_APPOINTMENT = {"schedule_appointment", "upcoming_appointment"}
WITH_RESULTS = set(STATES[4:])
# From so many tests on, results come in two documents.
IN_TWO = 4


def grow(seed: Seed, world: Rows, orders: list[Row]) -> Rows:
    """A lab order for each lab of an active plan, and its results."""
    lab_orders = list(_lab_orders(seed, world, {one["id"]: one for one in orders}))
    results = [one for order in lab_orders for one in _results(seed, world, order)]
    changed_at = {one["lab_order_id"]: one["created_at"] for one in results}  # the last of each counts
    for lab_order in lab_orders:
        lab_order["updated_at"] = changed_at.get(lab_order["id"], lab_order["updated_at"])
    return {LabOrder: lab_orders, LabResult: results}


def _lab_orders(seed: Seed, world: Rows, orders: dict[str, Row]) -> Iterator[Row]:
    """Those of plans that were ordered are on their way; the others are not purchased."""
    turn = 0
    active = {plan["id"]: plan for plan in world[TreatmentPlan] if plan["state"] == "active"}
    labs = {lab["id"]: lab for lab in world[Lab]}
    for item in world[LabRecommendation]:
        plan = active.get(item["treatment_plan_id"])
        if plan is None:
            continue
        order = orders.get(seed.id("order", plan["id"]))
        state = _state(labs[item["lab_id"]], turn) if order else "not_purchased"
        turn += order is not None
        yield _lab_order(seed, plan, order, item["lab_id"], state)


def _state(lab: Row, turn: int) -> str:
    """The next in turn; one that this lab goes through."""
    state = STATES[turn % len(STATES)]
    if state in WITH_APPOINTMENT and not lab["requires_appointment"]:
        return "processing"
    return state


def _lab_order(seed: Seed, plan: Row, order: Row | None, lab_id: str, state: str) -> Row:
    since = order["completed_at"] if order else plan["created_at"]
    return {
        "id": seed.id("lab order", plan["id"], lab_id),
        "clinic_id": plan["clinic_id"],
        "patient_id": plan["patient_id"],
        "practitioner_id": plan["practitioner_id"],
        "treatment_plan_id": plan["id"],
        "order_id": order["id"] if order else None,
        "lab_id": lab_id,
        "state": state,
        "appointment_at": seed.ago(-3) + timedelta(hours=15) if state == "upcoming_appointment" else None,
        "created_at": since,
        "updated_at": since,
    }


def _results(seed: Seed, world: Rows, lab_order: Row) -> Iterator[Row]:
    """The documents that came; of amended ones the last, with the one that it replaces."""
    if lab_order["state"] not in WITH_RESULTS:
        return
    tests = [one for one in world[LabTest] if one["lab_id"] == lab_order["lab_id"]]
    some, rest = (tests[: len(tests) // 2], tests[len(tests) // 2 :]) if len(tests) >= IN_TWO else ([], tests)
    parts = (
        [some or rest] if lab_order["state"] == "partial_results" else [one for one in (some, rest) if one]
    )
    made = [_result(seed, world, lab_order, part, number) for number, part in enumerate(parts)]
    if lab_order["state"] == "results_amended":
        made.append(_result(seed, world, lab_order, parts[-1], len(parts), made[-1]["id"]))
    yield from made


def _result(
    seed: Seed, world: Rows, lab_order: Row, tests: list[Row], number: int, replaces_id: str | None = None
) -> Row:
    latest = seed.ago(0) - timedelta(hours=3 - number)  # one after the other, and none in the future
    came_at = min(lab_order["created_at"] + timedelta(days=2 + number), latest)
    result_id = seed.id("lab result", lab_order["id"], number)
    lab, patient = _one(world[Lab], lab_order["lab_id"]), _one(world[Patient], lab_order["patient_id"])
    practitioner = _one(world[User], lab_order["practitioner_id"])
    report = Report(
        lab=lab["name"],
        company=lab["company"],
        patient=f"{patient['first_name']} {patient['last_name']}",
        date_of_birth=patient["date_of_birth"],
        practitioner=f"{practitioner['first_name']} {practitioner['last_name']}",
        order_id=lab_order["id"],
        result_id=result_id,
        replaces_id=replaces_id,
        reported_at=came_at,
        markers=[one["name"] for one in tests],
    )
    return {
        "id": result_id,
        "lab_order_id": lab_order["id"],
        "replaces_id": replaces_id,
        "test_ids": [one["id"] for one in tests],
        "pdf": written(report),
        "created_at": came_at,
    }


def _one(rows: list[Row], row_id: str) -> Row:
    return next(one for one in rows if one["id"] == row_id)
