"""What a patient ordered on the chart: a timeline, and against what was recommended a table and a picture."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from tests.e2e.accessibility import problems
from tests.e2e.people import Person
from tests.e2e.test_main_job import KNOWN
from tests.e2e.test_plans import is_checked, opens_active_plan, plan_id


def orders(person: Person) -> Locator:
    """The orders of the timeline."""
    return person.page.locator("[data-order]")


def test_orders_and_what_was_recommended(maya: Person) -> None:
    """Orders come from Fullscript when the page is shown, and a new one when it is asked for."""
    opens_active_plan(maya)
    plan = plan_id(maya)
    maya.goes_to(f"/patients/{maya.patient_id(KNOWN)}/orders")
    expect(orders(maya)).to_have_count(1)
    expect(is_checked(maya)).to_be_visible()
    expect(maya.page.locator("[data-fullscript-chart][data-drawn]")).to_be_visible()
    found = {"light": problems(maya.page)}

    maya.practice.sandbox.emit("order.placed", plan_id=plan)
    maya.page.get_by_role("button", name="Check now").click()
    expect(orders(maya)).to_have_count(2)
    expect(maya.page.get_by_role("table", name="Packages recommended and ordered")).to_be_visible()
    maya.page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    found["dark"] = problems(maya.page, "dark")

    assert found == {"light": [], "dark": []}


def test_the_table_says_it_without_the_picture(maya: Person) -> None:
    """When the chart library does not load, nothing is missing but the picture."""
    maya.page.route("**/chart.umd.min.js", lambda route: route.abort())
    opens_active_plan(maya)
    maya.goes_to(f"/patients/{maya.patient_id(KNOWN)}/orders")

    expect(maya.page.get_by_role("table", name="Packages recommended and ordered")).to_be_visible()
    expect(maya.page.locator("[data-fullscript-chart]")).to_be_hidden()


def test_a_patient_without_orders(maya: Person) -> None:
    """An empty timeline and an empty comparison say so."""
    maya.is_connected()
    maya.goes_to(f"/patients/{maya.patient_id('Noah Whitfield')}/orders")

    expect(maya.page.get_by_role("heading", name="No orders yet")).to_be_visible()
    expect(maya.page.get_by_text("there is nothing to compare")).to_be_visible()
    expect(maya.page.get_by_text("Nobody has linked this patient")).to_be_visible()
    assert problems(maya.page) == []
