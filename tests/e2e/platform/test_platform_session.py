"""Who is signed in to a frame, and what a frame that cannot open shows."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import BrowserContext, expect

from fullscript_embed.testing import PASSWORD, Sandbox, SandboxApp
from tests.e2e.platform.host import MAYA, OMAR, PRIYA, SAM, HostPage, Recommender

SET_A_COOKIE = "document.cookie = 'probe=1; SameSite=None; Secure'; document.cookie.includes('probe=1')"


@pytest.fixture
def wary(wary_browser: BrowserContext, sandbox: Sandbox, app: SandboxApp, host: HostPage) -> Recommender:
    """Somebody whose browser blocks third-party cookies."""
    return Recommender(wary_browser.new_page(), sandbox, app, host)


def test_a_plan_is_sent_where_third_party_cookies_are_blocked(wary: Recommender) -> None:
    """The frame could not keep a cookie if it wanted to, and works from the first page to the last."""
    wary.opens(OMAR, patient={"id": PRIYA})
    wary.adds("Zinc 30")
    assert wary.inside.evaluate(SET_A_COOKIE) is False, "third-party cookies are not blocked"
    wary.button("Review and send").click()
    wary.button("Send to patient").click()

    assert wary.waits_for("treatmentPlan.activated")


def test_another_account_in_another_tab_stays_signed_in(wary: Recommender) -> None:
    """The frame is Maya's, the tab stays Sam's."""
    tab = wary.page.context.new_page()
    tab.goto(f"{wary.sandbox.url}/login")
    tab.get_by_label("E-mail").fill(SAM)
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Sign in", exact=True).click()
    tab.wait_for_url(re.compile("^(?!.*login)"))
    wary.opens(MAYA)
    expect(wary.frame.get_by_text("You are signed in as Maya Chen")).to_be_visible()
    tab.goto(f"{wary.sandbox.url}/settings/connected-apps")

    expect(tab.get_by_text("Sam Okafor").first).to_be_visible()


def test_a_used_grant_shows_an_error_that_the_library_throws(recommender: Recommender) -> None:
    """The frame says what to do, and the partner's console has the error's name."""
    secret_token = recommender.secret_token(OMAR)
    recommender.opens(OMAR, secret_token=secret_token)
    expect(recommender.heading("Add a patient")).to_be_visible()
    recommender.opens(OMAR, secret_token=secret_token)
    expect(recommender.heading("Fullscript could not be opened")).to_be_visible()

    recommender.waits_for_failure("INVALID_SECRET_TOKEN: The secret_token was invalid or missing")


def test_an_unlisted_page_is_refused_by_the_browser(recommender: Recommender) -> None:
    """The console has the line that the guide explains, and the page hears nothing."""
    recommender.app = recommender.sandbox.create_app(origin_uris=["https://elsewhere.example"])
    with recommender.page.expect_event(
        "console", lambda message: "frame-ancestors 'none'" in message.text, timeout=15_000
    ):
        recommender.opens(OMAR)

    assert recommender.failures() == []


def test_an_ended_session_is_said_where_it_is_met(recommender: Recommender) -> None:
    """After eight hours saving says so, and what was typed can still be read."""
    recommender.opens(OMAR, patient={"id": PRIYA})
    recommender.adds("Zinc 30")
    recommender.sandbox.advance(8 * 3600)
    recommender.button("Save draft").click()

    expect(recommender.frame.get_by_role("alert")).to_contain_text("Your session has ended")
    expect(recommender.plan.get_by_role("button", name="Edit Zinc 30")).to_be_visible()
