"""`kill -9` at random moments under load: what was answered with the challenge is there, and applied once."""

from __future__ import annotations

from random import Random

import pytest

from tests.faults.load import Load
from tests.faults.site import Site
from tests.waiting import LONG, until

EVENTS, KILLS = 240, 5


@pytest.mark.parametrize("name", ["small_site", "large_site"])
def test_kills_lose_and_double_nothing(name: str, request: pytest.FixtureRequest, chance: Random) -> None:
    """Web processes, gunicorn itself and workers die while eight senders are at work."""
    site: Site = request.getfixturevalue(name)
    load = Load(site.url, site.app, chance, total=EVENTS)
    load.start()
    for moment in sorted(chance.random() for _ in range(KILLS)):
        until(lambda moment=moment: load.done >= moment * 0.95, within=LONG, what="the next kill's moment")
        site.pull_a_plug(chance)
    load.finish()
    site.settle()

    assert len(load.promised) == EVENTS
    assert site.verdict(load.promised, load.orders).faults == {}
