"""Cross-indexing: our ids of patients and users in Fullscript's metadata (the guide: Metadata).

What Fullscript is to carry is written down in the transaction that made it so, and done by the sweep: a
failure is tried again, later each time, and never undoes the link. An id that somebody else put there is not
written over, unless a person says so.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import select, update

from fullscript_embed import clinics
from fullscript_embed.api import FullscriptClient, FullscriptError
from fullscript_embed.api.errors import Forbidden, RecordNotFound, RequestInvalid
from fullscript_embed.clock import utcnow
from fullscript_embed.errors import NotConnected
from fullscript_embed.fates import pause
from fullscript_embed.link_models import REFUSED, WAITING, WRITTEN, CrossIndex
from fullscript_embed.logs import say
from fullscript_embed.models import Connection
from fullscript_embed.state import current

PATIENT, PRACTITIONER, STAFF = "patient", "practitioner", "staff"
# Of the types of account that Fullscript's tokens name; a whole clinic's has no user of its own.
USER_KINDS = {"Practitioner": PRACTITIONER, "Staff": STAFF}
OTHER_ID, NOT_CONNECTED = "other_id", "not_connected"
# In one sweep, and how long another one leaves to this one what it has taken.
MOST_AT_ONCE, GRACE = 20, timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Task:
    """One id that one record is to carry, as it was when somebody took it up."""

    number: int
    environment: str
    clinic_id: str
    kind: str
    fullscript_id: str
    wanted_id: str | None
    written_id: str | None
    overwrites: bool
    attempts: int


def wish(
    environment: str, clinic_id: str, kind: str, fullscript_id: str, own_id: str, *, overwrites: bool = False
) -> None:
    """Have *own_id* put into the metadata of a record of Fullscript's. The caller commits."""
    row = find(environment, clinic_id, kind, fullscript_id)
    if row is None:
        row = CrossIndex(environment=environment, clinic_id=clinic_id, kind=kind, fullscript_id=fullscript_id)
        current().db_session.add(row)
    elif row.wanted_id == own_id and row.state != REFUSED and not overwrites:
        return
    _change(row, own_id, overwrites=overwrites)


def withdraw(environment: str, clinic_id: str, kind: str, fullscript_id: str) -> None:
    """Have our id taken out of a record's metadata again, if it is ours that stands there then. The caller
    commits."""
    row = find(environment, clinic_id, kind, fullscript_id)
    if row is not None and row.wanted_id is not None:
        row.written_id = row.written_id or row.wanted_id
        _change(row, None, overwrites=False)


def wish_for_user(connection: Connection) -> None:
    """Have the host's user id put into the metadata of whoever connected. Commits."""
    kind = USER_KINDS.get(connection.user_type or "")
    if kind and connection.clinic_id and connection.fullscript_user_id:
        wish(
            connection.environment,
            connection.clinic_id,
            kind,
            connection.fullscript_user_id,
            connection.user_id,
        )
    _take_up(connection)
    current().db_session.commit()


def find(environment: str, clinic_id: str, kind: str, fullscript_id: str) -> CrossIndex | None:
    """What a record of Fullscript's is to carry, or None when that was never said."""
    wanted = select(CrossIndex).filter_by(
        environment=environment, clinic_id=clinic_id, kind=kind, fullscript_id=fullscript_id
    )
    return current().db_session.scalar(wanted)


def write_waiting(*, now: datetime) -> int:
    """Tell Fullscript what it is to carry and does not yet; how many records that were. Commits."""
    tasks = _taken(now)
    for task in tasks:
        state, reason = _done(task, now=now)
        _keep(task, state, reason, now=now)
    return len(tasks)


def _change(row: CrossIndex, wanted_id: str | None, *, overwrites: bool) -> None:
    row.wanted_id, row.overwrites = wanted_id, overwrites
    row.state, row.reason, row.attempts, row.due_at = WAITING, None, 0, utcnow()


