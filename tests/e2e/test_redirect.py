"""Fullscript in a tab of its own: from the chart, and back to it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from fullscript_embed.testing import Sandbox
from tests.e2e.accessibility import problems
from tests.e2e.people import Frame, Person

OPEN = "Open in Fullscript"
LINKS = "/api/clinic/dynamic_links/*"
# The plan's own page, or the sign-in that leads there.
PLAN = re.compile(r"/o/treatment_plans/|next=%2Fo%2Ftreatment_plans")
LATE = "Object.defineProperty(navigator, 'userActivation', { value: { isActive: false } })"


def open_button(person: Person) -> Locator:
    """The button on the chart, once its script runs; the dialog has one of the same name."""
    person.page.wait_for_load_state()
    return person.page.locator(".in-a-tab").get_by_role("button", name=OPEN, exact=True)


def dialog(person: Person) -> Locator:
    """What is asked before Fullscript opens."""
    return person.page.get_by_role("dialog", name="Before Fullscript opens")


def tab_from(person: Person, button: Locator) -> Page:
    """The tab that opens when *button* is pressed, once it shows something."""
    with person.page.context.expect_page() as opened:
        button.click()
    opened.value.wait_for_load_state()
    return opened.value


class Tab(Frame):
    """Fullscript in the tab, where the same plan builder stands as in the frame."""

    @property
    def inside(self) -> Any:
        return self.page

    def signs_in(self, person: Person) -> None:
        """Sign in, as who has not been to Fullscript in this browser is asked to."""
        Person(self.page, person.practice, person.email).signs_in_to_fullscript()


def comes_back(person: Person) -> None:
    """Look at the chart again, which in a browser without windows gets no focus by itself."""
    person.page.evaluate("window.dispatchEvent(new Event('focus'))")


def links_made(person: Person) -> list[tuple[object, ...]]:
    """What the audit trail says of the links."""
    return person.practice.rows("SELECT details FROM fullscript_audit WHERE action = 'link.made'")


def test_a_practitioner_opens_a_draft_from_the_chart(omar: Person) -> None:
    """One press opens the patient's draft in a tab that knows nothing of the chart it came from."""
    omar.is_connected()
    omar.opens_chart("Amelia Burton")
    tab = tab_from(omar, open_button(omar))

    expect(tab).to_have_url(PLAN)
    assert tab.evaluate("[window.opener, document.referrer]") == [None, ""]
    expect(omar.notice).to_contain_text("Fullscript is open in a new tab.")
    expect(omar.page.get_by_text("Known to Fullscript")).to_be_visible()


@pytest.mark.parametrize("told", [True, False], ids=["by a webhook", "when they come back"])
def test_a_plan_that_was_sent_in_the_tab_shows_on_the_chart(
    omar: Person, sandbox: Sandbox, *, told: bool
) -> None:
    """By itself where Fullscript tells of it; elsewhere the chart asks when somebody comes back to it."""
    if told:
        url = f"{omar.practice.url}/fullscript/webhooks/local"
        sandbox.change_app(sandbox.apps()[0], webhook_url=url)
    omar.is_connected()
    omar.opens_chart("Amelia Burton")
    tab = Tab(tab_from(omar, open_button(omar)))
    tab.signs_in(omar)
    tab.is_ready()
    product = tab.recommends()
    expect(tab.page.get_by_role("heading", name="Sent to Amelia Burton")).to_be_visible()
    if not told:
        comes_back(omar)

    expect(omar.plans.filter(has_text=product)).to_contain_text("Sent")


def test_staff_choose_whose_plan_it_is(sam: Person) -> None:
    """The dialog lists the clinic's practitioners, wants one of them, and can be used by everybody."""
    sam.is_connected()
    sam.opens_chart("Amelia Burton")
    open_button(sam).click()
    choice = dialog(sam).get_by_label("Whose plan is it?")
    expect(choice).to_be_focused()
    found = problems(sam.page)
    choice.select_option("Lucia Ferrara")
    tab = tab_from(sam, dialog(sam).get_by_role("button", name=OPEN))

    expect(tab).to_have_url(PLAN)
    assert found == []
    assert '"practitioner_id"' in str(links_made(sam))


