"""Fixtures of the contract tests: the client against the running sandbox."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fullscript_embed.api import FullscriptClient
from fullscript_embed.testing import Sandbox, SandboxApp
from tests import api_client


@pytest.fixture
def approved_app(sandbox: Sandbox) -> SandboxApp:
    """An app with every scope, approved for every restricted endpoint."""
    return api_client.approved_app(sandbox)


@pytest.fixture
def client(sandbox: Sandbox, approved_app: SandboxApp) -> Iterator[FullscriptClient]:
    """The REST client, acting for a practitioner."""
    with api_client.connected(sandbox, approved_app) as client:
        yield client


@pytest.fixture
def world(sandbox: Sandbox, approved_app: SandboxApp, client: FullscriptClient) -> api_client.World:
    """One of each record of the sandbox's seed."""
    return api_client.World(sandbox, approved_app, client)
