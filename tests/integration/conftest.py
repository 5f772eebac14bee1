"""Fixtures of the tests in which a partner's application meets the sandbox."""

from __future__ import annotations

import socket
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from fullscript_embed.api import FullscriptClient
from fullscript_embed.testing import Sandbox, SandboxApp
from tests.api_client import approved_app
from tests.api_client import connected as client_of
from tests.partner_host import REDIRECT_URI, Host, HostUser, create_host, settings_for
from tests.plans_elsewhere import link

POSTGRES = "127.0.0.1", 5432


@pytest.fixture
def partner_app(sandbox: Sandbox) -> SandboxApp:
    """The partner's application, as registered in the sandbox; tests search the catalog with it."""
    return sandbox.create_app(
        redirect_uris=[REDIRECT_URI],
        origin_uris=["http://localhost"],
        restricted_grants=["products.search"],
    )


@pytest.fixture
def host_config(sandbox: Sandbox, partner_app: SandboxApp, tmp_path: Path) -> dict[str, str]:
    """Settings of a host on a fresh SQLite file."""
    return {
        "SQLALCHEMY_DATABASE_URI": f"sqlite:///{tmp_path / 'host.db'}",
        **settings_for(sandbox, partner_app),
    }


@pytest.fixture
def host(sandbox: Sandbox, partner_app: SandboxApp, host_config: dict[str, str]) -> Iterator[Host]:
    """The partner's application with empty tables."""
    with Host(sandbox, partner_app, create_host(host_config)) as host:
        host.make_tables()
        yield host


@pytest.fixture
def maya(host: Host) -> HostUser:
    """A practitioner who is signed in to the host and has not connected Fullscript."""
    return host.user("maya")


@pytest.fixture
def connected(maya: HostUser) -> HostUser:
    """The practitioner, connected; the sandbox's journal is empty again."""
    assert maya.connects().status_code == 302
    maya.host.sandbox.clear_calls()
    return maya


@pytest.fixture
def linked(connected: HostUser) -> HostUser:
    """The same, whose patient 7 is linked to Priya Raman, who has plans and orders at Fullscript."""
    link(connected.host)
    return connected


@pytest.fixture
def elsewhere(sandbox: Sandbox) -> Iterator[FullscriptClient]:
    """Another application of the clinic, whose changes no event tells us of."""
    with client_of(sandbox, approved_app(sandbox)) as client:
        yield client


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """A database of its own on the PostgreSQL server of this machine; skipped where there is none."""
    with socket.socket() as probe:
        probe.settimeout(1)
        if probe.connect_ex(POSTGRES):
            pytest.skip("no PostgreSQL at 127.0.0.1:5432")
    name = f"fullscript_{uuid.uuid4().hex}"
    with psycopg.connect(host=POSTGRES[0], user="postgres", autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        yield f"postgresql+psycopg://postgres@{POSTGRES[0]}/{name}"
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def engine_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A fresh database on each engine that hosts use."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgres_url"))
    return f"sqlite:///{tmp_path / 'engine.db'}"
