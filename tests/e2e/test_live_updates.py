"""Pages that keep themselves current: what Fullscript's servers tell of shows up without a reload."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from fullscript_embed.testing import Sandbox
from tests.e2e.people import Person
from tests.e2e.test_main_job import KNOWN, PRIYA_ID, SHOWN_WITHIN

JUNIPER = "1f6a0c52-9b0e-4a57-8d4b-3c2e7d90a101"
PLAN = {"id": "plan-of-elsewhere", "state": "active", "patient": {"id": PRIYA_ID}}


@pytest.fixture
def told(omar: Person) -> Sandbox:
    """The sandbox, which tells the practice app by webhook; a practitioner has connected."""
    omar.is_connected()
    sandbox = omar.practice.sandbox
    [app, *_] = sandbox.apps()
    sandbox.change_app(app, webhook_url=f"{omar.practice.url}/fullscript/webhooks/local")
    return sandbox


def row(person: Person, name: str) -> Locator:
    """A patient's row in the list."""
    return person.page.get_by_role("row").filter(has_text=name)


def test_the_chart_shows_a_plan_that_was_made_elsewhere(omar: Person, told: Sandbox) -> None:
    """A plan that somebody sends in Fullscript itself appears on the chart that is open, and then its end."""
    omar.opens_chart(KNOWN)
    expect(omar.page.get_by_text("No treatment plans yet.")).to_be_visible()

    told.emit("treatment_plan.created", clinic_id=JUNIPER, data={"treatment_plan": PLAN})
    expect(omar.plans).to_contain_text("Sent", timeout=SHOWN_WITHIN)
    told.emit(
        "treatment_plan.updated", clinic_id=JUNIPER, data={"treatment_plan": {**PLAN, "state": "cancelled"}}
    )
    expect(omar.plans).to_contain_text("Cancelled", timeout=SHOWN_WITHIN)
    expect(omar.plans).not_to_contain_text("UTC")


def test_moments_are_shown_in_the_reader_s_own_time(omar: Person) -> None:
    """UTC is what stands there without scripts."""
    omar.is_connected()
    omar.goes_to("/integrations")
    card = omar.page.get_by_role("region", name="Fullscript")

    expect(card.locator("time").first).to_be_visible()
    expect(card).not_to_contain_text("UTC")


def test_the_list_of_patients_follows_events(omar: Person, told: Sandbox) -> None:
    """A plan shows up in the patient's row of a list that is open, also one that a search has replaced."""
    omar.goes_to("/patients")
    omar.page.get_by_role("searchbox").press_sequentially("raman")
    expect(row(omar, "Raman, Priya")).to_contain_text("Known to Fullscript")

    told.emit("treatment_plan.created", clinic_id=JUNIPER, data={"treatment_plan": PLAN})

    expect(row(omar, "Raman, Priya")).to_contain_text("Plan sent", timeout=SHOWN_WITHIN)
    expect(row(omar, "Raman, Priya").locator("time[data-local]")).not_to_contain_text("UTC")


def test_the_chart_says_at_once_that_fullscript_knows_the_patient(omar: Person) -> None:
    """Choosing the patient in the frame changes the chart's badge behind it."""
    omar.is_connected()
    omar.opens_chart("Amelia Burton")
    expect(omar.page.get_by_text("Not linked to Fullscript yet")).to_be_visible()
    omar.recommend_button().click()
    omar.frame.picks_patient("Amelia Burton")
    omar.frame.is_ready()

    expect(omar.page.get_by_text("Known to Fullscript")).to_be_visible(timeout=SHOWN_WITHIN)
    expect(omar.page.get_by_text("Not linked to Fullscript yet")).to_be_hidden()
