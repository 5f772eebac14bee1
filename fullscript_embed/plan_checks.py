"""Comparing a patient's treatment plans with Fullscript: two or three calls, however many plans there are.

The list says of each plan when it changed, so that only what is new or was changed is asked for in full.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from fullscript_embed import checks, names, plan_facts
from fullscript_embed.api import FullscriptClient, FullscriptError
from fullscript_embed.api.errors import Forbidden, RecordNotFound
from fullscript_embed.api.records.plans import TreatmentPlan as ReportedPlan
from fullscript_embed.checks import Asked, Check
from fullscript_embed.clock import utcnow
from fullscript_embed.models import TreatmentPlan
from fullscript_embed.state import current
from fullscript_embed.tellings import Telling

DRAFT = "draft"
# As the door of a telling: what Fullscript answered when we asked.
ANSWERED = "api"
# In one check; somebody waits, and the rate limit is shared. The next check goes on.
MOST_IN_FULL, MOST_DRAFTS = 20, 5
# Seconds for which names are looked up while somebody waits; a sweep does the rest.
NAMING = 2.0


@dataclass(frozen=True, slots=True)
class Answers:
    """What Fullscript answered: every plan of the list, those in full that were asked for, and the ids of
    drafts that are kept here and gone there."""

    listed: Sequence[ReportedPlan]
    in_full: Sequence[ReportedPlan]
    is_complete: bool
    gone: Sequence[str]


def check_patient(patient_id: str, *, max_age: timedelta = timedelta(0), first: str | None = None) -> Check:
    """Compare the plans kept of a patient with Fullscript, and keep what is different. Commits.

    Asks in the name of who is signed in, for the clinic that they connected, and checks that they may see the
    patient. Asks nothing when the last check is younger than *max_age*, or the patient is not linked there.
    When there are more plans to read than one check does, the one with the id *first* is read now.
    Raises a Refusal (SignedOut, PatientNotFound, NotConnected, ReconnectRequired), or the FullscriptError
    that kept Fullscript from answering; what is kept stays as it was then.
    """
    asked = checks.of_patient(patient_id)
    if asked is None:
        return Check(is_linked=False)
    return checks.run(asked, checks.PLANS, partial(_check, asked, first), max_age=max_age)


def keep_answers(asked: Asked, plans: Sequence[ReportedPlan]) -> list[TreatmentPlan]:
    """Keep what Fullscript answered of plans, where it is newer than what is kept. The caller commits.

    An answer that does not say whose plan it is means the patient's whom was *asked* about.
    """
    rows = _rows(asked, {plan.id for plan in plans})
    for plan in plans:
        row = rows.get(plan.id) or _new(asked, plan)
        rows[plan.id] = row
        _keep(asked, row, plan)
    return list(rows.values())


def _check(asked: Asked, first: str | None) -> tuple[int, bool]:
    answers = _ask(asked, first)
    try:
        changed = _store(asked, answers)
    except IntegrityError:  # another check made one of the plans in the same moment
        current().db_session.rollback()
        changed = _store(asked, answers)
    _look_up_names(changed)
    return len(changed) + len(answers.gone), answers.is_complete


def _ask(asked: Asked, first: str | None) -> Answers:
    listed = asked.call(partial(_list, asked.fullscript_patient_id))
    read_at = _read_at(asked, (plan.id for plan in listed))
    wanted = [plan.id for plan in listed if _is_news(plan, read_at)]
    wanted.sort(key=lambda plan_id: plan_id != first)
    in_full, is_complete = _read_in_full(asked, wanted)
    gone = _gone(asked, {plan.id for plan in listed}) if is_complete else []
    return Answers(listed, in_full, is_complete, gone)


def _gone(asked: Asked, listed: set[str]) -> list[str]:
    """Drafts that were thrown away at Fullscript, which no event tells. One that is not in the list is asked
    for, since a token may see less than was told."""
    drafts = select(TreatmentPlan.fullscript_id).filter_by(
        environment=asked.environment,
        clinic_id=asked.clinic_id,
        fullscript_patient_id=asked.fullscript_patient_id,
        state=DRAFT,
    )
    session = current().db_session
    missing = [one for one in session.scalars(drafts).all() if one not in listed][:MOST_DRAFTS]
    session.rollback()
    return [plan_id for plan_id in missing if _is_gone(asked, plan_id)]


def _is_gone(asked: Asked, plan_id: str) -> bool:
    try:
        asked.call(partial(_retrieve, plan_id))
    except RecordNotFound:
        return True
    except FullscriptError:
        return False
    return False


def _read_in_full(asked: Asked, plan_ids: Sequence[str]) -> tuple[list[ReportedPlan], bool]:
    """The first of these plans in full; False with them when the next check has more to ask for."""
    found: list[ReportedPlan] = []
    for plan_id in plan_ids[:MOST_IN_FULL]:
        try:
            found.append(asked.call(partial(_retrieve, plan_id)))
        except (RecordNotFound, Forbidden):
            continue  # it is gone since, or only the list of it may be seen
        except FullscriptError:
            return found, False  # busy or away: what is known by now is kept
    return found, len(plan_ids) <= MOST_IN_FULL


def _list(fullscript_patient_id: str, client: FullscriptClient) -> list[ReportedPlan]:
    newest_first = client.patients.treatment_plans(
        fullscript_patient_id, sort_by="updated_at", order_by="DESC"
    )
    return [plan for plan in newest_first if plan.id]


def _retrieve(plan_id: str, client: FullscriptClient) -> ReportedPlan:
    return client.treatment_plans.retrieve(plan_id)


def _read_at(asked: Asked, plan_ids: Iterable[str]) -> dict[str, Any]:
    columns = TreatmentPlan.__table__.columns
    known = select(columns.fullscript_id, TreatmentPlan.read_at).where(*_are(asked, plan_ids))
    session = current().db_session
    found = {row[0]: row[1] for row in session.execute(known)}
    session.rollback()
    return found


def _is_news(plan: ReportedPlan, read_at: dict[str, Any]) -> bool:
    known = read_at.get(plan.id)
    return known is None or plan.updated_at is None or plan.updated_at > known


def _store(asked: Asked, answers: Answers) -> list[int]:
    """Keep all that was answered; the plans that are different now, as the database numbers them. Commits."""
    session = current().db_session
    in_full = {plan.id for plan in answers.in_full}
    before = _revisions(asked, [plan.id for plan in answers.listed])
    rows = keep_answers(asked, [*(one for one in answers.listed if one.id not in in_full), *answers.in_full])
    session.flush()
    named = names.find(key for row in rows for key in names.keys_of(row))
    for row in rows:
        keys = names.keys_of(row)
        row.names_missing = not all(key in named and names.is_whole(named[key]) for key in keys)
    _forget(asked, answers.gone)
    session.commit()
    return [row.id for row in rows if before.get(row.fullscript_id) != row.revision]


def _forget(asked: Asked, plan_ids: Sequence[str]) -> None:
    """Drop these drafts, unless one was sent meanwhile."""
    if plan_ids:
        current().db_session.execute(
            delete(TreatmentPlan).where(*_are(asked, plan_ids), TreatmentPlan.state == DRAFT)
        )


def _revisions(asked: Asked, plan_ids: Sequence[str]) -> dict[str, int]:
    columns = TreatmentPlan.__table__.columns
    wanted = select(columns.fullscript_id, columns.revision).where(*_are(asked, plan_ids))
    return {row[0]: row[1] for row in current().db_session.execute(wanted)}


def _rows(asked: Asked, plan_ids: Iterable[str]) -> dict[str, TreatmentPlan]:
    """The plans that are kept already, locked in one order, so that nobody waits for somebody who waits."""
    wanted = select(TreatmentPlan).where(*_are(asked, plan_ids)).order_by(TreatmentPlan.id)
    rows = current().db_session.scalars(wanted.with_for_update())
    return {row.fullscript_id: row for row in rows}


def _are(asked: Asked, plan_ids: Iterable[str]) -> tuple[Any, ...]:
    return (
        TreatmentPlan.environment == asked.environment,
        TreatmentPlan.clinic_id == asked.clinic_id,
        TreatmentPlan.fullscript_id.in_(list(plan_ids)),
    )


def _new(asked: Asked, plan: ReportedPlan) -> TreatmentPlan:
    row = TreatmentPlan(
        environment=asked.environment,
        clinic_id=asked.clinic_id,
        fullscript_id=plan.id,
        happened_at=plan.created_at or plan.updated_at or utcnow(),
        stamps={},
    )
    plan_facts.begin(row)
    current().db_session.add(row)
    return row


def _keep(asked: Asked, row: TreatmentPlan, plan: ReportedPlan) -> None:
    telling = _telling(asked, plan)
    whose = None if plan.patient else row.fullscript_patient_id or asked.fullscript_patient_id
    plan_facts.put(row, telling, {"fullscript_patient_id": whose} if whose else None)
    row.happened_at = min(row.happened_at, plan.created_at or row.happened_at)
    if "recommendations" in plan.raw:
        row.read_at = max(row.read_at or telling.at, telling.at)


def _telling(asked: Asked, plan: ReportedPlan) -> Telling:
    """An answer as events are told: it is as old as the plan's last change."""
    return Telling(
        environment=asked.environment,
        clinic_id=asked.clinic_id,
        event_id="",
        kind="treatment_plan.answered",
        door=ANSWERED,
        at=plan.updated_at or plan.created_at or utcnow(),
        data={plan_facts.NOUN: dict(plan.raw)},
    )


def _look_up_names(plan_ids: Sequence[int]) -> None:
    end = time.monotonic() + NAMING
    for plan_id in plan_ids:
        if time.monotonic() > end:
            return
        names.complete([plan_id], now=utcnow())
