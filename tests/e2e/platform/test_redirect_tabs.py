"""What the API's dynamic links open, in a tab of a browser (guide: Fullscript Redirect)."""

from __future__ import annotations

import re
from collections.abc import Callable
from re import Pattern
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from fullscript_embed.testing import PASSWORD, Sandbox
from tests.e2e.accessibility import problems_in_both_schemes
from tests.sandbox_actors import ELISE, MAYA, SAM
from tests.sandbox_rest import GRACE
from tests.tab_actors import OMAR, LinkPartner

AMELIA = {"email": "amelia.burton@mail.example"}
FAMILY = {"email": "clara.dietrich@mail.example"}
LENA = FAMILY | {"first_name": "Lena", "last_name": "Dietrich", "external_id": "p-7"}


class Opener:
    """Somebody with a browser, who follows a link and signs in when asked to."""

    def __init__(self, page: Page, partner: LinkPartner) -> None:
        self.page, self.partner = page, partner

    def opens(self, link: str, email: str | None = None) -> None:
        """Open the link; with an address, sign in on the way."""
        self.page.goto(link)
        if email:
            self.page.get_by_label("E-mail address").fill(email)
            self.page.get_by_label("Password").fill(PASSWORD)
            self.page.get_by_role("button", name="Sign in").click()
            self.page.wait_for_url(link)

    def heading(self, name: str | Pattern[str]) -> Locator:
        return self.page.get_by_role("heading", name=name)

    def button(self, name: str | Pattern[str]) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def person(self, name: str) -> Locator:
        """Somebody in a list of people."""
        return self.page.get_by_role("listitem").get_by_role("button", name=re.compile(re.escape(name)))

    def chosen(self, name: str) -> Locator:
        """What shows that the plan is for this patient."""
        return self.button(f"Edit the details of {name}")

    @property
    def plan(self) -> Locator:
        """The plan that is being written."""
        return self.page.get_by_role("region", name="Treatment plan")

    def adds(self, name: str) -> None:
        """Search the catalog and put the first product of that name in the plan."""
        self.page.get_by_label("Search products").fill(name)
        card = self.page.get_by_role("listitem").filter(has=self.button(name)).first
        card.get_by_role("button", name=re.compile("^Add ")).click()
        expect(card.get_by_role("button", name="In plan")).to_be_visible()

    def sends(self) -> None:
        """Review the plan and send it."""
        self.button("Review and send").click()
        self.button("Send to patient").click()
        expect(self.heading(re.compile("^Sent to"))).to_be_focused()


@pytest.fixture
def partner(sandbox: Sandbox) -> LinkPartner:
    return LinkPartner(sandbox)


@pytest.fixture
def user(page: Page, partner: LinkPartner) -> Opener:
    return Opener(page, partner)


def test_a_draft_link_leads_from_sign_in_to_a_sent_plan_and_to_the_same_plan_again(user: Opener) -> None:
    """The used link opens the active plan; what is changed there is saved and told as an event."""
    link = user.partner.draft(OMAR, patient=AMELIA)["redirect_url"]
    user.opens(link, OMAR)
    expect(user.chosen("Amelia Burton")).to_be_visible()
    user.adds("Zinc 30")
    user.sends()
    expect(user.page.get_by_text("You can close this tab and go back to Test app.")).to_be_visible()
    user.opens(link)
    user.button("Edit Zinc 30").click()
    expect(user.button("Review changes")).to_be_disabled()
    user.page.get_by_label("Units to purchase").fill("3")
    user.button("Review changes").click()
    user.button("Save changes").click()
    expect(user.heading("The changes are saved")).to_be_focused()

    assert len(user.partner.events("treatment_plan.created")) == 1
    assert len(user.partner.events("treatment_plan.recommendation.updated")) == 1


def test_staff_find_a_patient_from_a_new_plan_link(user: Opener) -> None:
    """They say whose plan it is, then find or add the patient; a saved draft can be gone on with."""
    user.opens(user.partner.new_link(SAM), SAM)
    user.person("Omar Haddad").click()
    expect(user.heading("Find a patient")).to_be_visible()
    user.page.get_by_label("Search patients").fill("walter")
    user.person("Walter Iverson").click()
    user.adds("Zinc 30")
    user.button("Save draft").click()
    expect(user.page.get_by_text(re.compile("^Saved at"))).to_be_visible()

    expect(user.plan.get_by_text("From Omar Haddad")).to_be_visible()
    expect(user.button("Change patient")).to_be_visible()


def test_a_draft_opens_with_its_contents_on_the_labs_page(user: Opener) -> None:
    """A plan that was made through the API, by its link, with the entrypoint labs."""
    user.opens(user.partner.edit_link(user.partner.draft_plan, entrypoint="labs"), MAYA)

    expect(user.page.get_by_label("Search labs")).to_be_visible()
    expect(user.plan.get_by_role("button", name=re.compile("^Edit "))).to_have_count(1)


def test_a_wrong_match_is_put_right(user: Opener) -> None:
    """The switch leads to the other patients, and the plan comes along."""
    link = user.partner.draft(OMAR, patient=AMELIA)["redirect_url"]
    user.opens(link, OMAR)
    user.adds("Zinc 30")
    user.button("Not the right patient?").click()
    user.page.get_by_label("Search patients").fill("walter")
    user.person("Walter Iverson").click()
    user.button("Save draft").click()
    expect(user.page.get_by_text(re.compile("^Saved at"))).to_be_visible()
    user.opens(link)

    expect(user.chosen("Walter Iverson")).to_be_visible()
    expect(user.button("Edit Zinc 30")).to_be_visible()


