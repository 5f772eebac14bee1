"""Labs in Fullscript's own pages: registering and recommending, the appointment, results that are pushed."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from fullscript_embed.testing import PASSWORD, Sandbox
from tests.e2e.accessibility import problems, violations
from tests.e2e.platform.host import MAYA, OMAR, PRIYA, Recommender
from tests.sandbox_labs import Laboratory

THEO = "theo.abara@harborlight.example"  # has yet to register
LIPIDS = "Lipid Panel"
NPI = "1111111111"


@pytest.fixture
def theo(recommender: Recommender) -> Recommender:
    """A practitioner who has yet to register, where the labs will be."""
    recommender.opens(THEO, patient={"firstName": "Amelia", "lastName": "Burton"}, entrypoint="labs")
    recommender.person("Amelia Burton").first.click()
    expect(recommender.heading("Recommend labs")).to_be_visible()
    return recommender


def gives_npi(theo: Recommender) -> None:
    """Fill in the license information, wrongly at first, and press the button that it opens."""
    theo.button("Edit license information").click()
    theo.field("NPI number").fill("1234567890")
    theo.button("Save license information").click()
    expect(theo.field("NPI number")).to_have_attribute("aria-invalid", "true")
    theo.field("NPI number").fill(NPI)
    theo.button("Save license information").click()
    expect(theo.button("Register for labs")).not_to_have_attribute("aria-disabled", "true")
    theo.button("Register for labs").click()


def fills_in(theo: Recommender, signature: str) -> None:
    """Details, terms, agreement, authorization; stay before Done."""
    theo.field("First name").fill("Theo")
    theo.field("Last name").fill("Abara")
    expect(theo.field("NPI number")).to_have_value(NPI)
    theo.button("Next").click()
    theo.field("I agree to Fullscript Labs' Terms of Service").check()
    theo.button("Next").click()
    theo.field("Your full name as signature").fill(signature)
    theo.field("I sign the Business Associate Agreement").check()
    theo.button("Submit").click()
    theo.field("I agree to the authorization network").check()


def test_a_practitioner_registers_and_recommends_a_lab(theo: Recommender) -> None:
    """The wrong signature leads back to its step; with the right one the labs are there."""
    expect(theo.button("Register for labs")).to_have_attribute("aria-disabled", "true")
    gives_npi(theo)
    fills_in(theo, "Somebody Else")
    theo.button("Done").click()
    expect(theo.heading("Business Associate Agreement")).to_be_focused()
    theo.field("Your full name as signature").fill("Theo Abara")
    theo.button("Submit").click()
    theo.button("Done").click()
    theo.field("Search labs").fill(LIPIDS)
    theo.button(f"Add {LIPIDS}").click()
    theo.button("Review and send").click()
    theo.button("Send to patient").click()

    told = theo.waits_for("treatmentPlan.activated")["data"]
    assert [one["name"] for one in told["lab_recommendations"]] == [LIPIDS]


def test_who_picks_an_unregistered_practitioner_is_told_who_has_to_register(
    sandbox: Sandbox, recommender: Recommender
) -> None:
    """Nobody can do it for somebody else."""
    sandbox.register_for_labs(OMAR, registered=False)
    recommender.opens(MAYA, patient={"id": PRIYA}, entrypoint="labs")
    recommender.person("Omar Haddad").click()

    expect(recommender.frame.get_by_text("Omar Haddad has not registered for labs yet")).to_be_visible()
    expect(recommender.button("Register for labs")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_way_to_the_labs(theo: Recommender, scheme: Any) -> None:
    """Each step is looked at when it stands."""
    theo.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    found = {"invitation": violations(theo.inside, scheme)}
    gives_npi(theo)
    for title, button in (
        ("Your details", "Next"),
        ("Terms of Service", "Next"),
        ("Business Associate Agreement", "Submit"),
    ):
        expect(theo.heading(title)).to_be_focused()
        found[title] = violations(theo.inside, scheme)
        for field in theo.frame.get_by_role("textbox").all():
            if field.is_editable():
                field.fill("x")
        for box in theo.frame.get_by_role("checkbox").all():
            box.check()
        theo.button(button).click()
    expect(theo.heading("Authorization network")).to_be_focused()
    found["Authorization network"] = violations(theo.inside, scheme)

    assert found == {name: [] for name in found}


def test_a_lab_goes_from_appointment_to_results_by_its_pages(sandbox: Sandbox, page: Page) -> None:
    """The patient books, the developer pushes, the practitioner shares, the patient reads."""
    laboratory = Laboratory(sandbox)
    order, patient = to_be_booked(laboratory)
    signs_in(page, f"{sandbox.url}/login/juniper", patient["email"])
    page.get_by_role("link", name="Labs", exact=True).click()
    page.get_by_role("button", name=f"Book appointment for {order['name']}").first.click()
    expect(page.get_by_role("status")).to_contain_text("appointment booked")
    found = problems(page)
    pushes(page, sandbox, order, {"Receive sample": "processing", "Push all results": "results_ready"})
    practitioner = laboratory.reads(f"/api/clinic/practitioners/{order['practitioner_id']}").json()
    signs_in(page, f"{sandbox.url}/login?next=/settings/labs", practitioner["practitioner"]["email"])
    page.get_by_role(
        "button", name=f"Share with patient {patient['first_name']} {patient['last_name']}, {order['name']}"
    ).click()
    expect(page.get_by_role("status")).to_contain_text("can see the results")
    page.goto(f"{sandbox.url}/login/juniper")
    page.get_by_role("link", name=re.compile("plans", re.IGNORECASE)).first.click()
    page.get_by_role("link", name="Labs", exact=True).click()

    expect(page.get_by_role("link", name=re.compile(f"^Result of .*{order['name']}")).first).to_be_visible()
    assert laboratory.events(order["id"]) == ["all_results_received"]
    assert found == []


def to_be_booked(laboratory: Laboratory) -> tuple[dict[str, Any], dict[str, Any]]:
    """A lab order that waits for its appointment, and its patient, who has an account of their own."""
    for order in laboratory.reads("/api/clinic/labs/orders?page[size]=100").json()["orders"]:
        patient = laboratory.reads(f"/api/clinic/patients/{order['patient_id']}").json()["patient"]
        if order["state"] == "schedule_appointment" and not patient["is_dependent"]:
            return order, patient
    raise AssertionError("nobody has to book an appointment")


def signs_in(page: Page, address: str, email: str) -> None:
    page.goto(address)
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_label("Password")).to_be_hidden()


def pushes(page: Page, sandbox: Sandbox, order: dict[str, Any], steps: dict[str, str]) -> None:
    """Press the buttons of a lab order on the dashboard, and see each state that comes of it."""
    page.goto(f"{sandbox.url}/dashboard/apps/{sandbox.apps()[0].id}/labs")
    for step, state in steps.items():
        button(page, order, step).click()
        expect(page.get_by_role("status")).to_contain_text(f": {state}.")


def button(page: Page, order: dict[str, Any], label: str) -> Locator:
    """The lab order that changed last stands first."""
    return page.get_by_role("button", name=f"{label} for {order['name']}").first
