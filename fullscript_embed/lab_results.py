"""Results of labs: which there are, what they are called, and which of them others replace.

Fullscript names no replaced result where its answers are documented (field notes, 1.21), so what an amended
one stands in for is worked out from what was listed before and is not any more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from fullscript_embed.api.records.labs import LabOrder as ReportedLabOrder
from fullscript_embed.api.records.labs import LabResult as ReportedResult
from fullscript_embed.lab_models import LabResult
from fullscript_embed.lab_states import AMENDED
from fullscript_embed.models import LabOrder
from fullscript_embed.state import current

_ID = re.compile(r"[!-~]{1,64}")
# In a result's own `state`, where it has one.
_SAYS_AMENDED = frozenset({"amended", AMENDED})


@dataclass(frozen=True, slots=True)
class Listed:
    """A result as far as it matters for what replaces what."""

    id: str
    name: str | None = None
    replaces_id: str | None = None


def title_of(tests: Sequence[str], order_name: str | None, result_id: str) -> str:
    """What a result is called (the guide: Mapping Tests and Results): after the test where there is one, else
    after the order, else its id."""
    if len(tests) == 1 and tests[0]:
        return tests[0]
    return order_name or result_id


def replacements(
    news: Sequence[Listed], gone: Sequence[Listed], still: Sequence[Listed], *, amended: bool
) -> dict[str, list[str]]:
    """Which results the new ones stand in for, by the new ones' ids.

    What Fullscript says counts. Else the one new result replaces all that are *gone*; of several each those
    of its own name. In an amended order where nothing is gone, the one new result replaces the one that is
    *still* listed.
    """
    found = {one.id: [one.replaces_id] for one in news if one.replaces_id}
    said = {one for ids in found.values() for one in ids}
    silent = [one for one in news if not one.replaces_id]
    left = [one for one in gone if one.id not in said]
    if len(silent) == 1 and left:
        found[silent[0].id] = [one.id for one in left]
    elif len(silent) == 1 and amended and len(still) == 1:
        found[silent[0].id] = [still[0].id]
    else:
        for one in silent:
            same = [other.id for other in left if one.name and other.name == one.name]
            found |= {one.id: same} if same else {}
    return found


def keep(order: LabOrder, reported: ReportedLabOrder, *, now: datetime) -> list[str]:
    """Keep which results an order has now, and give the ids of those that are new or were amended.

    The caller commits.
    """
    known = {row.fullscript_id: row for row in rows_of([order])}
    listed = {one.id: one for one in reported.results if _ID.fullmatch(one.id)}
    fresh = [one for one in listed.values() if one.id not in known]
    amended = order.state == AMENDED
    _keep_listed(known, listed, now=now)
    replaced = _replaced(known, listed, fresh, amended=amended)
    for one in fresh:
        row = _new(order, one, now=now)
        row.replaces = replaced.get(one.id, [])
        others = len(listed) > 1 and not known
        row.is_amendment = bool(row.replaces and amended) or _is_said(one) or (amended and not others)
    for one_id in {old for ids in replaced.values() for old in ids} & set(known):
        known[one_id].replaced_at = known[one_id].replaced_at or now
    again = [one.id for one in listed.values() if one.id in known and _changed(known[one.id], one, amended)]
    return [one.id for one in fresh] + again + _keep_aggregate(order, reported, known, listed, now=now)


def rows_of(orders: Iterable[LabOrder]) -> list[LabResult]:
    """The results of these orders, in one query, the latest first; of other clinics' orders too, if ids were
    ever to clash, which whoever reads them tells apart."""
    ids = {order.fullscript_id for order in orders}
    if not ids:
        return []
    wanted = select(LabResult).where(LabResult.lab_order_id.in_(ids)).order_by(LabResult.id.desc())
    places = {(order.environment, order.clinic_id, order.fullscript_id) for order in orders}
    return [
        row
        for row in current().db_session.scalars(wanted)
        if (row.environment, row.clinic_id, row.lab_order_id) in places
    ]


def _replaced(
    known: Mapping[str, LabResult],
    listed: Mapping[str, ReportedResult],
    fresh: Sequence[ReportedResult],
    *,
    amended: bool,
) -> dict[str, list[str]]:
    before = [row for row in known.values() if row.replaced_at is None and not row.is_aggregate]
    as_listed = {row.fullscript_id: Listed(row.fullscript_id, row.name) for row in before}
    gone = [one for one_id, one in as_listed.items() if one_id not in listed]
    still = [one for one_id, one in as_listed.items() if one_id in listed]
    news = [Listed(one.id, one.name, one.replaces_id) for one in fresh]
    return replacements(news, gone, still, amended=amended)


def _keep_listed(
    known: Mapping[str, LabResult], listed: Mapping[str, ReportedResult], *, now: datetime
) -> None:
    for one_id, row in known.items():
        if not row.is_aggregate:
            row.gone_at = None if one_id in listed else row.gone_at or now


def _changed(row: LabResult, one: ReportedResult, amended: bool) -> bool:
    """True for a known result that was amended in place: it is new to whoever looked at it before."""
    row.name = one.name or row.name
    if not one.created_at or one.created_at == row.created_at:
        return False
    row.created_at = one.created_at
    if amended or _is_said(one):
        row.is_amendment, row.opened_at, row.told_at, row.tell_attempts = True, None, None, 0
        return True
    return False


def _keep_aggregate(
    order: LabOrder,
    reported: ReportedLabOrder,
    known: Mapping[str, LabResult],
    listed: Mapping[str, ReportedResult],
    *,
    now: datetime,
) -> list[str]:
    """The document of all results so far, where it is another one than the single results."""
    one = reported.latest_aggregated_result
    whole = one if one and _ID.fullmatch(one.id) and one.id not in listed else None
    for row in known.values():
        if row.is_aggregate:
            row.gone_at = None if whole and whole.id == row.fullscript_id else row.gone_at or now
    if whole is None or whole.id in known:
        return []
    _new(order, whole, now=now).is_aggregate = True
    return [whole.id]


def _is_said(one: ReportedResult) -> bool:
    return bool(one.replaces_id) or (one.state or "").lower() in _SAYS_AMENDED


def _new(order: LabOrder, one: ReportedResult, *, now: datetime) -> LabResult:
    row = LabResult(
        environment=order.environment,
        clinic_id=order.clinic_id,
        lab_order_id=order.fullscript_id,
        fullscript_id=one.id,
        name=one.name,
        is_aggregate=False,
        is_amendment=False,
        replaces=[],
        created_at=one.created_at,
        heard_at=now,
        tell_attempts=0,
    )
    current().db_session.add(row)
    return row
