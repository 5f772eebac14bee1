"""The verdict of the other tests here, on databases in which something is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, insert, text

from fullscript_embed.clock import utcnow
from fullscript_embed.models import Base, InboxEvent, Order
from tests import applied_log
from tests.faults.verdict import Verdict

APPLY = "UPDATE fullscript_event SET applied_at = '2026-11-20 12:00:00.000000', state = 'applied'"
PUT_BACK = "UPDATE fullscript_event SET applied_at = NULL, state = 'waiting' WHERE event_id = 'event-1'"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """An inbox of two events, applied once each, and the order that one of them told of."""
    engine = create_engine(f"sqlite:///{tmp_path / 'verdict.db'}")
    Base.metadata.create_all(engine)
    applied_log.install(engine)
    events = [
        {"environment": "local", "event_id": f"event-{number}", "type": "order.placed", "door": "webhook"}
        for number in (1, 2)
    ]
    order = {"environment": "local", "clinic_id": "clinic-1", "fullscript_id": "order-1"}
    with engine.begin() as connection:
        connection.execute(insert(InboxEvent.__table__), [{**one, "payload": {}} for one in events])
        connection.execute(insert(Order.__table__), [{**order, "happened_at": utcnow()}])
        connection.execute(text(APPLY))
    yield engine
    engine.dispose()


@pytest.mark.parametrize(
    ("accidents", "faults"),
    [
        pytest.param([], {}, id="none"),
        pytest.param(["DELETE FROM fullscript_event WHERE event_id = 'event-1'"], {"lost": 1}, id="lost"),
        pytest.param([PUT_BACK], {"not_applied": 1}, id="put back"),
        pytest.param([PUT_BACK, APPLY], {"applied_twice": 1}, id="applied again"),
        pytest.param(["DELETE FROM applied_log"], {"not_applied": 2}, id="said to be applied"),
        pytest.param(["DELETE FROM fullscript_order"], {"records_missing": 1}, id="without its record"),
    ],
)
def test_every_accident_is_seen(engine: Engine, accidents: list[str], faults: dict[str, int]) -> None:
    """What is lost, doubled or left undone is counted under its name."""
    with engine.begin() as connection:
        for accident in accidents:
            connection.execute(text(accident))
        verdict = Verdict.of(connection, {"event-1", "event-2"}, {"order-1"})

    assert verdict.faults == faults
