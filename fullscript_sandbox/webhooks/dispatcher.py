"""Sends what is due: a thread that looks at the queue, and others that make the calls.

To one app goes one event at a time, in the order of the queue, unless a test asked for more. What is being
sent stays on the queue until its answer is logged, so that a process that is killed sends it again.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from threading import Condition, Thread
from typing import Any

from flask import Flask, current_app
from sqlalchemy import event as sqlalchemy_event

from fullscript_sandbox.clock import now
from fullscript_sandbox.database import db, write_alone
from fullscript_sandbox.models import App, Event
from fullscript_sandbox.webhooks import deliveries, queue, sending
from fullscript_sandbox.webhooks.deliveries import Attempt
from fullscript_sandbox.webhooks.sending import Damage, Endpoint

log = logging.getLogger(__name__)

SENDERS = 32
# Seconds between two looks at the queue when nothing stirs. The clock's moves and new events stir.
LONGEST_PAUSE = 5.0


@dataclass(frozen=True)
class Task:
    """One attempt, with all that the calls need, so that they hold no database; and what the log needs of its
    row, which may be dropped meanwhile. *world* is a number that is another one after a reset."""

    row_id: str
    app_id: str
    event_id: str
    endpoint: Endpoint
    event: dict[str, Any]
    damage: Damage | None
    attempt: Attempt
    world: int


@dataclass(frozen=True)
class State:
    """How busy it is: attempts being made, rows whose time has come, rows that wait for theirs."""

    held: bool
    in_flight: int
    due: int
    later: int

    @property
    def idle(self) -> bool:
        return not self.in_flight and (self.held or not self.due)


class Dispatcher:
    """One for each sandbox. Everything but the two dictionaries is on disk. Thread-safe."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._changed = Condition()
        self._stirred = False
        self._busy: Counter[str] = Counter()
        self._in_flight: set[str] = set()
        self._world = 0
        self.held = False
        self.at_once = 1

    def start(self) -> None:
        """Begin to send. After a fork, because threads do not survive one."""
        self._pool = ThreadPoolExecutor(SENDERS, thread_name_prefix="webhook")
        Thread(target=self._run, daemon=True, name="webhooks").start()

    def wake(self) -> None:
        """Look at the queue now: something was added, or time has passed."""
        with self._changed:
            self._stirred = True
            self._changed.notify_all()

    def hold(self) -> None:
        """Send nothing from now on. What is being sent comes to its end."""
        self.held = True

    def release(self, *, at_once: int = 1) -> None:
        """Send again, to each app that many events at the same time."""
        self.at_once, self.held = at_once, False
        self.wake()

    def forget(self) -> None:
        """Be as after the start; the queue itself is in the database. What is being sent is not logged."""
        self._world += 1
        self.release()

    def wait_until_idle(self, timeout: float) -> State:
        """Return when nothing is due and nothing is being sent, or after *timeout* seconds: the state."""
        deadline = time.monotonic() + timeout
        self.wake()
        while True:
            state = self._state()
            left = deadline - time.monotonic()
            if state.idle or left <= 0:
                return state
            with self._changed:
                self._changed.wait(min(left, 0.1))

    def _state(self) -> State:
        db.session.rollback()  # else it would go on seeing what it saw at first
        with self._changed:  # before the count: what leaves the flight has left the queue
            in_flight = len(self._in_flight)
        return State(self.held, in_flight, queue.count_due(), queue.count_later())

    def _run(self) -> None:
        while True:
            try:
                pause = self._send_due()
            except Exception:
                log.exception("the queue of webhooks could not be read; trying again")
                pause = LONGEST_PAUSE
            with self._changed:
                if not self._stirred:
                    self._changed.wait(pause)
                self._stirred = False

    def _send_due(self) -> float:
        """Hand what is due to the senders; returns how many seconds nothing else will be."""
        if self.held:
            return LONGEST_PAUSE
        with self._database():
            for row_id, app_id in queue.due(without_apps=self._full()):
                self._begin(row_id, app_id)
            moment = queue.next_due()
            return _seconds_until(moment) if moment else LONGEST_PAUSE

    def _full(self) -> list[str]:
        with self._changed:
            return [app_id for app_id, count in self._busy.items() if count >= self.at_once]

    def _begin(self, row_id: str, app_id: str) -> None:
        with self._changed:
            if row_id in self._in_flight or self._busy[app_id] >= self.at_once:
                return
            self._in_flight.add(row_id)
            self._busy[app_id] += 1
        self._pool.submit(self._send, row_id, app_id)

    def _send(self, row_id: str, app_id: str) -> None:
        try:
            task = self._prepare(row_id)
            if task:
                self._settle(task, sending.attempt(task.endpoint, task.event, task.damage))
        except Exception:
            log.exception("a webhook could not be sent; it stays on the queue")
            time.sleep(1)  # else it would fail again at once, and again
        finally:
            self._end(row_id, app_id)

    def _end(self, row_id: str, app_id: str) -> None:
        with self._changed:
            self._in_flight.discard(row_id)
            self._busy[app_id] -= 1
            self._stirred = True
            self._changed.notify_all()

    def _prepare(self, row_id: str) -> Task | None:
        """The attempt to make; None when nothing is to be sent now. A row that may not go is dropped.

        The row is asked once more whether it is due: since the look at the queue another sender may have
        tried it and put it off.
        """
        with self._database():
            row = None if self.held else queue.get(row_id)
            if row is None or row.due_at > now():
                return None
            if row.damage is None and not _still_wanted(row):
                queue.drop(row_id=row.id)
                db.session.commit()
                return None
            damage = None if row.damage is None else Damage(**row.damage)
            return Task(
                row.id,
                row.app_id,
                row.event_id,
                queue.endpoint_of(row.app),
                queue.payload(row.event),
                damage,
                deliveries.begin(row, now()),
                self._world,
            )

    def _settle(self, task: Task, answer: sending.Answer) -> None:
        with self._database():
            write_alone()
            row = queue.get(task.row_id)
            if row is not None:
                deliveries.settle(row, answer, task.attempt.at)
            elif task.world == self._world:
                app, event = db.session.get(App, task.app_id), db.session.get(Event, task.event_id)
                if app is not None and event is not None:  # else the app was removed
                    deliveries.settle_last(app, event, answer, task.attempt)
            db.session.commit()

    @contextmanager
    def _database(self) -> Iterator[None]:
        """The database, kept apart from resets as calls are."""
        with self._app.extensions["sandbox.gate"].inside(), self._app.app_context():
            yield


def dispatcher() -> Dispatcher:
    """The dispatcher of the sandbox that is answering."""
    found: Dispatcher = current_app.extensions["sandbox.webhooks"]
    return found


def init_app(app: Flask) -> None:
    """Give the sandbox a dispatcher; the server starts it."""
    app.extensions["sandbox.webhooks"] = Dispatcher(app)


def _still_wanted(row: Any) -> bool:
    app = row.app
    listening = app.webhook_url is not None and app.webhook_disabled_at is None
    return listening and queue.subscribed(app, row.event) and queue.may_know(app, row.event)


def _seconds_until(moment: datetime) -> float:
    """What is due already waits for a sender, whose end wakes us."""
    left = (moment - now()).total_seconds()
    return min(max(left, 0), LONGEST_PAUSE) if left > 0 else LONGEST_PAUSE


@sqlalchemy_event.listens_for(db.session, "after_commit")
def _wake(session: Any) -> None:
    if session.info.pop(queue.ADDED, False):
        dispatcher().wake()
