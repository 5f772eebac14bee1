"""Finding events among millions: which fit a filter, and how to come to the newest of them by an index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product
from typing import TypeAlias

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, func, or_, select, true, union
from sqlalchemy.orm import InstrumentedAttribute

from fullscript_embed import inbox
from fullscript_embed.models import APPLIED, InboxEvent, Witness

Conditions: TypeAlias = list[ColumnElement[bool]]
# Numbers grow with time, but for what several processes store at once with clocks of their own.
DISORDER = timedelta(hours=1)
BEYOND = 2**62  # any number


@dataclass(frozen=True, slots=True)
class InboxFilter:
    """Which events are wanted: those for which everything holds that is not None.

    *clinics* are (environment, clinic id); *since* is the first moment of arrival, *until* the first after.
    """

    clinics: Sequence[tuple[str, str]] | None = None
    door: str | None = None
    type: str | None = None
    state: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def newest(wanted: InboxFilter, *, limit: int, before: int | None = None) -> Select[InboxEvent]:
    """The events that fit, the last to arrive first; *before* is our number of one, to go on after it.

    Each branch of an "or" is looked up by itself, because no index leads to two of them at once.
    """
    always = [*_plain(wanted), *_numbers(wanted), *([] if before is None else [InboxEvent.id < before])]
    is_narrow = bool(wanted.type or wanted.door or wanted.state not in {None, APPLIED})
    clinics = [[of_clinics(wanted.clinics)]] if is_narrow else _clinic_branches(wanted.clinics)
    branches = [
        select(InboxEvent.id).where(*always, *clinic, *door).order_by(number.desc()).limit(limit)
        for clinic, (number, door) in product(clinics, _door_branches(wanted.door))
    ]
    numbers = union(*(select(branch.subquery().c.id) for branch in branches)).subquery()
    fitting = select(InboxEvent).where(InboxEvent.id.in_(select(numbers.c.id)))
    return fitting.order_by(InboxEvent.id.desc()).limit(limit)


def of_clinics(within: Sequence[tuple[str, str]] | None) -> ColumnElement[bool]:
    """The condition that an event is of these clinics, or of none and in their environments.

    Put so that no index leads to them: there is a shorter way to what it is asked of.
    """
    if within is None:
        return true()
    clinic_id = func.coalesce(InboxEvent.clinic_id, "")
    mine: dict[str, list[str]] = {}
    for environment, one in within:
        mine.setdefault(environment, [""]).append(one)
    return or_(
        ~true(), *(and_(InboxEvent.environment == where, clinic_id.in_(some)) for where, some in mine.items())
    )


def _plain(wanted: InboxFilter) -> Conditions:
    found: Conditions = []
    if wanted.type:
        found.append(InboxEvent.type == wanted.type)
    if wanted.state:
        is_applied = wanted.state == APPLIED
        found.append(InboxEvent.state == APPLIED if is_applied else inbox.is_open(wanted.state))
    if wanted.since is not None:
        found.append(InboxEvent.received_at >= wanted.since)
    if wanted.until is not None:
        found.append(InboxEvent.received_at < wanted.until)
    return found


def _numbers(wanted: InboxFilter) -> Conditions:
    """The time of arrival said in numbers, so that going through them ends where the time does."""
    found: Conditions = []
    if wanted.since is not None:
        found.append(InboxEvent.id >= _first_since(wanted.since - DISORDER))
    if wanted.until is not None:
        found.append(InboxEvent.id < func.coalesce(_first_since(wanted.until + DISORDER), BEYOND))
    return found


def _first_since(moment: datetime) -> ScalarSelect[int]:
    later = select(InboxEvent.id).where(InboxEvent.received_at >= moment)
    return later.order_by(InboxEvent.received_at).limit(1).scalar_subquery()


def _clinic_branches(within: Sequence[tuple[str, str]] | None) -> list[Conditions]:
    """The same for each clinic by itself, and for no clinic, by the index of clinics."""
    if not within:
        return [[of_clinics(within)]]
    of_none = [(environment, None) for environment in sorted({environment for environment, _ in within})]
    return [
        [InboxEvent.environment == environment, _is(clinic_id)]
        for environment, clinic_id in [*within, *of_none]
    ]


def _is(clinic_id: str | None) -> ColumnElement[bool]:
    return InboxEvent.clinic_id.is_(None) if clinic_id is None else InboxEvent.clinic_id == clinic_id


def _door_branches(door: str | None) -> list[tuple[InstrumentedAttribute[int], Conditions]]:
    """Events that this door brought first, and those that it brought again; each with what has its number."""
    if not door:
        return [(InboxEvent.id, [])]
    again: Conditions = [Witness.number == InboxEvent.id, Witness.door == door]
    return [(InboxEvent.id, [InboxEvent.door == door]), (Witness.number, again)]
