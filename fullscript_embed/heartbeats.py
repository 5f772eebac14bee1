"""When workers were last known to do something: what a probe, and an administrator, wants to know."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from fullscript_embed.clock import utcnow
from fullscript_embed.job_models import Heartbeat
from fullscript_embed.state import current

WORKER = "worker"
# The schedule has a worker sweep three times a minute; some may come late.
LATELY = timedelta(minutes=2)
# A worker that has much to do writes this often, and no more.
STEP = timedelta(seconds=10)


def beat_at_times(name: str) -> None:
    """Note that *name* works, unless this process did so within the last ten seconds. Commits."""
    beats, ticks = current().beats, time.monotonic()
    if ticks - beats.get(name, -STEP.total_seconds()) >= STEP.total_seconds():
        beats[name] = ticks
        beat(name, now=utcnow())


def beat(name: str, *, now: datetime) -> None:
    """Note that *name* works. Commits; within ten seconds of the last time nothing is written."""
    session = current().db_session
    known = update(Heartbeat).where(Heartbeat.name == name)
    old = known.where(Heartbeat.at < now - STEP).values(at=now)
    if not session.execute(old).rowcount and session.get(Heartbeat, name) is None:  # type: ignore[attr-defined]  # an update's result has it
        session.add(Heartbeat(name=name, at=now))
    try:
        session.commit()
    except IntegrityError:
        session.rollback()  # another worker was first, in the same moment


def last(name: str) -> datetime | None:
    """When that was last noted."""
    columns = Heartbeat.__table__.columns
    return current().db_session.scalar(select(columns.at).where(columns.name == name))
