"""What people do in the practice app and in Fullscript's frame, so that the tests need not say how."""

from __future__ import annotations

import re
from re import Pattern
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import APIResponse, FrameLocator, Locator, Page, expect

from fullscript_embed.testing import PASSWORD as FULLSCRIPT_PASSWORD
from tests.e2e.servers import Practice

PRACTICE_PASSWORD = "practice-demo"
RECOMMEND = "Recommend with Fullscript"
RECOMMEND_LABS = "Recommend labs"
MOST_TABS = 200
EVENTS = "**/fullscript/events"
CSRF_FIELD = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


class Person:
    """Somebody of a practice at their browser; the same e-mail address opens both accounts."""

    def __init__(self, page: Page, practice: Practice, email: str) -> None:
        self.page = page
        self.practice = practice
        self.email = email
        self.frame = Frame(page)

    def goes_to(self, path: str) -> None:
        self.page.goto(f"{self.practice.url}{path}")

    def is_signed_in(self) -> None:
        """Sign in to the practice app without showing it."""
        form = self.page.request.get(f"{self.practice.url}/sign-in").text()
        token = CSRF_FIELD.search(form)
        assert token, "the sign-in page has no form"
        self._post(
            "/sign-in", email=self.email, password=PRACTICE_PASSWORD, csrf_token=token.group(1), next=""
        )

    def is_connected(self) -> None:
        """Sign in and connect Fullscript without showing it; the pages' own test is in test_main_job.py."""
        self.is_signed_in()
        leave = self._get("/fullscript/connect?next=/")
        query = parse_qs(urlsplit(leave.headers["location"]).query)
        [app] = [app for app in self.practice.sandbox.apps() if app.client_id == query["client_id"][0]]
        uri, state = query["redirect_uri"][0], query["state"][0]
        self.page.request.get(self.practice.sandbox.authorize(app, self.email, uri, state), max_redirects=0)

    def signs_in(self) -> None:
        """Sign in to the practice app, on the page that is open if it is its sign-in page."""
        if "/sign-in" not in self.page.url:
            self.goes_to("/sign-in")
        self.page.get_by_label("E-mail address").fill(self.email)
        self.page.get_by_label("Password").fill(PRACTICE_PASSWORD)
        self.page.get_by_role("button", name="Sign in", exact=True).click()
        expect(self.page.get_by_role("button", name="Sign out")).to_be_visible()

    def opens_chart(self, name: str) -> None:
        """Open the chart of the patient of that name, signing in first if need be."""
        self.goes_to(f"/patients/{self.patient_id(name)}")
        if "/sign-in" in self.page.url:
            self.signs_in()
        expect(self.page.get_by_role("heading", name=name, level=1)).to_be_visible()

    def agrees(self) -> None:
        """Sign in to Fullscript and let the practice app in."""
        self.signs_in_to_fullscript()
        self.page.get_by_role("button", name="Authorize", exact=True).click()

    def declines(self) -> None:
        """Sign in to Fullscript and keep the practice app out."""
        self.signs_in_to_fullscript()
        self.page.get_by_role("button", name="Cancel", exact=True).click()

    def signs_in_to_fullscript(self) -> None:
        self.page.get_by_label("E-mail").fill(self.email)
        self.page.get_by_label("Password").fill(FULLSCRIPT_PASSWORD)
        self.page.get_by_role("button", name="Sign in", exact=True).click()

    def recommend_button(self, label: str = RECOMMEND) -> Locator:
        """The button that opens Fullscript, or the link that connects first."""
        button = self.page.get_by_role("button", name=label, exact=True)
        return button.or_(self.page.get_by_role("link", name=label, exact=True))

    def opens_fullscript(self, patient: str, label: str = RECOMMEND) -> None:
        """Press the button on the patient's chart."""
        self.opens_chart(patient)
        self.recommend_button(label).click()

    def stays_until_idle(self) -> None:
        """Wait until the page has asked for new plans, which it does after everything else."""
        with self.page.expect_response(re.compile(r"/plans\?seen=")):
            pass

    def reaches(self, target: Locator, *, key: str = "Enter") -> None:
        """Move the focus to *target* with Tab, as somebody without a mouse does, and press *key*."""
        expect(target).to_be_enabled()
        for _ in range(MOST_TABS):
            if target.evaluate("element => element === document.activeElement"):
                self.page.keyboard.press(key)
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab did not lead to {target}")

    def patient_id(self, name: str) -> int:
        """The number of the patient of that name in the user's own practice."""
        first, last = name.split(" ", 1)
        rows = self.practice.rows(
            "SELECT patient.id FROM patient JOIN user_account USING (practice_id)"
            " WHERE patient.first_name = ? AND patient.last_name = ? AND user_account.email = ?",
            first,
            last,
            self.email,
        )
        return int(str(rows[0][0]))

    @property
    def plans(self) -> Locator:
        """The plans on the chart."""
        return self.page.get_by_role("article", name="Treatment plan")

    @property
    def notice(self) -> Locator:
        """What the extension says, wherever it says it."""
        return self.page.locator(".fullscript-notice")

    def _get(self, path: str) -> APIResponse:
        return self.page.request.get(f"{self.practice.url}{path}", max_redirects=0)

    def _post(self, path: str, **form: str) -> None:
        answer = self.page.request.post(f"{self.practice.url}{path}", form=dict(form), max_redirects=0)
        assert answer.status == 302, f"{path} answered {answer.status}"


