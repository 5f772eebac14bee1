"""Fixtures that all tests share. Each pytest-xdist worker has a sandbox process of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # pytest has to import it first, to rewrite its asserts
    from fullscript_embed.testing import Sandbox, SandboxApp

pytest_plugins = ["fullscript_embed.testing"]

REDIRECT_URI = "http://localhost:8000/fullscript/callback/local"
ORIGIN = "http://localhost:8000"


@pytest.fixture
def sandbox(fullscript_sandbox: Sandbox) -> Sandbox:
    """A running sandbox in the state of its seed."""
    return fullscript_sandbox


@pytest.fixture
def sandbox_app(sandbox: Sandbox) -> SandboxApp:
    """The demo's own application, registered from the start, with all scopes."""
    return sandbox.apps()[0]
