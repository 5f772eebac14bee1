"""What a list of patients shows of each: whether Fullscript knows them, and their newest plan."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, select

from fullscript_embed.models import PatientLink, TreatmentPlan
from fullscript_embed.state import current

SHOWN = ("id", "patient_id", "environment", "clinic_id", "fullscript_patient_id", "state", "happened_at")


@dataclass(frozen=True, slots=True)
class PatientOverview:
    """One patient of the host. *plan_state* and *plan_at* are those of the newest plan, None without any."""

    is_linked: bool
    plan_count: int
    plan_state: str | None
    plan_at: datetime | None


@dataclass(frozen=True, slots=True)
class PatientsOverview:
    """Patients of the host by id, all that were asked for; *version* changes when anything in it does."""

    patients: dict[str, PatientOverview]
    version: str


def of_patients(patient_ids: Iterable[str], place: tuple[str, str | None] | None) -> PatientsOverview:
    """What is known of these patients; *place* is the environment and clinic in which links count."""
    ids = list(patient_ids)
    links = _links(ids)
    plans = _plans(ids, links)
    patients = {
        one: _overview(plans[one], is_linked=any(link[:2] == place for link in links[one])) for one in ids
    }
    return PatientsOverview(patients, hashlib.sha256(repr(patients).encode()).hexdigest()[:16])


def of_nobody(patient_ids: Iterable[str]) -> PatientsOverview:
    """The same for somebody who may see nothing of Fullscript: as if nothing were known of anybody."""
    return PatientsOverview({one: _overview([], is_linked=False) for one in patient_ids}, "")


def _overview(plans: Sequence[Any], *, is_linked: bool) -> PatientOverview:
    newest = max(plans, key=lambda plan: (plan.happened_at, plan.id), default=None)
    state, at = (newest.state, newest.happened_at) if newest else (None, None)
    return PatientOverview(is_linked, len(plans), state, at)


def _links(ids: list[str]) -> dict[str, list[tuple[str, str, str]]]:
    """Where each patient is linked, and to whom, as (environment, clinic id, Fullscript patient id)."""
    found: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for link in current().db_session.scalars(select(PatientLink).where(PatientLink.patient_id.in_(ids))):
        found[link.patient_id].append((link.environment, link.clinic_id, link.fullscript_patient_id))
    return found


def _plans(ids: list[str], links: dict[str, list[tuple[str, str, str]]]) -> dict[str, list[Any]]:
    """The plans of each patient: those made on their page, and those made elsewhere for whom they are."""
    session, columns = current().db_session, TreatmentPlan.__table__.columns
    shown = select(*(columns[name] for name in SHOWN))
    found: dict[str, list[Any]] = defaultdict(list)
    for plan in session.execute(shown.where(columns.patient_id.in_(ids))):
        found[plan.patient_id].append(plan)
    known = {person for each in links.values() for person in each}
    elsewhere = and_(
        columns.patient_id.is_(None), columns.fullscript_patient_id.in_({person[2] for person in known})
    )
    for plan in session.execute(shown.where(elsewhere)) if known else ():
        for patient_id, people in links.items():
            if (plan.environment, plan.clinic_id, plan.fullscript_patient_id) in people:
                found[patient_id].append(plan)
    return found
