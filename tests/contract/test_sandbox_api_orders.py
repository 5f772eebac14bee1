"""Orders and events of the sandbox's REST API: how lists are narrowed and sorted."""

from __future__ import annotations

from typing import Any

import pytest

from fullscript_embed.testing import Sandbox
from tests.sandbox_rest import Api

ORDERS = "/api/clinic/orders"


@pytest.fixture(scope="module")
def api(_sandbox_process: Sandbox) -> Api:
    """A sandbox that was put back to its seed once, for all tests of this module."""
    return Api(_sandbox_process)


@pytest.fixture(scope="module")
def orders(api: Api) -> list[dict[str, Any]]:
    """Every order of the clinic."""
    rows: list[dict[str, Any]] = api.maya.get(ORDERS, **{"page[size]": 100}).json()["orders"]
    return rows


def ids(answer: Any) -> set[str]:
    """The ids of a list."""
    return {row["id"] for key, rows in answer.json().items() if key != "meta" for row in rows}


def day(order: dict[str, Any]) -> str:
    """The order's day in UTC, by which dates are compared."""
    hour, rest = int(order["completed_at"][11:13]), order["completed_at"][:10]
    return rest if hour < 19 else ""  # later hours are the next day in UTC


def test_an_order_has_the_shape_of_the_reference(api: Api, orders: list[dict[str, Any]]) -> None:
    """Amounts are texts with two digits, and the time has the shop's offset."""
    order = api.maya.get(f"{ORDERS}/{orders[0]['id']}").json()["order"]
    amounts = [order[name] for name in ("item_total", "msrp_total", "payment_total")]

    assert all(amount[-3] == "." for amount in amounts)
    assert order["completed_at"].endswith("-05:00")
    assert {"variant_id", "quantity", "type"} <= set(order["line_items"][0])


@pytest.mark.parametrize("sign", ["", "<", ">", "range"])
def test_orders_are_narrowed_by_date(api: Api, orders: list[dict[str, Any]], sign: str) -> None:
    """A day, before it, after it, or from one day to another with both in it."""
    middle = next(day(order) for order in orders[len(orders) // 2 :] if day(order))
    asked = f"{middle}..{middle}" if sign == "range" else f"{sign}{middle}"
    rows = api.maya.get(ORDERS, completed_at=asked, **{"page[size]": 100}).json()["orders"]
    known = {day(row) for row in rows} - {""}
    belongs = {"": middle.__eq__, "range": middle.__eq__, "<": middle.__gt__, ">": middle.__lt__}[sign]

    assert rows
    assert all(belongs(one) for one in known)


@pytest.mark.parametrize(
    "text", ["yesterday", "2026-13-01", "<2026-01-01..2026-01-02", "2026-1-1", ">", "0000-01-01"]
)
def test_a_date_that_is_none_is_refused(api: Api, text: str) -> None:
    """422 with the forms that are taken."""
    answer = api.maya.get(ORDERS, completed_at=text)

    assert answer.status_code == 422
    assert answer.json()["error"][0].startswith("Completed at must be yyyy-mm-dd")


@pytest.mark.parametrize("name", ["patient_id", "order_number", "treatment_plan_id"])
def test_orders_are_narrowed_by_what_they_belong_to(
    api: Api, orders: list[dict[str, Any]], name: str
) -> None:
    """Exactly those that have the value."""
    order = next(one for one in orders if one["treatment_plan_ids"])
    value = order["treatment_plan_ids"][0] if name == "treatment_plan_id" else order[name]
    found = ids(api.maya.get(ORDERS, **{name: value, "page[size]": 100}))
    wanted = {
        one["id"]
        for one in orders
        if value == one.get(name) or (name == "treatment_plan_id" and value in one["treatment_plan_ids"])
    }

    assert found == wanted


def test_lab_orders_are_narrowed_by_type(api: Api, orders: list[dict[str, Any]]) -> None:
    """Only orders with a lab in them, and those not all."""
    labs = ids(api.maya.get(ORDERS, type="labs", **{"page[size]": 100}))
    detail = api.maya.get(f"{ORDERS}/{next(iter(labs))}").json()["order"]

    assert 0 < len(labs) < len(orders)
    assert "labs" in {item["type"] for item in detail["line_items"]}


@pytest.mark.parametrize("column", ["completed_at", "order_number", "patient_id"])
@pytest.mark.parametrize("direction", ["ASC", "desc"])
def test_orders_are_sorted_as_asked(api: Api, column: str, direction: str) -> None:
    """By each column, in either direction, however that is spelled."""
    asked = {"sort_by": column, "order_by": direction, "page[size]": 100}
    values = [one[column] for one in api.maya.get(ORDERS, **asked).json()["orders"]]

    assert values == sorted(values, reverse=direction == "desc")


@pytest.mark.parametrize(
    ("path", "query", "message"),
    [
        (ORDERS, {"sort_by": "price"}, "Sort by is not included in the list"),
        (ORDERS, {"order_by": "UP"}, "Order by is not included in the list"),
        (ORDERS, {"type": "food"}, "Type is not included in the list"),
        ("/api/events/orders", {"sort_by": "clinic_id"}, "Sort by is not included in the list"),
        ("/api/events/lab_orders", {"sort_by": "event_type"}, "Sort by is not included in the list"),
        ("/api/clinic/metadata", {"type": "order"}, "Type is not included in the list"),
        ("/api/clinic/patients", {"patient_type": "x"}, "Patient type is not included in the list"),
    ],
)
def test_an_argument_outside_its_list_is_refused(
    api: Api, path: str, query: dict[str, str], message: str
) -> None:
    """422 that names the argument."""
    answer = api.maya.get(path, **query)

    assert (answer.status_code, answer.json()) == (422, {"error": [message]})


def test_an_event_in_a_list_has_no_data(api: Api) -> None:
    """The data comes with the event on its own, and needs the scope of what it is about."""
    event_id = api.event
    row = next(one for one in api.maya.get("/api/events/patients").json()["events"] if one["id"] == event_id)
    event = api.maya.get(f"/api/events/{event_id}").json()["event"]
    refused = api.lacking("patients:read").get(f"/api/events/{event_id}")

    assert set(row) == {"id", "type", "created_at", "clinic_id"}
    assert event == {**row, "data": event["data"]}
    assert refused.status_code == 403
