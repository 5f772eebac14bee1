"""Labs that were ordered, their tests and results (field notes, 1.21)."""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import TypedDict

from fullscript_sandbox import lab_results, links
from fullscript_sandbox.clock import iso
from fullscript_sandbox.models import LabOrder, LabResult, LabTest
from fullscript_sandbox.shapes.plans import LabTestName


class LabResultData(TypedDict):
    """One document. It has no name, which is why the guide has a rule for naming it.

    `replaces_id` is present on amended ones alone, and of our making: the documents do not say how the one
    that was replaced can be told.
    """

    id: str
    name: None
    pdf_url: str
    created_at: str
    replaces_id: NotRequired[str]


class LabOrderDetail(TypedDict):
    id: str
    name: str
    state: str
    treatment_plan_id: str | None
    patient_id: str
    practitioner_id: str
    order_id: str | None
    tests: list[LabTestName]
    results: list[LabResultData]
    latest_aggregated_result: LabResultData | None
    created_at: str
    updated_at: str


class LabName(TypedDict):
    id: str
    name: str


class LabTestDetail(TypedDict):
    id: str
    name: str
    description: str
    lab: LabName
    sample_type: str
    requires_fasting: bool


def lab_order_detail(lab_order: LabOrder) -> LabOrderDetail:
    """Results that another one replaces are left out; the newest one counts for all of them."""
    current = lab_results.current(lab_order)
    latest = max(current, key=lambda result: result.created_at, default=None)
    return {
        "id": lab_order.id,
        "name": lab_order.lab.name,
        "state": lab_order.state,
        "treatment_plan_id": lab_order.treatment_plan_id,
        "patient_id": lab_order.patient_id,
        "practitioner_id": lab_order.practitioner_id,
        "order_id": lab_order.order_id,
        "tests": [{"id": test.id, "name": test.name} for test in lab_order.lab.tests],
        "results": [lab_result(result) for result in current],
        "latest_aggregated_result": lab_result(latest) if latest else None,
        "created_at": iso(lab_order.created_at) or "",
        "updated_at": iso(lab_order.updated_at) or "",
    }


def lab_result(result: LabResult) -> LabResultData:
    data: LabResultData = {
        "id": result.id,
        "name": None,
        "pdf_url": links.result_url(result),
        "created_at": iso(result.created_at) or "",
    }
    return data if result.replaces_id is None else {**data, "replaces_id": result.replaces_id}


def lab_test_detail(test: LabTest) -> LabTestDetail:
    return {
        "id": test.id,
        "name": test.name,
        "description": test.description,
        "lab": {"id": test.lab.id, "name": test.lab.name},
        "sample_type": test.lab.sample_type,
        "requires_fasting": test.lab.requires_fasting,
    }
