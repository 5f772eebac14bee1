"""Searching the inbox: every filter finds what fits and nothing else, and none of them reads all events."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import create_engine, insert, select, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import Session

from fullscript_embed.inbox_search import InboxFilter, newest
from fullscript_embed.models import Base, InboxEvent, Witness

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
HERE, THERE = ("local", "clinic-1"), ("local-ca", "clinic-2")
FILTERS = {
    "everything": {},
    "nobody's clinics": {"clinics": []},
    "one clinic": {"clinics": [HERE]},
    "two clinics": {"clinics": [HERE, THERE]},
    "a clinic without events": {"clinics": [("local", "clinic-9")]},
    "type": {"type": "order.placed"},
    "type of a clinic": {"type": "order.placed", "clinics": [HERE]},
    "door": {"door": "poll"},
    "door of a clinic": {"door": "browser", "clinics": [THERE]},
    "applied": {"state": "applied", "clinics": [HERE]},
    "dead": {"state": "dead", "clinics": [HERE]},
    "since": {"since": NOON},
    "until": {"until": NOON},
    "in an hour": {"since": NOON, "until": NOON + timedelta(hours=1), "clinics": [HERE]},
    "later than all": {"since": NOON + timedelta(days=9)},
    "all of it": {
        "door": "poll",
        "type": "order.placed",
        "state": "applied",
        "since": NOON,
        "clinics": [HERE],
    },
}
# What begins with the newest event and ends when it has enough; or, for nobody, before it begins.
READ_ALL = {"everything", "nobody's clinics"}


def some_events(chance: Random) -> list[dict[str, Any]]:
    """Events of all kinds, that arrived in the order of their numbers but for a few seconds."""
    return [
        {
            "id": number,
            "event_id": f"event-{number}",
            "environment": (where := chance.choice([HERE, THERE]))[0],
            "clinic_id": chance.choice([where[1], "clinic-3", None]),
            "type": chance.choice(["order.placed", "patient.updated"]),
            "door": chance.choice(["browser", "webhook", "poll"]),
            "state": chance.choice(["applied", "applied", "waiting", "dead"]),
            "received_at": NOON + timedelta(minutes=number - 100, seconds=chance.randrange(-90, 90)),
            "payload": {},
        }
        for number in range(1, 201)
    ]


@pytest.fixture
def session(engine_url: str) -> Iterator[Session]:
    """An inbox with two hundred events, of which some came by a second door."""
    engine, chance = create_engine(engine_url), Random(8)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.execute(insert(InboxEvent), some_events(chance))
        for number in chance.sample(range(1, 201), 60):
            session.add(Witness(number=number, door=chance.choice(["browser", "poll"]), at=NOON))
        session.commit()
        yield session
    engine.dispose()


def fits(event: InboxEvent, again: set[str], wanted: InboxFilter) -> bool:
    """The same filter, looked at one event at a time."""
    where = (event.environment, event.clinic_id)
    environments = {environment for environment, _ in wanted.clinics or ()}
    return (
        (wanted.clinics is None or where in wanted.clinics or (not where[1] and where[0] in environments))
        and wanted.type in {None, event.type}
        and wanted.state in {None, event.state}
        and (wanted.door is None or wanted.door in {event.door, *again})
        and (wanted.since is None or event.received_at >= wanted.since)
        and (wanted.until is None or event.received_at < wanted.until)
    )


@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_finds_what_fits(session: Session, name: str) -> None:
    """The newest first, page after page."""
    wanted = InboxFilter(**FILTERS[name])
    again = {number: set[str]() for number in range(1, 201)}
    for witness in session.scalars(select(Witness)):
        again[witness.number].add(witness.door)
    events = session.scalars(select(InboxEvent).order_by(InboxEvent.id.desc())).all()
    expected = [event.id for event in events if fits(event, again[event.id], wanted)]
    first = [one.id for one in session.scalars(newest(wanted, limit=7))]
    second = [one.id for one in session.scalars(newest(wanted, limit=7, before=first[-1]))] if first else []

    assert [*first, *second] == expected[:14]


@pytest.mark.parametrize("name", sorted(FILTERS.keys() - READ_ALL))
def test_no_filter_reads_all_events(name: str, tmp_path: Path) -> None:
    """SQLite tells its way: by an index, or from the newest number down to where the time begins."""
    engine = create_engine(f"sqlite:///{tmp_path / 'plan.db'}")
    Base.metadata.create_all(engine)
    query = newest(InboxFilter(**FILTERS[name]), limit=7)
    statement = query.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    with engine.connect() as connection:
        steps = connection.execute(text(f"EXPLAIN QUERY PLAN {statement}".replace(":", "\\:"))).all()
    engine.dispose()

    assert not [step.detail for step in steps if step.detail == "SCAN fullscript_event"]
