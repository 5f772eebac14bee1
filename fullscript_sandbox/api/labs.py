"""Labs: orders, tests, and the results' PDF files (guide: Fullscript Labs Integration Guide)."""

from __future__ import annotations

from flask import Response
from sqlalchemy import select
from sqlalchemy.orm import selectinload
from typing_extensions import TypedDict

from fullscript_sandbox import lab_documents
from fullscript_sandbox.api import needs, scopes
from fullscript_sandbox.api.endpoint import FILE, Section
from fullscript_sandbox.api.paging import Meta, paginate
from fullscript_sandbox.api.reading import Query
from fullscript_sandbox.database import db
from fullscript_sandbox.models import Lab, LabOrder, LabResult, LabTest
from fullscript_sandbox.refusals import NotFound
from fullscript_sandbox.shapes.labs import LabOrderDetail, LabTestDetail, lab_order_detail, lab_test_detail

section = Section("Labs")

UNSEEN = "The reference does not show this answer; beside the keys that it names, fields are ours."


class LabOrderPage(TypedDict):
    orders: list[LabOrderDetail]
    meta: Meta


class LabOrderAnswer(TypedDict):
    order: LabOrderDetail


class LabTestAnswer(TypedDict):
    test: LabTestDetail


class LabOrderQuery(Query):
    patient_id: str | None = None


@section.get(
    "/clinic/labs/orders",
    "List all lab orders",
    LabOrderPage,
    scopes=(scopes.ORDER_HISTORY,),
    paged=True,
    refusals=(404,),
    not_modelled=UNSEEN,
)
def list_orders(query: LabOrderQuery) -> LabOrderPage:
    """Labs that patients bought, or can buy, oldest first; `patient_id` leaves those of one patient."""
    chosen = select(LabOrder).where(LabOrder.clinic_id == needs.clinic().id)
    chosen = chosen.options(
        selectinload(LabOrder.lab).selectinload(Lab.tests), selectinload(LabOrder.results)
    )
    if query.patient_id:
        chosen = chosen.where(LabOrder.patient_id == needs.patient(query.patient_id).id)
    rows, meta = paginate(chosen.order_by(LabOrder.created_at, LabOrder.id))
    return {"orders": [lab_order_detail(row) for row in rows], "meta": meta}


@section.get(
    "/clinic/labs/orders/{id}",
    "Retrieve a lab order",
    LabOrderAnswer,
    scopes=(scopes.ORDER_HISTORY,),
    refusals=(404,),
    not_modelled=UNSEEN,
)
def retrieve_order(id_: str) -> LabOrderAnswer:
    """One lab order: its state, its tests and its results, which need not match one to one."""
    lab_order = db.session.get(LabOrder, id_)
    if lab_order is None or lab_order.clinic_id != needs.clinic().id:
        raise NotFound("Lab order")
    return {"order": lab_order_detail(lab_order)}


@section.get(
    "/clinic/labs/tests/{id}",
    "Retrieve a lab test",
    LabTestAnswer,
    scopes=(scopes.CATALOG_READ,),
    refusals=(404,),
    not_modelled=UNSEEN,
)
def retrieve_test(id_: str) -> LabTestAnswer:
    """One test, and the lab that it is part of."""
    test = db.session.get(LabTest, id_)
    if test is None or needs.clinic().country != "US":
        raise NotFound("Lab test")
    return {"test": lab_test_detail(test)}


@section.get(
    "/clinic/labs/results/{id}/download",
    "Download a lab result",
    FILE,
    scopes=(scopes.ORDER_HISTORY,),
    refusals=(404,),
    in_reference=False,
)
def download_result(id_: str) -> Response:
    """A result's PDF: where `pdf_url` leads. Needs a token like everything else."""
    result = db.session.get(LabResult, id_)
    if result is None or result.lab_order.clinic_id != needs.clinic().id:
        raise NotFound("Lab result")
    return lab_documents.shown(result)
