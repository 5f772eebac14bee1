"""The pages of plans and orders on a chart: who sees them, and that a long history costs no more queries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import event

from bench.chart_filling import LARGE, SMALL, connect, fill, name_products
from ehr.database import db
from fullscript_embed.testing import Sandbox
from tests.practice_host import Visitor, words

PAGES = ("", "/plans", "/orders", "/labs")
# Of the extension and the practice app together, for any page of a chart.
MOST_STATEMENTS = 40


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """The statements that are executed meanwhile."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


@pytest.fixture
def charts(practice_app: Flask, maya: Visitor) -> tuple[int, int]:
    """Two patients of a connected practitioner, with one of each and with a history of years."""
    small, large = maya.patient("Amelia Burton"), maya.patient("Noah Whitfield")
    with practice_app.app_context(), db.engine.begin() as connection:
        connect(connection, maya.user("practitioner"))
        name_products(connection)
        fill(connection, small, SMALL)
        fill(connection, large, LARGE)
    return small, large


@pytest.mark.parametrize("path", PAGES)
def test_a_long_history_costs_no_more_queries(
    practice_app: Flask, maya: Visitor, charts: tuple[int, int], path: str
) -> None:
    """200 plans, 500 orders and 50 lab orders are read by as many statements as one of each."""
    counts = []
    for patient in charts:
        maya.opens(f"/patients/{patient}{path}")
        with counted(practice_app) as statements:
            maya.opens(f"/patients/{patient}{path}")
        counts.append(len(statements))

    assert counts[0] == counts[1] <= MOST_STATEMENTS


def test_a_long_list_is_shown_a_page_at_a_time(maya: Visitor, charts: tuple[int, int]) -> None:
    """Twenty plans or orders, and the way to the others."""
    plans = maya.opens(f"/patients/{charts[1]}/plans?page=3").text
    orders = maya.opens(f"/patients/{charts[1]}/orders?page=99").text

    assert plans.count('class="fullscript-plan-row"') == orders.count('class="fullscript-order"') == 20
    assert 'aria-label="Page 3" aria-current="page"' in plans
    assert 'aria-label="Page 25" aria-current="page"' in orders


def test_the_newest_labs_stand_first_and_the_rest_one_click_away(
    maya: Visitor, charts: tuple[int, int]
) -> None:
    """Ten of fifty, and all of them when they are asked for."""
    address = f"/patients/{charts[1]}/labs"
    newest, everything = maya.opens(address).text, maya.opens(f"{address}?labs=all").text

    assert (newest.count("data-lab-order"), everything.count("data-lab-order")) == (10, 50)
    assert "Show all 50 lab orders" in newest
    assert "Show all" not in everything


def test_one_plan_says_all_that_is_in_it(connect: Callable[[str], Visitor], sandbox: Sandbox) -> None:
    """Products with picture and dosage, who it is from, and what can be done with it."""
    maya = connect("practitioner")
    priya = maya.patient("Priya Raman")
    token = maya.opens("/fullscript/session").get_json()["csrf_token"]
    maya.opens(f"/patients/{priya}/plans")
    maya.browser.post(
        f"/fullscript/patients/{priya}/plans/check", json={}, headers={"X-CSRFToken": token}, buffered=True
    )
    listed = maya.opens(f"/patients/{priya}/plans").text
    plan_id = listed.split('data-plan="')[1].split('"')[0]

    page = maya.opens(f"/patients/{priya}/plans/{plan_id}")

    assert f'src="{sandbox.url}/images/variants/' in page.text
    assert "to buy" in words(page)
    assert "Copy invitation link" in words(page)


@pytest.mark.parametrize("path", ["/plans", "/plans/plan-1", "/orders"])
def test_another_practice_s_chart_is_not_there(practice_app: Flask, maya: Visitor, path: str) -> None:
    """Neither its plans nor its orders; and nobody who is signed out gets so far."""
    priya = maya.patient("Priya Raman")
    grace = Visitor(practice_app).signs_in_as("foreign practitioner")

    assert grace.opens(f"/patients/{priya}{path}").status_code == 404
    assert Visitor(practice_app).opens(f"/patients/{priya}{path}").status_code == 302


def test_without_a_connection_what_is_known_is_shown(maya: Visitor) -> None:
    """The page says how to have it compared, and offers nothing that would fail."""
    page = maya.opens(f"/patients/{maya.patient('Priya Raman')}/plans")

    assert "Connect your Fullscript account to compare it with Fullscript." in words(page)
    assert "Check now" not in words(page)
