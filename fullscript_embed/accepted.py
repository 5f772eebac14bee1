"""How many events each door has brought, at a cost that does not grow with the inbox.

What is old enough that nobody can be storing an earlier number any more is added up once, and stays added up
when it is pruned; only the newest events are counted anew.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from fullscript_embed.job_models import AcceptedCount, CountedUpTo
from fullscript_embed.models import InboxEvent
from fullscript_embed.state import current

# Far longer than a transaction that stores an event.
SETTLED = timedelta(minutes=2)
ONE_ROW = 1

Key = tuple[str, str]


def counts() -> Counter[Key]:
    """Events by (environment, door that brought them first), since the first one."""
    session = current().db_session
    kept = {(row.environment, row.door): row.count for row in session.scalars(select(AcceptedCount))}
    return Counter(kept) + _newer(_counted_up_to())


def advance(*, now: datetime) -> None:
    """Add up what has come to rest since the last time. Commits. Several at once count nothing twice."""
    session = current().db_session
    old = _counted_up_to()
    columns = InboxEvent.__table__.columns
    # Numbers grow with time, so the first event that may not have settled bounds them all.
    unsettled = session.scalar(
        select(func.min(columns.id)).where(columns.id > old, columns.received_at >= now - SETTLED)
    )
    newest = session.scalar(select(func.max(columns.id)).where(columns.id > old))
    new = newest if unsettled is None else unsettled - 1
    if new is None or new <= old:
        session.rollback()
        return
    try:
        if _take(old, new):
            for key, count in _newer(old, new).items():
                _add(key, count)
        session.commit()
    except IntegrityError:
        session.rollback()  # somebody else did it in the same moment


def _counted_up_to() -> int:
    columns = CountedUpTo.__table__.columns
    return current().db_session.scalar(select(columns.number)) or 0


def _take(old: int, new: int) -> bool:
    """Move on from *old* to *new*; False when somebody else has."""
    session = current().db_session
    if old == 0 and session.get(CountedUpTo, ONE_ROW) is None:
        session.add(CountedUpTo(id=ONE_ROW, number=new))
        session.flush()
        return True
    moved = update(CountedUpTo).where(CountedUpTo.number == old).values(number=new)
    return bool(session.execute(moved).rowcount)  # type: ignore[attr-defined]  # an update's result has it


def _newer(than: int, up_to: int | None = None) -> Counter[Key]:
    columns = InboxEvent.__table__.columns
    counted = select(columns.environment, columns.door, func.count()).where(columns.id > than)
    if up_to is not None:
        counted = counted.where(columns.id <= up_to)
    rows = current().db_session.execute(counted.group_by(columns.environment, columns.door))
    return Counter({(environment, door): count for environment, door, count in rows})


def _add(key: Key, count: int) -> None:
    session = current().db_session
    row = session.get(AcceptedCount, key, populate_existing=True)
    if row is None:
        session.add(AcceptedCount(environment=key[0], door=key[1], count=count))
    else:
        row.count += count
