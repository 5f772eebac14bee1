"""The practice app on a fresh database, and the people who use it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app import create_app
from fullscript_embed.testing import Sandbox, SandboxApp
from tests.practice_host import PEOPLE, Visitor, close, prepare, settings_in, words
from tests.quick_passwords import make_passwords_quick

CALLBACK = "http://localhost/fullscript/callback/local"


@pytest.fixture(scope="session")
def seeded_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the database of a freshly seeded app; tests work on copies."""
    folder = tmp_path_factory.mktemp("seeded")
    app = create_app(settings_in(folder))
    prepare(app)
    close(app)
    make_passwords_quick(folder / "practice.db")
    return folder


@pytest.fixture(scope="module")
def seeded_app(seeded_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """One practice app for all tests of a module, which only read, or do not mind what others left."""
    folder = tmp_path_factory.mktemp("shared")
    shutil.copytree(seeded_folder, folder, dirs_exist_ok=True)
    app = create_app(settings_in(folder))
    yield app
    close(app)


@pytest.fixture
def make_app(seeded_folder: Path, tmp_path: Path) -> Iterator[Callable[..., Flask]]:
    """Build practice apps on a copy of the seeded database; settings can be changed by name."""
    shutil.copytree(seeded_folder, tmp_path, dirs_exist_ok=True)
    made = []

    def make(**changes: Any) -> Flask:
        made.append(create_app(settings_in(tmp_path, **changes)))
        return made[-1]

    yield make
    for app in made:
        close(app)


@pytest.fixture
def practice_app(make_app: Callable[..., Flask]) -> Flask:
    """The practice app of the demo."""
    return make_app()


@pytest.fixture
def visitor(practice_app: Flask) -> Visitor:
    """Somebody who is not signed in."""
    return Visitor(practice_app)


@pytest.fixture
def maya(visitor: Visitor) -> Visitor:
    """A practitioner of Juniper, signed in."""
    return visitor.signs_in_as("practitioner")


@pytest.fixture
def admin(practice_app: Flask) -> Visitor:
    """The administrator of Juniper, signed in."""
    return Visitor(practice_app).signs_in_as("administrator")


@pytest.fixture
def registered(sandbox: Sandbox) -> SandboxApp:
    """The practice app, as the sandbox knows it."""
    return sandbox.create_app(redirect_uris=[CALLBACK], origin_uris=["http://localhost"])


@pytest.fixture
def connected_app(make_app: Callable[..., Flask], sandbox: Sandbox, registered: SandboxApp) -> Flask:
    """The practice app with the sandbox as its only environment."""
    hosts = {"AUTHORIZE_URL": "/oauth/authorize", "API_URL": "/api", "EMBED_ORIGIN": ""}
    where = {f"FULLSCRIPT_LOCAL_{name}": f"{sandbox.url}{path}" for name, path in hosts.items()}
    return make_app(fullscript_environments=("local",), fullscript=registered.settings() | where)


@pytest.fixture
def connect(connected_app: Flask, sandbox: Sandbox, registered: SandboxApp) -> Callable[[str], Visitor]:
    """Sign somebody in and connect their Fullscript account, pages and all."""

    def connects(role: str) -> Visitor:
        visitor = Visitor(connected_app).signs_in_as(role)
        started = visitor.opens("/fullscript/connect?next=/integrations").location
        state = started.split("state=")[1].split("&")[0]
        came_back = sandbox.authorize(registered, PEOPLE[role], CALLBACK, state)
        answer = visitor.opens(came_back)
        assert answer.status_code == 302, words(answer)
        return visitor

    return connects
