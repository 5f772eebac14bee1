"""What the clinic's patients ordered."""

from __future__ import annotations

from datetime import date

from fullscript_embed.api.paging import LARGEST_PAGE, Listing
from fullscript_embed.api.records.orders import Order
from fullscript_embed.api.resources.base import Group
from fullscript_embed.api.values import DateFilter, day_filter


class OrdersGroup(Group):
    """Orders of the clinic's patients."""

    def list(
        self,
        *,
        patient_id: str | None = None,
        treatment_plan_id: str | None = None,
        completed_at: date | DateFilter | None = None,
        order_type: str | None = None,
        order_number: str | None = None,
        sort_by: str | None = None,
        order_by: str | None = None,
        page_size: int = LARGEST_PAGE,
    ) -> Listing[Order]:
        """Orders that match everything given, without totals: retrieve one for those.

        *completed_at* is a day, or `before`, `after`, `between`. *order_type*: all (the default), labs.
        *sort_by*: patient_id, treatment_plan_id, completed_at, order_number. *order_by*: ASC, DESC.
        """
        return self._call.many(
            "orders.list",
            Order,
            "orders",
            page_size=page_size,
            patient_id=patient_id,
            treatment_plan_id=treatment_plan_id,
            completed_at=day_filter(completed_at),
            type=order_type,
            order_number=order_number,
            sort_by=sort_by,
            order_by=order_by,
        )

    def retrieve(self, order_id: str) -> Order:
        """Retrieve one order with its line items and totals."""
        return self._call.one("orders.retrieve", Order, "order", order_id)
