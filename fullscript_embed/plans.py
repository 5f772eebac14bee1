"""Treatment plans as pages show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, tuple_

from fullscript_embed import names, patients
from fullscript_embed.dosages import in_words
from fullscript_embed.models import Name, PatientLink, TreatmentPlan
from fullscript_embed.plan_facts import CANCELLED
from fullscript_embed.state import current

# In the fragment, which every chart shows and which is asked for anew with each change.
MOST_IN_FRAGMENT = 5
# Environment, clinic and Fullscript's patient.
Person = tuple[str, str, str]


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
    image_url: str | None = None


@dataclass(frozen=True, slots=True)
class LabView:
    """One lab in a plan; *tests* are the names of its tests."""

    id: str
    name: str | None
    tests: tuple[str, ...]
    requires_fasting: bool | None
    instructions: str | None


@dataclass(frozen=True, slots=True)
class ResourceView:
    """A document that came with a plan. *url* is Fullscript's, and asks for an account there."""

    id: str
    name: str | None
    type: str | None
    url: str | None


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
    resources: tuple[ResourceView, ...] = ()
    # False while only the list of plans was seen, which does not say what is in them.
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class PlansFragment:
    """The newest plans of one patient, and how many older ones there are; *version* changes whenever anything
    in any of them does."""

    plans: list[PlanView]
    version: str
    older: int = 0


def of_patient(patient_id: str) -> list[PlanView]:
    """The plans of a host patient, newest first."""
    return views_of(current().db_session.scalars(newest_first(patient_id)).all())


def newest_first(patient_id: str, state: str | None = None) -> Select[TreatmentPlan]:
    """The rows of a patient's plans, or of those in a *state*."""
    wanted = select(TreatmentPlan).where(is_of_patient(patient_id))
    if state is not None:
        wanted = wanted.where(TreatmentPlan.state == state)
    return wanted.order_by(TreatmentPlan.happened_at.desc(), TreatmentPlan.id.desc())


def views_of(rows: Sequence[TreatmentPlan]) -> list[PlanView]:
    """These plans as pages show them, in two queries however many they are."""
    known = names.find(key for row in rows for key in names.keys_of(row))
    shared = _shared(rows)
    return [_view(row, known, shared) for row in rows]


def is_of_patient(patient_id: str) -> ColumnElement[bool]:
    """Made on that patient's page; or elsewhere, for the Fullscript patient to whom they are linked."""
    elsewhere = and_(TreatmentPlan.patient_id.is_(None), patients.is_of(TreatmentPlan, patient_id))
    return or_(TreatmentPlan.patient_id == patient_id, elsewhere)


def fragment(patient_id: str) -> PlansFragment:
    """The newest plans and their version, which is read first: what changes meanwhile is shown again."""
    seen = version(patient_id)
    newest = newest_first(patient_id).limit(MOST_IN_FRAGMENT)
    shown = views_of(current().db_session.scalars(newest).all())
    return PlansFragment(shown, seen, older=int(seen.partition("-")[0]) - len(shown))


def version(patient_id: str) -> str:
    """What changes with every change of the patient's plans, or when they are linked; one indexed query."""
    links = select(func.count()).where(PatientLink.patient_id == patient_id).scalar_subquery()
    sums = select(
        func.count(TreatmentPlan.id),
        func.coalesce(func.sum(TreatmentPlan.revision), 0),
        func.coalesce(func.max(TreatmentPlan.id), 0),
        links,
    ).where(is_of_patient(patient_id))
    return "-".join(str(number) for number in current().db_session.execute(sums).one())


def _view(row: TreatmentPlan, known: Mapping[names.Key, Name], shared: set[Person]) -> PlanView:
    practitioner = known.get((row.environment, names.PRACTITIONER, row.practitioner_id or ""))
    return PlanView(
        id=row.fullscript_id,
        environment=row.environment,
        clinic_id=row.clinic_id,
        state=row.state,
        created_at=row.happened_at,
        cancelled_at=row.cancelled_at if row.state == CANCELLED else None,
        is_shared=row.patient_id is None and _person(row) in shared,
        practitioner_id=row.practitioner_id,
        practitioner_name=practitioner.name if practitioner else None,
        personal_message=row.personal_message,
        recommendations=tuple(
            _line(line, known.get((row.environment, names.VARIANT, str(line["variant_id"]))))
            for line in row.recommendations
        ),
        lab_recommendations=tuple(_lab(lab) for lab in row.lab_recommendations),
        resources=tuple(
            ResourceView(one["id"], one["name"], one["type"], one["url"]) for one in row.resources
        ),
        is_whole=row.read_at is not None or bool(row.recommendations or row.lab_recommendations),
    )


def _shared(rows: Iterable[TreatmentPlan]) -> set[Person]:
    """The Fullscript patients of plans that were made elsewhere who are several of the host's."""
    wanted = {_person(row) for row in rows if row.patient_id is None and row.fullscript_patient_id}
    if not wanted:
        return set()
    person = (PatientLink.environment, PatientLink.clinic_id, PatientLink.fullscript_patient_id)
    several = select(*person).where(tuple_(*person).in_(wanted)).group_by(*person)
    found = current().db_session.execute(several.having(func.count() > 1))
    return {(row[0], row[1], row[2]) for row in found}


def _person(row: TreatmentPlan) -> Person:
    return row.environment, row.clinic_id, row.fullscript_patient_id or ""


def _line(line: Mapping[str, Any], name: Name | None) -> RecommendationView:
    return RecommendationView(
        variant_id=line["variant_id"],
        product_name=name.name if name else None,
        brand_name=name.brand if name else None,
        size=name.size if name else None,
        dosage=in_words(line["dosage"]),
        units_to_purchase=line["units_to_purchase"],
        refill=line["refill"],
        image_url=name.image_url if name else None,
    )


def _lab(lab: Mapping[str, Any]) -> LabView:
    return LabView(
        id=lab["id"],
        name=lab["name"],
        tests=tuple(test["name"] for test in lab["tests"] if test["name"]),
        requires_fasting=lab["requires_fasting"],
        instructions=lab["instructions"],
    )
