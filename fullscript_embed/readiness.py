"""Whether this application can do its work: the database, the broker, and a worker that was seen lately."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError

from fullscript_embed import heartbeats, tables
from fullscript_embed.logs import say
from fullscript_embed.state import current

# Seconds that a probe waits for the broker.
PATIENCE = 2


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that has to work. *found* says in words what is the case, without addresses or secrets."""

    name: str
    good: bool
    found: str


def checks(*, now: datetime) -> list[Check]:
    """Everything that has to work. A host without Celery needs neither broker nor worker."""
    celery = current().extension.celery
    database = _database()
    broker = [] if celery is None else [_broker(celery)]
    worker = [] if celery is None or not database.good else [_worker(now=now)]
    return [database, *broker, *worker]


def _database() -> Check:
    session = current().db_session
    found = "does not answer"
    try:
        session.execute(select(1))
        found = "has no tables; run `flask fullscript upgrade`"
        have, need = session.scalar(text(f"SELECT version_num FROM {tables.VERSION_TABLE}")), _newest()  # noqa: S608 -- a constant of ours
    except SQLAlchemyError as error:
        session.rollback()
        say(logging.WARNING, "the database cannot be used", error=type(error).__name__)
        return Check("database", good=False, found=found)
    good = have == need
    return Check("database", good, "answers" if good else f"is at revision {have}, needed is {need}")


@cache
def _newest() -> str:
    """The revision that this version needs; files tell it, and a probe comes often."""
    return tables.newest()


def _broker(celery: Any) -> Check:
    try:
        _declare_queue(celery)
    except Exception as error:  # noqa: BLE001 -- each broker's library raises errors of its own
        say(logging.WARNING, "the broker does not answer", error=type(error).__name__)
        return Check("broker", good=False, found="does not answer")
    return Check("broker", good=True, found="answers")


def _declare_queue(celery: Any) -> None:
    """Ask the broker for the queue, as a worker does when it starts; to connect alone may ask nobody."""
    with celery.connection_for_write(connect_timeout=PATIENCE) as connection:
        if connection.transport.driver_type == "redis":
            connection.transport_options = {
                **connection.transport_options,
                "socket_connect_timeout": PATIENCE,
                "socket_timeout": PATIENCE,
            }
        queue = celery.amqp.queues[celery.conf.task_default_queue]
        queue(connection.default_channel).queue_declare()


def _worker(*, now: datetime) -> Check:
    seen = heartbeats.last(heartbeats.WORKER)
    if seen is None:
        return Check("worker", good=False, found="was never seen; start worker and beat")
    seconds = max(0, round((now - seen).total_seconds()))
    return Check("worker", now - seen <= heartbeats.LATELY, f"was seen {seconds} s ago")


def lines(found: list[Check]) -> Iterator[str]:
    """The same for people."""
    for check in found:
        yield f"{'ok    ' if check.good else 'FAILED'}  {check.name}: {check.found}"
