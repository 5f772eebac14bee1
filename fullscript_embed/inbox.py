"""Every event that arrives, by whichever door: stored once, committed, and only then applied.

The inbox is the truth and the queue is only a wake-up. What fails keeps its error and its attempts, and is
taken up again by a sweep or by `flask fullscript replay`.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Table,
    and_,
    bindparam,
    exists,
    func,
    insert,
    literal_column,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from fullscript_embed.applying import GRACE, apply, apply_only
from fullscript_embed.clock import utcnow
from fullscript_embed.envelope import BROWSER, Envelope
from fullscript_embed.errors import EventRefused
from fullscript_embed.models import APPLIED, CONNECTED, PARKED, WAITING, Connection, InboxEvent, Witness
from fullscript_embed.state import current

# In one list for people.
MOST_SHOWN = 200
# A sweep takes so many at a time, and goes on for about so long: then the next one has its turn.
BATCH, SWEEP_SECONDS = 50, 25
_TABLE = cast("Table", InboxEvent.__table__)
# Straight into the table, and put together once: either would else take longer than the insert.
_INSERT = insert(_TABLE)


@dataclass(frozen=True, slots=True)
class Stored:
    """The inbox's number of an event, and whether it was there before.

    *is_news* is true when there is something to apply: it is new, or this witness knows more than the others.
    """

    id: int
    duplicate: bool
    is_news: bool


def store(
    event: Envelope,
    payload: Any,
    *,
    environment: str,
    door: str,
    user_id: str | None = None,
    patient_id: str | None = None,
) -> Stored:
    """Keep *payload* once, under its environment and event id, and that it came by this *door*. Commits.

    Raises EventRefused when another user reported the same id from the browser, or for another patient.
    """
    now = utcnow()
    row = {
        "environment": environment,
        "event_id": event.id,
        "type": event.type,
        "clinic_id": event.clinic_id,
        "door": door,
        "user_id": user_id,
        "patient_id": patient_id,
        "payload": payload,
        "happened_at": event.happened_at,
        "received_at": now,
        "state": WAITING,
        "due_at": now + GRACE,
        "attempts": 0,
        "announced": False,
    }
    number = _insert(row)
    return _witnessed(row) if number is None else Stored(number, duplicate=False, is_news=True)


def seen(environment: str, event_ids: Iterable[str], *, door: str) -> set[str]:
    """Note that *door* names these events too, and return those that nobody has brought yet. Commits."""
    session, wanted = current().db_session, set(event_ids)
    columns = _TABLE.columns
    rows = session.execute(
        select(columns.id, columns.event_id, columns.door).where(
            columns.environment == environment, columns.event_id.in_(wanted)
        )
    ).all()
    heard = set(
        session.scalars(
            select(Witness.number).where(Witness.door == door, Witness.number.in_([row.id for row in rows]))
        )
    )
    for row in rows:
        if row.door != door and row.id not in heard:
            session.rollback()
            _add_witness(Witness(number=row.id, door=door, at=utcnow()))
    session.rollback()
    return wanted - {row.event_id for row in rows}


def settle(environment: str, patient_id: str) -> None:
    """Apply what was reported for a patient and no worker has come to yet, so that what is read next has it.

    Only that: receivers and names are left to the worker, because somebody waits.
    """
    whose = {"environment": environment, "patient_id": patient_id}
    for number in current().db_session.scalars(_OPEN_OF_PATIENT, whose).all():
        apply_only(number)


def sweep() -> int:
    """Take up what was stored and is due, for a while; how many events that were.

    Several may sweep at once: each takes others.
    """
    unpark()
    end, count = time.monotonic() + SWEEP_SECONDS, 0
    while time.monotonic() < end and (ids := _due()):
        for number in ids:
            apply(number)
        count += len(ids)
    return count


def unpark(environment: str | None = None, clinic_id: str | None = None) -> list[int]:
    """Let events that wait for their clinic be taken up, if it is connected now; their numbers. Commits."""
    session = current().db_session
    connected = exists().where(
        Connection.environment == InboxEvent.environment,
        Connection.clinic_id == InboxEvent.clinic_id,
        Connection.status == CONNECTED,
    )
    wanted = [is_open(PARKED), connected]
    if clinic_id is not None:
        wanted += [InboxEvent.environment == environment, InboxEvent.clinic_id == clinic_id]
    ids = list(session.scalars(select(InboxEvent.id).where(*wanted).order_by(InboxEvent.id)))
    if ids:
        session.execute(
            update(InboxEvent)
            .where(InboxEvent.id.in_(ids), InboxEvent.state == PARKED)
            .values(state=WAITING, due_at=utcnow())
        )
    session.commit()
    return ids


def replay(number: int | None = None) -> tuple[int, int]:
    """Take up one event again, applied or not, or all that are not done; how many are done then, and not.

    Receivers of the signals hear of the one event again; of all, what somebody else applies in the same
    moment is not applied twice.
    """
    session = current().db_session
    wanted = is_open() if number is None else InboxEvent.id == number
    anew = {} if number is None else {"applied_at": None, "announced": False}
    ids = list(session.scalars(select(InboxEvent.id).where(wanted).order_by(InboxEvent.id)))
    for one in ids:
        session.execute(
            update(InboxEvent)
            .where(InboxEvent.id == one, wanted)
            .values(state=WAITING, due_at=utcnow(), attempts=0, last_error=None, **anew)
        )
        session.commit()
        apply(one)
    done = session.scalar(select(func.count()).where(InboxEvent.id.in_(ids), InboxEvent.state == APPLIED))
    return done or 0, len(ids) - (done or 0)


def summary() -> list[str]:
    """What is not done, in lines for people: numbers, types and errors, nothing of the payloads."""
    waiting = select(InboxEvent).where(is_open())
    return [
        f"event {event.id}  {event.type}  {event.state}  {event.attempts} attempts  "
        f"{event.last_error or 'not tried yet'}"
        for event in current().db_session.scalars(waiting.order_by(InboxEvent.id).limit(MOST_SHOWN))
    ]


def is_open(state: str | None = None) -> ColumnElement[bool]:
    """The condition of an event that is not done, or in that *state*, as the index of those wants it put."""
    open_ = InboxEvent.state != literal_column("'applied'")
    return and_(open_, InboxEvent.state == state) if state else open_


# Put together once: somebody waits.
_OPEN_OF_PATIENT = (
    select(InboxEvent.id)
    .where(
        is_open(),
        InboxEvent.applied_at.is_(None),
        InboxEvent.environment == bindparam("environment"),
        InboxEvent.patient_id == bindparam("patient_id"),
    )
    .order_by(InboxEvent.id)
)


def _due() -> list[int]:
    """The next events that are due; those that have to be applied are kept from other sweeps for a moment.

    Commits.
    """
    session, now = current().db_session, utcnow()
    due = (is_open(WAITING), InboxEvent.due_at <= now)
    columns = _TABLE.columns
    next_ones = select(columns.id, columns.applied_at).where(*due).order_by(columns.due_at).limit(BATCH)
    rows = session.execute(next_ones.with_for_update(skip_locked=True)).all()
    claimed = session.scalars(
        update(InboxEvent)
        .where(InboxEvent.id.in_([row.id for row in rows]), InboxEvent.applied_at.is_(None), *due)
        .values(due_at=now + GRACE)
        .returning(InboxEvent.id)
        .execution_options(synchronize_session=False)
    ).all()
    session.commit()
    return sorted({*claimed, *(row.id for row in rows if row.applied_at)})


def _insert(row: dict[str, Any]) -> int | None:
    """The number of a new event, None when it was there before. Commits.

    What the session has begun belongs together with the event; where it has begun nothing, the event shares
    a transaction with those that other threads bring.
    """
    session, writer = current().db_session, current().inbox_writer
    if writer is not None and not session.in_transaction():
        return writer.insert(row)
    try:
        stored = session.execute(_INSERT, row)
        session.commit()
    except IntegrityError:
        session.rollback()
        return None
    return int(stored.inserted_primary_key[0])  # type: ignore[attr-defined]  # an insert's result has it


def _witnessed(row: dict[str, Any]) -> Stored:
    """Add a witness to an event that is there already, unless this door has brought it before."""
    session = current().db_session
    known = session.scalars(
        select(InboxEvent).filter_by(environment=row["environment"], event_id=row["event_id"])
    ).one()
    number = known.id
    others = session.scalars(select(Witness).where(Witness.number == number)).all()
    everybody: list[InboxEvent | Witness] = [known, *others]
    before = next((one for one in everybody if one.door == row["door"]), None)
    if before is not None:
        _check_same_reporter(before, row)
        session.rollback()
        return Stored(number, duplicate=True, is_news=False)
    # Of a browser and Fullscript itself each knows something that the other does not; a list tells nothing.
    heard = [one for one in everybody if one.payload is not None]
    is_news = all((one.door == BROWSER) != (row["door"] == BROWSER) for one in heard)
    same = known.payload == row["payload"]
    session.rollback()
    witness = Witness(
        number=number,
        door=row["door"],
        at=row["received_at"],
        user_id=row["user_id"],
        patient_id=row["patient_id"],
        payload=None if same else row["payload"],
    )
    if not _add_witness(witness, again=_once_more(row["door"]) if is_news else None):
        return _witnessed(row)
    return Stored(number, duplicate=True, is_news=is_news)


def _once_more(door: str) -> dict[str, Any]:
    """What has an event applied again. The host hears of it again when there is more to hear: whose it is."""
    again = {"state": WAITING, "due_at": utcnow() + GRACE, "applied_at": None}
    return {**again, "announced": False} if door == BROWSER else again


def _add_witness(witness: Witness, *, again: dict[str, Any] | None = None) -> bool:
    """Keep a witness, and put *again* into its event; False when the same one was faster. Commits."""
    session, number = current().db_session, witness.number
    try:
        session.add(witness)
        session.flush()
        if again:
            session.execute(update(InboxEvent).where(InboxEvent.id == number).values(**again))
        session.commit()
    except IntegrityError:
        session.rollback()
        return False
    return True


def _check_same_reporter(before: InboxEvent | Witness, row: dict[str, Any]) -> None:
    if (before.user_id, before.patient_id) != (row["user_id"], row["patient_id"]):
        raise EventRefused(
            "An event of this id was reported before, by somebody else or for another patient.",
            status=409,
            code="event_conflict",
        )
