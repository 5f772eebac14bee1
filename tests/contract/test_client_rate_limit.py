"""Fullscript's limit is kept on our side: across threads in memory, across processes with Redis."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from fullscript_embed.api import RateLimit, RateLimited
from fullscript_embed.api.rate_limit import PERIOD_SECONDS, REQUESTS
from fullscript_embed.testing import Sandbox, SandboxApp
from tests.api_client import connected
from tests.e2e.servers import free_port


def takes(limit: RateLimit) -> bool:
    """True when there was a turn to take."""
    try:
        limit.take_turn("api.example")
    except RateLimited:
        return False
    return True


def turns(limit: RateLimit, tries: int) -> int:
    """How many of that many tries got a turn, sixteen at once."""
    with ThreadPoolExecutor(16) as pool:
        return sum(pool.map(lambda _: takes(limit), range(tries)))


def test_the_documented_limit_is_the_default() -> None:
    """Guide: 5,000 requests in a rolling five minutes."""
    assert (REQUESTS, PERIOD_SECONDS) == (5000, 300)


def test_threads_share_one_limit() -> None:
    """However many threads ask at once, no more calls go out than are allowed."""
    limit = RateLimit(requests=50, seconds=60, longest_wait=0)
    taken = turns(limit, 120)

    assert taken == 50


def test_each_api_has_its_own_limit() -> None:
    """Fullscript counts its countries and its sandboxes by themselves."""
    limit = RateLimit(requests=1, seconds=60, longest_wait=0)
    limit.take_turn("api-us.fullscript.io")
    limit.take_turn("api-ca.fullscript.io")

    with pytest.raises(RateLimited):
        limit.take_turn("api-us.fullscript.io")


def test_a_full_window_is_told_before_anything_is_sent(sandbox: Sandbox, sandbox_app: SandboxApp) -> None:
    """The error says how long to wait, and the call is not made."""
    limit = RateLimit(requests=1, seconds=60, longest_wait=0)

    with connected(sandbox, sandbox_app, rate_limit=limit) as client:
        client.clinic.retrieve()
        with pytest.raises(RateLimited) as caught:
            client.clinic.retrieve()

    assert caught.value.status is None
    assert 0 < (caught.value.retry_after or 0) <= 61
    assert len(sandbox.calls("/api/clinic")) == 1


def test_a_call_waits_for_its_turn() -> None:
    """A short wait is waited instead of told."""
    limit = RateLimit(requests=1, seconds=1, longest_wait=60)
    started = time.monotonic()
    limit.take_turn("api.example")
    limit.take_turn("api.example")

    assert time.monotonic() - started > 0.9


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    """A Redis server of its own."""
    port = free_port()
    command = [
        "redis-server",
        "--port",
        str(port),
        "--save",
        "",
        "--dir",
        str(tmp_path),
        "--bind",
        "127.0.0.1",
    ]
    try:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    except FileNotFoundError:
        pytest.skip("redis-server is not installed")
    assert process.stdout is not None
    for line in process.stdout:
        if "Ready to accept connections" in line:
            break
    yield f"redis://127.0.0.1:{port}/0"
    process.terminate()
    process.communicate(timeout=10)


PROGRAM = """
import sys
from fullscript_embed.api import RateLimit, RateLimited
limit = RateLimit(storage=sys.argv[1], requests=50, seconds=60, longest_wait=0)
taken = 0
for _ in range(40):
    try:
        limit.take_turn("api.example")
        taken += 1
    except RateLimited:
        pass
print(taken)
"""


def test_processes_share_one_limit_by_redis(redis_url: str) -> None:
    """Three processes together make no more calls than are allowed."""
    command = [sys.executable, "-c", PROGRAM, redis_url]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    taken = [int(process.communicate(timeout=60)[0]) for process in processes]

    assert sum(taken) == 50


def test_some_of_the_window_is_left_to_others(redis_url: str) -> None:
    """Who works in the background takes what is not spared, and those who wait still have the rest."""
    background = RateLimit(storage=redis_url, requests=10, seconds=60, longest_wait=0, spare=6)
    people = RateLimit(storage=redis_url, requests=10, seconds=60, longest_wait=0)
    taken = [sum(takes(limit) for _ in range(12)) for limit in (background, people, background)]

    assert taken == [4, 6, 0]


def test_calls_go_on_when_redis_does_not(caplog: pytest.LogCaptureFixture) -> None:
    """Fullscript's own limit is the one that counts; ours must not stop the program."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        limit = RateLimit(storage=f"redis://127.0.0.1:{nobody.getsockname()[1]}/0", requests=1, seconds=60)
        limit.take_turn("api.example")
        limit.take_turn("api.example")

    assert "rate limit not counted" in caplog.text
