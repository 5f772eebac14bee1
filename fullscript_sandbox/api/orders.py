"""Orders of a clinic and of a patient."""

from __future__ import annotations

from typing import Any, Literal

from sqlalchemy import Select, func, select
from typing_extensions import TypedDict

from fullscript_sandbox import orders
from fullscript_sandbox.api import needs, scopes
from fullscript_sandbox.api.endpoint import Section
from fullscript_sandbox.api.filters import on_dates
from fullscript_sandbox.api.paging import Meta, paginate
from fullscript_sandbox.api.reading import Sorted
from fullscript_sandbox.models import LineItem, Order
from fullscript_sandbox.shapes.orders import (
    ClinicOrderRow,
    OrderDetail,
    OrderRow,
    clinic_order_row,
    order_detail,
    order_row,
)

section = Section("Orders")


class OrderAnswer(TypedDict):
    order: OrderDetail


class ClinicOrderPage(TypedDict):
    orders: list[ClinicOrderRow]
    meta: Meta


class PatientOrderPage(TypedDict):
    orders: list[OrderRow]
    meta: Meta


class OrderQuery(Sorted):
    patient_id: str | None = None
    treatment_plan_id: str | None = None
    completed_at: str | None = None
    type: Literal["all", "labs"] = "all"
    order_number: str | None = None
    sort_by: Literal["patient_id", "treatment_plan_id", "completed_at", "order_number"] | None = None

    @property
    def whole(self) -> bool:
        """True when nothing narrows or sorts the list."""
        return self.model_dump() == OrderQuery().model_dump()


@section.get(
    "/clinic/orders",
    "List all orders",
    ClinicOrderPage,
    scopes=(scopes.ORDER_HISTORY,),
    paged=True,
    refusals=(422,),
)
def list_all(query: OrderQuery) -> ClinicOrderPage:
    """The clinic's orders, by default in the order in which they were placed."""
    chosen = _sorted(_filtered(orders.of_clinic(needs.clinic()), query), query)
    rows, meta = paginate(chosen, position=Order.position if query.whole else None)
    return {"orders": [clinic_order_row(row) for row in rows], "meta": meta}


@section.get(
    "/clinic/orders/{id}",
    "Retrieve an Order",
    OrderAnswer,
    scopes=(scopes.ORDER_HISTORY,),
    refusals=(404,),
)
def retrieve(id_: str) -> OrderAnswer:
    """One order with its amounts and items."""
    return {"order": order_detail(orders.get(needs.clinic(), id_))}


@section.get(
    "/clinic/patients/{patient_id}/orders",
    "List all patient orders",
    PatientOrderPage,
    scopes=(scopes.ORDER_HISTORY,),
    paged=True,
    refusals=(404,),
)
def list_of_patient(patient_id: str) -> PatientOrderPage:
    """The patient's completed or refunded orders, oldest first."""
    rows, meta = paginate(orders.of_patient(needs.patient(patient_id)))
    return {"orders": [order_row(row) for row in rows], "meta": meta}


def _filtered(chosen: Select[Order], query: OrderQuery) -> Select[Order]:
    if query.patient_id:
        chosen = chosen.where(Order.patient_id == query.patient_id)
    if query.order_number:
        chosen = chosen.where(Order.order_number == query.order_number)
    if query.treatment_plan_id:
        chosen = orders.with_plan(chosen, query.treatment_plan_id)
    if query.type == "labs":
        chosen = orders.with_labs(chosen)
    return on_dates(chosen, Order.completed_at, "completed_at", query.completed_at)


def _sorted(chosen: Select[Order], query: OrderQuery) -> Select[Order]:
    wanted: dict[str | None, Any] = {
        None: Order.position,
        "patient_id": Order.patient_id,
        "completed_at": Order.completed_at,
        "order_number": Order.order_number,
        "treatment_plan_id": _first_plan,
    }
    columns = (wanted[query.sort_by], Order.position)
    return chosen.order_by(*(one.desc() if query.order_by == "DESC" else one.asc() for one in columns))


# An order may come from several plans; the first of their ids stands for it.
_first_plan = (
    select(func.min(LineItem.treatment_plan_id)).where(LineItem.order_id == Order.id).scalar_subquery()
)
