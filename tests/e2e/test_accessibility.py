"""Every page of the practice app and of the extension, for everybody: axe, small screens, light and dark."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.e2e.accessibility import problems_in_both_schemes
from tests.e2e.people import RECOMMEND, Person
from tests.e2e.servers import Practice

PRACTITIONERS_PAGES = (
    "/patients",
    "/patients?page=2",
    "/patients/1",
    "/patients/1/edit",
    "/patients/new",
    "/patients/new?guardian=1",
    "/integrations",
    "/profile",
    "/nothing-here",
    "/fullscript/callback/local?state=unknown&code=x",
    "/fullscript/connect?next=https://elsewhere.example/",
)
ADMINISTRATORS_PAGES = ("/admin/people", "/admin/audit", "/admin/connections/revoke-all", "/integrations")
ACTIVITY_PAGES = (
    "/admin/activity",
    "/admin/activity?state=dead",
    "/admin/activity/events/1",
    "/admin/activity/replay",
    "/admin/activity/webhooks?clinic=local+1f6a0c52-9b0e-4a57-8d4b-3c2e7d90a101",
    "/admin/activity/polling",
)
SANDBOX_PAGES = ("/", "/outbox", "/endpoints", "/nothing-here")


def walk(person: Person, addresses: tuple[str, ...]) -> dict[str, list[str]]:
    """The pages that axe objects to, or that do not fit, and why."""
    found = {}
    for address in addresses:
        person.goes_to(address)
        found[address] = problems_in_both_schemes(person.page)
    return {address: lines for address, lines in found.items() if lines}


def test_the_sign_in_page(omar: Person) -> None:
    """Who is not signed in finds a page that they can use."""
    assert walk(omar, ("/sign-in",)) == {}


def test_the_pages_of_a_practitioner(omar: Person) -> None:
    """Before anything is connected, errors of connecting among them."""
    omar.is_signed_in()

    assert walk(omar, PRACTITIONERS_PAGES) == {}


def test_the_pages_of_an_administrator(page: Page, practice: Practice, omar: Person) -> None:
    """With a connection to manage and a trail to read."""
    omar.is_connected()
    page.context.clear_cookies()
    admin = Person(page, practice, "admin@juniper.example")
    admin.is_signed_in()

    assert walk(admin, ADMINISTRATORS_PAGES) == {}


def test_the_pages_of_activity(page: Page, practice: Practice, omar: Person) -> None:
    """With an event in the inbox, and a delivery that did not reach it."""
    omar.is_connected()
    [app, *_] = practice.sandbox.apps()
    for url in (f"{practice.url}/fullscript/webhooks/local", f"{practice.url}/nowhere"):
        practice.sandbox.change_app(app, webhook_url=url)
        practice.sandbox.emit("patient.updated")
        assert practice.sandbox.webhooks_idle()
    page.context.clear_cookies()
    admin = Person(page, practice, "admin@juniper.example")
    admin.is_signed_in()

    assert walk(admin, ACTIVITY_PAGES) == {}
    admin.goes_to("/admin/activity/events/1")
    expect(page.get_by_role("heading", name="Raw payload")).to_be_visible()


def test_the_chart_while_and_after_recommending(omar: Person) -> None:
    """The dialog, its question before closing, and the chart with a plan and a connection on it."""
    omar.is_connected()
    omar.opens_fullscript("Priya Raman")
    omar.frame.is_ready()
    found = {"dialog": problems_in_both_schemes(omar.page)}
    omar.page.get_by_role("button", name="Close").press("Escape")
    expect(omar.notice).to_contain_text("Close Fullscript?")
    found["question"] = problems_in_both_schemes(omar.page)
    omar.page.get_by_role("button", name="Keep working").click()
    omar.frame.recommends()
    expect(omar.plans).to_have_count(1)
    found["plan"] = problems_in_both_schemes(omar.page)

    assert {where: lines for where, lines in found.items() if lines} == {}
    assert walk(omar, ("/integrations",)) == {}


def test_an_error_in_the_dialog(omar: Person) -> None:
    """What went wrong and the way on can be read and reached."""
    omar.is_connected()
    omar.practice.sandbox.fault("/api/clinic/embeddable/session_grants", status=403)
    omar.opens_fullscript("Priya Raman", RECOMMEND)
    expect(omar.notice).to_be_visible()

    assert problems_in_both_schemes(omar.page) == []


def test_the_sandbox_s_own_pages(omar: Person) -> None:
    """Start page, the messages it would have sent, and what it serves."""
    omar.is_connected()
    omar.opens_fullscript("Priya Raman")
    omar.frame.recommends()
    expect(omar.plans).to_have_count(1)
    found = {}
    for path in SANDBOX_PAGES:
        omar.page.goto(f"{omar.practice.sandbox.url}{path}")
        found[path] = problems_in_both_schemes(omar.page)

    assert {path: lines for path, lines in found.items() if lines} == {}