def test_a_new_patient_is_not_written_to_unless_the_user_says_so(omar: Person, sandbox: Sandbox) -> None:
    """Before Fullscript makes a patient the page says so, and the welcome e-mail is a choice."""
    omar.is_connected()
    omar.opens_chart("Noah Whitfield")
    open_button(omar).click()
    expect(dialog(omar)).to_contain_text("makes a new record with the address noah.whitfield@mail.example")
    omar.page.emulate_media(color_scheme="dark")
    found = problems(omar.page, "dark")
    dialog(omar).get_by_label("Fullscript then sends a welcome e-mail").uncheck()
    tab_from(omar, dialog(omar).get_by_role("button", name=OPEN))

    expect(omar.page.get_by_text("Known to Fullscript")).to_be_visible()
    assert found == []
    assert [one for one in sandbox.messages() if one["recipient"].startswith("noah.")] == []


def test_what_fullscript_misses_is_said_beside_the_fields_and_mended(omar: Person) -> None:
    """From the complaint to the patient's form, back to the chart, and into Fullscript."""
    omar.is_connected()
    omar.opens_chart("Teodor Ilves")
    open_button(omar).click()
    expect(omar.page.get_by_role("complementary", name="Details")).to_contain_text("Email can't be blank")
    omar.page.get_by_role("link", name="Complete the patient's details").click()
    omar.page.get_by_label("E-mail address").fill("teodor.ilves@mail.example")
    omar.page.get_by_role("button", name="Save changes").click()
    expect(omar.page.get_by_text("The changes were saved.")).to_be_visible()
    open_button(omar).click()
    tab = tab_from(omar, dialog(omar).get_by_role("button", name=OPEN))

    expect(tab).to_have_url(PLAN)


def test_a_dependent_is_matched_at_fullscript_and_found_again(omar: Person) -> None:
    """A child with the guardian's address: the practitioner's match comes back with the plan."""
    omar.is_connected()
    omar.opens_chart("Jonas Dietrich")
    open_button(omar).click()
    tab = Tab(tab_from(omar, dialog(omar).get_by_role("button", name=OPEN)))
    tab.signs_in(omar)
    tab.is_ready()
    product = tab.recommends()
    expect(tab.page.get_by_role("heading", name="Sent to Jonas Dietrich")).to_be_visible()
    comes_back(omar)

    expect(omar.plans.filter(has_text=product)).to_contain_text("Sent")
    expect(omar.page.get_by_text("Known to Fullscript")).to_be_visible()


def test_access_that_was_revoked_meanwhile_leads_to_connecting_and_back(
    omar: Person, sandbox: Sandbox
) -> None:
    """The chart was open while Fullscript ended the connection; connected again, the button works."""
    omar.is_connected()
    omar.opens_chart("Amelia Burton")
    sandbox.reset()
    omar.practice.registers()
    open_button(omar).click()
    omar.page.get_by_role("link", name="Connect again").click()
    omar.agrees()
    expect(omar.page.get_by_role("heading", name="Amelia Burton", level=1)).to_be_visible()
    tab = tab_from(omar, open_button(omar))

    expect(tab).to_have_url(PLAN)


def test_a_failing_fullscript_is_explained_and_can_be_tried_again(omar: Person, sandbox: Sandbox) -> None:
    """No tab opens; the page says why, and Try again opens one afterwards."""
    omar.is_connected()
    omar.opens_chart("Amelia Burton")
    sandbox.fault(LINKS, status=503, times=9)
    open_button(omar).click()
    expect(omar.notice).to_contain_text("Fullscript cannot be reached", timeout=40_000)
    sandbox.clear_faults()

    assert len(omar.page.context.pages) == 1
    expect(tab_from(omar, omar.page.get_by_role("button", name="Try again"))).to_have_url(PLAN)


def test_an_answer_that_came_late_is_offered_as_a_link(omar: Person) -> None:
    """When the click no longer counts, no pop-up blocker is met: a link waits that none minds."""
    omar.page.add_init_script(LATE)
    omar.is_connected()
    omar.opens_chart("Amelia Burton")
    open_button(omar).click()
    offered = omar.page.get_by_role("link", name="Open Fullscript", exact=True)
    expect(offered).to_have_attribute("rel", "noopener noreferrer")

    expect(tab_from(omar, offered)).to_have_url(PLAN)


def test_a_plan_can_be_begun_without_a_patient(omar: Person) -> None:
    """From the list of patients, where nobody was chosen yet."""
    omar.is_connected()
    omar.goes_to("/patients")
    tab = tab_from(omar, omar.page.get_by_role("button", name="New plan in Fullscript"))

    expect(tab).to_have_url(re.compile("treatment_plans(/|%2F)new"))
