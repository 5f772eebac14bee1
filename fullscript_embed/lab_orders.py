"""How far labs are, as `lab_order.updated` tells it: for results alone (the guide: Lab order updated)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from fullscript_embed import facts, patients
from fullscript_embed.api.parsing import parse, read_object
from fullscript_embed.api.records.labs import LabOrder as ReportedLabOrder
from fullscript_embed.models import LabOrder
from fullscript_embed.state import current
from fullscript_embed.tellings import Telling


@dataclass(frozen=True, slots=True)
class LabOrderView:
    """One lab order. *state* is in the REST API's words: partial_results, results_ready, results_amended …"""

    id: str
    environment: str
    clinic_id: str
    state: str | None
    practitioner_id: str | None
    treatment_plan_id: str | None
    first_heard_at: datetime


def keep(telling: Telling) -> None:
    """Keep how far a lab is. The caller commits."""
    raw = said_of(telling)
    lab_order, _is_new = facts.record(LabOrder, telling, facts.identity(telling, raw))
    reported = parse(ReportedLabOrder, raw)
    said = {
        "state": reported.state,
        "fullscript_patient_id": reported.patient_id,
        "practitioner_id": reported.practitioner_id,
        "treatment_plan_id": reported.treatment_plan_id,
    }
    facts.keep(lab_order, {name: value for name, value in said.items() if value is not None}, telling)


def said_of(telling: Telling) -> dict[str, Any]:
    """The lab order in an event's data, nested or flat."""
    return read_object(telling.data.get("lab_order")) or telling.data


def of_patient(patient_id: str) -> list[LabOrderView]:
    """The lab orders of a host patient, the latest first."""
    wanted = select(LabOrder).where(patients.is_of(LabOrder, patient_id))
    rows = current().db_session.scalars(wanted.order_by(LabOrder.happened_at.desc(), LabOrder.id.desc()))
    return [
        LabOrderView(
            row.fullscript_id,
            row.environment,
            row.clinic_id,
            row.state,
            row.practitioner_id,
            row.treatment_plan_id,
            row.happened_at,
        )
        for row in rows
    ]
