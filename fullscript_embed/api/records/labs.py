"""Labs: what is recommended, what was bought, what came back. United States only.

Fullscript documents the states and that an order has `tests` and `results`; the other keys are what clients
found (field notes, 1.21), so each of them may be absent.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fullscript_embed.api.parsing import Record
from fullscript_embed.api.records.base import Named, record

# Webhooks and events say `status` with words of their own (guide: Labs). Known nowhere else.
STATE_OF_STATUS = {"results_received": "partial_results", "all_results_received": "results_ready"}


@record
class LabRecommendation(Record):
    """A lab in a treatment plan, with the tests that it holds."""

    id: str = ""
    name: str | None = None
    requires_fasting: bool | None = None
    instructions: str | None = None
    tests: tuple[Named, ...] = ()


@record
class LabTest(Record):
    """One test of a lab."""

    id: str = ""
    name: str | None = None
    description: str | None = None
    lab: Named | None = None
    sample_type: str | None = None
    requires_fasting: bool | None = None

    @classmethod
    def tidy(cls, data: dict[str, Any]) -> dict[str, Any]:
        return {**data, "id": data.get("id") or data.get("lab_test_id")}

    @classmethod
    def also_known(cls) -> set[str]:
        return {"lab_test_id"}


@record
class LabResult(Record):
    """One document of results. It may answer one test, several, or part of one: there is no mapping.

    `replaces_id` is the result that this one amends, where Fullscript says so.
    """

    id: str = ""
    name: str | None = None
    state: str | None = None
    pdf_url: str | None = None
    replaces_id: str | None = None
    created_at: datetime | None = None

    @classmethod
    def tidy(cls, data: dict[str, Any]) -> dict[str, Any]:
        return {**data, "id": data.get("id") or data.get("artifact_id")}

    @classmethod
    def also_known(cls) -> set[str]:
        return {"artifact_id"}


@record
class LabOrder(Record):
    """A lab that a patient was recommended or bought, on its way to results.

    `state`: not_purchased, purchased, schedule_appointment, upcoming_appointment, processing,
    partial_results, results_ready, interpretation_ready, interpretation_shared, results_amended. An event's
    `status` is read as the state that it stands for. `latest_aggregated_result` is the newest document of all
    results so far.
    """

    id: str = ""
    state: str | None = None
    name: str | None = None
    treatment_plan_id: str | None = None
    patient_id: str | None = None
    practitioner_id: str | None = None
    order_id: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    tests: tuple[LabTest, ...] = ()
    results: tuple[LabResult, ...] = ()
    latest_aggregated_result: LabResult | None = None

    @classmethod
    def tidy(cls, data: dict[str, Any]) -> dict[str, Any]:
        said = data.get("state") or data.get("status")
        return {
            **data,
            "state": STATE_OF_STATUS.get(said, said) if isinstance(said, str) else None,
            "results": data.get("results") or data.get("lab_results"),
            "latest_aggregated_result": data.get("latest_aggregated_result") or data.get("aggregated_result"),
        }

    @classmethod
    def also_known(cls) -> set[str]:
        return {"status", "lab_results", "aggregated_result"}
