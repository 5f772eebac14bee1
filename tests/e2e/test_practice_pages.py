"""What the practice app's own scripts do: searching while somebody types, and filling in a demo account."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.people import Person

pytestmark = pytest.mark.browser


@pytest.fixture
def search(maya: Person) -> Locator:
    """The search field of the list of patients, with somebody signed in before it."""
    maya.is_signed_in()
    maya.goes_to("/patients")
    return maya.page.get_by_role("searchbox")


def names(person: Person) -> Locator:
    """The names in the list of patients."""
    return person.page.get_by_role("rowheader")


def test_the_list_follows_what_is_typed(maya: Person, search: Locator) -> None:
    """Typing a name narrows the list, and the status says how many match, without leaving the page."""
    search.press_sequentially("burton")

    expect(names(maya)).to_have_count(2)
    expect(maya.page.get_by_role("status").filter(has_text="2 patients match your search")).to_be_visible()
    assert maya.page.url.endswith("/patients")


def test_a_search_is_there_again_after_going_back(maya: Person, search: Locator) -> None:
    """Coming back from a chart, the list shows what was searched for."""
    search.press_sequentially("raman")
    maya.page.get_by_role("link", name="Raman, Priya").click()
    expect(maya.page.get_by_role("heading", name="Priya Raman", level=1)).to_be_visible()

    maya.page.go_back()

    expect(names(maya)).to_have_count(1)


def test_signing_out_forgets_the_search(maya: Person, search: Locator) -> None:
    """Whoever signs in next in the same tab does not see whom somebody searched for."""
    search.press_sequentially("raman")
    expect(names(maya)).to_have_count(1)
    maya.page.get_by_role("button", name="Sign out").click()
    expect(maya.page).to_have_url(re.compile("/sign-in"))
    maya.signs_in()

    expect(search).to_have_value("")
    expect(names(maya)).to_have_count(25)


def test_pages_of_a_search_are_turned_within_the_page(maya: Person, search: Locator) -> None:
    """The second page of the results replaces the first."""
    search.press_sequentially("mail.example")
    expect(maya.page.get_by_role("status").filter(has_text="match your search")).to_be_visible()

    maya.page.get_by_role("button", name="Page 2").click()

    expect(maya.page.get_by_role("button", name="Page 2")).to_have_attribute("aria-current", "page")
    expect(search).to_have_value("mail.example")


def test_a_demo_account_fills_the_form(maya: Person) -> None:
    """One click on an account, and Enter, signs in."""
    maya.page.context.clear_cookies()
    maya.goes_to("/sign-in")
    maya.page.get_by_role("button", name=re.compile("Sam Okafor")).click()
    maya.page.keyboard.press("Enter")

    expect(maya.page.get_by_role("link", name="Sam Okafor")).to_be_visible()
