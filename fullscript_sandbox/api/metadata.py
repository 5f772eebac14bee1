"""Metadata: finding records by the partner's own ids."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from flask import g
from sqlalchemy import String, func, literal, select, union_all
from typing_extensions import TypedDict

from fullscript_sandbox.api import needs, paging, scopes
from fullscript_sandbox.api.endpoint import Section
from fullscript_sandbox.api.paging import Meta
from fullscript_sandbox.api.reading import Query
from fullscript_sandbox.api_errors import ApiError
from fullscript_sandbox.database import db
from fullscript_sandbox.models import Patient, TreatmentPlan, User
from fullscript_sandbox.shapes.patients import PatientDetail, patient_detail
from fullscript_sandbox.shapes.people import PractitionerData, StaffData, practitioner_data, staff_data
from fullscript_sandbox.shapes.plans import PlanDetail, plan_detail

section = Section("Metadata")

Kind = Literal["patient", "practitioner", "staff", "treatment_plan"]


class FoundObject(TypedDict):
    """A record that carries the id, whole, as its own endpoint shows it."""

    id: str
    type: Kind
    data: PatientDetail | PractitionerData | StaffData | PlanDetail


class FoundPage(TypedDict):
    metadata: list[FoundObject]
    meta: Meta


class MetadataQuery(Query):
    id: str | None = None
    type: Kind | None = None


# Table, what narrows it, shape, and the scope that reading such records needs.
KINDS: dict[Kind, tuple[Any, Any, Callable[[Any], Any], str]] = {
    "patient": (Patient, None, patient_detail, scopes.PATIENTS_READ),
    "practitioner": (User, User.type == "Practitioner", practitioner_data, scopes.CLINIC_READ),
    "staff": (User, User.type == "Staff", staff_data, scopes.CLINIC_READ),
    "treatment_plan": (TreatmentPlan, None, plan_detail, scopes.PATIENTS_READ),
}


@section.get(
    "/clinic/metadata",
    "Find objects",
    FoundPage,
    scopes=(scopes.CATALOG_READ,),
    paged=True,
    refusals=(422,),
)
def find(query: MetadataQuery) -> FoundPage:
    """Records of the clinic that carry an id of the partner's, or the one id that is asked for.

    Only kinds of records that the token may read; asking for another kind by name is refused.
    """
    number, size = paging.asked_page()
    found = union_all(*(_ids(kind, query.id) for kind in _readable(query.type))).subquery()
    total = db.session.scalar(select(func.count()).select_from(found)) or 0
    page = select(found).order_by(found.c.kind, found.c.metadata_id, found.c.id)
    rows = db.session.execute(page.limit(size).offset((number - 1) * size)).all()
    return {
        "metadata": [_shape(row.kind, row.id) for row in rows],
        "meta": paging.meta_of(number, size, total),
    }


def _readable(kind: Kind | None) -> list[Kind]:
    granted = g.token.scope.split()
    readable = [name for name, (*_, scope) in KINDS.items() if scope in granted and kind in (None, name)]
    if not readable:
        needed = KINDS[kind or "patient"][3]
        raise ApiError(403, f"Must have `{needed}` scope enabled to find these objects")
    return readable


def _ids(kind: Kind, metadata_id: str | None) -> Any:
    table, narrowed, *_ = KINDS[kind]
    chosen = select(literal(kind, String).label("kind"), table.metadata_id, table.id)
    chosen = chosen.where(table.clinic_id == needs.clinic().id)
    if narrowed is not None:
        chosen = chosen.where(narrowed)
    wanted = table.metadata_id == metadata_id if metadata_id else table.metadata_id.is_not(None)
    return chosen.where(wanted)


def _shape(kind: Kind, record_id: str) -> FoundObject:
    table, _, shape, _ = KINDS[kind]
    record = db.session.get_one(table, record_id)
    return {"id": record.metadata_id, "type": kind, "data": shape(record)}
