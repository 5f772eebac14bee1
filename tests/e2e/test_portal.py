"""The patient portal in a browser: from the invitation to the page where the plan is ordered."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from fullscript_embed.testing import Sandbox
from tests.e2e.accessibility import problems
from tests.e2e.people import CSRF_FIELD, PRACTICE_PASSWORD, Person

pytestmark = pytest.mark.browser
PRIYA = "priya.raman@mail.example"


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    """A browser of the patient's own."""
    context = browser.new_context()
    yield context
    context.close()


def signs_in(page: Page, practice_url: str, email: str) -> None:
    """Sign in to the portal as a patient of the demo."""
    page.goto(f"{practice_url}/portal/sign-in")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PRACTICE_PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def compares_plans(person: Person, name: str) -> int:
    """Have the practice app ask for a patient's plans, as the button on the chart does."""
    number = person.patient_id(name)
    form = person.page.request.get(f"{person.practice.url}/patients/{number}").text()
    token = CSRF_FIELD.search(form)
    assert token
    answer = person.page.request.post(
        f"{person.practice.url}/fullscript/patients/{number}/plans/check",
        headers={"X-CSRFToken": token.group(1)},
    )
    assert answer.ok
    return number


def test_an_invitation_leads_into_the_portal(maya: Person, phone: BrowserContext) -> None:
    """Staff make the link on the chart; the patient sets a password with it, and is in."""
    maya.opens_chart("Noah Whitfield")
    maya.page.get_by_role("button", name="Invite to the portal").click()
    link = maya.page.get_by_label("Link", exact=True).input_value()
    page = phone.new_page()
    page.goto(link)
    page.get_by_label("Choose a password").fill("a long enough password")
    page.get_by_label("The same password again").fill("a long enough password")
    found = problems(page)
    page.get_by_role("button", name="Save and sign in").click()

    expect(page.get_by_role("heading", name="Plans for Noah")).to_be_visible()
    assert found == []


def test_a_patient_orders_what_was_recommended(maya: Person, phone: BrowserContext, sandbox: Sandbox) -> None:
    """The plan tells how to take it, and leads to Fullscript in a tab that knows nothing of this one."""
    maya.is_connected()
    compares_plans(maya, "Priya Raman")
    page = phone.new_page()
    signs_in(page, maya.practice.url, PRIYA)
    expect(page.get_by_text(re.compile("^Take "))).not_to_have_count(0)
    assert problems(page) == []
    page.set_viewport_size({"width": 1280, "height": 800})
    with phone.expect_page() as opened:
        page.get_by_role("link", name=re.compile("Order supplements")).first.click()
    shop = opened.value
    shop.wait_for_url(lambda address: address.startswith((sandbox.url, maya.practice.fullscript_url)))

    assert shop.evaluate("window.opener") is None
    expect(shop.get_by_role("heading").first).to_be_visible()


def test_the_rooms_of_the_portal_are_usable_in_the_dark(maya: Person, phone: BrowserContext) -> None:
    """By everybody, at every width; a guardian turns to a child by a link."""
    page = phone.new_page()
    page.emulate_media(color_scheme="dark")
    signs_in(page, maya.practice.url, "clara.dietrich@mail.example")
    page.get_by_role("link", name="Jonas Dietrich").click()
    expect(page.get_by_role("heading", name="Plans for Jonas")).to_be_visible()
    found = problems(page, "dark")
    for room, heading in (("Orders", "Orders of Jonas"), ("Labs", "Labs of Jonas"), ("Profile", "Profile")):
        page.set_viewport_size({"width": 1280, "height": 800})
        page.get_by_role("link", name=room).click()
        expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
        found += problems(page, "dark")

    assert found == []


def test_a_number_from_abroad_is_refused_beside_the_field(maya: Person, phone: BrowserContext) -> None:
    """The field is marked, with the reason; what was entered is still there."""
    page = phone.new_page()
    signs_in(page, maya.practice.url, PRIYA)
    page.get_by_role("link", name="Profile").click()
    page.get_by_label("Mobile number").fill("+44 20 7946 0018")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("from abroad (United Kingdom)")).to_be_visible()

    expect(page.get_by_label("Mobile number")).to_have_value("+44 20 7946 0018")
    assert problems(page) == []
