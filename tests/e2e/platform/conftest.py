"""A partner's page, and the people in front of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, BrowserType, Page

from fullscript_embed.testing import Sandbox, SandboxApp
from tests.e2e.platform.host import HostPage, Recommender


@pytest.fixture(scope="session")
def host() -> Iterator[HostPage]:
    """The partner's page, on a port of its own."""
    page = HostPage()
    yield page
    page.stop()


@pytest.fixture
def app(sandbox: Sandbox, host: HostPage) -> SandboxApp:
    """The partner's app, which may be framed on that page."""
    return sandbox.create_app(name="Partner app", origin_uris=[host.url])


@pytest.fixture
def recommender(page: Page, sandbox: Sandbox, app: SandboxApp, host: HostPage) -> Recommender:
    """Somebody in front of the page."""
    return Recommender(page, sandbox, app, host)


@pytest.fixture
def wary_browser(
    browser_type: BrowserType, browser_type_launch_args: dict[str, Any], tmp_path: Path
) -> Iterator[BrowserContext]:
    """A browser that blocks third-party cookies."""
    preferences = tmp_path / "Default" / "Preferences"
    preferences.parent.mkdir()
    preferences.write_text(
        json.dumps({"profile": {"block_third_party_cookies": True, "cookie_controls_mode": 1}})
    )
    context = browser_type.launch_persistent_context(tmp_path, **browser_type_launch_args)
    yield context
    context.close()
