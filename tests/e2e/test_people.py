"""A patient's Fullscript record, in a browser: who they are there, and what differs."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.accessibility import problems
from tests.e2e.people import Person
from tests.e2e.test_main_job import KNOWN

pytestmark = pytest.mark.browser


def opens_record(person: Person, name: str) -> None:
    """Open the tab of the chart."""
    person.opens_chart(name)
    person.page.get_by_role("link", name="Fullscript record", exact=True).click()
    person.page.wait_for_url(re.compile("/fullscript-record$"))


def button(person: Person, name: str) -> Locator:
    """A button of the record, by what it says."""
    return person.page.get_by_role("button", name=name)


def test_a_child_is_chosen_among_a_family_and_can_be_let_go_again(sam: Person) -> None:
    """Staff do it; the address that all share decides nothing."""
    sam.is_connected()
    opens_record(sam, "Jonas Dietrich")
    button(sam, "Find in Fullscript").click()
    expect(sam.page.get_by_text("Which of these is the patient?")).to_be_visible()
    found = problems(sam.page)
    sam.page.set_viewport_size({"width": 1280, "height": 800})
    button(sam, "Choose Jonas Dietrich, born 1 Sep 2014").click()
    expect(sam.page.get_by_text("Linked", exact=True)).to_be_visible()
    button(sam, "Remove the link").click()

    expect(sam.page.get_by_text("The link to Fullscript was removed.")).to_be_visible()
    assert found == []


def test_a_difference_is_chosen_by_keyboard(maya: Person) -> None:
    """Nothing changes before; afterwards the chart says what Fullscript said. In the dark, too."""
    maya.page.emulate_media(color_scheme="dark")
    maya.is_connected()
    opens_record(maya, KNOWN)
    mobile = maya.page.get_by_role("row").filter(has_text="Mobile number")
    theirs = mobile.get_by_role("cell").nth(1).inner_text()
    found = problems(maya.page, "dark")
    maya.page.set_viewport_size({"width": 1280, "height": 800})
    maya.reaches(mobile.get_by_role("radio", name="Leave both"), key="ArrowDown")
    expect(mobile.get_by_role("radio", name="Use Fullscript’s here")).to_be_checked()
    maya.page.keyboard.press("Enter")

    expect(maya.page.get_by_text("One field taken from Fullscript.")).to_be_visible()
    expect(mobile.get_by_role("cell").nth(0)).to_have_text(theirs)
    assert found == []
