"""Fullscript's limit, counted by all processes together where the host names a Redis for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from limits import RateLimitItemPerSecond
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter

from fullscript_embed.api.rate_limit import PERIOD_SECONDS, REQUESTS
from fullscript_embed.errors import SettingsInvalid
from fullscript_embed.testing import Sandbox, SandboxApp
from tests.faults.engines import NotHere, Redis, own_redis
from tests.partner_host import Host, HostUser, create_host


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    """A Redis of this test's own; skipped where it is not installed."""
    with ExitStack() as running:
        try:
            server = running.enter_context(own_redis(tmp_path))
        except NotHere as reason:
            pytest.skip(str(reason))
        yield server


@pytest.fixture
def maya(
    sandbox: Sandbox, partner_app: SandboxApp, host_config: dict[str, str], redis: Redis
) -> Iterator[HostUser]:
    """A practitioner who is connected, in a host that counts in Redis."""
    config = {**host_config, "FULLSCRIPT_RATE_LIMIT_STORAGE_URL": redis.url}
    with Host(sandbox, partner_app, create_host(config)) as host:
        host.make_tables()
        maya = host.user("maya")
        maya.connects()
        sandbox.clear_calls()
        yield maya


def use_up(redis: Redis, sandbox: Sandbox) -> None:
    """Take all the turns that are left, as other processes would."""
    limiter = MovingWindowRateLimiter(storage_from_string(redis.url))
    window = RateLimitItemPerSecond(REQUESTS, PERIOD_SECONDS, namespace="fullscript")
    address = sandbox.url.partition("//")[2]
    limiter.hit(window, address, cost=limiter.get_window_stats(window, address).remaining)


def test_what_others_used_up_is_not_sent(maya: HostUser, redis: Redis, sandbox: Sandbox) -> None:
    """A person is told at once, and Fullscript is not asked for what it would refuse."""
    before = maya.opens_fullscript().status_code
    sandbox.clear_calls()
    use_up(redis, sandbox)
    after = maya.opens_fullscript()

    assert (before, after.status_code) == (200, 429)
    assert maya.host.calls("/api/clinic/embeddable/session_grants") == []


def test_without_its_redis_a_host_goes_on(maya: HostUser, redis: Redis) -> None:
    """Fullscript's own answer is the limit that counts; the doctor says what is wrong."""
    good = maya.host.runs("doctor")[1]
    redis.stop()
    answer = maya.opens_fullscript()

    assert answer.status_code == 200
    assert "one count for all processes" in good
    assert "its storage does not answer" in maya.host.runs("doctor")[1]


@pytest.mark.parametrize("address", ["redis", "redes://127.0.0.1", "async+memory://"])
def test_a_storage_that_is_none_is_named(host_config: dict[str, str], address: str) -> None:
    """The application does not start."""
    with pytest.raises(SettingsInvalid, match="FULLSCRIPT_RATE_LIMIT_STORAGE_URL cannot be used"):
        create_host({**host_config, "FULLSCRIPT_RATE_LIMIT_STORAGE_URL": address})
