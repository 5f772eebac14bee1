"""The database goes away and comes back, in order and without; meanwhile nothing is promised."""

from __future__ import annotations

import signal
from random import Random

import pytest

from tests.faults.engines import Postgres
from tests.faults.load import NO_HURRY, Load, order
from tests.faults.site import Site
from tests.waiting import LONG, until


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["restarted", "crashed"])
def test_the_database_ends_under_load(
    large_site: Site, postgres: Postgres, chance: Random, how: signal.Signals
) -> None:
    """What could not be stored was not answered with the challenge, and is sent again."""
    load = Load(large_site.url, large_site.app, chance, total=120)
    load.start()
    until(lambda: load.done > chance.uniform(0.2, 0.6), within=LONG, what="the moment to end it")
    postgres.stop(how)
    postgres.start()
    load.finish()
    large_site.settle()

    assert large_site.verdict(load.promised, load.orders).faults == {}


def test_without_a_database_the_answer_is_clear(large_site: Site, postgres: Postgres, chance: Random) -> None:
    """503 and no challenge, so that Fullscript sends the event again; then it is there once."""
    load, one = Load(large_site.url, large_site.app, chance, total=1, patience=NO_HURRY), order(chance)
    postgres.stop(signal.SIGINT)
    refused = load.send_once(one)
    postgres.start()
    load.send(one)
    large_site.settle()

    assert refused is not None
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "not_stored")
    assert large_site.app.challenge_token not in refused.text
    assert large_site.verdict(load.promised, load.orders).faults == {}
