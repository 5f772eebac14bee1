"""The queue is only a wake-up: while it is away events are taken in, and afterwards applied."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from random import Random

from tests.faults.engines import Redis
from tests.faults.load import NO_HURRY, Load
from tests.faults.site import Site

EVENTS = 80


def test_redis_may_be_gone(large_site: Site, redis: Redis, chance: Random) -> None:
    """It forgets its messages when it stops, and nobody who tells us something notices."""
    load = Load(large_site.url, large_site.app, chance, total=EVENTS, patience=NO_HURRY)
    redis.stop()
    load.start()
    load.finish()
    redis.start()
    large_site.settle()

    assert set(load.outcomes) == {"200"}
    assert large_site.verdict(load.promised, load.orders).faults == {}


def test_the_queues_file_may_be_out_of_reach(small_site: Site, chance: Random) -> None:
    """Nobody can write to it for longer than a writer waits, so that messages are lost."""
    load = Load(small_site.url, small_site.app, chance, total=EVENTS, patience=NO_HURRY)
    with closing(sqlite3.connect(small_site.folder / "broker.db", timeout=30, isolation_level=None)) as queue:
        queue.execute("BEGIN EXCLUSIVE")
        load.start()
        load.finish()
        queue.execute("ROLLBACK")
    small_site.settle()

    assert set(load.outcomes) == {"200"}
    assert small_site.verdict(load.promised, load.orders).faults == {}
