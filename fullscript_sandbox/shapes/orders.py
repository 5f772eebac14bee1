"""Orders, and labs that were ordered (field notes, 1.10 and 1.21)."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Literal, NotRequired

from typing_extensions import TypedDict

from fullscript_sandbox.models import LabOrder, LineItem, Order

# Orders tell their time as the shop's own clock showed it, with its offset (field notes, 1.10).
_SHOP = timezone(timedelta(hours=-5))

# What events call the three states that they are sent for (guide: Lab order updated).
LAB_EVENT_STATUS = {
    "partial_results": "results_received",
    "results_ready": "all_results_received",
    "results_amended": "results_amended",
}


class OrderRow(TypedDict):
    """An order in a patient's list."""

    id: str
    order_number: str
    completed_at: str
    treatment_plan_ids: list[str]
    variant_ids: list[str]


class ClinicOrderRow(OrderRow):
    """An order in the clinic's list."""

    patient_id: str


class LineItemData(TypedDict):
    """`lab_type` is present on labs alone."""

    variant_id: str
    quantity: int
    type: Literal["supplement", "labs"]
    lab_type: NotRequired[str]


class OrderDetail(TypedDict):
    """An order on its own."""

    id: str
    order_number: str
    completed_at: str
    treatment_plan_ids: list[str]
    patient_id: str
    item_total: str
    msrp_total: str
    payment_total: str
    line_items: list[LineItemData]


class OrderData(TypedDict):
    """An order as events carry it: flat, without amounts."""

    id: str
    order_number: str
    completed_at: str
    treatment_plan_ids: list[str]
    practitioner_ids: list[str]
    patient_id: str
    line_items: list[LineItemData]


class LabOrderData(TypedDict):
    """A lab order as events carry it; the key is `status` there, and `state` in answers."""

    id: str
    practitioner_id: str
    patient_id: str
    first_name: str
    last_name: str
    email: str
    status: str


def shop_time(moment: datetime) -> str:
    return moment.astimezone(_SHOP).isoformat(timespec="milliseconds")


def order_row(order: Order) -> OrderRow:
    return {
        "id": order.id,
        "order_number": order.order_number,
        "completed_at": shop_time(order.completed_at),
        "treatment_plan_ids": plan_ids(order),
        "variant_ids": [item.variant_id for item in order.line_items],
    }


def clinic_order_row(order: Order) -> ClinicOrderRow:
    return {**order_row(order), "patient_id": order.patient_id}


def order_detail(order: Order) -> OrderDetail:
    return {
        "id": order.id,
        "order_number": order.order_number,
        "completed_at": shop_time(order.completed_at),
        "treatment_plan_ids": plan_ids(order),
        "patient_id": order.patient_id,
        "item_total": f"{order.item_total:.2f}",
        "msrp_total": f"{order.msrp_total:.2f}",
        "payment_total": f"{order.payment_total:.2f}",
        "line_items": [line_item(item) for item in order.line_items],
    }


def order_data(order: Order, practitioner_ids: list[str]) -> OrderData:
    return {
        "id": order.id,
        "order_number": order.order_number,
        "completed_at": shop_time(order.completed_at),
        "treatment_plan_ids": plan_ids(order),
        "practitioner_ids": practitioner_ids,
        "patient_id": order.patient_id,
        "line_items": [line_item(item) for item in order.line_items],
    }


def lab_order_data(lab_order: LabOrder) -> LabOrderData:
    patient = lab_order.patient
    return {
        "id": lab_order.id,
        "practitioner_id": lab_order.practitioner_id,
        "patient_id": lab_order.patient_id,
        "first_name": patient.first_name,
        "last_name": patient.last_name,
        "email": patient.email,
        "status": LAB_EVENT_STATUS.get(lab_order.state, lab_order.state),
    }


def line_item(item: LineItem) -> LineItemData:
    if item.type == "labs":
        return {
            "variant_id": item.variant_id,
            "quantity": item.quantity,
            "type": "labs",
            "lab_type": "lab_test",
        }
    return {"variant_id": item.variant_id, "quantity": item.quantity, "type": "supplement"}


def plan_ids(order: Order) -> list[str]:
    """The plans that the order's items came from, each once, in the order of the items."""
    ids = (item.treatment_plan_id for item in order.line_items)
    return list(dict.fromkeys(plan_id for plan_id in ids if plan_id))
