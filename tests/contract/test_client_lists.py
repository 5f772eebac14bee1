"""Lists over pages, against the sandbox's own paging."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fullscript_embed.api import (
    FullscriptClient,
    RequestInvalid,
    UnreadableAnswer,
    after,
    before,
    between,
    on,
)
from fullscript_embed.testing import Sandbox
from tests.api_client import World

BRANDS = "/api/catalog/brands"
EVENTS = ("clinic_keys", "lab_orders", "orders", "patients", "products", "treatment_plans")


def test_nothing_is_asked_before_a_list_is_walked(sandbox: Sandbox, client: FullscriptClient) -> None:
    """Naming a list costs nothing of the rate limit."""
    client.brands.list()

    assert sandbox.calls(BRANDS) == []


@pytest.mark.parametrize("page_size", [1, 3, 100])
def test_a_list_is_the_same_in_pages_of_any_size(client: FullscriptClient, page_size: int) -> None:
    """However it is cut, every record comes once and in the same order."""
    whole = [brand.id for brand in client.brands.list()]
    cut = [brand.id for brand in client.brands.list(page_size=page_size)]

    assert cut == whole
    assert len(set(whole)) == len(whole) > 3


def test_pages_are_asked_for_when_they_are_needed(sandbox: Sandbox, client: FullscriptClient) -> None:
    """Whoever stops early has asked for one page."""
    next(iter(client.brands.list(page_size=2)))

    assert len(sandbox.calls(BRANDS)) == 1


def test_a_page_says_where_it_stands(client: FullscriptClient) -> None:
    """The meta of a page names its neighbours and the whole."""
    brands = client.brands.list(page_size=2)
    count = brands.total_count or 0
    page = brands.page(2)

    assert (page.meta.current_page, page.meta.prev_page, page.meta.next_page) == (2, 1, 3)
    assert page.meta.total_pages == -(-count // 2)


def test_the_last_page_has_no_next(client: FullscriptClient) -> None:
    """The walk ends where Fullscript says that it ends."""
    brands = client.brands.list(page_size=2)
    last = list(brands.pages())[-1]

    assert last.meta.next_page is None
    assert 1 <= len(last) <= 2


def test_a_page_beyond_the_end_is_empty(client: FullscriptClient) -> None:
    """It is no error to look there."""
    page = client.brands.list().page(1000)

    assert list(page) == []


def test_an_empty_list_is_empty(client: FullscriptClient) -> None:
    """Nothing found is an answer, with its count."""
    found = client.patients.search("qqqqqqqqqq")

    assert found.first() is None
    assert found.total_count == 0


@pytest.mark.parametrize("number", [0, -1])
def test_there_is_no_page_before_the_first(client: FullscriptClient, number: int) -> None:
    """Pages are counted from one."""
    with pytest.raises(RequestInvalid, match="counted from 1"):
        client.brands.list().page(number)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"brands": [{"id": "b1"}]}, id="no meta"),
        pytest.param({"brands": [{"id": "b1"}], "meta": {"current_page": 1, "next_page": 1}}, id="a circle"),
        pytest.param({"brands": [{"id": "b1"}], "meta": None}, id="meta is null"),
        pytest.param([{"id": "b1"}], id="a bare list"),
        pytest.param({"brands": [{"id": "b1"}, None, "x"], "meta": {}}, id="members that are none"),
    ],
)
def test_a_list_ends_whatever_its_meta_says(sandbox: Sandbox, client: FullscriptClient, body: Any) -> None:
    """An answer without a next page, or with one that was already seen, is the last."""
    sandbox.fault(BRANDS, status=200, body=body, times=3)
    found = [brand.id for brand in client.brands.list()]

    assert found == ["b1"]
    assert len(sandbox.calls(BRANDS)) == 1


def test_null_in_place_of_a_list_is_an_empty_one(sandbox: Sandbox, client: FullscriptClient) -> None:
    """Ruby writes nothing as null."""
    sandbox.fault(BRANDS, status=200, body={"brands": None})
    found = list(client.brands.list())

    assert found == []


@pytest.mark.parametrize("body", [{"ok": True}, {"brands": "x"}, 7], ids=["no list", "a string", "a number"])
def test_an_answer_without_a_list_is_told(sandbox: Sandbox, client: FullscriptClient, body: Any) -> None:
    """An empty result and an answer of something else are different things."""
    sandbox.fault(BRANDS, status=200, body=body)

    with pytest.raises(UnreadableAnswer, match="no list of brands"):
        client.brands.list().first()


def test_dates_narrow_a_list(world: World) -> None:
    """Before a day, on it, after it and from one to another are what they say."""
    orders = world.client.orders
    moments = sorted(order.completed_at for order in orders.list() if order.completed_at)
    day = moments[len(moments) // 2].astimezone(UTC).date()
    counts = [
        orders.list(completed_at=chosen).total_count or 0 for chosen in (before(day), on(day), after(day))
    ]

    assert sum(counts) == len(moments)
    assert counts[1] == orders.list(completed_at=day).total_count
    assert orders.list(completed_at=between(day, day + timedelta(days=36500))).total_count == sum(counts[1:])


def test_a_list_can_be_sorted(world: World) -> None:
    """Descending is the reverse of ascending."""
    orders = world.client.orders
    up = [order.order_number for order in orders.list(sort_by="order_number", order_by="ASC")]
    down = [order.order_number for order in orders.list(sort_by="order_number", order_by="DESC")]

    assert down == up[::-1]
    assert len(up) > 1


@pytest.mark.parametrize("category", EVENTS)
def test_events_are_listed_by_category(world: World, category: str) -> None:
    """One method takes the category by name, as the six others do by theirs."""
    world.sandbox.clear_calls()
    list(world.client.events.list(category, created_at=after(datetime.now(UTC).date() - timedelta(days=7))))

    assert [call["path"] for call in world.sandbox.calls()] == [f"/api/events/{category}"]


def test_an_unknown_category_of_events_is_refused(client: FullscriptClient) -> None:
    """The message lists those that there are."""
    with pytest.raises(RequestInvalid, match="treatment_plans"):
        client.events.list("treatment-plans")


def test_filters_of_several_values_narrow_a_search(world: World) -> None:
    """Ids of ingredients are sent as a list, and each has to be met."""
    client = world.client
    everything = client.products.search().total_count or 0
    ingredient = client.ingredients.list().first()
    found = client.products.search(ingredient_ids=[ingredient.id if ingredient else ""]).total_count or 0

    assert 0 < found < everything
