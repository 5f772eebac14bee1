"""Treatment plans as events tell them: created (it was sent), changed, cancelled.

The guide's examples say `"active": "true"` even of a plan that was cancelled, so that the kind of the event
decides where no state is named (field notes, 1.18 and P28).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fullscript_embed import facts, names, plan_history
from fullscript_embed.api.parsing import parse, read_object, read_text
from fullscript_embed.api.records.labs import LabRecommendation
from fullscript_embed.api.records.plans import Recommendation, Resource
from fullscript_embed.api.records.plans import TreatmentPlan as ReportedPlan
from fullscript_embed.errors import EmbedError
from fullscript_embed.models import TreatmentPlan
from fullscript_embed.state import current
from fullscript_embed.tellings import Telling

NOUN, CANCELLATION, CANCELLED, ACTIVE = "treatment_plan", "treatment_plan.updated", "cancelled", "active"
# What a page shows; the rest may change without anybody noticing.
SHOWN = {
    "patient_id",
    "fullscript_patient_id",
    "practitioner_id",
    "state",
    "cancelled_at",
    "personal_message",
    "recommendations",
    "lab_recommendations",
    "resources",
}
WITH_NAMES = {"recommendations", "practitioner_id"}


class PatientUnknown(EmbedError):
    """Neither the event nor the record says whose plan it is, so that has to be asked for first."""

    def __init__(self, telling: Telling, plan_id: str) -> None:
        self.telling, self.plan_id = telling, plan_id
        super().__init__("The event does not say whose treatment plan it is.")


def keep(telling: Telling, looked_up: Mapping[str, str] | None) -> TreatmentPlan:
    """Keep what *telling* says of a plan, with who it is for if that had to be *looked_up*.

    The caller commits. Raises EventRefused when it names no plan.
    """
    raw = read_object(telling.data.get(NOUN))
    plan, is_new = facts.record(TreatmentPlan, telling, facts.identity(telling, raw))
    if is_new:
        begin(plan)
    if put(plan, telling, looked_up) & WITH_NAMES or is_new:
        with current().db_session.no_autoflush:  # so that a new plan is written once
            plan.names_missing = not names.are_known(names.keys_of(plan))
    return plan


def begin(plan: TreatmentPlan) -> None:
    """Let a new plan say nothing yet, and have no version."""
    plan.recommendations, plan.lab_recommendations, plan.resources, plan.revision = [], [], [], 0


def put(plan: TreatmentPlan, telling: Telling, looked_up: Mapping[str, str] | None = None) -> set[str]:
    """Put what *telling* says into *plan*, unless it knows better; the names of what is different now."""
    said = _said(telling, read_object(telling.data.get(NOUN)))
    changed = facts.keep(plan, {**(looked_up or {}), **said}, telling)
    # An answer of the API tells of a change only where all was known before it.
    if telling.event_id:
        plan_history.note(plan, telling, said)
    elif plan.read_at and changed & plan_history.TELLING_FACTS:
        plan_history.note(plan, telling, {name: value for name, value in said.items() if name in changed})
    plan.revision += 1 if plan.revision == 0 or changed & SHOWN else 0
    return changed


def nameless(tellings: Iterable[Telling]) -> list[int]:
    """The plans that are told of and lack a name, as this database numbers them."""
    ids = set()
    for telling in tellings:
        plan_id = read_text(read_object(telling.data.get(NOUN)).get("id"))
        plan = facts.find(TreatmentPlan, telling, plan_id) if plan_id else None
        if plan is not None and plan.names_missing:
            ids.add(plan.id)
    return sorted(ids)


def state_of(telling: Telling) -> str:
    """The state in which the event left the plan."""
    raw = read_object(telling.data.get(NOUN))
    if telling.kind == CANCELLATION:
        return read_text(raw.get("state")) or CANCELLED
    return parse(ReportedPlan, raw).state or ACTIVE


def _said(telling: Telling, raw: dict[str, Any]) -> dict[str, Any]:
    """The facts of which this telling speaks."""
    reported, state = parse(ReportedPlan, raw), state_of(telling)
    said: dict[str, Any] = {"state": state}
    if state == CANCELLED:
        said["cancelled_at"] = telling.at
    if telling.patient_id:
        said |= {"patient_id": telling.patient_id, "user_id": telling.user_id}
    people = {"fullscript_patient_id": "patient", "practitioner_id": "practitioner"}
    said |= {name: found for name, who in people.items() if (found := _person(telling, who))}
    if "personal_message" in raw:
        said["personal_message"] = reported.personal_message
    if "available_at" in raw:
        said["available_at"] = reported.available_at.isoformat() if reported.available_at else None
    lists = {
        "recommendations": [_recommendation(one) for one in reported.recommendations],
        "lab_recommendations": [_lab(one) for one in reported.lab_recommendations],
        "resources": [_resource(one) for one in reported.resources],
    }
    # A cancelled plan may come without what it recommended (field notes, 1.8): that takes nothing back.
    spoken = {name for name in lists if isinstance(raw.get(name), list) and (raw[name] or state != CANCELLED)}
    return said | {name: value for name, value in lists.items() if name in spoken}


def _person(telling: Telling, who: str) -> str | None:
    plan = read_object(telling.data.get(NOUN))
    return read_text(read_object(plan.get(who)).get("id")) or read_text(plan.get(f"{who}_id"))


def _recommendation(one: Recommendation) -> dict[str, Any]:
    dosage = one.dosage
    return {
        "variant_id": one.variant_id,
        "units_to_purchase": one.units_to_purchase,
        "refill": one.refill,
        "dosage": {
            "amount": dosage.amount if dosage else None,
            "frequency": dosage.frequency if dosage else None,
            "duration": dosage.duration if dosage else None,
            "format": dosage.format if dosage else None,
            "time_of_day": list(dosage.time_of_day) if dosage else [],
            "take_with": one.take_with,
            "additional_info": dosage.additional_info if dosage else None,
        },
    }


def _lab(one: LabRecommendation) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "requires_fasting": one.requires_fasting,
        "instructions": one.instructions,
        "tests": [{"id": test.id, "name": test.name} for test in one.tests],
    }


def _resource(one: Resource) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "type": one.type,
        "category": one.category,
        "url": one.attachment_url,
    }