class Frame:
    """Fullscript's platform feature, inside the page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @property
    def inside(self) -> FrameLocator:
        return self.page.frame_locator("iframe[title=Fullscript]")

    def shows(self, heading: str | Pattern[str]) -> None:
        expect(self.inside.get_by_role("heading", name=heading).first).to_be_visible()

    def picks_practitioner(self, name: str) -> None:
        self.shows("Who is this plan from?")
        self.inside.get_by_role("button", name=re.compile(re.escape(name))).click()

    def picks_patient(self, name: str) -> None:
        """Choose the first of the suggested patients of that name."""
        self.shows(re.compile("Is (this|one of these) your patient"))
        self.inside.get_by_role("button", name=re.compile(re.escape(name))).first.click()

    def searches_patient(self, name: str) -> None:
        """Look for an existing patient by a part of the name, and choose the first."""
        self.inside.get_by_role("button", name="Existing patient", exact=True).click()
        self.inside.get_by_label("Search patients").fill(name)
        self.inside.get_by_role("button", name=re.compile(re.escape(name))).first.click()

    def adds_new_patient(self) -> None:
        """Accept the form for a new patient as it is filled in."""
        choice = self.inside.get_by_role("button", name="New patient", exact=True)
        if choice.get_attribute("aria-pressed") != "true":
            choice.click()
        self.inside.get_by_role("button", name="Add patient").click()

    def is_ready(self) -> None:
        """Wait for the plan builder: who is who has been settled."""
        expect(self.inside.get_by_role("heading", name="Treatment plan", exact=True)).to_be_visible()

    def adds_product(self) -> str:
        """Put the first product on the shelf in the plan, and return its name."""
        return self._adds(".product")

    def adds_lab(self) -> str:
        """Put the first lab on the shelf in the plan, and return its name."""
        return self._adds(".lab")

    def sends(self) -> None:
        """Review the plan and send it to the patient."""
        self.inside.get_by_role("button", name="Review and send").click()
        self.inside.get_by_role("button", name="Send to patient").click()

    def recommends(self) -> str:
        """Write a plan with one product and send it; return the product's name."""
        product = self.adds_product()
        self.sends()
        return product

    def _adds(self, card: str) -> str:
        add = re.compile("^Add ")
        shelf = self.inside.locator(f"{card}:visible")
        first = shelf.filter(has=self.page.get_by_role("button", name=add)).first
        name = first.locator(".product-name").inner_text()
        first.get_by_role("button", name=add).click()
        expect(self.inside.locator(".panel").get_by_text(name).first).to_be_visible()
        return name
