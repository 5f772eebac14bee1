"""What a patient ordered, by every way it comes, and what was recommended against it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from fullscript_embed import order_checks
from fullscript_embed.adherence import Adherence
from fullscript_embed.api import FullscriptClient
from fullscript_embed.order_pages import OrderPage
from tests.partner_host import HostUser
from tests.plans_elsewhere import CHECK, PRIYA, a_variant, asks_as, sends_a_plan
from tests.webhook_sender import NOON, Sender, event, plan

ORDERS = "/fullscript/patients/7/orders"
LIST, ONE = "/api/clinic/orders", "/api/clinic/orders/*"


def timeline(user: HostUser, **options: Any) -> OrderPage:
    """A page of patient 7's orders."""
    return user.host.asks(lambda: user.host.extension.ordering.timeline("7", **options))


def adherence(user: HostUser, today: date = date(2026, 11, 21)) -> list[Adherence]:
    """What was recommended to patient 7 against what was ordered."""
    return user.host.asks(lambda: user.host.extension.ordering.adherence("7", today=today))


def placed(number: str, at: str = NOON, **changes: Any) -> dict[str, Any]:
    """The event of an order of Priya's, flat as the guide shows it."""
    order = {
        "id": f"order-{number}",
        "order_number": f"R{number}",
        "completed_at": at,
        "patient_id": PRIYA,
        "treatment_plan_ids": ["plan-1"],
        "line_items": [{"variant_id": "variant-1", "quantity": 2, "type": "supplement"}],
        **changes,
    }
    return event("order.placed", order, created_at=at)


@pytest.fixture
def bought(linked: HostUser, elsewhere: FullscriptClient) -> str:
    """The id of an order of Priya's that no event tells us of."""
    plan_id = sends_a_plan(elsewhere)
    told = linked.host.sandbox.emit("order.placed", plan_id=plan_id)
    return str(told["data"]["id"])


def test_a_check_brings_orders_with_their_amounts(linked: HostUser, bought: str) -> None:
    """Each with its products by name, what was paid, and the plan that it belongs to."""
    linked.posts(CHECK)

    answer = linked.posts(f"{ORDERS}/check")

    assert answer.get_json()["complete"]
    order = next(one for one in timeline(linked).orders if one.id == bought)
    assert (order.is_whole, bool(order.payment_total), order.currency) == (True, True, "USD")
    assert [(line.quantity, bool(line.product_name)) for line in order.lines] == [(1, True)]
    assert all(one.created_at for one in order.plans)


def test_a_check_without_news_is_one_call(linked: HostUser) -> None:
    """An order does not change any more, so that it is asked for once."""
    linked.posts(f"{ORDERS}/check")
    linked.host.sandbox.clear_calls()

    answer = linked.posts(f"{ORDERS}/check")

    assert answer.get_json()["changed"] == 0
    assert [call["path"] for call in linked.host.sandbox.calls("/api/*")] == [LIST]


@pytest.mark.usefixtures("bought")
def test_many_orders_are_asked_for_in_parts(linked: HostUser, monkeypatch: pytest.MonkeyPatch) -> None:
    """All are listed at once; what each holds comes with the next checks."""
    monkeypatch.setattr(order_checks, "MOST_IN_FULL", 1)

    first, second = (linked.posts(f"{ORDERS}/check").get_json()["complete"] for _ in range(2))

    assert (first, second) == (False, True)
    assert all(order.is_whole for order in timeline(linked).orders)


def test_the_event_and_the_answer_are_one_order(linked: HostUser, bought: str) -> None:
    """The check adds to it what the event cannot tell: the amounts."""
    Sender(linked.host).tells(placed("1", id=bought))
    before = timeline(linked).orders[0].payment_total

    linked.posts(f"{ORDERS}/check")

    [order] = [one for one in timeline(linked).orders if one.id == bought]
    assert (before, order.payment_total is not None) == (None, True)


def test_polling_brings_orders_too(linked: HostUser, bought: str) -> None:
    """Without webhooks, the next poll of the clinic's events tells of them."""
    code, _printed = linked.host.runs("poll")

    assert code == 0
    assert bought in [order.id for order in timeline(linked).orders]


