"""Events, and the deliveries of webhooks that told of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fullscript_embed.api.parsing import Record, parse, read_object
from fullscript_embed.api.records.base import record
from fullscript_embed.api.records.catalog import Product
from fullscript_embed.api.records.labs import LabOrder
from fullscript_embed.api.records.orders import Order, Shipment
from fullscript_embed.api.records.patients import Patient
from fullscript_embed.api.records.plans import TreatmentPlan

# By the first word of an event's type: where its data nests, and what it is. order.placed and product.created
# come flat all the same (field notes, 1.18).
_SUBJECTS: dict[str, tuple[str, type[Record]]] = {
    "patient": ("patient", Patient),
    "treatment_plan": ("treatment_plan", TreatmentPlan),
    "order": ("order", Order),
    "product": ("product", Product),
    "lab_order": ("lab_order", LabOrder),
    "fulfillment": ("fulfillment_shipment", Shipment),
}


@record
class Event(Record):
    """Something that happened in Fullscript's own pages; changes made through this API leave no event.

    `type`: patient.created, .updated, .emancipated; treatment_plan.created (it became active), .updated (it
    was cancelled), treatment_plan.recommendation.updated; order.placed; product.created, .updated,
    product.description.updated; lab_order.updated; clinic_key.activated, .revoked. Lists answer without
    `data`; products have no `clinic_id`.
    """

    id: str = ""
    type: str | None = None
    created_at: datetime | None = None
    clinic_id: str | None = None
    integration_id: str | None = None
    data: dict[str, Any] | None = None

    @property
    def subject(self) -> Record | None:
        """What it happened to, as a record; None when there is no data or the type is not known."""
        known = _SUBJECTS.get((self.type or "").partition(".")[0])
        if known is None or not self.data:
            return None
        key, kind = known
        return parse(kind, self.data.get(key) or self.data)

    @classmethod
    def tidy(cls, data: dict[str, Any]) -> dict[str, Any]:
        """A payload nests the event in `event`, a delivery also in `event_payload` (field notes, 1.20)."""
        data = read_object(data.get("event_payload")) or data
        return read_object(data.get("event")) or data

    @classmethod
    def also_known(cls) -> set[str]:
        return {"event_payload", "event"}


@record
class WebhookDelivery(Record):
    """One attempt to deliver an event to your webhook.

    `response_body` is what you answered, in Ruby's notation.
    """

    id: str = ""
    attempt_number: int | None = None
    attempted_at: datetime | None = None
    previous_attempt_at: datetime | None = None
    next_attempt_at: datetime | None = None
    successfully_delivered: bool | None = None
    response_body: str | None = None
    response_header: str | None = None
    response_status: int | None = None
    response_ip_address: str | None = None
    response_errors: str | None = None
    event_payload: Event | None = None
