"""What administrators see of events: the inbox, one event with all that is known of it, and playing it again.

A host with several organisations names the clinics whose events somebody may see. Events that belong to no
clinic, such as a product's, are seen by all who have a clinic in their environment.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, update
from sqlalchemy.orm import defer

from fullscript_embed import clinics as jobs_clinics
from fullscript_embed import deliveries, inbox, inbox_search, jobs, records, tasks
from fullscript_embed.api import FullscriptError
from fullscript_embed.clock import utcnow
from fullscript_embed.deliveries import DeliveryView
from fullscript_embed.envelope import PATIENT_SELECTED, PLAN_ACTIVATED
from fullscript_embed.errors import EmbedError
from fullscript_embed.inbox_search import InboxFilter
from fullscript_embed.logs import say_unexpected
from fullscript_embed.models import APPLIED, CONNECTED, DEAD, WAITING, Connection, InboxEvent, Witness
from fullscript_embed.state import current
from fullscript_embed.views import answers

MOST_AT_ONCE = 5000


@dataclass(frozen=True, slots=True)
class ClinicView:
    """A clinic that somebody connected; *is_connected* is False when nobody's connection can be used now."""

    environment: str
    id: str
    name: str | None
    is_connected: bool


@dataclass(frozen=True, slots=True)
class WitnessView:
    """A door through which an event came. *payload* is None where it said the same as the first."""

    door: str
    at: datetime
    user_id: str | None
    patient_id: str | None
    payload: Any


@dataclass(frozen=True, slots=True)
class EventView:
    """One event of the inbox. *id* is our number of it and *event_id* Fullscript's.

    *happened_at* is by the vendor's clock and *received_at* by ours. *state* is "waiting" (to be applied, or
    to be told to the host again), "applied", "parked" (until its clinic is connected) or "dead" (until
    somebody replays it). *doors* are all that brought it, the first one first.
    """

    id: int
    environment: str
    event_id: str
    type: str
    clinic_id: str | None
    doors: tuple[str, ...]
    state: str
    happened_at: datetime | None
    received_at: datetime
    applied_at: datetime | None
    attempts: int
    due_at: datetime | None
    error: str | None

    @property
    def has_failed(self) -> bool:
        return self.state == DEAD or self.error is not None


@dataclass(frozen=True, slots=True)
class EventDetail:
    """One event with what it said and who brought it."""

    event: EventView
    payload: Any
    witnesses: tuple[WitnessView, ...]


def clinics(user_ids: Iterable[str] | None = None) -> list[ClinicView]:
    """The clinics that these users of the host connected, also those they disconnected since; else all."""
    wanted = select(Connection).where(Connection.clinic_id.is_not(None)).order_by(Connection.id)
    if user_ids is not None:
        wanted = wanted.where(Connection.user_id.in_(list(user_ids)))
    found: dict[tuple[str, str], list[Connection]] = defaultdict(list)
    for row in current().db_session.scalars(wanted):
        found[row.environment, row.clinic_id or ""].append(row)
    return [
        ClinicView(
            environment,
            clinic_id,
            next((row.clinic_name for row in reversed(rows) if row.clinic_name), None),
            any(row.status == CONNECTED for row in rows),
        )
        for (environment, clinic_id), rows in found.items()
    ]


def events(wanted: InboxFilter, *, limit: int, before: int | None = None) -> list[EventView]:
    """The events that fit, the last to arrive first; *before* is our number of one, to go on after it."""
    rows = current().db_session.scalars(inbox_search.newest(wanted, limit=limit, before=before)).all()
    return [_view(row, witnesses) for row, witnesses in _with_witnesses(rows)]


def event(number: int, within: Sequence[tuple[str, str]] | None = None) -> EventDetail | None:
    """One event, when it is of the clinics that are named; else None."""
    session = current().db_session
    row = session.scalar(select(InboxEvent).where(InboxEvent.id == number, inbox_search.of_clinics(within)))
    if row is None:
        return None
    [(_, later)] = _with_witnesses([row])
    first = WitnessView(row.door, row.received_at, row.user_id, row.patient_id, None)
    views = (WitnessView(one.door, one.at, one.user_id, one.patient_id, one.payload) for one in later)
    return EventDetail(_view(row, later), row.payload, (first, *views))


