"""How fast webhooks are taken in and applied, on SQLite and on PostgreSQL.

1. Taken in: the signed call of an event, which is verified, kept once and committed, beside a route that
   inserts one row. Same server with two processes, same database, same senders, in turn in one run. A
   worker's wake-up is sent too; the worker itself rests, for the other route has none. Aim: 0.8.
2. With 64 senders at once: 99 of 100 answers. Aim: within 200 ms.
3. Applied by one worker: orders, plans and patients. Aim on PostgreSQL: 200 a second.
4. Both with ten thousand events stored and with a million. Aim: the same.

    python -m bench.webhooks [--engine sqlite|postgresql] [--brief]
"""

from __future__ import annotations

import argparse
import json
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from celery import Celery
from sqlalchemy import insert

from bench.filling import fill
from bench.wire import Wire
from fullscript_embed.models import InboxEvent
from fullscript_embed.tasks import APPLY_EVENTS, MOST_IN_MESSAGE
from fullscript_embed.testing import sign_webhook, start_sandbox
from tests.e2e.servers import ROOT, end, free_port, wait_for
from tests.faults.engines import NotHere, own_postgres, own_redis
from tests.faults.load import order, some_event
from tests.faults.site import Site
from tests.waiting import until

ENGINES = ("sqlite", "postgresql")
EVENTS, ROUNDS, SENDERS = 1500, 11, 16
CROWD, CROWDS_EVENTS = 64, 4000
TO_APPLY, ALONE = 2000, 500
FEW, MANY = 10_000, 1_000_000
AIM_RATIO, AIM_P99_MS, AIM_APPLIED = 0.8, 200, 200
FAR = datetime(2100, 1, 1, tzinfo=UTC)
DOOR = "/fullscript/webhooks/local"


class Call(NamedTuple):
    """What one sender sends."""

    path: str
    body: bytes
    signature: str = ""


def main() -> None:
    """Measure, and print each number beside its aim."""
    parser = argparse.ArgumentParser(description="How fast webhooks are taken in and applied.")
    parser.add_argument("--engine", choices=ENGINES, action="append", help="by default both")
    parser.add_argument("--brief", action="store_true", help="a tenth of everything: only whether it works")
    options, chance = parser.parse_args(), Random(4)
    # So that whoever ends this early ends everything that it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("bench: ended early"))
    part = 10 if options.brief else 1
    for engine in options.engine or ENGINES:
        print(f"-- {engine}", flush=True)
        try:
            with site_on(engine) as site, minimal_route(site) as url:
                measure_taking_in(site, url, chance, part)
                measure_size(site, chance, part)
        except NotHere as reason:
            print(f"not measured: {reason}")


