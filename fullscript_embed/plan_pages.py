"""A patient's treatment plans a page at a time, and one of them in full."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sqlalchemy import func, select

from fullscript_embed import connections, plan_history
from fullscript_embed.models import TreatmentPlan
from fullscript_embed.plan_history import HistoryEntry
from fullscript_embed.plans import PlanView, is_of_patient, newest_first, version, views_of
from fullscript_embed.state import current

PAGE_SIZE = 20
STATES = ("draft", "active", "cancelled")


@dataclass(frozen=True, slots=True)
class PlanPage:
    """One page of a patient's plans, newest first.

    *state* is the filter, None for all; *number* counts from 1 and *pages* is at least 1; *total* is how many
    fit the filter, and *counts* how many there are in each state. *version* is another
    one when anything in any of the patient's plans is different.
    """

    plans: tuple[PlanView, ...]
    state: str | None
    number: int
    pages: int
    total: int
    counts: Mapping[str, int]
    version: str


@dataclass(frozen=True, slots=True)
class PlanDetail:
    """One plan with what happened to it, the latest first. *is_mine* is True when it belongs to the clinic
    that the signed-in user connected, so that they may act on it."""

    plan: PlanView
    history: tuple[HistoryEntry, ...]
    is_mine: bool
    version: str


def page(patient_id: str, state: str | None, number: int, size: int) -> PlanPage:
    """A page of the plans in *state*; one beyond the last is the last. Five queries."""
    seen, counts = version(patient_id), _counts(patient_id)
    total = sum(counts.values()) if state is None else counts.get(state, 0)
    pages = max(1, -(-total // size))
    number = min(max(number, 1), pages)
    wanted = newest_first(patient_id, state).limit(size).offset((number - 1) * size)
    rows = current().db_session.scalars(wanted).all()
    return PlanPage(tuple(views_of(rows)), state, number, pages, total, MappingProxyType(counts), seen)


def find(patient_id: str, plan_id: str) -> PlanDetail | None:
    """One plan of a patient by Fullscript's id, or None."""
    seen = version(patient_id)
    row = current().db_session.scalar(newest_first(patient_id).where(TreatmentPlan.fullscript_id == plan_id))
    if row is None:
        return None
    user = current().extension.current_user()
    mine = connections.shown(user) if user else None
    is_mine = mine is not None and (mine.environment, mine.clinic_id) == (row.environment, row.clinic_id)
    [view] = views_of([row])
    return PlanDetail(view, tuple(plan_history.of_plan(row)), is_mine, seen)


def _counts(patient_id: str) -> dict[str, int]:
    counted = select(TreatmentPlan.state, func.count()).where(is_of_patient(patient_id))
    found = current().db_session.execute(counted.group_by(TreatmentPlan.state))
    return {state or "": count for state, count in found}
