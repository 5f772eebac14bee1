"""Installations whose plugs the tests pull."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest

from fullscript_embed.testing import Sandbox, start_sandbox
from tests.faults.engines import NotHere, Postgres, Redis, own_postgres, own_redis
from tests.faults.site import Site

# The same chances in every run; FAULTS_SEED=… for others.
SEED = os.environ.get("FAULTS_SEED", "fullscript")


def pytest_configure(config: pytest.Config) -> None:
    """Every warning is an error but one, which kombu's queue in a database causes in SQLAlchemy."""
    config.addinivalue_line(
        "filterwarnings", "ignore:The ``noload`` loader strategy:sqlalchemy.exc.SADeprecationWarning"
    )


@pytest.fixture
def chance(request: pytest.FixtureRequest) -> Random:
    """The accidents of one test, which would be the same again."""
    return Random(f"{SEED} {request.node.name}")


@pytest.fixture(scope="session")
def fault_sandbox() -> Iterator[Sandbox]:
    """A sandbox that nobody puts back meanwhile: the installations hold tokens of it."""
    with start_sandbox() as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def small_site(fault_sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One machine that needs no server: all in SQLite, two web processes, one worker with threads."""
    options = ("--pool", "threads", "--concurrency", "2")
    with Site(tmp_path_factory.mktemp("small"), fault_sandbox, worker_options=options) as site:
        site.prepare()
        yield site.start()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL of the tests' own; skipped where it is not installed."""
    # Not in pytest's folder, which only its own user may enter.
    with TemporaryDirectory(prefix="faults-") as folder, ExitStack() as running:
        try:
            server = running.enter_context(own_postgres(Path(folder)))
        except NotHere as reason:
            pytest.skip(str(reason))
        yield server


@pytest.fixture(scope="session")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    """A Redis of the tests' own; skipped where it is not installed."""
    with ExitStack() as running:
        try:
            server = running.enter_context(own_redis(tmp_path_factory.mktemp("redis")))
        except NotHere as reason:
            pytest.skip(str(reason))
        yield server


@pytest.fixture(scope="session")
def large_site(
    fault_sandbox: Sandbox, postgres: Postgres, redis: Redis, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """PostgreSQL and Redis, two web processes and two workers of two processes each."""
    folder = tmp_path_factory.mktemp("large")
    with Site(folder, fault_sandbox, database_url=postgres.url, broker_url=redis.url, workers=2) as site:
        site.prepare()
        yield site.start()
