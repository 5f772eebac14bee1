"""How many calls Fullscript answered in which way, and how long it took: of all processes on all machines.

They are counted in the process and added to the database some seconds later, by a thread of its own: whoever
calls Fullscript may hold a lock that a write would wait for. What a process has not added when it is killed
is not counted. prometheus_client's multiprocess mode would need a folder that all processes share, and so
leave out workers on machines that serve no page.
"""

from __future__ import annotations

import logging
import threading
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Engine, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from fullscript_embed.api import Exchange
from fullscript_embed.job_models import CallCount
from fullscript_embed.logs import say

# Seconds between two additions of one process.
PAUSE = 5.0
MICRO = 1_000_000
# Upper bounds in seconds, and the column of each.
BOUNDS = {
    0.1: "within_100_ms",
    0.3: "within_300_ms",
    1.0: "within_1_s",
    3.0: "within_3_s",
    10.0: "within_10_s",
}

Key = tuple[str, str]


@dataclass(slots=True)
class Calls:
    """Calls of one route that ended in one way."""

    count: int = 0
    seconds: float = 0.0
    within: dict[float, int] = field(default_factory=lambda: dict.fromkeys(BOUNDS, 0))

    def add(self, seconds: float) -> None:
        """Count one."""
        self.count += 1
        self.seconds += seconds
        for bound in self.within:
            self.within[bound] += seconds <= bound

    def add_all(self, others: Calls) -> None:
        """Count those too."""
        self.count += others.count
        self.seconds += others.seconds
        for bound, count in others.within.items():
            self.within[bound] += count

    def columns(self) -> dict[str, int]:
        """What is to be added to each column."""
        within = {BOUNDS[bound]: count for bound, count in self.within.items()}
        return {"count": self.count, "microseconds": round(self.seconds * MICRO), **within}


class CallTally:
    """What one process has counted and not yet added. Safe to use from several threads.

    *engine* is of the database, and is used by a thread that has no application context. Where all share its
    only connection it is written to when somebody wants to read, and not *in_background*.
    """

    def __init__(self, engine: Engine, *, in_background: bool = True) -> None:
        self._engine = engine
        self._in_background = in_background
        self._lock = threading.Lock()
        self._calls: dict[Key, Calls] = defaultdict(Calls)
        self._timer: threading.Timer | None = None

    def add(self, exchange: Exchange) -> None:
        """Count one attempt at a call, and have it added within some seconds. Does not wait."""
        status = str(exchange.status) if exchange.status is not None else exchange.reason or "unreachable"
        with self._lock:
            self._calls[exchange.route[:120], status].add(exchange.duration)
            if self._timer is None and self._in_background:
                self._timer = threading.Timer(PAUSE, self.write)
                self._timer.daemon = True
                self._timer.start()

    def write(self) -> None:
        """Add all that was counted to the database now. Never raises: what fails is added with the next."""
        with self._lock:
            calls, self._calls = self._calls, defaultdict(Calls)
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
        if not calls:
            return
        try:
            with Session(self._engine) as session:
                for key in list(calls):
                    _add(session, key, calls[key])
                    del calls[key]
        except Exception as error:  # noqa: BLE001 -- a count must not disturb what it counts
            say(logging.WARNING, "calls are not counted yet", error=type(error).__name__)
            self._take_back(calls)

    def _take_back(self, calls: Mapping[Key, Calls]) -> None:
        with self._lock:
            for key, counted in calls.items():
                self._calls[key].add_all(counted)


def read(session: Session) -> dict[Key, Calls]:
    """All that was added, by (route, status)."""
    return {
        (row.route, row.status): Calls(
            row.count, row.microseconds / MICRO, {bound: getattr(row, name) for bound, name in BOUNDS.items()}
        )
        for row in session.scalars(select(CallCount).execution_options(populate_existing=True))
    }


def _add(session: Session, key: Key, calls: Calls) -> None:
    route, status = key
    more = {name: getattr(CallCount, name) + value for name, value in calls.columns().items()}
    known = update(CallCount).where(CallCount.route == route, CallCount.status == status).values(more)
    known = known.execution_options(synchronize_session=False)
    if not session.execute(known).rowcount:  # type: ignore[attr-defined]  # an update's result has it
        session.add(CallCount(route=route, status=status, **calls.columns()))
    try:
        session.commit()
    except IntegrityError:  # another process counted its first one in the same moment
        session.rollback()
        session.execute(known)
        session.commit()