def measure_taking_in(site: Site, url: str, chance: Random, part: int) -> None:
    """The ratio to the minimal route, in rounds in which now one and now the other is first; and how long a
    crowd waits."""
    rates: dict[str, list[float]] = {"minimal route": [], "webhooks": []}
    size = EVENTS // part
    for number in range(ROUNDS):
        events = [order(chance) for _ in range(size)]
        turns = {
            "minimal route": (url, [plain(one) for one in events]),
            "webhooks": (site.url, [signed(site, one) for one in events]),
        }
        for name in list(turns) if number % 2 else list(turns)[::-1]:
            rates[name].append(size / send(*turns[name], SENDERS)[0])
    for name, values in rates.items():
        print(f"{name:<16} {statistics.median(values):7.0f} events/s   (median of {ROUNDS} rounds of {size})")
    ratio = statistics.median(ours / plain for plain, ours in zip(*rates.values(), strict=True))
    print(f"ratio {ratio:.2f} (aim: at least {AIM_RATIO})")
    for name, where, make in (
        ("minimal route", url, plain),
        ("webhooks", site.url, lambda one: signed(site, one)),
    ):
        calls = [make(order(chance)) for _ in range(CROWDS_EVENTS // part)]
        times = send(where, calls, CROWD)[1]
        p99 = statistics.quantiles(times, n=100)[-1] * 1000
        aim = f" (aim: under {AIM_P99_MS})" if name == "webhooks" else ""
        print(f"{name:<16} p99 {p99:.0f} ms with {CROWD} senders{aim}", flush=True)


def measure_size(site: Site, chance: Random, part: int) -> None:
    """Taking in and applying, with few and with many events stored."""
    site.execute("DELETE FROM fullscript_event")
    costs: list[tuple[float, float]] = []
    stored = 0
    for size in (FEW // part, MANY // part):
        fill(site.engine, stored + 1, size)
        stored = size
        taken_in = statistics.median(
            send(site.url, [signed(site, order(chance)) for _ in range(ALONE // part)], 1)[1]
        )
        rate = applied_a_second(site, chance)
        costs.append((taken_in * 1000, 1000 / rate))
        aim = f" (aim: at least {AIM_APPLIED})" if site.engine.dialect.name == "postgresql" else ""
        print(
            f"{size:>9,} stored: taken in within {taken_in * 1000:.1f} ms (median, one sender), "
            f"{rate:.0f} events/s applied by one worker{aim}",
            flush=True,
        )
    (in_few, applied_few), (in_many, applied_many) = costs
    print(
        f"ratio of many to few: taking in {in_many / in_few:.2f}, "
        f"applying {applied_many / applied_few:.2f} (aim: 1)"
    )


def applied_a_second(site: Site, chance: Random) -> float:
    """How many events one worker applies in a second, told of all of them at once."""
    site.execute("UPDATE fullscript_event SET state = 'applied' WHERE state <> 'applied'")
    numbers = store(site, [some_event(chance, number) for number in range(TO_APPLY)])
    site.execute("DELETE FROM fullscript_heartbeat")
    with Celery("bench", broker=site.broker_url, set_as_current=False) as celery:
        celery.control.purge()  # wake-ups of what was taken in before
        site.start_worker()
        until(lambda: site.rows("SELECT 1 FROM fullscript_heartbeat"), what="a worker")
        began = time.perf_counter()
        for first in range(0, len(numbers), MOST_IN_MESSAGE):
            celery.send_task(APPLY_EVENTS, args=[numbers[first : first + MOST_IN_MESSAGE]])
        until(site.is_done, within=120, what="the end of applying")
        took = time.perf_counter() - began
    site.stop_workers()
    return TO_APPLY / took


def store(site: Site, events: list[dict[str, Any]]) -> list[int]:
    """Put events into the inbox as the webhook door does, due so late that only their numbers name them."""
    now = datetime.now(UTC)
    rows = [
        {
            "environment": "local",
            "event_id": one["id"],
            "type": one["type"],
            "clinic_id": one["clinic_id"],
            "door": "webhook",
            "payload": {"event": one},
            "happened_at": now,
            "received_at": now,
            "state": "waiting",
            "due_at": FAR,
            "attempts": 0,
            "announced": False,
        }
        for one in events
    ]
    with site.engine.begin() as connection:
        connection.execute(insert(InboxEvent.__table__), rows)
    return [
        row.id for row in site.rows("SELECT id FROM fullscript_event WHERE state = 'waiting' ORDER BY id")
    ]


def send(url: str, calls: list[Call], senders: int) -> tuple[float, list[float]]:
    """Send all *calls* over as many kept connections; the seconds it took, and those of each."""
    wires = [Wire(url, "nobody") for _ in range(senders)]

    def go(number: int) -> list[float]:
        times = []
        for call in calls[number::senders]:
            began = time.perf_counter()
            wires[number].call("POST", call.path, call.body, signature=call.signature)
            times.append(time.perf_counter() - began)
        return times

    with ThreadPoolExecutor(senders) as pool:
        began = time.perf_counter()
        times = [one for some in pool.map(go, range(senders)) for one in some]
        took = time.perf_counter() - began
    for wire in wires:
        wire.close()
    return took, times


def plain(one: dict[str, Any]) -> Call:
    """An event for the minimal route."""
    return Call("/events", json.dumps({"environment": "local", "event": one}).encode())


def signed(site: Site, one: dict[str, Any]) -> Call:
    """An event as Fullscript sends it."""
    body = json.dumps({"event": one}).encode()
    return Call(DOOR, body, sign_webhook(body, site.app.signature_key)["Fullscript-Signature"])


@contextmanager
def site_on(engine: str) -> Iterator[Site]:
    """The practice app on *engine*, with its web processes started. Raises NotHere."""
    with ExitStack() as running:
        folders = [Path(running.enter_context(TemporaryDirectory(prefix="bench-"))) for _ in range(3)]
        sandbox = running.enter_context(start_sandbox())
        urls = {}
        if engine == "postgresql":
            postgres = running.enter_context(own_postgres(folders[1]))
            urls = {
                "database_url": postgres.url,
                "broker_url": running.enter_context(own_redis(folders[2])).url,
            }
        site = running.enter_context(Site(folders[0], sandbox, **urls))
        site.prepare(watched=False)
        site.start_web()
        site.wait_for_web()
        yield site


@contextmanager
def minimal_route(site: Site) -> Iterator[str]:
    """The least that a route can do which keeps an event, on a server and a database of the same kind."""
    name = "minimal.db" if site.engine.dialect.name == "sqlite" else ""
    database = (
        f"sqlite:///{site.folder / name}" if name else site.engine.url.render_as_string(hide_password=False)
    )
    environ = site.environ | {"MINIMAL_DATABASE": database}
    subprocess.run([sys.executable, "-m", "bench.minimal_route"], env=environ, cwd=ROOT, check=True)
    port = free_port()
    process = site.serve("minimal", "bench.minimal_route:app", port, environ)
    try:
        wait_for(f"http://127.0.0.1:{port}/healthz", process, site.folder / "minimal.log")
        yield f"http://127.0.0.1:{port}"
    finally:
        end(process, signal.SIGTERM)


if __name__ == "__main__":
    main()
