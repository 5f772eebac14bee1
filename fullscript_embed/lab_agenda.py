"""Whose labs Fullscript is to be asked about, and when. Only patients of the host are ever asked about."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, and_, exists, select, update
from sqlalchemy.dialects import postgresql, sqlite

from fullscript_embed.api.parsing import parse, read_object
from fullscript_embed.api.records.orders import Order as ReportedOrder
from fullscript_embed.clock import utcnow
from fullscript_embed.lab_models import LabCheck
from fullscript_embed.models import PatientLink, TreatmentPlan
from fullscript_embed.state import current
from fullscript_embed.tellings import Telling

# While somebody asks about a patient nobody else does; when that fails, it is tried again after as long.
LEASE = timedelta(minutes=10)
# Patients of one clinic in one go, so that a job ends in time; the rest has its turn a minute later.
MOST_AT_ONCE = 50
Key = tuple[str, str, str]
_TABLE = cast("Table", LabCheck.__table__)
_C = _TABLE.columns
# Else the engines need not say how many rows were inserted.
_COUNT = {"preserve_rowcount": True}


def hear(telling: Telling, plans: Iterable[TreatmentPlan]) -> None:
    """Have Fullscript asked when an event says that there may be a lab order. The caller commits.

    Nothing tells of labs but their results, so a purchase and a plan with labs are what there is to go by
    (the guide: Lab order updated).
    """
    for plan in plans:
        if plan.lab_recommendations:
            make_due(plan.environment, plan.clinic_id, plan.fullscript_patient_id)
    if telling.noun == "order":
        order = parse(ReportedOrder, read_object(telling.data.get("order")) or telling.data)
        if any(item.is_lab for item in order.line_items):
            make_due(telling.environment, telling.clinic_id, order.patient_id)


def make_due(environment: str, clinic_id: str, fullscript_patient_id: str | None) -> None:
    """Have Fullscript asked about that patient soon. The caller commits."""
    if fullscript_patient_id:
        _put((environment, clinic_id, fullscript_patient_id), due_at=utcnow())


def places_due(*, now: datetime) -> list[tuple[str, str]]:
    """The clinics, as (environment, clinic id), with somebody whose turn it is; none in Canada."""
    session = current().db_session
    due = session.execute(select(_C.environment, _C.clinic_id).where(_is_due(now)).distinct()).all()
    new = session.execute(
        select(PatientLink.environment, PatientLink.clinic_id).where(_is_new()).distinct()
    ).all()
    return sorted(place for place in {tuple(row) for row in (*due, *new)} if _is_offered(place[0]))


def patients_due(environment: str, clinic_id: str, *, now: datetime) -> list[str]:
    """Fullscript's ids of those patients of a clinic whose turn it is, who waited longest first."""
    session = current().db_session
    due = (
        select(_C.fullscript_patient_id)
        .where(_C.environment == environment, _C.clinic_id == clinic_id, _is_due(now))
        .order_by(_C.due_at)
    )
    new = (
        select(PatientLink.fullscript_patient_id)
        .where(PatientLink.environment == environment, PatientLink.clinic_id == clinic_id, _is_new())
        .order_by(PatientLink.id.desc())
    )
    found = [*session.scalars(due.limit(MOST_AT_ONCE)), *session.scalars(new.limit(MOST_AT_ONCE))]
    return list(dict.fromkeys(found))[:MOST_AT_ONCE]


def claim(key: Key, *, now: datetime) -> bool:
    """Take a patient's turn, unless somebody else has just done so. Commits."""
    session = current().db_session
    taken = session.execute(update(LabCheck).where(_is(key), _C.due_at <= now).values(due_at=now + LEASE))
    done = bool(cast("Any", taken).rowcount)
    if not done and find(key) is None:
        added = session.execute(
            _insert(key, due_at=now + LEASE).on_conflict_do_nothing(), execution_options=_COUNT
        )
        done = bool(cast("Any", added).rowcount)
    session.commit()
    return done


def checked(key: Key, *, now: datetime, due_at: datetime | None) -> None:
    """Note that Fullscript answered, and when to ask again. The caller commits."""
    _put(key, checked_at=now, failed_at=None, failure=None, due_at=due_at)


def failed(key: Key, failure: str, *, now: datetime) -> None:
    """Note that it did not, and why. Commits."""
    _put(key, failed_at=now, failure=failure[:32], due_at=now + LEASE)
    current().db_session.commit()


def find(key: Key) -> LabCheck | None:
    """What is known of a patient's checks, or None when there was none."""
    return current().db_session.get(LabCheck, key, populate_existing=True)


def _put(key: Key, **values: Any) -> None:
    """Insert, or change what somebody else inserted in the same moment, without an error in between."""
    changed = _insert(key, **values).on_conflict_do_update(
        index_elements=list(_TABLE.primary_key), set_=values
    )
    current().db_session.execute(changed)


def _insert(key: Key, **values: Any) -> Any:
    """The statement, which both engines can be told what to do with a row that is there."""
    is_postgresql = current().db_session.get_bind().dialect.name == "postgresql"
    row = dict(zip(("environment", "clinic_id", "fullscript_patient_id"), key, strict=True))
    return (postgresql if is_postgresql else sqlite).insert(_TABLE).values(**row, **values)


def _is(key: Key) -> ColumnElement[bool]:
    return and_(_C.environment == key[0], _C.clinic_id == key[1], _C.fullscript_patient_id == key[2])


def _is_due(now: datetime) -> ColumnElement[bool]:
    """Due, and somebody of the host's."""
    linked = exists().where(
        PatientLink.environment == _C.environment,
        PatientLink.clinic_id == _C.clinic_id,
        PatientLink.fullscript_patient_id == _C.fullscript_patient_id,
    )
    return and_(_C.due_at <= now, linked)


def _is_new() -> ColumnElement[bool]:
    """Linked, and never asked about."""
    known = exists().where(
        PatientLink.environment == _C.environment,
        PatientLink.clinic_id == _C.clinic_id,
        PatientLink.fullscript_patient_id == _C.fullscript_patient_id,
    )
    return ~known


def _is_offered(environment: str) -> bool:
    configured = current().settings.environments
    return environment in configured and not configured[environment].is_canadian
