"""The sandbox's OAuth pages and its dashboard for everybody: axe, small screens, light and dark."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from fullscript_embed.testing import PASSWORD, Sandbox, SandboxApp
from tests.e2e.accessibility import problems_in_both_schemes
from tests.sandbox_actors import MAYA, Partner

TABS = ("", "/webhooks", "/embed", "/deliveries", "/events", "/labs", "/accounts", "/delete")


@pytest.fixture
def person(page: Page, sandbox: Sandbox) -> Page:
    """A browser in which Maya is signed in, and an app acts for her."""
    page.goto(f"{sandbox.url}/login")
    page.get_by_label("E-mail address").fill(MAYA)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_label("Password")).to_have_count(0)
    sandbox.token(sandbox.apps()[0], MAYA)
    return page


def addresses(sandbox: Sandbox, app: SandboxApp) -> list[str]:
    """Every page of OAuth and of the dashboard."""
    partner, canadian = Partner(sandbox, app), Partner(sandbox, sandbox.apps()[1])
    tabs = [f"/dashboard/apps/{app.id}{tab}" for tab in TABS]
    asked = [
        partner.authorize_address(),
        partner.authorize_address(response_type="token"),
        partner.authorize_address(client_id="nobody"),
        canadian.authorize_address(),
    ]
    pages = ["/login", "/signup", "/logout", "/settings/connected-apps", "/settings/labs"]
    pages += ["/dashboard/", "/dashboard/apps/new"]
    return pages + asked + tabs


def test_every_page_is_accessible_and_fits(person: Page, sandbox: Sandbox, sandbox_app: SandboxApp) -> None:
    """No page has anything that axe objects to, on a telephone or on a desk."""
    found: dict[str, list[str]] = {}
    for address in addresses(sandbox, sandbox_app):
        person.goto(f"{sandbox.url}{address}")
        found[address] = problems_in_both_schemes(person)

    assert {page: lines for page, lines in found.items() if lines} == {}


def test_deliveries_are_accessible_and_fit(page: Page, sandbox: Sandbox, sandbox_app: SandboxApp) -> None:
    """The list with an attempt that failed, the attempt, and the notice that the endpoint is disabled."""
    sandbox.change_app(sandbox_app, webhook_url="http://127.0.0.1:9/nobody")
    sandbox.token(sandbox_app, MAYA)
    assert sandbox.webhooks_idle()
    sandbox.change_app(sandbox_app, webhook_disabled=True)
    found = []
    page.goto(f"{sandbox.url}/dashboard/apps/{sandbox_app.id}/webhooks")
    found += problems_in_both_schemes(page)
    page.get_by_role("link", name="Deliveries").click()
    page.wait_for_url("**/deliveries")
    found += problems_in_both_schemes(page)
    page.get_by_role("link", name="clinic_key").click()
    page.wait_for_url("**/deliveries/*")
    found += problems_in_both_schemes(page)

    assert found == []


def test_forms_that_were_refused_are_accessible(person: Page, sandbox: Sandbox) -> None:
    """What is wrong is tied to its field, and can be read in both schemes."""
    person.goto(f"{sandbox.url}/dashboard/apps/new")
    person.get_by_label("Application name").fill("Clinic notes")
    person.get_by_label("Redirect URI").fill("localhost/callback")
    person.get_by_role("button", name="Create application").click()
    expect(person.get_by_text("needs a scheme")).to_be_visible()
    expect(person.get_by_label("Redirect URI")).to_have_attribute("aria-invalid", "true")

    assert problems_in_both_schemes(person) == []
