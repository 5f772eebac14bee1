"""`make soak`: thousands of events while processes are killed and servers end; the report is bench/soak.md.

Web processes, gunicorn, workers, the schedule and, where they are servers, database and broker are ended at
random moments of a run that can be repeated by its seed. Nothing is hurried afterwards: what was left over is
found by the schedule's own sweep.

    python -m bench.soak [--events 20000] [--kills 50] [--engine sqlite|postgresql] [--seed TEXT]
"""

from __future__ import annotations

import argparse
import os
import platform
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from fullscript_embed.testing import start_sandbox
from tests.faults.engines import own_postgres, own_redis
from tests.faults.load import Load
from tests.faults.site import Site
from tests.faults.verdict import Verdict
from tests.waiting import until

REPORT = Path(__file__).with_suffix(".md")
ENGINES = {"sqlite": "SQLite, queue in SQLite, one worker", "postgresql": "PostgreSQL, Redis, two workers"}
HEAD = """# Soak

Written by `python -m bench.soak`; `make soak` runs 20,000 events and 50 kills on each engine.

**This run:** {events:,} events and {kills} kills on each engine, seed `{seed}`, {day}, {system} on
{cores} cores that also ran the senders and other work, Python {python}.

A kill is `kill -9`; of the database it is an immediate shutdown, after which it recovers from its log. Every
event is sent until it is answered with the challenge, and one in ten again after that. An event counts as
applied as often as the database itself, by a trigger, wrote down that it was. What was left over is found by
the schedule's own sweep, which nobody hurries.
"""
# Seconds. The schedule sweeps three times a minute, and leaves an event to its worker for half a minute.
LONGEST_END, LONGEST_WAIT = 300, 120
SENDERS = 16


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run came to. Times are in seconds."""

    engine: str
    sent: int
    kills: Counter[str]
    answers: Counter[str]
    verdict: Verdict
    took: float
    until_done: float
    longest_wait: float


def main() -> int:
    """Run, write the report, and return 1 when anything was lost or doubled."""
    parser = argparse.ArgumentParser(
        description="Thousands of events, and processes that are killed meanwhile."
    )
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument(
        "--engine", choices=ENGINES, action="append", help="by default both, one after the other"
    )
    parser.add_argument("--seed", default="soak")
    options = parser.parse_args()
    # So that whoever ends this early ends everything that it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("soak: ended early"))
    outcomes = []
    for engine in options.engine or ENGINES:
        outcomes.append(run(engine, options.events, options.kills, options.seed))
        print("\n".join(lines_of(outcomes[-1])), flush=True)
    REPORT.write_text(report(outcomes, options))
    return 1 if any(outcome.verdict.faults for outcome in outcomes) else 0


def run(engine: str, events: int, kills: int, seed: str) -> Outcome:
    """Send *events* to an installation on *engine*, in which something is ended *kills* times."""
    chance = Random(f"{seed} {engine}")
    with installation(engine, Random(f"{seed} plugs")) as (site, plugs):
        load = Load(site.url, site.app, chance, total=events, senders=SENDERS)
        began = time.monotonic()
        load.start()
        pulled = Counter(pull_plugs(load, plugs, chance, kills))
        load.finish()
        sent_at = time.monotonic()
        until(lambda: is_over(site), within=LONGEST_END, every=0.5, what="the end of all work")
        ended = time.monotonic()
        verdict = site.verdict(load.promised, load.orders)
        return Outcome(
            engine,
            len(load.promised),
            pulled,
            load.outcomes,
            verdict,
            sent_at - began,
            ended - sent_at,
            waited(site),
        )


def is_over(site: Site) -> bool:
    """True when nothing is left to do; workers that ended by themselves are started anew meanwhile."""
    site.revive_workers()
    return site.is_done()


def pull_plugs(load: Load, plugs: Callable[[], str], chance: Random, kills: int) -> Iterator[str]:
    """End something at *kills* random moments of the load; says each time what it was."""
    # Some of the time is left at the end, so that the last one too meets events on their way.
    for moment in sorted(chance.uniform(0.01, 0.97) for _ in range(kills)):
        until(
            lambda moment=moment: load.done >= moment, within=LONGEST_END, what="the moment of the next kill"
        )
        plug = plugs()
        print(f"  {load.done:6.1%}  {plug}", flush=True)
        yield plug


@contextmanager
def installation(engine: str, chance: Random) -> Iterator[tuple[Site, Callable[[], str]]]:
    """Everything of an installation, and what ends one thing in it."""
    with ExitStack() as running:
        folders = [Path(running.enter_context(TemporaryDirectory(prefix="soak-"))) for _ in range(3)]
        sandbox = running.enter_context(start_sandbox())
        if engine == "sqlite":
            site, servers = Site(folders[0], sandbox), {}
        else:
            postgres = running.enter_context(own_postgres(folders[1]))
            redis = running.enter_context(own_redis(folders[2]))
            site = Site(folders[0], sandbox, database_url=postgres.url, broker_url=redis.url, workers=2)
            servers = {"database": (postgres, signal.SIGQUIT), "broker": (redis, signal.SIGKILL)}
        running.enter_context(site)
        site.prepare()
        site.start()
        site.start_beat()

        def pull() -> str:
            site.revive_workers()
            if servers and chance.random() < 0.2:  # noqa: PLR2004 -- one in five
                name = chance.choice(sorted(servers))
                server, how = servers[name]
                server.stop(how)
                server.start()
                return name
            return site.pull_a_plug(chance)

        yield site, pull


def waited(site: Site) -> float:
    """How long the event that waited longest was in the inbox before it was applied."""
    rows = site.rows("SELECT received_at, applied_at FROM fullscript_event")
    return max((moment(row.applied_at) - moment(row.received_at)).total_seconds() for row in rows)


def moment(value: object) -> datetime:
    """SQLite gives texts, PostgreSQL moments."""
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))


def report(outcomes: list[Outcome], options: argparse.Namespace) -> str:
    """The whole of bench/soak.md: what was run, and what came of it."""
    head = HEAD.format(
        events=options.events,
        kills=options.kills,
        seed=options.seed,
        day=datetime.now(UTC).date(),
        system=platform.system(),
        cores=os.cpu_count(),
        python=platform.python_version(),
    )
    return "\n".join([head, *(line for outcome in outcomes for line in [*lines_of(outcome), ""])])


def lines_of(outcome: Outcome) -> list[str]:
    """One run, as a chapter."""
    kills = ", ".join(f"{count} × {name}" for name, count in sorted(outcome.kills.items()))
    answers = ", ".join(f"{count:,} × {name}" for name, count in sorted(outcome.answers.items()))
    faults = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in outcome.verdict.faults.items())
    in_time = "within" if outcome.longest_wait <= LONGEST_WAIT else "NOT within"
    rate = outcome.sent / outcome.took
    return [
        f"## {ENGINES[outcome.engine]}",
        "",
        f"- answered with the challenge: {outcome.sent:,} in {outcome.took:.0f} s, {rate:.0f} a second",
        f"- killed {sum(outcome.kills.values())} times: {kills}",
        f"- calls ended with: {answers}",
        f"- all was applied {outcome.until_done:.0f} s after the last answer",
        f"- no event waited longer than {outcome.longest_wait:.0f} s, {in_time} two minutes",
        f"- in the inbox: {outcome.verdict.stored:,}",
        f"- lost, doubled, not applied or applied twice: **{faults or 'none'}**",
    ]


if __name__ == "__main__":
    sys.exit(main())
