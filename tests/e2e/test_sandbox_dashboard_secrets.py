"""The dashboard's secret fields and the sign-in page's list of accounts, in a browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from fullscript_embed.testing import Sandbox, SandboxApp


@pytest.fixture
def settings(page: Page, sandbox: Sandbox, sandbox_app: SandboxApp) -> Page:
    """The OAuth settings of the demo's own app."""
    page.goto(f"{sandbox.url}/dashboard/apps/{sandbox_app.id}")
    return page


def test_a_secret_is_shown_and_hidden_again(settings: Page, sandbox_app: SandboxApp) -> None:
    """Reveal puts the secret into its field, Hide takes it out."""
    secret = settings.get_by_label("Client secret", exact=True)
    settings.get_by_role("button", name="Reveal client secret").click()
    expect(secret).to_have_value(sandbox_app.client_secret)
    settings.get_by_role("button", name="Hide client secret").click()

    expect(secret).not_to_have_value(sandbox_app.client_secret)


def test_copying_a_secret_does_not_show_it(settings: Page, sandbox_app: SandboxApp) -> None:
    """Copy fetches the secret into the clipboard and leaves the field masked."""
    settings.context.grant_permissions(["clipboard-read", "clipboard-write"])
    settings.get_by_role("button", name="Copy client secret").click()

    expect(settings.get_by_text("Copied.")).to_be_visible()
    expect(settings.get_by_label("Client secret", exact=True)).not_to_have_value(sandbox_app.client_secret)
    assert settings.evaluate("navigator.clipboard.readText()") == sandbox_app.client_secret


def test_a_reveal_that_fails_is_said(settings: Page) -> None:
    """When the sandbox is gone or refuses, the page says so instead of showing nothing."""
    settings.route("**/secrets/**", lambda route: route.fulfill(status=500, body="{}"))
    settings.get_by_role("button", name="Reveal client secret").click()

    expect(settings.get_by_text("That did not work.")).to_be_visible()


def test_an_account_of_the_list_fills_the_sign_in_form(page: Page, sandbox: Sandbox) -> None:
    """One click on a person and one on Sign in is enough in the sandbox."""
    page.goto(f"{sandbox.url}/login?next=/settings/connected-apps")
    page.get_by_role("button", name="Sam Okafor").click()
    page.get_by_role("button", name="Sign in").click()

    expect(page.get_by_role("heading", name="Connected apps")).to_be_visible()
    expect(page.get_by_text("Sam Okafor")).to_be_visible()
