"""A patient's plans on the chart: looked through, used and cancelled, by mouse and by keyboard."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from tests.e2e.accessibility import problems
from tests.e2e.people import Person
from tests.e2e.test_main_job import KNOWN, PRIYA_ID

LIST = f"/api/clinic/patients/{PRIYA_ID}/treatment_plans"


def opens_plans(person: Person) -> Locator:
    """Open the plans of a patient who has some at Fullscript, of which nothing is known here yet."""
    person.is_connected()
    person.goes_to(f"/patients/{person.patient_id(KNOWN)}/plans")
    return person.page.locator("[data-plan]")


def opens_active_plan(person: Person) -> None:
    """Go from the list to the page of the newest plan that is active."""
    opens_plans(person)
    active = person.page.locator("[data-plan][data-state=active]").first
    active.get_by_role("link").click()
    expect(person.page).to_have_url(re.compile(r"/plans/[0-9a-f-]{36}$"))
    expect(is_checked(person)).to_be_visible()


def is_checked(person: Person) -> Locator:
    """What says that the page was compared with Fullscript after it was shown."""
    return person.page.locator("[data-fullscript-check][data-state=checked][aria-busy=false]")


def plan_id(person: Person) -> str:
    """Fullscript's id of the plan whose page is open."""
    return person.page.url.rpartition("/")[2]


def news(person: Person) -> Locator:
    """Where it says what became of the plan."""
    return person.page.locator("[data-fullscript-region-news]")


def test_plans_come_from_fullscript_and_are_found_by_keyboard(maya: Person) -> None:
    """The list fills itself once it is compared; a filter and a plan are reached without a mouse."""
    rows = opens_plans(maya)
    expect(rows.first).to_be_visible()
    expect(is_checked(maya)).to_contain_text("Checked with Fullscript")
    found = problems(maya.page)

    maya.page.get_by_role("link", name=re.compile("^Cancelled")).click()
    expect(maya.page.get_by_role("heading", name="No plan is cancelled")).to_be_visible()
    maya.page.get_by_role("link", name=re.compile("^Active")).click()
    expect(maya.page).to_have_url(re.compile(r"state=active$"))
    expect(is_checked(maya)).to_be_visible()
    maya.reaches(rows.first.get_by_role("link"))

    expect(maya.page.get_by_role("heading", name="History")).to_be_visible()
    assert found == []


def test_a_plan_is_passed_on_sold_and_cancelled(maya: Person) -> None:
    """The link is copied, the checkout opens in a tab of its own, and cancelling asks first."""
    page = maya.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    opens_active_plan(maya)
    page.get_by_role("button", name="Copy invitation link").click()
    expect(news(maya)).to_contain_text("The invitation link is copied.")
    copied = page.evaluate("navigator.clipboard.readText()")

    page.get_by_role("button", name="In-office checkout").click()
    expect(page.get_by_role("dialog")).to_contain_text("empties the patient's cart")
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="Empty the cart and check out").click()
    expect(opened.value).to_have_url(re.compile("checkout"))
    opened.value.close()

    page.get_by_role("button", name="Cancel this plan").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    asked = problems(page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.get_by_role("button", name="Cancel this plan").click()
    page.get_by_role("button", name="Cancel the plan", exact=True).click()

    expect(news(maya)).to_contain_text("The plan is cancelled.")
    expect(page.get_by_role("button", name="Cancel this plan")).to_have_count(0)
    assert "/welcome/" in copied
    assert asked == []


def test_a_plan_that_was_cancelled_meanwhile_is_shown_as_it_is(maya: Person) -> None:
    """Neither the checkout nor cancelling it again goes wrong: the page says what happened."""
    opens_active_plan(maya)
    maya.practice.sandbox.emit("treatment_plan.updated", plan_id=plan_id(maya))

    maya.page.get_by_role("button", name="In-office checkout").click()
    maya.page.get_by_role("button", name="Empty the cart and check out").click()

    expect(news(maya)).to_contain_text("This plan was cancelled meanwhile.")
    expect(maya.page.get_by_role("button", name="In-office checkout")).to_have_count(0)


def test_fullscript_away_leaves_what_is_known(maya: Person) -> None:
    """The page says that it could not be reached, keeps its list, and tries again when asked to."""
    rows = opens_plans(maya)
    expect(rows.first).to_be_visible()
    expect(is_checked(maya)).to_be_visible()
    maya.practice.sandbox.fault(LIST, status=500, times=2)
    maya.page.get_by_role("button", name="Check now").click()
    expect(maya.page.get_by_text("Fullscript cannot be reached.")).to_be_visible()
    expect(rows.first).to_be_visible()
    maya.page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    dark = problems(maya.page, "dark")

    maya.practice.sandbox.clear_faults()
    maya.page.get_by_role("button", name="Try again").click()

    expect(maya.page.get_by_text("Fullscript cannot be reached.")).to_be_hidden()
    assert dark == []


def test_the_link_of_a_cancelled_plan_is_refused_in_words(maya: Person) -> None:
    """Fullscript opens drafts and active plans alone; no tab is left open for it."""
    opens_active_plan(maya)
    maya.practice.sandbox.emit("treatment_plan.updated", plan_id=plan_id(maya))

    maya.page.get_by_role("button", name="Edit in Fullscript").click()

    expect(maya.notice).to_contain_text("The plan cannot be opened.")
    assert len(maya.page.context.pages) == 1
