"""How far labs are: as `lab_order.updated` tells it, for results alone (the guide: Lab order updated), and as
Fullscript answers when it is asked, which is the only way to know of everything else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from fullscript_embed import facts, lab_agenda
from fullscript_embed.api.parsing import parse, read_object
from fullscript_embed.api.records.labs import LabOrder as ReportedLabOrder
from fullscript_embed.envelope import POLL
from fullscript_embed.models import LabOrder
from fullscript_embed.state import current
from fullscript_embed.tellings import Telling

# The kind of what we asked for ourselves; no event is of it.
READ = "lab_order.read"
_STEP = timedelta(microseconds=1)

# What was known of each lab order before Fullscript was asked: how, whether its tests were, and its state.
Known = Mapping[str, tuple[dict[str, list[Any]], bool, str | None]]


def keep(telling: Telling) -> None:
    """Keep how far a lab is, and have Fullscript asked for the results. The caller commits."""
    raw = said_of(telling)
    lab_order, _is_new = facts.record(LabOrder, telling, facts.identity(telling, raw))
    _keep(lab_order, _said(parse(ReportedLabOrder, raw)), telling)
    lab_agenda.make_due(telling.environment, telling.clinic_id, lab_order.fullscript_patient_id)


def said_of(telling: Telling) -> dict[str, Any]:
    """The lab order in an event's data, nested or flat."""
    return read_object(telling.data.get("lab_order")) or telling.data


def known_of(environment: str, clinic_id: str, fullscript_patient_id: str) -> Known:
    """What is known of a Fullscript patient's lab orders, by their ids."""
    wanted = select(LabOrder).filter_by(
        environment=environment, clinic_id=clinic_id, fullscript_patient_id=fullscript_patient_id
    )
    rows = current().db_session.scalars(wanted)
    return {row.fullscript_id: (dict(row.stamps), row.tests is not None, row.state) for row in rows}


def keep_read(
    place: tuple[str, str], reported: ReportedLabOrder, known: Known, *, patient_id: str, now: datetime
) -> LabOrder | None:
    """Keep what Fullscript answered; None when an event changed the order since it was *known*, which may be
    newer than the answer. The caller commits, and asks again."""
    environment, clinic_id = place
    read = Telling(environment, clinic_id, "", READ, POLL, reported.updated_at or now)
    row, is_new = facts.record(LabOrder, read, reported.id)
    before = known.get(reported.id)
    is_mine = not is_new and row.fullscript_patient_id == patient_id
    if is_mine and (before is None or before[0] != row.stamps):
        return None
    read = replace(read, at=_newer(row, read.at))
    row.happened_at = min(row.happened_at, reported.created_at or row.happened_at)
    said = _said(reported) | {"fullscript_patient_id": patient_id}
    said["tests"] = [test.name or test.id for test in reported.tests]
    _keep(row, said, read)
    return row


def ways_of(
    environment: str, clinic_id: str, fullscript_patient_id: str
) -> list[tuple[str | None, datetime]]:
    """Where a Fullscript patient's lab orders are, each with since when."""
    wanted = select(LabOrder).filter_by(
        environment=environment, clinic_id=clinic_id, fullscript_patient_id=fullscript_patient_id
    )
    return [(row.state, since(row)) for row in current().db_session.scalars(wanted)]


def reached(row: LabOrder) -> dict[str, datetime]:
    """When the order was first known to be in each state."""
    return {state: datetime.fromisoformat(at) for state, at in (row.reached or {}).items()}


def since(row: LabOrder) -> datetime:
    """Since when the order has been where it is."""
    return max(reached(row).values(), default=row.happened_at)


def _keep(row: LabOrder, said: dict[str, Any], telling: Telling) -> None:
    state = said.get("state")
    changed = facts.keep(row, {name: value for name, value in said.items() if value is not None}, telling)
    if state and (telling.kind != READ or "state" in changed):
        _reach(row, state, telling.at)
    row.revision = (row.revision or 0) + bool(changed)


def _reach(row: LabOrder, state: str, at: datetime) -> None:
    """Note the first time, in one order whatever came first, so that the same events give the same record."""
    moment = at.astimezone(UTC).isoformat()
    moments = {**(row.reached or {}), state: min(moment, (row.reached or {}).get(state, moment))}
    row.reached = dict(sorted(moments.items(), key=lambda one: (one[1], one[0])))


def _newer(row: LabOrder, at: datetime) -> datetime:
    """*at*, or the moment after the newest that is known: what was asked for is so now."""
    moments = [datetime.fromisoformat(stamp[0]) + _STEP for stamp in (row.stamps or {}).values()]
    return max([at, *moments])


def _said(reported: ReportedLabOrder) -> dict[str, Any]:
    return {
        "state": reported.state,
        "fullscript_patient_id": reported.patient_id,
        "practitioner_id": reported.practitioner_id,
        "treatment_plan_id": reported.treatment_plan_id,
        "order_id": reported.order_id,
        "name": reported.name,
    }