def _take_up(connection: Connection) -> None:
    """Let what waits for this clinic be done now, and what it lacked the scope for: there are new tokens."""
    waits = (CrossIndex.state == WAITING) | CrossIndex.reason.in_(("missing_scope", "forbidden"))
    current().db_session.execute(
        update(CrossIndex)
        .where(CrossIndex.environment == connection.environment)
        .where(CrossIndex.clinic_id == connection.clinic_id, waits)
        .values(state=WAITING, due_at=utcnow())
        .execution_options(synchronize_session=False)
    )


def _taken(now: datetime) -> list[Task]:
    """What is due, kept from other sweeps for a moment. Commits."""
    session = current().db_session
    due = (CrossIndex.state == WAITING, CrossIndex.due_at <= now)
    ids = session.scalars(
        select(CrossIndex.id).where(*due).order_by(CrossIndex.due_at, CrossIndex.id).limit(MOST_AT_ONCE)
    ).all()
    rows: Iterable[CrossIndex] = ()
    if ids:
        rows = session.scalars(
            update(CrossIndex)
            .where(CrossIndex.id.in_(ids), *due)
            .values(due_at=now + GRACE)
            .returning(CrossIndex)
            .execution_options(synchronize_session=False, populate_existing=True)
        ).all()
    tasks = [_task(row) for row in rows]
    session.commit()
    return sorted(tasks, key=lambda task: task.number)


def _task(row: CrossIndex) -> Task:
    return Task(
        row.id,
        row.environment,
        row.clinic_id,
        row.kind,
        row.fullscript_id,
        row.wanted_id,
        row.written_id,
        row.overwrites,
        row.attempts,
    )


def _done(task: Task, *, now: datetime) -> tuple[str, str | None]:
    """The state in which a task is after it was tried, and why."""
    clinic = clinics.find(task.environment, task.clinic_id)
    current().db_session.rollback()  # nothing is locked while Fullscript is asked
    try:
        reason = clinics.call(clinic, partial(_write, task), now=now)
    except NotConnected:
        return WAITING, NOT_CONNECTED
    except (RecordNotFound, Forbidden, RequestInvalid) as error:
        return REFUSED, error.reason
    except FullscriptError as error:
        return WAITING, error.reason
    return (REFUSED, reason) if reason else (WRITTEN, None)


def _write(task: Task, client: FullscriptClient) -> str | None:
    """Put the id into the record; why not, when it carries somebody else's."""
    there = _metadata_id(client, task)
    if there == task.wanted_id:
        return None
    if there and there != task.written_id and not task.overwrites:
        return OTHER_ID if task.wanted_id else None
    if task.kind == PATIENT:
        client.patients.update(task.fullscript_id, metadata_id=task.wanted_id)
    elif task.kind == PRACTITIONER:
        client.practitioners.update(task.fullscript_id, metadata_id=task.wanted_id)
    else:
        client.staff.update(task.fullscript_id, metadata_id=task.wanted_id)
    return None


def _metadata_id(client: FullscriptClient, task: Task) -> str | None:
    if task.kind == PATIENT:
        return client.patients.retrieve(task.fullscript_id).metadata.id
    if task.kind == PRACTITIONER:
        return client.practitioners.retrieve(task.fullscript_id).metadata.id
    return client.staff.retrieve(task.fullscript_id).metadata.id


def _keep(task: Task, state: str, reason: str | None, *, now: datetime) -> None:
    """Note how it went, unless something else is wanted by now."""
    session = current().db_session
    attempts = task.attempts + 1
    values = {"state": state, "reason": reason, "attempts": attempts, "due_at": now + pause(attempts)}
    if state == WRITTEN:
        values |= {"written_id": task.wanted_id, "overwrites": False}
    else:
        say(
            logging.INFO,
            "an id is not in the metadata",
            kind=task.kind,
            fullscript_id=task.fullscript_id,
            reason=reason,
        )
    same = CrossIndex.wanted_id == task.wanted_id if task.wanted_id else CrossIndex.wanted_id.is_(None)
    session.execute(
        update(CrossIndex)
        .where(CrossIndex.id == task.number, same)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    session.commit()
