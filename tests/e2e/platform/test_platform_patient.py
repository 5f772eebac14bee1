"""From the partner's page to the right patient, in the frame of the real browser library."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.platform.host import OMAR, PRIYA, SAM, Recommender

AMOS = {"firstName": "Amos", "lastName": "Burton"}
NOAH = {
    "firstName": "Noah",
    "lastName": "Whitfield",
    "email": "noah.whitfield@mail.example",
    "dateOfBirth": "1988-02-29",
    "biologicalSex": "prefer not to say",
    "mobileNumber": "+15035550199",
}


def test_a_known_patient_goes_straight_to_the_catalog(recommender: Recommender) -> None:
    """With an id that matches there is nothing to choose, and no patient.selected."""
    recommender.opens(OMAR, patient={"id": PRIYA})

    expect(recommender.frame.get_by_text("Priya Raman")).to_be_visible()
    expect(recommender.button(re.compile("^Add ")).first).to_be_visible()
    assert recommender.told() == []


def test_a_suggestion_is_chosen(recommender: Recommender) -> None:
    """Several of a name are told apart by their dates of birth; the page hears which it was."""
    recommender.opens(OMAR, patient=AMOS)
    recommender.person("Nov 23, 1991").click()

    assert recommender.waits_for("patient.selected")["data"]["patient"]["email"] == "amos.b@mail.example"


def test_a_patient_whom_nobody_knows_is_created_from_what_the_page_said(recommender: Recommender) -> None:
    """The form is filled already; one click makes the record and goes on."""
    recommender.opens(OMAR, patient=NOAH)
    expect(recommender.heading("Add Noah Whitfield to Fullscript")).to_be_visible()
    recommender.button("Add patient").click()
    patient = recommender.waits_for("patient.selected")["data"]["patient"]

    assert (patient["firstName"], patient["firstNane"]) == ("Noah", "Noah")
    assert (patient["dateOfBirth"], patient["biologicalSex"]) == ("1988-02-29", "x")


def test_without_data_the_user_is_prompted_to_create_a_patient(recommender: Recommender) -> None:
    """The form is empty, and search is one click away."""
    recommender.opens(OMAR)

    expect(recommender.heading("Add a patient")).to_be_visible()
    expect(recommender.frame.get_by_label("First name")).to_have_value("")
    expect(recommender.button("Existing patient")).to_be_visible()


def test_what_is_wrong_is_shown_at_its_field(recommender: Recommender) -> None:
    """The first wrong field has the focus, and what was typed is still there."""
    recommender.opens(OMAR, patient=NOAH | {"email": "noah"})
    recommender.button("Add patient").click()

    expect(recommender.field("E-mail")).to_be_focused()
    expect(recommender.frame.get_by_text("Email is invalid")).to_be_visible()
    expect(recommender.frame.get_by_label("First name")).to_have_value("Noah")


def test_an_address_that_is_taken_leads_to_who_has_it(recommender: Recommender) -> None:
    """One click searches for it, and the patient can be chosen there."""
    recommender.opens(OMAR, patient=NOAH | {"email": "amelia.burton@mail.example"})
    recommender.button("New patient").click()
    recommender.button("Add patient").click()
    recommender.button("Show who").click()
    recommender.person("Amelia Burton").click()

    assert recommender.waits_for("patient.selected")["data"]["patient"]["firstName"] == "Amelia"


def test_a_search_that_finds_nobody_offers_a_new_patient(recommender: Recommender) -> None:
    """It says so, and the form is one click away."""
    recommender.opens(OMAR, patient=AMOS)
    recommender.field("Search patients").fill("zebedee")
    expect(recommender.frame.get_by_text("No patient fits that")).to_be_visible()
    recommender.button("Add somebody new").click()

    expect(recommender.frame.get_by_label("First name")).to_have_value("Amos")


def test_staff_choose_the_practitioner_first(recommender: Recommender) -> None:
    """The plan builder then says whose name the plan carries."""
    recommender.opens(SAM, patient={"id": PRIYA})
    recommender.person("Lucia Ferrara").click()

    expect(recommender.plan.get_by_text("From Lucia Ferrara")).to_be_visible()


def test_a_long_list_comes_in_pages(recommender: Recommender) -> None:
    """The clinic's patients without a search; more of them on request."""
    recommender.opens(OMAR)
    recommender.button("Existing patient").click()
    people = recommender.frame.get_by_role("listitem")
    expect(people).to_have_count(20)
    recommender.button(re.compile("^Show more")).click()

    expect(people).to_have_count(40)


def test_another_patient_is_told_to_the_page_too(recommender: Recommender) -> None:
    """Changing the patient fires patient.selected for the new one."""
    recommender.opens(OMAR, patient={"id": PRIYA})
    recommender.button("Change patient").click()
    recommender.field("Search patients").fill("amelia")
    recommender.person("Amelia Burton").click()

    assert recommender.waits_for("patient.selected")["data"]["patient"]["firstName"] == "Amelia"
    expect(recommender.frame.get_by_text("Amelia Burton")).to_be_visible()


@pytest.mark.parametrize(("answer", "drafts"), [("Save draft", 1), ("Don’t save", 0)])
def test_an_unsaved_plan_is_asked_about_before_the_patient_changes(
    recommender: Recommender, answer: str, drafts: int
) -> None:
    """Saved, it is among the patient's drafts later; not saved, it is gone."""
    recommender.opens(OMAR, patient={"id": PRIYA})
    recommender.adds("Zinc 30")
    recommender.button("Change patient").click()
    recommender.frame.get_by_role("dialog").get_by_role("button", name=answer).click()
    recommender.person("Amelia Burton").click()
    recommender.waits_for("patient.selected")
    with recommender.page.expect_response("**/drafts"):
        recommender.opens(OMAR, patient={"id": PRIYA})
    expect(recommender.plan.get_by_text("The plan is empty")).to_be_visible()

    expect(recommender.plan.get_by_role("button", name="Continue")).to_have_count(drafts)


def test_a_patients_details_are_put_right(recommender: Recommender) -> None:
    """The changed address is shown at once, the plan is still there, and the page is told nothing."""
    recommender.opens(OMAR, patient={"id": PRIYA})
    recommender.adds("Zinc 30")
    recommender.button("Edit the details of Priya Raman").click()
    recommender.field("E-mail").fill("priya@mail.example")
    recommender.button("Save details").click()

    expect(recommender.frame.get_by_text("priya@mail.example")).to_be_visible()
    expect(recommender.plan.get_by_role("button", name="Edit Zinc 30")).to_be_visible()
    assert recommender.told() == []


def test_the_same_patient_can_be_chosen_again_after_sending(recommender: Recommender) -> None:
    """The plan that was sent is not written on: the next one begins empty."""
    recommender.opens(OMAR, patient={"id": PRIYA})
    recommender.adds("Zinc 30")
    recommender.button("Review and send").click()
    recommender.button("Send to patient").click()
    expect(recommender.heading("Sent to Priya Raman")).to_be_visible()
    recommender.button("Change patient").click()
    recommender.field("Search patients").fill("priya")
    recommender.person("Priya Raman").click()

    expect(recommender.plan.get_by_text("The plan is empty")).to_be_visible()
