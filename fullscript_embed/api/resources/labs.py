"""Labs that patients bought, and their tests. United States only."""

from __future__ import annotations

from fullscript_embed.api.paging import LARGEST_PAGE, Listing
from fullscript_embed.api.records.labs import LabOrder, LabTest
from fullscript_embed.api.resources.base import Group


class LabOrdersGroup(Group):
    """Labs on their way from purchase to results."""

    def list(self, *, patient_id: str | None = None, page_size: int = LARGEST_PAGE) -> Listing[LabOrder]:
        """All lab orders of the clinic, or those of one patient."""
        return self._call.many(
            "lab_orders.list",
            LabOrder,
            ("orders", "lab_orders"),
            page_size=page_size,
            patient_id=patient_id,
        )

    def retrieve(self, lab_order_id: str) -> LabOrder:
        """Retrieve one lab order with its tests and results, which need not match one to one."""
        return self._call.one("lab_orders.retrieve", LabOrder, ("order", "lab_order"), lab_order_id)


class LabTestsGroup(Group):
    """Single tests of labs."""

    def retrieve(self, lab_test_id: str) -> LabTest:
        """Retrieve one test."""
        return self._call.one("lab_tests.retrieve", LabTest, ("test", "lab_test"), lab_test_id)
