"""What Fullscript reports reaches the practice, whatever happens between the frame and the server."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.people import EVENTS, Person
from tests.e2e.servers import Practice
from tests.waiting import LONG

OUTBOX = "fullscript-outbox"
# ms; a report that waits is tried again after pauses that double: the last may be as long as all before.
STORED_WITHIN = LONG * 1000


@pytest.fixture
def omar_writing(omar: Person) -> Person:
    """Dr. Haddad with a plan for Priya Raman that is ready to be sent."""
    omar.is_connected()
    omar.opens_fullscript("Priya Raman")
    omar.frame.adds_product()
    return omar


def test_a_restart_between_event_and_post_loses_nothing(omar_writing: Person, practice: Practice) -> None:
    """While the practice app restarts, the report waits in the browser; afterwards it is stored by itself."""
    practice.stop()
    try:
        omar_writing.frame.sends()
        expect(omar_writing.notice).to_contain_text("this page keeps trying")
    finally:
        practice.start()

    expect(omar_writing.plans).to_have_count(1, timeout=STORED_WITHIN)
    nothing_waits(omar_writing.page)


def test_a_session_that_ended_while_the_frame_was_open_loses_nothing(omar_writing: Person) -> None:
    """The page asks to sign in again, and the report is stored when that was done."""
    omar_writing.practice.execute("UPDATE sign_in SET ended_at = CURRENT_TIMESTAMP")
    omar_writing.frame.sends()
    omar_writing.page.get_by_role("link", name="Sign in again").click()
    expect(omar_writing.page).to_have_url(re.compile("/sign-in"))
    omar_writing.signs_in()

    expect(omar_writing.page.get_by_role("heading", name="Priya Raman")).to_be_visible()
    expect(omar_writing.plans).to_have_count(1)


def test_a_reload_loses_nothing(omar_writing: Person) -> None:
    """A report that could not be posted is posted by the next page of the same tab."""
    page = omar_writing.page
    page.route(EVENTS, lambda route: route.abort())
    omar_writing.frame.sends()
    expect(omar_writing.notice).to_contain_text("Not stored here yet.")
    assert len(waiting(page)) == 1
    page.unroute(EVENTS)
    page.reload()

    expect(omar_writing.plans).to_have_count(1)
    nothing_waits(page)


def test_a_report_is_not_posted_by_somebody_else(omar_writing: Person) -> None:
    """When another person signs in in the same tab, what waited is removed unread and never posted."""
    page = omar_writing.page
    page.route(EVENTS, lambda route: route.abort())
    omar_writing.frame.sends()
    expect(omar_writing.notice).to_contain_text("Not stored here yet.")
    page.context.clear_cookies()
    page.unroute(EVENTS)
    sam = Person(page, omar_writing.practice, "sam.okafor@juniper.example")
    sam.opens_chart("Priya Raman")
    sam.stays_until_idle()

    assert waiting(page) == []
    assert sam.practice.rows("SELECT count(*) FROM fullscript_event") == [(0,)]


def test_a_report_waits_while_somebody_else_is_signed_in_elsewhere(omar_writing: Person) -> None:
    """Another tab may change who is signed in; the report is not sent in their name, and the page says so."""
    page, practice = omar_writing.page, omar_writing.practice
    sam = Person(page.context.new_page(), practice, "sam.okafor@juniper.example")
    page.context.clear_cookies()
    sam.is_signed_in()
    omar_writing.frame.sends()

    expect(omar_writing.notice).to_contain_text("Somebody else is signed in")
    assert practice.rows("SELECT count(*) FROM fullscript_event") == [(0,)]


def test_a_report_that_is_refused_for_good_is_shown_and_dropped(omar_writing: Person) -> None:
    """When the server will never take a report, the page says so and does not ask for ever."""
    page = omar_writing.page
    error = {"error": {"code": "wrong_clinic", "message": "The event is of another clinic than yours."}}
    page.route(EVENTS, lambda route: route.fulfill(status=409, json=error))
    omar_writing.frame.sends()

    expect(omar_writing.notice).to_contain_text("The event is of another clinic than yours.")
    assert waiting(page) == []


def test_the_same_report_twice_is_one_plan(omar_writing: Person) -> None:
    """A report whose answer was lost is posted again, and still there is one plan."""
    omar_writing.page.route(EVENTS, lose_the_answer, times=1)
    omar_writing.frame.sends()
    expect(omar_writing.notice).to_contain_text("Stored.", timeout=STORED_WITHIN)

    expect(omar_writing.plans).to_have_count(1)
    assert omar_writing.practice.rows("SELECT count(*) FROM fullscript_event") == [(1,)]


def test_the_network_coming_back_is_noticed(omar_writing: Person) -> None:
    """Once the browser is online again, the report goes out without waiting for its pause."""
    page = omar_writing.page
    page.route(EVENTS, lambda route: route.abort())
    omar_writing.frame.sends()
    expect(omar_writing.notice).to_contain_text("Not stored here yet.")
    page.context.set_offline(True)
    page.unroute(EVENTS)
    page.context.set_offline(False)

    expect(omar_writing.plans).to_have_count(1)


def test_closing_the_tab_leaves_nothing_behind(omar_writing: Person) -> None:
    """A waiting report ends with its tab: the next tab of the same browser finds none."""
    page = omar_writing.page
    page.route(EVENTS, lambda route: route.abort())
    omar_writing.frame.sends()
    expect(omar_writing.notice).to_contain_text("Not stored here yet.")
    other = page.context.new_page()
    page.close()
    other.goto(f"{omar_writing.practice.url}/patients")

    assert waiting(other) == []
    assert other.evaluate("Object.keys(localStorage).filter((key) => /fullscript/.test(key))") == []


def lose_the_answer(route: Route) -> None:
    """Let a post through, and its answer not."""
    route.fetch()
    route.abort()


def nothing_waits(page: Page) -> None:
    """Wait until no report waits in this tab: a plan may be seen before its report is answered."""
    page.wait_for_function("(key) => sessionStorage.getItem(key) === null", arg=OUTBOX)


def waiting(page: Page) -> list[object]:
    """The reports that wait in this tab."""
    kept = page.evaluate(f"sessionStorage.getItem('{OUTBOX}')")
    return list(json.loads(kept or "[]"))
