"""Records found by your own id."""

from __future__ import annotations

from typing import Any

from fullscript_embed.api.parsing import Record, parse
from fullscript_embed.api.records.base import record
from fullscript_embed.api.records.clinics import Practitioner, Staff
from fullscript_embed.api.records.patients import Patient
from fullscript_embed.api.records.plans import TreatmentPlan

_KINDS: dict[str, type[Record]] = {
    "patient": Patient,
    "practitioner": Practitioner,
    "staff": Staff,
    "treatment_plan": TreatmentPlan,
}


@record
class Match(Record):
    """A record that carries your id in its metadata. `type`: patient, practitioner, staff, treatment_plan."""

    id: str = ""
    type: str | None = None
    data: dict[str, Any] | None = None

    @property
    def subject(self) -> Record | None:
        """The whole record; None when its type is not known."""
        kind = _KINDS.get(self.type or "")
        return parse(kind, self.data) if kind else None
