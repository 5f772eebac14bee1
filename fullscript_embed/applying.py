"""Doing what a stored event says, once. What becomes of one that cannot be done is in fates.py.

An event whose names are known and that nobody listens to is one transaction: the work of a sweep after an
outage, and of a busy day, is mostly such events.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, update
from sqlalchemy.exc import IntegrityError

from fullscript_embed import announcements, lookups, names, plan_facts, records, tellings
from fullscript_embed.clock import utcnow
from fullscript_embed.errors import ClinicNotConnected
from fullscript_embed.fates import keep_failure
from fullscript_embed.logs import say, say_unexpected
from fullscript_embed.models import APPLIED, WAITING, InboxEvent
from fullscript_embed.state import current
from fullscript_embed.tellings import Telling

# A sweep leaves events alone that a worker is about to take.
GRACE = timedelta(seconds=30)
# In one go: one look-up, and another worker in the way once for each kind of record that an event makes.
MOST_TRIES = 4

# Built once: putting statements together is a good part of what an event costs.
_TAKE = (
    update(InboxEvent)
    .where(InboxEvent.id == bindparam("number"), InboxEvent.applied_at.is_(None))
    .values(attempts=InboxEvent.attempts + 1)
    .returning(InboxEvent)
    .execution_options(populate_existing=True, synchronize_session=False)
)


@dataclass(frozen=True, slots=True)
class Applied:
    """What a worker has done with an event, and what is left: plans that lack names, receivers to be told."""

    tellings: list[Telling]
    at: datetime
    nameless: list[int]
    is_heard: bool


def apply(number: int) -> bool:
    """Do what one event says, if that was not done yet; True when it is done afterwards, and heard.

    Never raises for what is in the event: its error is kept with it. Of several workers with one event, one
    applies it and tells of it.
    """
    try:
        done = _apply_persistently(number) or _taken_over(number)
    except Exception as error:  # noqa: BLE001 -- whatever it is, the event must not be lost
        _keep_failure(number, error)
        return False
    if done is None:
        return announcements.was_heard(number)
    if done.nameless:
        _complete_names(number, done.nameless)
    return done.is_heard or announcements.announce(number, done.tellings, applied_at=done.at)


def apply_only(number: int) -> bool:
    """The same without names and signals, which are left to whoever comes next; False when it failed."""
    try:
        _apply_persistently(number, leaves_rest=True)
    except Exception as error:  # noqa: BLE001 -- as above
        _keep_failure(number, error)
        return False
    return True


def _apply_persistently(number: int, *, leaves_rest: bool = False) -> Applied | None:
    """Apply an event; again when another worker has made the same record in the same moment, or when it has
    to be asked for first whose plan it is. None when it was applied before."""
    session = current().db_session
    looked_up: dict[str, str] | None = None
    for _ in range(MOST_TRIES - 1):
        try:
            return _apply_once(number, looked_up, leaves_rest=leaves_rest)
        except IntegrityError:
            session.rollback()
        except plan_facts.PatientUnknown as unknown:
            session.rollback()  # nothing is locked while Fullscript is asked
            looked_up = lookups.people_of_plan(unknown.telling, unknown.plan_id, now=utcnow())
    return _apply_once(number, looked_up, leaves_rest=leaves_rest)


def _apply_once(number: int, looked_up: Mapping[str, str] | None, *, leaves_rest: bool) -> Applied | None:
    """Apply an event that is not applied; the update takes its lock, so that only one worker does."""
    session = current().db_session
    event = session.scalar(_TAKE, {"number": number})
    if event is None:
        session.rollback()
        return None
    said = tellings.of_event(event)
    nameless = records.apply(event, said, looked_up)
    is_heard = event.announced or not (leaves_rest or announcements.has_receivers(said))
    now = utcnow()
    event.applied_at, event.last_error, event.announced = now, None, is_heard
    event.due_at = now if leaves_rest else now + GRACE
    event.state = APPLIED if is_heard else WAITING
    session.commit()
    return Applied(said, now, nameless, is_heard)


def _taken_over(number: int) -> Applied | None:
    """Take over an event that was applied and that nobody tells of; None when somebody does, or has.

    None also when it cannot be read: what another witness said came after it was applied. That is an attempt
    like any other, and its error is kept with the event.
    """
    session, now = current().db_session, utcnow()
    event = session.scalar(
        update(InboxEvent)
        .where(InboxEvent.id == number, InboxEvent.announced.is_(False), InboxEvent.due_at <= now)
        .where(InboxEvent.applied_at.is_not(None))
        .values(due_at=now + GRACE)
        .returning(InboxEvent)
        .execution_options(populate_existing=True)
    )
    if event is None:
        session.rollback()
        return None
    session.commit()  # whatever comes now, a sweep has its turn for others first
    applied_at = event.applied_at or now
    try:
        said = tellings.of_event(event)
        nameless = plan_facts.nameless(said)
    except Exception as error:  # noqa: BLE001 -- as when it was applied
        announcements.could_not_tell(number, error, applied_at=applied_at)
        return None
    session.rollback()
    return Applied(said, applied_at, nameless, is_heard=False)


def _complete_names(number: int, plan_ids: list[int]) -> None:
    """Look up what plans lack; what fails is left to a sweep."""
    try:
        names.complete(plan_ids, now=utcnow())
    except Exception as error:  # noqa: BLE001 -- the plans are kept, and shown without names
        current().db_session.rollback()
        say_unexpected("names could not be looked up", error, event=number)


def _keep_failure(number: int, error: Exception) -> None:
    if isinstance(error, ClinicNotConnected):
        say(logging.INFO, "an event waits for its clinic", event=number)
    else:
        say_unexpected("an event could not be applied", error, event=number)
    keep_failure(number, error)
