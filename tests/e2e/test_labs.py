"""Labs on the chart: how far they are, their results, and what is not shown."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from ehr import demo
from tests.e2e.accessibility import problems
from tests.e2e.people import Person
from tests.e2e.servers import Practice

pytestmark = pytest.mark.browser
PATIENT = "Priya Raman"


class LabsPage:
    """The labs tab of a chart, for somebody who is connected."""

    def __init__(self, person: Person) -> None:
        self.person, self.page, self.sandbox = person, person.page, person.practice.sandbox
        person.is_connected()
        person.goes_to(f"/patients/{person.patient_id(PATIENT)}/labs")

    @property
    def order(self) -> Locator:
        return self.page.locator("[data-lab-order]").first

    @property
    def step(self) -> Locator:
        """The step that the order is at."""
        return self.order.locator("[aria-current=step]")

    def buys(self) -> dict[str, Any]:
        """Let the patient buy what was recommended; the lab order."""
        [waiting] = self.sandbox.lab_orders(demo.LINKED_FULLSCRIPT_ID)
        [bought] = self.sandbox.purchase_labs(waiting["treatment_plan_id"])
        return bought

    def processes(self) -> str:
        """Let the lab go on until its sample is at the laboratory; the order's id."""
        order = self.buys()
        needed = ("schedule_appointment", "upcoming_appointment") if order["requires_appointment"] else ()
        self.sandbox.move_lab_order(order["id"], *needed, "processing")
        return str(order["id"])

    def checks(self) -> None:
        """Press the button and wait for the page that comes back."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name="Check with Fullscript").click()
        expect(self.page.locator("[data-check=done], [data-check=failed]")).to_be_visible()


@pytest.fixture
def labs(maya: Person) -> LabsPage:
    """The labs of a patient to whom one lab was recommended."""
    return LabsPage(maya)


def test_the_steps_follow_the_lab(labs: LabsPage) -> None:
    """From the recommendation over purchase and sample to results, whose PDF opens in a tab of its own."""
    labs.checks()
    expect(labs.step).to_contain_text("Recommended")
    order_id = labs.processes()
    labs.checks()
    expect(labs.step).to_contain_text("Processing")
    labs.sandbox.push_lab_results(order_id)
    labs.checks()
    expect(labs.order.get_by_text("New", exact=True)).to_be_visible()
    with labs.page.expect_popup() as opened, labs.page.context.expect_event("response", _is_pdf) as answer:
        labs.order.get_by_role("link", name="Open PDF").click()

    assert answer.value.status == 200
    opened.value.close()
    expect(labs.order.get_by_text("New", exact=True)).to_have_count(0)
    expect(labs.order.get_by_role("link", name="Open PDF")).to_be_focused()


def test_an_amended_result_is_marked(labs: LabsPage) -> None:
    """With what it replaces, in light and dark, without a barrier."""
    order_id = labs.processes()
    labs.sandbox.push_lab_results(order_id)
    labs.checks()
    labs.sandbox.amend_lab_result(order_id)
    labs.checks()

    expect(labs.order.get_by_text("Amended", exact=True)).to_be_visible()
    expect(labs.order.get_by_text("replaces the result of")).to_be_visible()
    found = problems(labs.page)
    labs.page.emulate_media(color_scheme="dark")
    labs.page.reload()  # colours that change in sight fade, and axe would see them half way
    expect(labs.order.get_by_text("Amended", exact=True)).to_be_visible()
    assert found + problems(labs.page, "dark") == []


def test_what_is_no_pdf_is_refused_in_words(labs: LabsPage) -> None:
    """And Fullscript's being away is marked on the page."""
    labs.sandbox.push_lab_results(labs.processes(), document="disguised")
    labs.checks()
    with labs.page.expect_popup() as opened:
        labs.order.get_by_role("link", name="Open PDF").click()
    expect(opened.value.get_by_role("heading", name="This result cannot be shown")).to_be_visible()
    labs.sandbox.fault("/api/clinic/labs/orders", status=503, times=2)
    labs.checks()

    expect(labs.page.get_by_text("Fullscript did not answer")).to_be_visible()
    expect(labs.step).to_contain_text("Results")


def test_canada_has_no_labs(page: Page, practice: Practice) -> None:
    """No tab, and no page behind it."""
    elise = Person(page, practice, "elise.tremblay@cedarstone.example")
    elise.is_signed_in()
    [[patient_id]] = practice.rows(
        "SELECT min(patient.id) FROM patient JOIN user_account AS person USING (practice_id)"
        " WHERE person.email = ?",
        elise.email,
    )
    elise.goes_to(f"/patients/{patient_id}")
    tabs = page.get_by_role("navigation", name="Chart")

    expect(tabs.get_by_role("link", name="Overview")).to_be_visible()
    expect(tabs.get_by_role("link", name="Labs")).to_have_count(0)
    assert page.request.get(f"{practice.url}/patients/{patient_id}/labs").status == 404


def _is_pdf(response: Any) -> bool:
    return "/results/" in response.url