def test_a_gateway_link_chooses_an_exact_match_and_suggests_the_others(user: Opener) -> None:
    """A child by name and the family's address is chosen already; the rest of the family is a click away."""
    jonas = FAMILY | {"first_name": "Jonas", "last_name": "Dietrich"}
    user.opens(user.partner.gateway_link(OMAR, patient=jonas), OMAR)
    user.button("Not the right patient?").click()
    expect(user.person("Jonas Dietrich")).to_have_count(0)
    user.person("Mila Dietrich").click()

    expect(user.chosen("Mila Dietrich")).to_be_visible()


def test_a_child_is_added_as_a_dependent(user: Opener) -> None:
    """The guardian's address leads to the guardian, and one click more to the child's record."""
    user.opens(user.partner.gateway_link(OMAR, patient=LENA), OMAR)
    expect(user.heading("Is one of these your patient?")).to_be_visible()
    user.button("Add somebody new").click()
    user.button("Add patient").click()
    user.button("Add as a dependent of Clara Dietrich").click()
    expect(user.chosen("Lena Dietrich")).to_be_visible()
    found = user.partner.maya.get("/api/clinic/metadata", id="p-7", type="patient").json()["metadata"]

    assert [one["data"]["is_dependent"] for one in found] == [True]


def test_links_that_do_not_open_say_why(user: Opener) -> None:
    """A cancelled plan, another clinic's, and the other country's app; switching the account comes back."""
    plan = user.partner.active_plan
    link = user.partner.edit_link(plan)
    user.opens(link, GRACE)
    expect(user.heading("This link does not open for you")).to_be_visible()
    found = problems_in_both_schemes(user.page)
    user.partner.maya.patch(f"/api/clinic/treatment_plans/{plan}/cancel")
    user.button("Not you? Switch account").click()
    user.page.get_by_label("E-mail address").fill(MAYA)
    user.page.get_by_label("Password").fill(PASSWORD)
    user.page.get_by_role("button", name="Sign in").click()
    expect(user.heading("This treatment plan was cancelled")).to_be_visible()
    found += problems_in_both_schemes(user.page)
    user.opens(user.partner.new_link(ELISE))
    expect(user.heading("Another account is needed")).to_be_visible()

    assert found + problems_in_both_schemes(user.page) == []


def test_axe_finds_nothing_in_a_tab(user: Opener) -> None:
    """Find-or-create, the switch, the builder of an active plan, its review, and the end; on both widths."""
    found: dict[str, list[str]] = {}

    def look(name: str, shown: Locator) -> None:
        expect(shown).to_be_visible()
        found[name] = problems_in_both_schemes(user.page)

    user.opens(user.partner.new_link(OMAR), OMAR)
    look("find", user.heading("Find a patient"))
    user.opens(user.partner.draft(OMAR, patient=AMELIA)["redirect_url"])
    look("draft", user.button("Not the right patient?"))
    user.adds("Zinc 30")
    user.sends()
    look("sent", user.page.get_by_text("You can close this tab"))
    user.page.reload()
    look("active", user.button("Edit Zinc 30"))
    user.button("Remove Zinc 30").click()
    look("emptied", user.page.get_by_text("Nothing is left"))
    user.adds("Quercetin")
    user.button("Review changes").click()
    look("review", user.button("Save changes"))

    assert found == {name: [] for name in found}


def test_an_active_plan_is_changed_with_the_keyboard_alone(user: Opener) -> None:
    """Add, review and save by Tab and Enter; the focus follows from screen to screen."""
    plan = user.partner.new_plan("active", practitioner_id=user.partner.person_id(OMAR))
    user.opens(user.partner.edit_link(str(plan["id"])), OMAR)
    expect(user.button(re.compile("^Add ")).first).to_be_visible()
    for name, then in (
        ("Add ", user.plan.get_by_role("button", name="Review changes", disabled=False)),
        ("Review changes", user.button("Save changes")),
        ("Save changes", user.heading("The changes are saved")),
    ):
        _tabs_to(user.page, name)
        user.page.keyboard.press("Enter")
        expect(then).to_be_visible()

    expect(user.heading("The changes are saved")).to_be_focused()


@pytest.mark.parametrize(
    ("ends", "words"),
    [
        pytest.param(
            lambda user, _plan: user.page.context.clear_cookies(),
            "Reload this page to sign in",
            id="signed out",
        ),
        pytest.param(
            lambda user, plan: user.partner.maya.patch(f"/api/clinic/treatment_plans/{plan}/cancel"),
            "This treatment plan was cancelled",
            id="cancelled meanwhile",
        ),
    ],
)
def test_a_plan_that_cannot_be_saved_any_more_stays_on_the_page(
    user: Opener, ends: Callable[[Opener, str], Any], words: str
) -> None:
    """The failure says why; what was written can still be read."""
    plan = user.partner.active_plan
    user.opens(user.partner.edit_link(plan), MAYA)
    user.adds("Zinc 30")
    user.button("Review changes").click()
    expect(user.button("Save changes")).to_be_visible()
    ends(user, plan)
    user.button("Save changes").click()

    expect(user.page.get_by_role("alert")).to_contain_text(words)
    expect(user.page.get_by_text("Zinc 30", exact=True)).to_be_visible()


def _tabs_to(page: Page, name: str) -> None:
    """Press Tab until the focus is on a button whose words begin with *name*."""
    for _ in range(60):
        page.keyboard.press("Tab")
        text: str = page.evaluate("document.activeElement?.closest('button')?.innerText ?? ''")
        if " ".join(text.split()).startswith(name.strip()):
            return
    raise AssertionError(f"Tab does not lead to {name}")
