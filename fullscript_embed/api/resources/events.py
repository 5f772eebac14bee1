"""What happened in the last 30 days, and what was delivered of it to your webhook."""

from __future__ import annotations

from datetime import date
from typing import TypedDict, Unpack

from fullscript_embed.api.errors import RequestInvalid
from fullscript_embed.api.paging import LARGEST_PAGE, Listing
from fullscript_embed.api.records.events import Event, WebhookDelivery
from fullscript_embed.api.resources.base import Group
from fullscript_embed.api.values import DateFilter, day_filter

CATEGORIES = ("clinic_keys", "lab_orders", "orders", "patients", "products", "treatment_plans")


class EventFilters(TypedDict, total=False):
    """What narrows and sorts a list of events.

    `created_at` is a day, or `before`, `after`, `between`. `sort_by`: event_type, created_at. `order_by`: ASC
    (the default), DESC. Lab orders know no `event_type`.
    """

    created_at: date | DateFilter | None
    event_type: str | None
    sort_by: str | None
    order_by: str | None
    page_size: int


class EventsGroup(Group):
    """Events of the clinic of the token. Lists answer without `data`: retrieve an event for it."""

    def list(self, category: str, **filters: Unpack[EventFilters]) -> Listing[Event]:
        """Events of a *category*: clinic_keys, lab_orders, orders, patients, products, treatment_plans."""
        if category not in CATEGORIES:
            raise RequestInvalid(f"There are no events of {category!r}, only of {', '.join(CATEGORIES)}")
        return self._call.many(
            f"events.{category}",
            Event,
            "events",
            page_size=filters.get("page_size", LARGEST_PAGE),
            created_at=day_filter(filters.get("created_at")),
            event_type=filters.get("event_type"),
            sort_by=filters.get("sort_by"),
            order_by=filters.get("order_by"),
        )

    def clinic_keys(self, **filters: Unpack[EventFilters]) -> Listing[Event]:
        """clinic_key.activated and clinic_key.revoked: a clinic began or ended using the app."""
        return self.list("clinic_keys", **filters)

    def lab_orders(self, **filters: Unpack[EventFilters]) -> Listing[Event]:
        """lab_order.updated: results came or were amended. Other states of a lab order leave no event."""
        return self.list("lab_orders", **filters)

    def orders(self, **filters: Unpack[EventFilters]) -> Listing[Event]:
        """order.placed."""
        return self.list("orders", **filters)

    def patients(self, **filters: Unpack[EventFilters]) -> Listing[Event]:
        """patient.created, patient.updated, patient.emancipated."""
        return self.list("patients", **filters)

    def products(self, **filters: Unpack[EventFilters]) -> Listing[Event]:
        """product.created, product.updated, product.description.updated; they belong to no clinic."""
        return self.list("products", **filters)

    def treatment_plans(self, **filters: Unpack[EventFilters]) -> Listing[Event]:
        """treatment_plan.created (active), treatment_plan.updated (cancelled), .recommendation.updated."""
        return self.list("treatment_plans", **filters)

    def retrieve(self, event_id: str) -> Event:
        """Retrieve one event with its data. RecordNotFound once it is older than 30 days."""
        return self._call.one("events.retrieve", Event, "event", event_id)


class WebhookDeliveriesGroup(Group):
    """Attempts to deliver events to the app's webhook, kept for 30 days."""

    def list(
        self,
        *,
        attempted_at: date | DateFilter | None = None,
        event_id: str | None = None,
        successfully_delivered: bool | None = None,
        sort_by: str | None = None,
        order_by: str | None = None,
        page_size: int = LARGEST_PAGE,
    ) -> Listing[WebhookDelivery]:
        """Deliveries that match everything given.

        *attempted_at* is a day, or `before`, `after`, `between`. *sort_by*: event_id, attempted_at.
        *order_by*: ASC (the default), DESC.
        """
        return self._call.many(
            "webhook_deliveries.list",
            WebhookDelivery,
            "webhook_deliveries",
            page_size=page_size,
            attempted_at=day_filter(attempted_at),
            event_id=event_id,
            successfully_delivered=successfully_delivered,
            sort_by=sort_by,
            order_by=order_by,
        )
