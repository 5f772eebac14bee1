"""Webhook deliveries: what was sent to the app, and how that went."""

from __future__ import annotations

from typing import Any, Literal

from flask import g
from sqlalchemy import or_, select
from typing_extensions import TypedDict

from fullscript_sandbox import events
from fullscript_sandbox.api import needs, scopes
from fullscript_sandbox.api.endpoint import Section
from fullscript_sandbox.api.filters import in_order, on_dates
from fullscript_sandbox.api.paging import Meta, paginate
from fullscript_sandbox.api.reading import Sorted
from fullscript_sandbox.clock import iso, now
from fullscript_sandbox.models import Event, WebhookDelivery

section = Section("Webhooks")


class DeliveryData(TypedDict):
    id: str
    attempt_number: int
    attempted_at: str
    previous_attempt_at: str | None
    next_attempt_at: str | None
    successfully_delivered: bool
    response_body: str | None
    response_header: str | None
    response_status: int | None
    response_ip_address: str | None
    response_errors: str | None
    event_payload: dict[str, Any]


class DeliveryPage(TypedDict):
    webhook_deliveries: list[DeliveryData]
    meta: Meta


class DeliveryQuery(Sorted):
    attempted_at: str | None = None
    event_id: str | None = None
    successfully_delivered: Literal["true", "false"] | None = None
    sort_by: Literal["event_id", "attempted_at"] = "attempted_at"


@section.get(
    "/webhooks/deliveries",
    "List All Webhook Deliveries",
    DeliveryPage,
    scopes=(scopes.CLINIC_READ,),
    paged=True,
    refusals=(422,),
)
def list_deliveries(query: DeliveryQuery) -> DeliveryPage:
    """Every attempt of the last 30 days to tell this app of an event of the clinic, or of a product."""
    chosen = (
        select(WebhookDelivery)
        .join(Event, Event.id == WebhookDelivery.event_id)
        .where(WebhookDelivery.app_id == g.token.app_id)
        .where(or_(Event.clinic_id == needs.clinic().id, Event.clinic_id.is_(None)))
        .where(WebhookDelivery.attempted_at > now() - events.RETENTION)
    )
    if query.event_id:
        chosen = chosen.where(WebhookDelivery.event_id == query.event_id)
    if query.successfully_delivered:
        delivered = query.successfully_delivered == "true"
        chosen = chosen.where(WebhookDelivery.successfully_delivered.is_(delivered))
    chosen = on_dates(chosen, WebhookDelivery.attempted_at, "attempted_at", query.attempted_at)
    column: Any = WebhookDelivery.event_id if query.sort_by == "event_id" else WebhookDelivery.attempted_at
    rows, meta = paginate(chosen.order_by(*in_order(column, query.order_by, WebhookDelivery.id)))
    return {"webhook_deliveries": [_shape(row) for row in rows], "meta": meta}


def _shape(delivery: WebhookDelivery) -> DeliveryData:
    return {
        "id": delivery.id,
        "attempt_number": delivery.attempt_number,
        "attempted_at": iso(delivery.attempted_at) or "",
        "previous_attempt_at": iso(delivery.previous_attempt_at),
        "next_attempt_at": iso(delivery.next_attempt_at),
        "successfully_delivered": delivery.successfully_delivered,
        "response_body": delivery.response_body,
        "response_header": delivery.response_header,
        "response_status": delivery.response_status,
        "response_ip_address": delivery.response_ip_address,
        "response_errors": delivery.response_errors,
        "event_payload": delivery.event_payload,
    }