def open_counts(within: Sequence[tuple[str, str]] | None = None) -> dict[str, int]:
    """How many events are waiting, parked and dead. What is done is not counted: there may be millions."""
    counted = select(InboxEvent.state, func.count()).where(inbox.is_open(), inbox_search.of_clinics(within))
    return dict(current().db_session.execute(counted.group_by(InboxEvent.state)).all())


def known_types() -> list[str]:
    """The types of event that mean something to us, by name; others are kept and shown too."""
    return sorted({*records.KEEPERS, *records.PLAN_KINDS, PATIENT_SELECTED, PLAN_ACTIVATED})


def failed(within: Sequence[tuple[str, str]] | None = None) -> list[EventView]:
    """What "replay all that failed" would take up: the dead, and what waits with an error. At most 5000."""
    wanted = _failed(InboxEvent, within).options(defer(InboxEvent.payload))
    rows = current().db_session.scalars(wanted).all()
    return [_view(row, witnesses) for row, witnesses in _with_witnesses(rows)]


def replay_failed(within: Sequence[tuple[str, str]] | None = None) -> int:
    """Have everything that failed taken up again, by the workers when there are any; how many. Commits."""
    session = current().db_session
    ids = session.scalars(_failed(InboxEvent.id, within)).all()
    session.execute(
        update(InboxEvent)
        .where(InboxEvent.id.in_(ids), _has_failed())
        .values(state=WAITING, attempts=0, last_error=None, due_at=utcnow())
    )
    session.commit()
    for number in ids:
        jobs.wake(number)
    return len(ids)


def compare_deliveries(environment: str, clinic_id: str) -> list[DeliveryView]:
    """Fullscript's account of its webhooks beside ours. Raises EmbedError, in words for people."""
    try:
        return deliveries.compare(jobs_clinics.find(environment, clinic_id), now=utcnow())
    except FullscriptError as error:
        raise answers.of_upstream(error) from error


def bring_back(environment: str, clinic_id: str) -> int | None:
    """Poll everything that Fullscript still has of a clinic: None when a worker does. Raises EmbedError."""
    celery = current().extension.celery
    if celery is not None:
        _send(celery, [environment, clinic_id, True])
        return None
    done = jobs.poll(jobs_clinics.find(environment, clinic_id), everything=True)
    if done.errors:
        raise EmbedError(f"Not all could be asked for: {'; '.join(done.errors)}.")
    return len(done.numbers)


def _send(celery: Any, arguments: list[Any]) -> None:
    """Ask a worker to poll a clinic. Raises EmbedError while the queue cannot be reached."""
    try:
        celery.send_task(tasks.POLL_CLINIC, args=arguments, ignore_result=True, retry=False)
    except Exception as error:  # noqa: BLE001 -- whatever the broker does, people are told
        say_unexpected("a poll could not be asked for", error)
        raise EmbedError("The queue cannot be reached. Try again in a moment.") from None


def _failed(what: Any, within: Sequence[tuple[str, str]] | None) -> Select[Any]:
    """What is taken up at once of all that failed, the first to arrive first."""
    wanted = select(what).where(_has_failed(), inbox_search.of_clinics(within))
    return wanted.order_by(InboxEvent.id).limit(MOST_AT_ONCE)


def _has_failed() -> ColumnElement[bool]:
    failed_once = and_(inbox.is_open(WAITING), InboxEvent.last_error.is_not(None))
    return or_(inbox.is_open(DEAD), failed_once)


def _with_witnesses(rows: Sequence[InboxEvent]) -> list[tuple[InboxEvent, list[Witness]]]:
    """Each event with its later witnesses, in the order in which they came."""
    found: dict[int, list[Witness]] = defaultdict(list)
    wanted = select(Witness).where(Witness.number.in_([row.id for row in rows])).order_by(Witness.at)
    for one in current().db_session.scalars(wanted):
        found[one.number].append(one)
    return [(row, found[row.id]) for row in rows]


def _view(row: InboxEvent, later: Sequence[Witness]) -> EventView:
    return EventView(
        id=row.id,
        environment=row.environment,
        event_id=row.event_id,
        type=row.type,
        clinic_id=row.clinic_id,
        doors=(row.door, *(one.door for one in later)),
        state=row.state,
        happened_at=row.happened_at,
        received_at=row.received_at,
        applied_at=row.applied_at,
        attempts=row.attempts,
        due_at=None if row.state == APPLIED else row.due_at,
        error=row.last_error,
    )
