"""Writing a plan and sending it, in the frame of the real browser library."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from fullscript_embed.testing import Sandbox
from tests.e2e.platform.host import ELISE, OMAR, PRIYA, HostPage, Recommender

CALLS = "/platform/api/plans/*"


@pytest.fixture
def omar(recommender: Recommender) -> Recommender:
    """Omar, writing a plan for Priya."""
    recommender.opens(OMAR, patient={"id": PRIYA})
    return recommender


def test_a_plan_is_written_and_sent(omar: Recommender) -> None:
    """Product, dosage, lab and message arrive at the page in one event."""
    omar.adds("Zinc 30")
    omar.button("Edit Zinc 30").click()
    omar.field("Amount").fill("1/2")
    omar.field("Frequency").select_option("every night")
    omar.field("Duration").select_option("ongoing")
    omar.frame.get_by_text("Bedtime", exact=True).click()
    omar.field("Take with").select_option("water")
    omar.frame.get_by_label("Note").fill("Not before driving")
    omar.button("Labs").click()
    omar.button(re.compile("^Add ")).first.click()
    omar.frame.get_by_label("Message to Priya").fill("Sleep well.")
    omar.button("Review and send").click()
    expect(omar.frame.get_by_text("“Not before driving”")).to_be_visible()
    omar.button("Send to patient").click()
    plan = omar.waits_for("treatmentPlan.activated")["data"]["treatmentPlan"]

    expect(omar.heading("Sent to Priya Raman")).to_be_focused()
    assert len(plan["labRecommendations"]) == 1
    assert (
        plan["recommendations"][0]["dosage"].items()
        >= {
            "recommendedAmount": "1/2",
            "recommendedFrequency": "every night",
            "recommendedDuration": "ongoing",
            "timeOfDay": ["bedtime"],
            "additionalInfo": "Not before driving",
        }.items()
    )


def test_the_size_chosen_on_the_products_page_is_the_one_recommended(omar: Recommender) -> None:
    """A product's page shows its sizes; the plan has the chosen one."""
    omar.field("Search products").fill("Zinc 30")
    omar.button("Zinc 30").first.click()
    sizes = omar.frame.get_by_role("radio")
    expect(sizes.first).to_be_visible()
    sizes.first.check()
    chosen = sizes.first.get_attribute("value")
    omar.button("Add to plan").click()
    omar.button("Review and send").click()
    omar.button("Send to patient").click()
    plan = omar.waits_for("treatmentPlan.activated")["data"]["treatmentPlan"]

    assert [one["variantId"] for one in plan["recommendations"]] == [chosen]


def test_recommendations_change_places(omar: Recommender) -> None:
    """The plan keeps the order that the practitioner gave it; what is removed is gone."""
    for name in ("Zinc 30", "Berberine Complex", "Quercetin"):
        omar.adds(name)
    omar.button("Move Quercetin up").click()
    omar.button("Remove Zinc 30").click()

    names = omar.plan.locator(".item-name")
    expect(names).to_have_text(["Quercetin", "Berberine Complex"])


def test_filters_narrow_the_catalog_down(omar: Recommender) -> None:
    """One brand leaves only its products, and clearing brings all of them back."""
    everything = omar.frame.get_by_role("status").filter(has_text="product").first
    expect(everything).to_have_text(re.compile(r"^\d{3} products"))
    omar.field("Brand").select_option(index=1)
    expect(everything).to_have_text(re.compile(r"^\d{1,2} products"))
    omar.button("Clear").click()

    expect(everything).to_have_text(re.compile(r"^\d{3} products"))


def test_the_catalog_keeps_its_place(omar: Recommender) -> None:
    """Back from a product's page, the search is still there."""
    omar.field("Search products").fill("Berberine Complex")
    omar.button("Berberine Complex").first.click()
    omar.button("Back to the catalog").click()

    expect(omar.field("Search products")).to_have_value("Berberine Complex")


def test_labs_can_come_first(recommender: Recommender) -> None:
    """The entrypoint labs opens the labs; a lab's page tells what the patient has to do."""
    recommender.opens(OMAR, patient={"id": PRIYA}, entrypoint="labs")
    recommender.button("Celiac Screen").click()

    expect(recommender.heading("Instructions for the patient")).to_be_visible()


