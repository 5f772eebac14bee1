"""The frame for everybody: by keyboard, by screen reader, on a telephone."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.accessibility import violations
from tests.e2e.platform.host import OMAR, PRIYA, SAM, Recommender

WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
LOOKS = [pytest.param(360, "dark", id="telephone, dark"), pytest.param(1280, "light", id="desk, light")]


def overflow(recommender: Recommender) -> int:
    """By how many pixels the frame's page is wider than the frame."""
    wide: int = recommender.inside.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return wide


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_axe_finds_nothing_on_the_way_to_a_plan(recommender: Recommender, width: int, scheme: Any) -> None:
    """From practitioner to sent, each screen is looked at when it stands; none is wider than the frame."""
    recommender.page.set_viewport_size({"width": width, "height": 800})
    recommender.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    found: dict[str, list[str]] = {}

    def look(name: str) -> None:
        found[name] = violations(recommender.inside) + ["too wide"] * (overflow(recommender) > 0)

    recommender.opens(SAM, patient={"firstName": "Amos", "lastName": "Burton"})
    expect(recommender.heading("Who is this plan from?")).to_be_visible()
    look("practitioner")
    recommender.person("Omar Haddad").click()
    expect(recommender.person("Amos Barton")).to_be_visible()
    look("suggestions")
    recommender.button("New patient").click()
    recommender.button("Add patient").click()
    expect(recommender.frame.get_by_role("alert")).to_be_visible()
    look("new patient")
    recommender.button("Existing patient").click()
    recommender.person("Amos Barton").click()
    expect(recommender.button(re.compile("^Add ")).first).to_be_visible()
    look("catalog")
    recommender.adds("Zinc 30")
    recommender.button("Zinc 30").first.click()
    expect(recommender.heading("About")).to_be_visible()
    look("product")
    recommender.button("Labs").click()
    recommender.button("Celiac Screen").click()
    expect(recommender.heading("Instructions for the patient")).to_be_visible()
    look("lab")
    recommender.button("Add to plan").click()
    recommender.button(re.compile("^Plan ·")).or_(recommender.button("Edit Zinc 30")).first.click()
    if width < 992:
        recommender.button("Edit Zinc 30").click()
    expect(recommender.field("Amount")).to_be_visible()
    look("plan")
    recommender.button("Review and send").click()
    expect(recommender.button("Send to patient")).to_be_visible()
    look("review")
    recommender.button("Send to patient").click()
    expect(recommender.heading("Sent to Amos Barton")).to_be_visible()
    look("sent")

    assert found == {name: [] for name in found}


def test_axe_finds_nothing_on_the_error_page(recommender: Recommender) -> None:
    """Not on the page that says why the frame did not open either."""
    recommender.opens(OMAR, secret_token="nonsense")
    expect(recommender.heading("Fullscript could not be opened")).to_be_visible()

    assert violations(recommender.inside) == []


def test_a_plan_is_sent_with_the_keyboard_alone(recommender: Recommender) -> None:
    """Search, add, review and send by Tab and Enter."""
    recommender.opens(OMAR, patient={"id": PRIYA})
    recommender.field("Search products").press_sequentially("Zinc 30")
    expect(recommender.frame.get_by_role("status").filter(has_text="product").first).not_to_have_text(
        re.compile(r"^\d{3}")
    )
    _tabs_to(recommender.page, "Add Zinc 30")
    recommender.page.keyboard.press("Enter")
    expect(recommender.button("Review and send")).to_be_enabled()
    _tabs_to(recommender.page, "Review and send")
    recommender.page.keyboard.press("Enter")
    expect(recommender.heading("Review the plan for Priya")).to_be_focused()
    _tabs_to(recommender.page, "Send to patient")
    recommender.page.keyboard.press("Enter")

    assert recommender.waits_for("treatmentPlan.activated")


def test_the_focus_stays_where_the_keyboard_left_it(recommender: Recommender) -> None:
    """Adding and moving change the pressed button's meaning, not its place."""
    recommender.opens(OMAR, patient={"id": PRIYA})
    recommender.adds("Quercetin")
    recommender.adds("Zinc 30")
    expect(recommender.button("In plan Zinc 30")).to_be_focused()
    recommender.button("Move Zinc 30 up").press("Enter")
    expect(recommender.plan.locator(".item-name")).to_have_text(["Zinc 30", "Quercetin"])

    expect(recommender.button("Move Zinc 30 up")).to_be_focused()


def test_an_added_product_is_announced(recommender: Recommender) -> None:
    """Who cannot see the plan beside the catalog hears that it grew."""
    recommender.opens(OMAR, patient={"id": PRIYA})
    recommender.adds("Zinc 30")

    expect(recommender.frame.get_by_text("Zinc 30 was added to the plan.")).to_be_attached()


def _tabs_to(page: Page, name: str) -> None:
    """Press Tab until the focus is on what has that name."""
    for _ in range(80):
        page.keyboard.press("Tab")
        inside = page.frames[-1]
        text = inside.evaluate("document.activeElement?.closest('button')?.innerText ?? ''")
        if name in " ".join(text.split()):
            return
    raise AssertionError(f"Tab does not lead to {name}")
