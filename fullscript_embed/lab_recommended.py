"""Labs that a plan recommends and that Fullscript tells no order of yet: where the way of a lab begins."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import or_, select

from fullscript_embed import lab_states, patients
from fullscript_embed.lab_views import LabOrderView
from fullscript_embed.models import TreatmentPlan
from fullscript_embed.plan_facts import ACTIVE
from fullscript_embed.state import current

_C = TreatmentPlan.__table__.columns
_FACTS = (
    _C.environment,
    _C.clinic_id,
    _C.fullscript_id,
    _C.practitioner_id,
    _C.happened_at,
    _C.lab_recommendations,
)


def of_patient(patient_id: str, orders: Sequence[LabOrderView]) -> list[LabOrderView]:
    """The labs in a host patient's active plans that none of these *orders* is about, the latest first."""
    elsewhere = TreatmentPlan.patient_id.is_(None) & patients.is_of(TreatmentPlan, patient_id)
    wanted = select(*_FACTS).where(
        or_(TreatmentPlan.patient_id == patient_id, elsewhere), TreatmentPlan.state == ACTIVE
    )
    ordered: dict[tuple[str, str, str | None], list[LabOrderView]] = defaultdict(list)
    for one in orders:
        ordered[one.environment, one.clinic_id, one.treatment_plan_id].append(one)
    rows = current().db_session.execute(wanted.order_by(_C.happened_at.desc(), _C.id.desc())).all()
    return [
        _view(row, lab)
        for row in rows
        for lab in waiting(
            row.lab_recommendations, ordered[row.environment, row.clinic_id, row.fullscript_id]
        )
    ]


def waiting(labs: Sequence[dict[str, Any]], orders: Sequence[LabOrderView]) -> list[dict[str, Any]]:
    """Which of a plan's labs none of its orders is about, by name; none when there are orders enough."""
    if len(orders) >= len(labs):
        return []
    names = {one.name for one in orders}
    return [lab for lab in labs if not lab.get("name") or lab["name"] not in names]


def _view(row: Any, lab: dict[str, Any]) -> LabOrderView:
    return LabOrderView(
        id="",
        environment=row.environment,
        clinic_id=row.clinic_id,
        state=lab_states.NOT_PURCHASED,
        practitioner_id=row.practitioner_id,
        treatment_plan_id=row.fullscript_id,
        first_heard_at=row.happened_at,
        words=lab_states.in_words(lab_states.NOT_PURCHASED),
        name=lab.get("name"),
        tests=tuple(test["name"] for test in lab.get("tests") or () if test.get("name")),
        reached=((lab_states.NOT_PURCHASED, row.happened_at),),
    )
