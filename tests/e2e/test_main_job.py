"""The main job, from signing in to the plan on the chart, in a real browser with the vendor's own library."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.people import EVENTS, RECOMMEND, RECOMMEND_LABS, Person
from tests.e2e.servers import Practice

# ms after the event; the chart promises 2 s, and the rest is for a machine that stops for breath.
SHOWN_WITHIN = 10_000
KNOWN, NEW = "Priya Raman", "Noah Whitfield"
PRIYA_ID = "5f0c2b1e-7c1d-4b57-9d0f-3c6c3f2a9e11"


def test_a_practitioner_connects_recommends_and_sees_the_plan(maya: Person) -> None:
    """From a chart, Recommend goes through OAuth, comes back with Fullscript open, and ends with the plan."""
    maya.opens_chart("Amelia Burton")
    maya.recommend_button().click()
    maya.agrees()
    maya.frame.picks_practitioner("Maya Chen")
    maya.frame.picks_patient("Amelia Burton")
    product = maya.frame.recommends()

    expect(maya.plans).to_contain_text(product)
    expect(maya.plans).to_contain_text("by Maya Chen")
    expect(maya.page).to_have_url(re.compile(r"/patients/\d+$"))


@pytest.mark.parametrize(
    ("who", "patient", "entrypoint"),
    [
        pytest.param("omar", NEW, "catalog", id="a practitioner, a new patient, the catalog"),
        pytest.param("omar", KNOWN, "labs", id="a practitioner, a known patient, labs"),
        pytest.param("sam", NEW, "labs", id="staff, a new patient, labs"),
        pytest.param("sam", KNOWN, "catalog", id="staff, a known patient, the catalog"),
    ],
)
def test_a_plan_is_sent_and_shown(
    request: pytest.FixtureRequest, who: str, patient: str, entrypoint: str
) -> None:
    """Whoever recommends what to whom, the plan stands on the chart by itself, soon after it was sent."""
    person: Person = request.getfixturevalue(who)
    person.is_connected()
    person.opens_fullscript(patient, RECOMMEND_LABS if entrypoint == "labs" else RECOMMEND)
    if who == "sam":
        person.frame.picks_practitioner("Lucia Ferrara")
    if patient == NEW:
        person.frame.adds_new_patient()
    name = person.frame.adds_lab() if entrypoint == "labs" else person.frame.adds_product()
    person.frame.sends()

    expect(person.notice).to_contain_text("Treatment plan sent.")
    expect(person.plans).to_contain_text(name, timeout=SHOWN_WITHIN)
    expect(person.plans).to_contain_text("Lucia Ferrara" if who == "sam" else "Omar Haddad")


def test_the_second_visit_skips_the_search(omar: Person) -> None:
    """A patient who was matched once is known by id, so Fullscript goes straight to the plan."""
    omar.is_connected()
    omar.opens_fullscript("Amelia Burton")
    with omar.page.expect_response(EVENTS):
        omar.frame.picks_patient("Amelia Burton")
    omar.frame.is_ready()
    omar.page.get_by_role("button", name="Close").click()
    omar.recommend_button().click()
    omar.frame.is_ready()

    expect(omar.frame.inside.get_by_text("Amelia Burton").first).to_be_visible()


def test_a_link_that_fullscript_does_not_know_is_replaced(omar: Person) -> None:
    """When the linked patient is gone at Fullscript, choosing one again makes a new link."""
    omar.is_connected()
    omar.practice.execute("UPDATE fullscript_patient_link SET fullscript_patient_id = 'gone'")
    omar.opens_fullscript(KNOWN)
    with omar.page.expect_response(EVENTS):
        omar.frame.searches_patient("Raman")
    omar.frame.is_ready()
    omar.page.get_by_role("button", name="Close").click()
    omar.recommend_button().click()
    omar.frame.is_ready()

    assert omar.practice.rows("SELECT fullscript_patient_id FROM fullscript_patient_link") == [(PRIYA_ID,)]


def test_connecting_for_labs_comes_back_to_labs(omar: Person) -> None:
    """The way through OAuth remembers which of the two buttons was pressed."""
    omar.opens_fullscript(KNOWN, RECOMMEND_LABS)
    omar.agrees()
    omar.frame.is_ready()

    expect(omar.frame.inside.get_by_role("searchbox", name="Search labs")).to_be_visible()


def test_a_new_patient_s_form_is_filled_in(omar: Person) -> None:
    """What the practice knows of a patient stands in Fullscript's form, in Fullscript's spelling."""
    omar.is_connected()
    omar.opens_fullscript(NEW)
    field = omar.frame.inside.get_by_label

    expect(field("First name")).to_have_value("Noah")
    expect(field("E-mail", exact=True)).to_have_value("noah.whitfield@mail.example")
    expect(field("Date of birth")).to_have_value("1996-02-29")
    expect(field("Mobile number")).to_have_value("+15035550112")


def test_a_known_patient_is_not_reported_again(omar: Person) -> None:
    """A match by id fires no patient.selected (the guide: platform feature): one event is stored."""
    omar.is_connected()
    omar.opens_fullscript(KNOWN)
    omar.frame.recommends()
    expect(omar.plans).to_have_count(1)

    assert omar.practice.rows("SELECT type FROM fullscript_event") == [("treatmentPlan.activated",)]


def test_an_unfinished_visit_leaves_nothing_but_the_match(omar: Person) -> None:
    """Closing Fullscript without sending leaves no plan, and returns the focus to the button."""
    omar.is_connected()
    omar.opens_fullscript("Amelia Burton")
    omar.frame.picks_patient("Amelia Burton")
    omar.frame.adds_product()
    omar.page.get_by_role("button", name="Close").click()

    expect(omar.recommend_button()).to_be_focused()
    expect(omar.plans).to_have_count(0)


def test_a_canadian_practice_works_with_its_own_environment(page: Page, practice: Practice) -> None:
    """Both environments are configured at once; a Canadian user gets the Canadian one, without labs."""
    elise = Person(page, practice, "elise.tremblay@cedarstone.example")
    elise.is_connected()
    elise.opens_fullscript("Margaux Pelletier")
    elise.frame.picks_practitioner("Elise Tremblay")
    elise.frame.adds_new_patient()
    product = elise.frame.recommends()

    expect(elise.plans).to_contain_text(product)
    expect(elise.recommend_button(RECOMMEND_LABS)).to_have_count(0)
