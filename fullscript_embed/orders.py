"""What patients bought: as `order.placed` tells it, and as Fullscript answers when it is asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from fullscript_embed import facts, patients
from fullscript_embed.api.parsing import parse, read_object
from fullscript_embed.api.records.orders import Order as ReportedOrder
from fullscript_embed.models import Order
from fullscript_embed.state import current
from fullscript_embed.tellings import Telling

TOTALS = ("item_total", "msrp_total", "payment_total")


@dataclass(frozen=True, slots=True)
class LineItemView:
    """One product or lab in an order."""

    variant_id: str
    quantity: int | None
    is_lab: bool


@dataclass(frozen=True, slots=True)
class OrderView:
    """One order. *id* and the ids in it are Fullscript's; amounts are not told in events."""

    id: str
    environment: str
    clinic_id: str
    order_number: str | None
    completed_at: datetime | None
    treatment_plan_ids: tuple[str, ...]
    line_items: tuple[LineItemView, ...]


def keep(telling: Telling) -> None:
    """Keep an order; its data is flat, unlike that of others (field notes, 1.18). The caller commits."""
    raw = said_of(telling)
    order, is_new = facts.record(Order, telling, facts.identity(telling, raw))
    if is_new:
        begin(order)
    put(order, telling)


def begin(order: Order) -> None:
    """Let a new order say nothing yet."""
    order.treatment_plan_ids, order.practitioner_ids, order.line_items = [], [], []
    order.is_whole = False


def put(order: Order, telling: Telling) -> None:
    """Put what *telling* says into *order*, unless it knows better.

    Only an order on its own has amounts, and only it and an event know how many of each: a list names no more
    than the variants.
    """
    raw = said_of(telling)
    reported = parse(ReportedOrder, raw)
    said: dict[str, Any] = {
        "order_number": reported.order_number,
        "fullscript_patient_id": reported.patient_id,
        "completed_at": reported.completed_at,
        "treatment_plan_ids": list(reported.treatment_plan_ids),
        "practitioner_ids": list(reported.practitioner_ids),
        "line_items": [
            {"variant_id": item.variant_id, "quantity": item.quantity, "is_lab": item.is_lab}
            for item in reported.line_items
        ],
        **{name: str(amount) if amount is not None else None for name, amount in _totals(reported).items()},
    }
    spoken = {"fullscript_patient_id": "patient_id"}
    facts.keep(order, {name: said[name] for name in said if spoken.get(name, name) in raw}, telling)
    if not order.line_items:
        order.line_items = [
            {"variant_id": one, "quantity": None, "is_lab": False} for one in reported.variant_ids
        ]
    order.is_whole = order.is_whole or "payment_total" in raw
    order.happened_at = min(order.happened_at, order.completed_at or order.happened_at)


def _totals(reported: ReportedOrder) -> dict[str, Decimal | None]:
    return {name: getattr(reported, name) for name in TOTALS}


def said_of(telling: Telling) -> dict[str, Any]:
    """The order in an event's data, flat or nested."""
    return read_object(telling.data.get("order")) or telling.data


def of_patient(patient_id: str) -> list[OrderView]:
    """The orders of a host patient, the latest first."""
    wanted = select(Order).where(patients.is_of(Order, patient_id))
    rows = current().db_session.scalars(wanted.order_by(Order.happened_at.desc(), Order.id.desc()))
    return [_view(row) for row in rows]


def _view(row: Order) -> OrderView:
    return OrderView(
        id=row.fullscript_id,
        environment=row.environment,
        clinic_id=row.clinic_id,
        order_number=row.order_number,
        completed_at=row.completed_at,
        treatment_plan_ids=tuple(row.treatment_plan_ids),
        line_items=tuple(LineItemView(**item) for item in row.line_items),
    )
