"""What patients bought."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from fullscript_embed.api.parsing import Record
from fullscript_embed.api.records.base import record


@record
class LineItem(Record):
    """One variant in an order. `type`: supplement, labs; the guide also speaks of `lab_type`."""

    variant_id: str = ""
    quantity: int | None = None
    type: str | None = None
    lab_type: str | None = None

    @property
    def is_lab(self) -> bool:
        return self.type == "labs" or bool(self.lab_type)


@record
class Order(Record):
    """An order, in the currency of the environment's country.

    Lists answer with `variant_ids` and without totals.
    """

    id: str = ""
    order_number: str | None = None
    completed_at: datetime | None = None
    patient_id: str | None = None
    practitioner_ids: tuple[str, ...] = ()
    treatment_plan_ids: tuple[str, ...] = ()
    variant_ids: tuple[str, ...] = ()
    item_total: Decimal | None = None
    msrp_total: Decimal | None = None
    payment_total: Decimal | None = None
    line_items: tuple[LineItem, ...] = ()


@record
class Shipment(Record):
    """A parcel of an order, as `fulfillment.shipment.shipped` events tell it."""

    order_id: str | None = None
    number: str | None = None
    state: str | None = None
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    tracking_url: str | None = None
    carrier: str | None = None
    tracking_number: str | None = None
    order_shipment_state: str | None = None
    shipped_skus: tuple[str, ...] = ()
