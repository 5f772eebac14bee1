"""Fixtures that all tests share. Each pytest-xdist worker has a sandbox process of its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from jinja2 import FileSystemBytecodeCache

if TYPE_CHECKING:  # pytest has to import it first, to rewrite its asserts
    from fullscript_embed.testing import Sandbox, SandboxApp

pytest_plugins = ["fullscript_embed.testing"]

REDIRECT_URI = "http://localhost:8000/fullscript/callback/local"
ORIGIN = "http://localhost:8000"
COMPILED = Path(__file__).resolve().parents[1] / ".cache" / "templates"

# Hundreds of applications are made here, and each would compile every template that it shows.
COMPILED.mkdir(parents=True, exist_ok=True)
Flask.jinja_options = {"bytecode_cache": FileSystemBytecodeCache(str(COMPILED))}


@pytest.fixture
def sandbox(fullscript_sandbox: Sandbox) -> Sandbox:
    """A running sandbox in the state of its seed."""
    return fullscript_sandbox


@pytest.fixture
def sandbox_app(sandbox: Sandbox) -> SandboxApp:
    """The demo's own application, registered from the start, with all scopes."""
    return sandbox.apps()[0]
