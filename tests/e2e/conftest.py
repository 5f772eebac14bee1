"""Servers, browser and people of the browser tests. Each pytest-xdist worker has its own of everything."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from fullscript_embed.testing import Sandbox
from tests.e2e.people import Person
from tests.e2e.servers import Practice

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--test-third-party-cookie-phaseout",  # the strictest of what people browse with
)
# How long an expectation waits for the page, in ms; generous, because two cores run everything.
PATIENCE = 15_000


def pytest_configure(config: pytest.Config) -> None:
    """Every warning is an error but one, which pytest-base-url, a part of pytest-playwright, ignores."""
    config.addinivalue_line(
        "filterwarnings",
        "ignore:Session-scoped fixtures defined as instance methods:pytest.PytestRemovedIn10Warning",
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder drives a browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The Chromium that CHROMIUM names, else one on PATH, else Playwright's own."""
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    return browser_type_launch_args | ({"executable_path": path} if path else {}) | {"args": list(FLAGS)}


@pytest.fixture(scope="session", autouse=True)
def _patience() -> None:
    expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def _practice_process(
    _sandbox_process: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Practice]:
    practice = Practice(tmp_path_factory.mktemp("practice"), _sandbox_process)
    practice.prepare()
    try:
        practice.start_worker()
        practice.start()
        # Started cold it takes longer than the first test would wait for what it applies.
        practice.wait_for_worker()
        yield practice
    finally:
        practice.stop_all()


@pytest.fixture
def practice(_practice_process: Practice, sandbox: Sandbox) -> Practice:
    """The practice app with the demo's people, registered in a sandbox that is as it was seeded."""
    assert sandbox is _practice_process.sandbox
    _practice_process.reset()
    return _practice_process


@pytest.fixture
def maya(page: Page, practice: Practice) -> Person:
    """Dr. Maya Chen, practitioner and owner of the clinic, at her browser."""
    return Person(page, practice, "maya.chen@juniper.example")


@pytest.fixture
def omar(page: Page, practice: Practice) -> Person:
    """Dr. Omar Haddad, practitioner, at his browser."""
    return Person(page, practice, "omar.haddad@juniper.example")


@pytest.fixture
def sam(page: Page, practice: Practice) -> Person:
    """Sam Okafor, staff, at his browser."""
    return Person(page, practice, "sam.okafor@juniper.example")
