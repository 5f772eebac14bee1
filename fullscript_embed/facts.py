"""Keeping what events say so that their order does not matter.

Every fact of a record remembers by which event it is known. A newer event replaces it and an older one does
not, so that the same events give the same record in any order and any number of times. What an event does not
speak of stays as it was.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC
from functools import cache
from typing import Any, TypeVar, cast

from sqlalchemy import Select, bindparam, select

from fullscript_embed.api.parsing import read_text
from fullscript_embed.errors import EventRefused
from fullscript_embed.models import Told
from fullscript_embed.state import current
from fullscript_embed.tellings import Telling

R = TypeVar("R", bound=Told)

# Of two events in the same moment the one that can only come after the other counts as the newer.
RANKS = {
    "treatment_plan.recommendation.updated": 1,
    "treatment_plan.updated": 2,
    "patient.updated": 1,
    "patient.emancipated": 2,
    "clinic_key.revoked": 1,
}
_ID = re.compile(r"[!-~]{1,64}")


def stamp_of(telling: Telling) -> list[Any]:
    """What makes one telling newer than another: the moment, the kind, the event, and who told it."""
    moment = telling.at.astimezone(UTC).isoformat(timespec="microseconds")
    return [moment, RANKS.get(telling.kind, 0), telling.event_id, int(telling.is_signed)]


def identity(telling: Telling, said: Mapping[str, Any]) -> str:
    """The id of what an event is about. Raises EventRefused when it has none, or no clinic."""
    found = read_text(said.get("id"))
    if found is None or not _ID.fullmatch(found):
        raise EventRefused(f"The event names no {telling.noun} by an id of 1 to 64 visible ASCII characters.")
    if not telling.clinic_id:
        raise EventRefused("The event names no clinic, so nobody knows whose it is.")
    return found


def find(kind: type[R], telling: Telling, fullscript_id: str, *, lock: bool = False) -> R | None:
    """The record of that id in the telling's clinic: another clinic's is another record."""
    place = {
        "environment": telling.environment,
        "clinic_id": telling.clinic_id,
        "fullscript_id": fullscript_id,
    }
    wanted = _finding(cast("Any", kind), lock)
    return cast("R | None", current().db_session.scalar(wanted, place))


def record(kind: type[R], telling: Telling, fullscript_id: str) -> tuple[R, bool]:
    """The same, locked, or a new one; True when it is new. The caller commits."""
    known = find(kind, telling, fullscript_id, lock=True)
    if known is not None:
        known.happened_at = min(known.happened_at, telling.at)
        return known, False
    fresh = kind()
    fresh.environment, fresh.clinic_id = telling.environment, telling.clinic_id
    fresh.fullscript_id, fresh.happened_at, fresh.stamps = fullscript_id, telling.at, {}
    current().db_session.add(fresh)
    return fresh, True


def keep(row: Told, said: Mapping[str, Any], telling: Telling) -> set[str]:
    """Put into *row* what is *said*, unless it knows better; the names of what is different now.

    Two tellings with the same stamp that differ all the same are decided by what they say, so that here too
    the order does not matter.
    """
    stamp, stamps, changed = stamp_of(telling), dict(row.stamps), set()
    for name, value in said.items():
        mine, known = getattr(row, name), stamps.get(name)
        if known is not None and (known, _sortable(mine)) >= (stamp, _sortable(value)):
            continue
        stamps[name] = stamp
        if mine != value:
            setattr(row, name, value)
            changed.add(name)
    row.stamps = stamps
    return changed


@cache
def _finding(kind: Any, lock: bool) -> Select[Any]:
    names = ("environment", "clinic_id", "fullscript_id")
    wanted = select(kind).where(*(getattr(kind, name) == bindparam(name) for name in names))
    return wanted.with_for_update() if lock else wanted


def _sortable(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)
