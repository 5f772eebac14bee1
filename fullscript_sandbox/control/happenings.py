"""Events, made to happen or made up."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, Field
from sqlalchemy import select

from fullscript_sandbox import events, happenings, orders, plans
from fullscript_sandbox.clock import iso
from fullscript_sandbox.control.room import Message, bp, speaks
from fullscript_sandbox.database import db
from fullscript_sandbox.models import App, Clinic, Event, TreatmentPlan
from fullscript_sandbox.refusals import Invalid, NotFound

KEY_EVENT = "clinic_key.revoked"
# What every time zone can name.
FIRST_MOMENT, LAST_MOMENT = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)


def _sendable(data: dict[str, Any]) -> dict[str, Any]:
    """Refuse what Python reads as JSON and no webhook can carry: NaN, infinity, half a character."""
    json.dumps(data, allow_nan=False, ensure_ascii=False).encode()
    return data


class EventOrder(Message):
    """An event to bring about.

    With `data` it is told as it stands here, whatever its type, and nothing else changes. Without, it really
    happens to the record named (a draft is activated, a plan cancelled, results come), or to the latest
    record of the clinic to which it can happen. `order_id` tells of an order once more. `app_id` names the
    one app whose business it is, as clinic_key events have it. With `data` it can have an `id` of its own, as
    another door told it, and a `created_at`. Without `clinic_id` it is the first clinic's, and nobody's where
    the type names none.
    """

    type: str = Field(pattern=r"^[a-z_]+(\.[a-z_]+)+$", max_length=100, examples=["treatment_plan.updated"])
    clinic_id: str | None = None
    data: Annotated[dict[str, Any], AfterValidator(_sendable)] | None = None
    id: str | None = Field(default=None, min_length=1, max_length=36)
    created_at: AwareDatetime | None = Field(default=None, ge=FIRST_MOMENT, le=LAST_MOMENT)
    app_id: str | None = None
    patient_id: str | None = None
    plan_id: str | None = None
    order_id: str | None = None
    lab_order_id: str | None = None
    product_id: str | None = None


class EmittedEvent(Message):
    """An event as the API would retrieve it. `clinic_id` is null for products."""

    id: str
    type: str
    created_at: str
    clinic_id: str | None
    data: dict[str, Any]


@bp.post("/events")
@speaks(takes=EventOrder, gives=EmittedEvent, status=HTTPStatus.CREATED)
def emit(body: EventOrder) -> EmittedEvent:
    """Let an event happen, and every app that is to know of it be told."""
    event = _told(body) if body.data is not None else _made(body, _clinic(body))
    db.session.commit()
    return EmittedEvent(
        id=event.id,
        type=event.type,
        created_at=iso(event.created_at) or "",
        clinic_id=event.clinic_id,
        data=event.data,
    )


def _told(body: EventOrder) -> Event:
    clinic_id = None if body.type.startswith("product.") and body.clinic_id is None else _clinic(body).id
    if body.id is not None and db.session.get(Event, body.id) is not None:
        raise Invalid(["id: there is an event with this id already; deliver that one again"])
    if body.app_id is not None:
        _app(body.app_id)
    return events.record(
        body.type,
        clinic_id,
        body.data or {},
        app_id=body.app_id,
        event_id=body.id,
        created_at=body.created_at,
    )


def _made(body: EventOrder, clinic: Clinic) -> Event:
    if body.id is not None or body.created_at is not None:
        raise Invalid(["id, created_at: only an event with data of its own can have these of its own"])
    plans.take_turn(clinic)
    if body.type == KEY_EVENT:
        return happenings.shut_out(clinic, _app(body.app_id))
    if body.order_id is not None and body.type == "order.placed":
        return events.order_placed(orders.get(clinic, body.order_id))
    happening = happenings.of_type(body.type)
    return happening.make(clinic if happening.of is None else _record(body, happening, clinic))


def _record(body: EventOrder, happening: happenings.Happening, clinic: Clinic) -> Any:
    record_id: str | None = getattr(body, f"{happening.of}_id")
    if record_id is not None:
        return happenings.find(happening.of or "", record_id, clinic)
    found = happenings.candidates(happening, clinic, limit=1)
    if not found:
        raise Invalid([f"clinic_id: {clinic.name} has nothing to which {happening.type} could happen"])
    return found[0]


def _clinic(body: EventOrder) -> Clinic:
    """The clinic that was named, or that of the plan that was, or the first."""
    clinic_id = body.clinic_id
    if clinic_id is None and body.plan_id is not None:
        clinic_id = db.session.scalar(select(TreatmentPlan.clinic_id).where(TreatmentPlan.id == body.plan_id))
    query = select(Clinic).where(Clinic.id == clinic_id) if clinic_id else select(Clinic)
    clinic = db.session.scalars(query.order_by(Clinic.created_at, Clinic.id).limit(1)).first()
    if clinic is None:
        raise NotFound("Clinic")
    return clinic


def _app(app_id: str | None) -> App:
    app = db.session.get(App, app_id or "")
    if app is None:
        raise Invalid(["app_id: has to be the id of the app whose business it is"])
    return app