def test_orders_are_turned_over_a_page_at_a_time(linked: HostUser) -> None:
    """The latest first; labs are told apart by their line items."""
    lab = {"line_items": [{"variant_id": "lab-1", "quantity": 1, "type": "labs", "lab_type": "lab_test"}]}
    days = [placed(str(day), f"2026-03-0{day}T12:00:00Z") for day in range(1, 5)]
    Sender(linked.host).tells(*days, placed("5", "2026-03-05T12:00:00Z", **lab))

    first, last = timeline(linked, size=2), timeline(linked, number=9, size=2)

    assert [(order.id, order.has_labs) for order in first.orders] == [("order-5", True), ("order-4", False)]
    assert (last.number, last.pages, [order.id for order in last.orders]) == (3, 3, ["order-1"])


def test_what_was_recommended_against_what_was_ordered(linked: HostUser) -> None:
    """Counted since the newest active plan with the product; what nobody bought says so."""
    lines = [
        {"variant_id": "variant-1", "units_to_purchase": 3, "refill": True},
        {"variant_id": "variant-2", "units_to_purchase": 1, "refill": True},
    ]
    Sender(linked.host).tells(
        plan(at="2026-03-02T12:00:00Z", patient={"id": PRIYA}, recommendations=lines),
        placed("before", "2026-03-01T12:00:00Z"),
        placed("1", "2026-03-03T12:00:00Z"),
    )

    rows = adherence(linked)

    assert [(row.recommended, row.ordered, row.is_ordered, row.refill) for row in rows] == [
        (3, 2, False, "unknown"),
        (1, 0, False, "not_ordered"),
    ]


def test_a_refill_is_due_when_what_was_bought_is_used_up(
    linked: HostUser, elsewhere: FullscriptClient
) -> None:
    """From the size of the package and the dosage: 60 capsules of two a day are 30 days."""
    variant = next(
        found
        for number in range(30)
        if (found := elsewhere.variants.retrieve(a_variant(elsewhere, number))).unit_of_measure == "capsules"
    )
    dosage = {"amount": "2", "frequency": "once per day", "format": "capsule"}
    line = {"variant_id": variant.id, "units_to_purchase": 1, "refill": True, "dosage": dosage}
    item = {"variant_id": variant.id, "quantity": 1, "type": "supplement"}
    Sender(linked.host).tells(
        plan(at="2026-03-01T00:00:00Z", patient={"id": PRIYA}, recommendations=[line]),
        placed("1", "2026-03-01T12:00:00Z", line_items=[item]),
    )

    [early], [late] = adherence(linked, date(2026, 3, 2)), adherence(linked, date(2028, 3, 1))

    assert (early.refill, late.refill) == ("later", "due")


def test_the_fragment_says_it_in_words(linked: HostUser) -> None:
    """A table with a summary, or 204 for a page that has it already."""
    Sender(linked.host).tells(plan(patient={"id": PRIYA}))

    shown = linked.browser.get(f"{ORDERS}/adherence")
    version = shown.text.split('data-version="')[1].split('"')[0]
    again = linked.browser.get(f"{ORDERS}/adherence", query_string={"seen": version})

    assert "0 of 1 recommended product was ordered" in shown.text
    assert (again.status_code, again.data) == (204, b"")


@pytest.mark.parametrize("path", [ORDERS, f"{ORDERS}/adherence"])
def test_nobody_else_is_told_of_orders(linked: HostUser, path: str) -> None:
    """Neither who is signed out nor who may not see the patient."""
    foreign = linked.browser.get(path.replace("7", "9")).status_code
    linked.signs_out()

    assert (foreign, linked.browser.get(path).status_code) == (404, 401)


def test_fullscript_away_is_said(linked: HostUser) -> None:
    """What is known stays, and the page knows that it may be old."""
    Sender(linked.host).tells(placed("1"))
    linked.host.sandbox.fault(LIST, status=500, times=9)

    answer = linked.posts(f"{ORDERS}/check")

    assert (answer.status_code, answer.get_json()["error"]["code"]) == (502, "upstream_unreachable")
    assert asks_as(linked, lambda: linked.host.extension.ordering.last_check("7")).has_failed
    assert len(timeline(linked).orders) == 1
