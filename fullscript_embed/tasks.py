"""The jobs as tasks of the host's own Celery application, and when they are due.

The queue only wakes a worker up: what it is to do stands in the database, and the sweep finds it there when
the message, the worker or the broker was lost. A worker acknowledges a message when it has done what it says.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask

from fullscript_embed import applying, clinics, heartbeats, jobs, lab_agenda, lab_news, pruning
from fullscript_embed.clock import utcnow
from fullscript_embed.keep_alive import keep_alive
from fullscript_embed.logs import say
from fullscript_embed.settings import Settings
from fullscript_embed.state import State, be_patient
from fullscript_embed.wakeups import Wakeups

APPLY_EVENTS, SWEEP, PRUNE = "fullscript.apply_events", "fullscript.sweep", "fullscript.prune"
CHECK_LABS, CHECK_LABS_OF_CLINIC = "fullscript.check_labs", "fullscript.check_labs_of_clinic"
POLL, POLL_CLINIC, KEEP_ALIVE = "fullscript.poll", "fullscript.poll_clinic", "fullscript.keep_alive"
# Seconds. With the half a minute that a sweep leaves an event to its worker, each is done within a minute.
SWEEP_EVERY, KEEP_ALIVE_EVERY, PRUNE_EVERY = 20, 30 * 60, 60 * 60
# How often it is looked whose labs are due; each is due at a pace of its own (lab_states.py).
CHECK_LABS_EVERY = 60
# Events in one message, so that a burst is shared among workers.
MOST_IN_MESSAGE = 50
# Seconds after which a task is interrupted, and after which its process is killed (where it is one).
SOFT_LIMIT, HARD_LIMIT = 9 * 60, 10 * 60
# A poll that failed is tried again after half a minute, then twice as long; then the schedule has its turn.
FIRST_PAUSE, MOST_RETRIES = 30, 3


def register(celery: Any, app: Flask) -> None:
    """Add the tasks to *celery*, to run in contexts of *app*, and the schedule to its beat."""
    state: State = app.extensions["fullscript.state"]
    _register_inbox(celery, app)
    _register_polls(celery, app)
    _register_labs(celery, app)
    _sweep_at_start(celery)

    def send(numbers: list[int]) -> None:
        for first in range(0, len(numbers), MOST_IN_MESSAGE):
            some = numbers[first : first + MOST_IN_MESSAGE]
            celery.send_task(APPLY_EVENTS, args=[some], ignore_result=True, retry=False)

    state.wakeups = Wakeups(send)
    celery.conf.beat_schedule = {**schedule(state.settings), **(celery.conf.beat_schedule or {})}


def schedule(settings: Settings) -> dict[str, dict[str, Any]]:
    """What Celery's beat is to do when. What no worker took until its next turn is not done twice."""
    seconds = {
        SWEEP: SWEEP_EVERY,
        POLL: settings.poll_minutes * 60,
        KEEP_ALIVE: KEEP_ALIVE_EVERY,
        PRUNE: PRUNE_EVERY,
        CHECK_LABS: CHECK_LABS_EVERY,
    }
    return {
        name: {"task": name, "schedule": every, "options": {"expires": every}}
        for name, every in seconds.items()
    }


@contextmanager
def working(app: Flask) -> Iterator[None]:
    """A context for one piece of work, in which nobody waits; afterwards it is known that a worker works."""
    with app.app_context():
        be_patient()
        yield
        heartbeats.beat_at_times(heartbeats.WORKER)


def _options(name: str) -> dict[str, Any]:
    # Not shared: another Celery application of this process may belong to another host.
    return {
        "name": name,
        "shared": False,
        "ignore_result": True,
        "acks_late": True,
        "soft_time_limit": SOFT_LIMIT,
        "time_limit": HARD_LIMIT,
    }


def _sweep_at_start(celery: Any) -> None:
    """Have each worker that starts see what waits, and not with the next turn of the schedule."""
    from celery import bootsteps  # noqa: PLC0415 -- hosts without Celery need not have it

    class SweepAtStart(bootsteps.StartStopStep):
        def start(self, _parent: Any) -> None:
            try:
                celery.send_task(SWEEP, retry=False, expires=SWEEP_EVERY)
            except Exception as error:  # noqa: BLE001 -- a broker that goes away just now must not end the worker
                say(logging.WARNING, "no sweep was ordered", error=type(error).__name__)

    celery.steps["consumer"].add(SweepAtStart)


def _register_inbox(celery: Any, app: Flask) -> None:
    @celery.task(**_options(APPLY_EVENTS))
    def apply_events(numbers: list[int]) -> None:
        for number in numbers:
            with working(app):
                applying.apply(number)

    @celery.task(**_options(SWEEP))
    def sweep() -> None:
        with working(app):
            jobs.sweep()

    @celery.task(**_options(PRUNE))
    def prune() -> None:
        with working(app):
            count, messages = jobs.prune(), pruning.prune_queue(celery)
            say(logging.INFO, "pruned", events=count, messages=messages)


def _register_polls(celery: Any, app: Flask) -> None:
    every = app.extensions["fullscript.state"].settings.poll_minutes * 60

    @celery.task(**_options(POLL))
    def poll() -> None:
        """Each clinic is a task of its own, so that one that is slow is in nobody's way."""
        with working(app):
            for one in clinics.connected():
                celery.send_task(POLL_CLINIC, args=[one.environment, one.id], expires=every)

    @celery.task(**_options(POLL_CLINIC), bind=True, max_retries=MOST_RETRIES)
    def poll_clinic(self: Any, environment: str, clinic_id: str, everything: bool = False) -> None:
        with working(app):
            done = jobs.poll(clinics.find(environment, clinic_id), everything=everything)
        if done.retry_after is not None and self.request.retries < MOST_RETRIES:
            pause = max(done.retry_after, FIRST_PAUSE * 2**self.request.retries)
            raise self.retry(countdown=pause, expires=None)

    @celery.task(**_options(KEEP_ALIVE))
    def keep_tokens_alive() -> None:
        with working(app):
            keep_alive(now=utcnow())


def _register_labs(celery: Any, app: Flask) -> None:
    @celery.task(**_options(CHECK_LABS))
    def check_labs() -> None:
        """Each clinic is a task of its own, as with polls; most minutes there is none."""
        with working(app):
            now = utcnow()
            for place in lab_agenda.places_due(now=now):
                celery.send_task(CHECK_LABS_OF_CLINIC, args=list(place), expires=CHECK_LABS_EVERY)
            lab_news.tell(now=now)

    @celery.task(**_options(CHECK_LABS_OF_CLINIC))
    def check_labs_of_clinic(environment: str, clinic_id: str) -> None:
        with working(app):
            jobs.check_labs(environment, clinic_id)
