"""Numbers for Prometheus, from the database: the same whichever process is asked, so ask one of them.

No label holds an id of a patient or a clinic. Counters begin with the first event and do not go back when
old events are pruned.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import ColumnElement, func, select

from fullscript_embed import accepted, call_counts, heartbeats, inbox, poll_states, refusals
from fullscript_embed.models import DEAD, PARKED, WAITING, InboxEvent
from fullscript_embed.state import current

OPEN = (WAITING, PARKED, DEAD)


def render(*, now: datetime) -> bytes:
    """Everything, in Prometheus' text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Numbers(now))
    return generate_latest(registry)


class _Numbers(Collector):
    """What the database says at one moment."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def describe(self) -> list[Metric]:
        """Nothing: asking the database once, when the numbers are wanted, is enough."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Every metric."""
        yield from self._inbox()
        yield from self._jobs()
        yield _refusals()
        yield _calls()

    def _inbox(self) -> Iterator[Metric]:
        stored = accepted.counts()
        counts, since = _open()
        yield _by_door(stored)
        done = sum(stored.values()) - sum(counts.values())
        yield GaugeMetricFamily(
            "fullscript_events_applied", "Events that are applied and announced.", value=done
        )
        retried = inbox.is_open(WAITING) & InboxEvent.last_error.is_not(None)
        failed = {"retried": _count(retried), "dead": counts[DEAD]}
        yield _by_state("fullscript_events_failed", "Events that failed: tried again, or dead.", failed)
        yield _by_state("fullscript_events_open", "Events that are not done.", counts)
        ages = {state: self._age(since.get(state)) for state in OPEN}
        yield _by_state("fullscript_oldest_open_event_seconds", "Age of the oldest of them.", ages)

    def _jobs(self) -> Iterator[Metric]:
        seen = heartbeats.last(heartbeats.WORKER)
        if seen is not None:
            yield GaugeMetricFamily(
                "fullscript_worker_seen_seconds", "Since a worker was known to work.", value=self._age(seen)
            )
        known = poll_states.all_states()
        yield GaugeMetricFamily("fullscript_clinics", "Clinics that are connected.", value=len(known))
        without = sum(not one.has_token for one in known)
        yield GaugeMetricFamily(
            "fullscript_clinics_without_token", "Of these, those that nobody can speak for.", value=without
        )
        failing = sum(bool(one.errors) for one in known)
        yield GaugeMetricFamily(
            "fullscript_clinics_poll_failing", "Of these, those whose last poll did not end.", value=failing
        )

    def _age(self, since: datetime | None) -> float:
        return max(0.0, (self._now - since).total_seconds()) if since else 0.0


def _open() -> tuple[dict[str, int], dict[str, datetime]]:
    """How many events are in each open state, and since when the oldest one is here."""
    asked = select(InboxEvent.state, func.count(), func.min(InboxEvent.received_at)).where(inbox.is_open())
    rows = current().db_session.execute(asked.group_by(InboxEvent.state)).all()
    counts = dict.fromkeys(OPEN, 0) | {state: count for state, count, _since in rows}
    return counts, {state: since for state, _count, since in rows}


def _count(condition: ColumnElement[bool]) -> int:
    return current().db_session.scalar(select(func.count()).where(condition)) or 0


def _by_door(counts: dict[tuple[str, str], int]) -> Metric:
    family = CounterMetricFamily(
        "fullscript_events_accepted",
        "Events, by the door that brought them first.",
        labels=["environment", "door"],
    )
    for key, count in counts.items():
        family.add_metric(key, count)
    return family


def _by_state(name: str, text: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(name, text, labels=["state"])
    for state, value in values.items():
        family.add_metric([state], value)
    return family


def _refusals() -> Metric:
    family = CounterMetricFamily(
        "fullscript_webhooks_refused", "Webhook calls that were refused.", labels=["environment", "reason"]
    )
    for one in refusals.summary():
        family.add_metric([one.environment, one.reason], one.count)
    return family


def _calls() -> Metric:
    family = HistogramMetricFamily(
        "fullscript_upstream_seconds", "Calls of Fullscript's API.", labels=["route", "status"]
    )
    state = current()
    state.calls.write()
    for key, calls in call_counts.read(state.db_session).items():
        buckets = [(str(bound), float(count)) for bound, count in calls.within.items()]
        family.add_metric(key, [*buckets, ("+Inf", float(calls.count))], calls.seconds)
    return family
