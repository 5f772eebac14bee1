"""Labs that were ordered, their tests and results (field notes, 1.21)."""

from __future__ import annotations

from typing_extensions import TypedDict

from fullscript_sandbox import links
from fullscript_sandbox.clock import iso
from fullscript_sandbox.models import LabOrder, LabResult, LabTest
from fullscript_sandbox.shapes.plans import LabTestName


class LabResultData(TypedDict):
    id: str
    name: str | None
    pdf_url: str
    created_at: str


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
    """Results that another one replaces are left out; the last one counts for all of them."""
    replaced = {result.replaces_id for result in lab_order.results}
    results = [lab_result(result) for result in lab_order.results if result.id not in replaced]
    return {
        "id": lab_order.id,
        "name": lab_order.lab.name,
        "state": lab_order.state,
        "treatment_plan_id": lab_order.treatment_plan_id,
        "patient_id": lab_order.patient_id,
        "practitioner_id": lab_order.practitioner_id,
        "order_id": lab_order.order_id,
        "tests": [{"id": test.id, "name": test.name} for test in lab_order.lab.tests],
        "results": results,
        "latest_aggregated_result": results[-1] if results else None,
        "created_at": iso(lab_order.created_at) or "",
        "updated_at": iso(lab_order.updated_at) or "",
    }


def lab_result(result: LabResult) -> LabResultData:
    return {
        "id": result.id,
        "name": result.name,
        "pdf_url": links.result_url(result),
        "created_at": iso(result.created_at) or "",
    }


def lab_test_detail(test: LabTest) -> LabTestDetail:
    return {
        "id": test.id,
        "name": test.name,
        "description": test.description,
        "lab": {"id": test.lab.id, "name": test.lab.name},
        "sample_type": test.lab.sample_type,
        "requires_fasting": test.lab.requires_fasting,
    }