def test_in_canada_there_is_the_catalog_alone(
    recommender: Recommender, sandbox: Sandbox, host: HostPage
) -> None:
    """No tabs are shown where there are no labs to choose."""
    recommender.app = sandbox.create_app(environment="ca-snd", origin_uris=[host.url])
    recommender.opens(ELISE, entrypoint="labs")
    recommender.person("Elise Tremblay").click()
    recommender.button("Existing patient").click()
    recommender.frame.get_by_role("listitem").get_by_role("button").first.click()

    expect(recommender.field("Search products")).to_be_visible()
    expect(recommender.button("Labs")).to_have_count(0)


def test_a_draft_is_saved_and_gone_on_with(omar: Recommender) -> None:
    """Opened again for the same patient, the plan is offered and comes back whole."""
    omar.adds("Zinc 30")
    omar.frame.get_by_label("Message to Priya").fill("Until next week.")
    omar.button("Save draft").click()
    expect(omar.frame.get_by_text(re.compile("^Saved at"))).to_be_visible()
    omar.opens(OMAR, patient={"id": PRIYA})
    omar.button(re.compile("^Continue")).click()

    expect(omar.frame.get_by_label("Message to Priya")).to_have_value("Until next week.")
    expect(omar.plan.get_by_role("button", name="Edit Zinc 30")).to_be_visible()


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"status": 503}, id="server down"),
        pytest.param({"drop": True}, id="connection lost"),
        pytest.param({"malformed": True}, id="answer damaged"),
    ],
)
def test_nothing_typed_is_lost_when_saving_fails(omar: Recommender, fault: dict[str, object]) -> None:
    """The failure is said with a way to try again, which then works."""
    omar.adds("Zinc 30")
    omar.frame.get_by_label("Message to Priya").fill("Until next week.")
    omar.sandbox.fault(CALLS, **fault)
    omar.button("Save draft").click()
    expect(omar.frame.get_by_role("alert")).to_be_visible()
    expect(omar.frame.get_by_label("Message to Priya")).to_have_value("Until next week.")
    omar.button("Try again").click()

    expect(omar.frame.get_by_text(re.compile("^Saved at"))).to_be_visible()


def test_a_plan_whose_answer_is_lost_is_sent_once(omar: Recommender) -> None:
    """Try again finds it sent, and the page hears of it once."""
    omar.adds("Zinc 30")
    omar.button("Review and send").click()
    omar.sandbox.fault(CALLS, drop=True)
    omar.button("Send to patient").click()
    omar.button("Try again").click()
    expect(omar.heading("Sent to Priya Raman")).to_be_visible()

    omar.was_told_once("treatmentPlan.activated")


def test_a_double_click_sends_once(omar: Recommender) -> None:
    """The second click finds the button at work."""
    omar.adds("Zinc 30")
    omar.button("Review and send").click()
    omar.sandbox.fault(CALLS, delay_seconds=0.3)
    omar.button("Send to patient").dblclick()
    expect(omar.heading("Sent to Priya Raman")).to_be_visible()

    omar.was_told_once("treatmentPlan.activated")
    assert len([call for call in omar.sandbox.calls(CALLS) if call["method"] == "PUT"]) == 1


def test_what_the_server_refuses_can_be_put_right(omar: Recommender) -> None:
    """An amount that is none is said in words, and the plan can be corrected."""
    omar.adds("Zinc 30")
    omar.button("Edit Zinc 30").click()
    omar.field("Amount").fill("a handful")
    omar.button("Review and send").click()
    omar.button("Send to patient").click()
    expect(omar.frame.get_by_text(re.compile("Recommendation 1: dosage amount"))).to_be_visible()
    omar.button("Back to the plan").click()

    expect(omar.plan.get_by_role("button", name="Edit Zinc 30")).to_be_visible()


def test_another_plan_can_follow(omar: Recommender) -> None:
    """After one is sent the next begins empty, for the same patient."""
    omar.adds("Zinc 30")
    omar.button("Review and send").click()
    omar.button("Send to patient").click()
    omar.button("Start another plan").click()

    expect(omar.plan.get_by_text("The plan is empty")).to_be_visible()
    expect(omar.frame.get_by_text("Priya Raman")).to_be_visible()
