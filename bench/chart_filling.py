"""A patient's chart with as many plans, orders and lab orders as are wished for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Table, insert

from fullscript_embed.models import Connection as FullscriptConnection
from fullscript_embed.models import LabOrder, Name, Order, PatientLink, TreatmentPlan

JUNIPER = "1f6a0c52-9b0e-4a57-8d4b-3c2e7d90a101"
START = datetime(2024, 1, 1, tzinfo=UTC)
VARIANTS = 30
STATES = ("active", "active", "active", "cancelled", "draft")
PLACE = {"environment": "local", "clinic_id": JUNIPER}


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is on a chart."""

    plans: int
    orders: int
    lab_orders: int


SMALL, LARGE = Size(1, 1, 1), Size(200, 500, 50)


def connect(connection: Connection, user_id: int) -> None:
    """Let that user of the host be connected to the clinic."""
    row = {"user_id": str(user_id), **PLACE, "status": "connected", "refresh_lock": 0, "created_at": START}
    ends = START + timedelta(days=36500)
    tokens = {"access_token": "token", "refresh_token": "token", "token_expires_at": ends}
    connection.execute(insert(_table(FullscriptConnection)), {**row, **tokens})


def name_products(connection: Connection) -> None:
    """Let all that is recommended have a name."""
    rows = [
        {
            "environment": "local",
            "kind": "variant",
            "fullscript_id": f"variant-{number}",
            "name": f"Product {number}",
            "brand": "Brand",
            "size": "60 capsules",
            "units": 60,
            "unit_of_measure": "capsules",
            "has_details": True,
            "attempts": 1,
        }
        for number in range(VARIANTS)
    ]
    connection.execute(insert(_table(Name)), rows)


def fill(connection: Connection, patient_id: int, size: Size) -> None:
    """Add so much to the chart of a patient of the host, who is linked from then on."""
    person = f"person-{patient_id}"
    link = {"patient_id": str(patient_id), "fullscript_patient_id": person, "linked_at": START}
    connection.execute(insert(_table(PatientLink)), {**PLACE, **link, "is_shared": False})
    about = {**PLACE, "fullscript_patient_id": person, "stamps": {}}
    for kind, rows in (
        (TreatmentPlan, [_plan(patient_id, number) for number in range(size.plans)]),
        (Order, [_order(patient_id, number, size.plans) for number in range(size.orders)]),
        (LabOrder, [_lab_order(patient_id, number) for number in range(size.lab_orders)]),
    ):
        connection.execute(insert(_table(kind)), [{**about, **row} for row in rows])


def _table(kind: Any) -> Table:
    table: Table = kind.__table__
    return table


def _plan(patient_id: int, number: int) -> dict[str, Any]:
    dosage = {"amount": "1", "frequency": "once per day", "format": "capsule"}
    lines = [
        {
            "variant_id": f"variant-{(number + one) % VARIANTS}",
            "units_to_purchase": 1,
            "refill": True,
            "dosage": dosage,
        }
        for one in range(3)
    ]
    return {
        "fullscript_id": f"plan-{patient_id}-{number}",
        "happened_at": START + timedelta(days=number),
        "state": STATES[number % len(STATES)],
        "personal_message": "Take care.",
        "recommendations": lines,
        "lab_recommendations": [],
        "resources": [],
        "read_at": START,
        "names_missing": False,
        "revision": 1,
    }


def _order(patient_id: int, number: int, plans: int) -> dict[str, Any]:
    items = [
        {"variant_id": f"variant-{(number + one) % VARIANTS}", "quantity": 1, "is_lab": False}
        for one in range(3)
    ]
    at = START + timedelta(days=number, hours=1)
    return {
        "fullscript_id": f"order-{patient_id}-{number}",
        "happened_at": at,
        "completed_at": at,
        "order_number": f"R{number}",
        "treatment_plan_ids": [f"plan-{patient_id}-{number % plans}"],
        "practitioner_ids": [],
        "line_items": items,
        "payment_total": "59.97",
        "is_whole": True,
    }


def _lab_order(patient_id: int, number: int) -> dict[str, Any]:
    at = START + timedelta(days=number)
    return {
        "fullscript_id": f"lab-{patient_id}-{number}",
        "happened_at": at,
        "state": "results_ready",
        "name": "Thyroid panel",
        "tests": ["TSH"],
        "reached": {"results_ready": at.isoformat()},
        "revision": 1,
    }
