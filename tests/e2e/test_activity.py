"""The administrator's pages of events at a browser: everything on them can be reached, read and pressed."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.accessibility import overflows
from tests.e2e.people import Person
from tests.e2e.servers import Practice
from tests.waiting import LONG, until

JUNIPER = "1f6a0c52-9b0e-4a57-8d4b-3c2e7d90a101"
DONE = "SELECT count(*) FROM fullscript_event WHERE state = 'applied' AND announced"
BY_POLL = "SELECT 1 FROM fullscript_event WHERE event_id = ? AND door = 'poll' AND state = 'applied'"
FAILED = "UPDATE fullscript_event SET state = 'dead', applied_at = NULL, last_error = 'LookupError'"
UNKNOWN_TYPE = "a.kind.of.event.that.nobody.knows.yet.and.that.has.a.long.name"
LONG_NAME = "The Integrative and Functional Medicine Center of Northwestern Connecticut"
PHONE, TABLET, LAPTOP = 360, 768, 1200
HIDDEN = "panel => panel.scrollWidth - panel.clientWidth"


@pytest.fixture
def admin(omar: Person, page: Page, practice: Practice) -> Person:
    """An administrator whose clinic has a connection, at the list of three events that are applied."""
    omar.is_connected()
    [app, *_] = practice.sandbox.apps()
    practice.sandbox.change_app(app, webhook_url=f"{practice.url}/fullscript/webhooks/local")
    for kind in ("patient.updated", "treatment_plan.recommendation.updated", "order.placed"):
        practice.sandbox.emit(kind, clinic_id=JUNIPER)
    assert practice.sandbox.webhooks_idle()
    until(lambda: practice.rows(DONE) == [(3,)], within=LONG, what="the worker")
    page.context.clear_cookies()
    admin = Person(page, practice, "admin@juniper.example")
    admin.is_signed_in()
    admin.goes_to("/admin/activity")
    expect(rows(admin)).to_have_count(3)
    return admin


def rows(person: Person) -> Locator:
    """The events on the page."""
    return person.page.locator("tbody").get_by_role("row")


def row(person: Person, kind: str) -> Locator:
    return rows(person).filter(has_text=kind)


def test_a_row_opens_its_own_event(admin: Person) -> None:
    """Wherever in the row somebody presses, and no other row's."""
    row(admin, "patient.updated").click()

    expect(admin.page.get_by_role("heading", name="patient.updated", level=1)).to_be_visible()


def test_filters_are_used_above_a_list(admin: Person) -> None:
    """The list beneath them does not take their clicks."""
    admin.page.get_by_label("Came by").select_option("Polling")
    admin.page.get_by_role("button", name="Show", exact=True).click()

    expect(admin.page.get_by_role("heading", name="No event fits")).to_be_visible()


def test_what_failed_is_found_and_played_again(admin: Person) -> None:
    """From the count to the failed ones, and from there through the page that asks."""
    admin.practice.execute(FAILED)
    admin.goes_to("/admin/activity")
    admin.page.get_by_role("link", name="3 failed").click()
    expect(admin.page).to_have_url(re.compile(r"\?state=dead$"))

    admin.page.get_by_role("link", name="Replay what failed").click()
    admin.page.get_by_role("button", name="Replay 3 events").click()

    expect(admin.page.get_by_text("3 events are being applied again.")).to_be_visible()


def test_moments_can_be_compared_with_a_log(admin: Person) -> None:
    """To the second and with their zone, in the reader's own time."""
    browser = admin.page.context.new_cdp_session(admin.page)
    browser.send("Emulation.setTimezoneOverride", {"timezoneId": "America/Phoenix"})
    admin.goes_to("/admin/activity")
    arrived = row(admin, "order.placed").locator("time")

    expect(arrived).to_have_text(re.compile(r"\d{4},\s\d\d:\d\d:\d\d\sGMT\W7$"))


@pytest.mark.parametrize("width", [PHONE, TABLET, LAPTOP])
def test_no_column_is_cut_off(admin: Person, width: int) -> None:
    """Whatever the event is called, whoever it is of, and through however many doors it came."""
    practice = admin.practice
    practice.execute(f"UPDATE fullscript_event SET type = '{UNKNOWN_TYPE}' WHERE id = 1")
    practice.execute(f"UPDATE fullscript_connection SET clinic_name = '{LONG_NAME}'")
    for door in ("browser", "poll"):
        practice.execute(
            f"INSERT INTO fullscript_witness (number, door, at) VALUES (2, '{door}', CURRENT_TIMESTAMP)"
        )
    admin.goes_to("/admin/activity")
    expect(row(admin, LONG_NAME)).to_have_count(3)

    assert not overflows(admin.page, width)
    assert admin.page.locator(".panel-table").evaluate(HIDDEN) == 0


def test_what_was_not_delivered_is_brought_back_from_where_it_is_seen(admin: Person) -> None:
    """The comparison has the button that asks Fullscript for it."""
    [app, *_] = admin.practice.sandbox.apps()
    admin.practice.sandbox.change_app(app, webhook_url=f"{admin.practice.url}/nowhere")
    missed = admin.practice.sandbox.emit("patient.updated", clinic_id=JUNIPER)
    assert admin.practice.sandbox.webhooks_idle()
    admin.goes_to("/admin/activity/webhooks")
    admin.page.get_by_role("button", name="Compare").click()
    admin.page.get_by_role("button", name="Bring back what was missed").click()

    expect(admin.page.get_by_text("Fullscript is being asked.")).to_be_visible()
    until(lambda: admin.practice.rows(BY_POLL, missed["id"]), within=LONG, what="the event that was missed")
