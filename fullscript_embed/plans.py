"""Treatment plans as pages show them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from fullscript_embed import names, patients
from fullscript_embed.models import Name, PatientLink, TreatmentPlan
from fullscript_embed.plan_facts import CANCELLED
from fullscript_embed.state import current

# Of the formats that can be counted (field notes, 1.9).
PLURALS = {
    **{
        one: f"{one}s"
        for one in ("capsule", "chewable", "drop", "lozenge", "packet", "pellet", "strip", "tablet")
    },
    "suppository": "suppositories",
}


@dataclass(frozen=True, slots=True)
class RecommendationView:
    """One product in a plan. The names are None until Fullscript was asked for them; *dosage* is in words."""

    variant_id: str
    product_name: str | None
    brand_name: str | None
    size: str | None
    dosage: str
    units_to_purchase: int | None
    refill: bool | None


@dataclass(frozen=True, slots=True)
class LabView:
    """One lab in a plan; *tests* are the names of its tests."""

    id: str
    name: str | None
    tests: tuple[str, ...]
    requires_fasting: bool | None
    instructions: str | None


@dataclass(frozen=True, slots=True)
class PlanView:
    """One treatment plan. *id* is Fullscript's; *created_at* is the first that was told of it, by the
    vendor's clock. *is_shared* is true for one that was made elsewhere and sent to an account that several
    patients share: it may be for another of them."""

    id: str
    environment: str
    clinic_id: str
    state: str | None
    created_at: datetime
    cancelled_at: datetime | None
    is_shared: bool
    practitioner_id: str | None
    practitioner_name: str | None
    personal_message: str | None
    recommendations: tuple[RecommendationView, ...]
    lab_recommendations: tuple[LabView, ...]


@dataclass(frozen=True, slots=True)
class PlansFragment:
    """The plans of one patient, newest first; *version* changes whenever anything in them does."""

    plans: list[PlanView]
    version: str


def of_patient(patient_id: str) -> list[PlanView]:
    """The plans of a host patient, newest first."""
    wanted = select(TreatmentPlan).where(_is_of(patient_id))
    rows = (
        current()
        .db_session.scalars(wanted.order_by(TreatmentPlan.happened_at.desc(), TreatmentPlan.id.desc()))
        .all()
    )
    known = names.find(key for row in rows for key in names.keys_of(row))
    return [_view(row, known) for row in rows]


def _is_of(patient_id: str) -> ColumnElement[bool]:
    """Made on that patient's page; or elsewhere, for the Fullscript patient to whom they are linked."""
    elsewhere = and_(TreatmentPlan.patient_id.is_(None), patients.is_of(TreatmentPlan, patient_id))
    return or_(TreatmentPlan.patient_id == patient_id, elsewhere)


def fragment(patient_id: str) -> PlansFragment:
    """The plans and their version, which is read first: what changes meanwhile is shown again, not missed."""
    seen = version(patient_id)
    return PlansFragment(of_patient(patient_id), seen)


def version(patient_id: str) -> str:
    """What changes with every change of the patient's plans, or when they are linked; one indexed query."""
    links = select(func.count()).where(PatientLink.patient_id == patient_id).scalar_subquery()
    sums = select(
        func.count(TreatmentPlan.id),
        func.coalesce(func.sum(TreatmentPlan.revision), 0),
        func.coalesce(func.max(TreatmentPlan.id), 0),
        links,
    ).where(_is_of(patient_id))
    return "-".join(str(number) for number in current().db_session.execute(sums).one())


def in_words(dosage: Mapping[str, Any]) -> str:
    """A dosage as a sentence: "1-2 capsules, twice per day, for 30 days, with food"."""
    amount, form = str(dosage.get("amount") or ""), str(dosage.get("format") or "")
    several = amount not in {"", "1"} and "/" not in amount
    duration = str(dosage.get("duration") or "")
    parts = [
        f"{amount} {PLURALS.get(form, form) if several else form}".strip(),
        dosage.get("frequency"),
        ", ".join(dosage.get("time_of_day") or ()),
        f"for {duration} days" if duration.isdigit() else duration,
        f"with {dosage['take_with']}" if dosage.get("take_with") else None,
        dosage.get("additional_info"),
    ]
    return ", ".join(str(part) for part in parts if part)


def _view(row: TreatmentPlan, known: Mapping[names.Key, Name]) -> PlanView:
    practitioner = known.get((row.environment, names.PRACTITIONER, row.practitioner_id or ""))
    return PlanView(
        id=row.fullscript_id,
        environment=row.environment,
        clinic_id=row.clinic_id,
        state=row.state,
        created_at=row.happened_at,
        cancelled_at=row.cancelled_at if row.state == CANCELLED else None,
        is_shared=row.patient_id is None and len(_linked(row)) > 1,
        practitioner_id=row.practitioner_id,
        practitioner_name=practitioner.name if practitioner else None,
        personal_message=row.personal_message,
        recommendations=tuple(
            _line(line, known.get((row.environment, names.VARIANT, str(line["variant_id"]))))
            for line in row.recommendations
        ),
        lab_recommendations=tuple(_lab(lab) for lab in row.lab_recommendations),
    )


def _linked(row: TreatmentPlan) -> list[str]:
    return patients.in_host(row.environment, row.clinic_id, row.fullscript_patient_id or "")


def _line(line: Mapping[str, Any], name: Name | None) -> RecommendationView:
    return RecommendationView(
        variant_id=line["variant_id"],
        product_name=name.name if name else None,
        brand_name=name.brand if name else None,
        size=name.size if name else None,
        dosage=in_words(line["dosage"]),
        units_to_purchase=line["units_to_purchase"],
        refill=line["refill"],
    )


def _lab(lab: Mapping[str, Any]) -> LabView:
    return LabView(
        id=lab["id"],
        name=lab["name"],
        tests=tuple(test["name"] for test in lab["tests"] if test["name"]),
        requires_fasting=lab["requires_fasting"],
        instructions=lab["instructions"],
    )
