"""The work that need not be done in a request: by Celery (tasks.py), by a command, or by cron.

Each can be done at any time, by several processes at once, and again.
"""

from __future__ import annotations

from flask import Response
from sqlalchemy.exc import SQLAlchemyError

from fullscript_embed import (
    accepted,
    accounts,
    applying,
    cross_index,
    events,
    inbox,
    lab_checks,
    names,
    pruning,
)
from fullscript_embed.clinics import Clinic
from fullscript_embed.clock import utcnow
from fullscript_embed.events import Poll
from fullscript_embed.lab_checks import LabRound
from fullscript_embed.logs import say_unexpected
from fullscript_embed.state import current

# Events that one request has applied, where there is no worker: a second's work.
MOST_AT_ONCE = 100


def wake(number: int) -> None:
    """Have an event applied that was just stored: by a worker when the host has Celery, else here and now.

    Never raises: the event is kept, and a sweep finds it.
    """
    wakeups = current().wakeups
    if wakeups is None:
        _apply(number)
    else:
        wakeups.add(number)


def wake_after(answer: Response, number: int) -> None:
    """The same for an answer that must not wait: without Celery it is done when the answer has gone out."""
    state = current()
    if state.wakeups is not None:
        state.wakeups.add(number)
        return

    def apply() -> None:
        with state.app.app_context():
            _apply(number)

    answer.call_on_close(apply)


def take_up_parked(environment: str, clinic_id: str | None) -> None:
    """Have what waited for this clinic applied, now that somebody has connected it."""
    numbers = inbox.unpark(environment, clinic_id) if clinic_id else []
    for number in numbers[:MOST_AT_ONCE]:  # somebody may be waiting; a sweep takes the rest
        wake(number)


def sweep() -> dict[str, int]:
    """Do what is left over: events not applied, tokens not revoked at Fullscript, names not known, our ids
    that Fullscript does not have."""
    applied = inbox.sweep()
    waiting = accounts.retry_revocations()
    names.complete_waiting(now=utcnow())
    cross_index.write_waiting(now=utcnow())
    accepted.advance(now=utcnow())
    return {"events": applied, "revocations_waiting": waiting}


def poll(clinic: Clinic, *, everything: bool = False) -> Poll:
    """Bring what Fullscript has to tell of a clinic into the inbox, and have it applied."""
    done = events.poll(clinic, now=utcnow(), everything=everything)
    for number in done.numbers:
        wake(number)
    return done


def check_labs(environment: str, clinic_id: str) -> LabRound:
    """Ask Fullscript about those labs of a clinic that are under way and whose turn it is."""
    return lab_checks.check_clinic(environment, clinic_id, now=utcnow())


def prune() -> int:
    """Forget old events that are applied; how many. What is to be counted of them is counted first."""
    accepted.advance(now=utcnow())
    return pruning.prune(now=utcnow())


def _apply(number: int) -> None:
    """Apply an event that is stored already; when the database fails meanwhile, a sweep does it."""
    try:
        applying.apply(number)
    except SQLAlchemyError as error:
        current().db_session.rollback()
        say_unexpected("an event was stored and not applied", error, event=number)
