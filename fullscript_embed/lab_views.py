"""Lab orders and their results as pages show them, in a fixed number of queries however many there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from fullscript_embed import lab_results, lab_states, names, patients
from fullscript_embed.lab_models import LabCheck, LabResult
from fullscript_embed.lab_orders import reached
from fullscript_embed.lab_states import StepView
from fullscript_embed.models import LabOrder, Name, PatientLink
from fullscript_embed.state import current


@dataclass(frozen=True, slots=True)
class ReplacedResult:
    """A result that another one stands in for. *at* is when it came, None where it was never seen here."""

    id: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class LabResultView:
    """One document of results.

    *title* follows the guide's rule; *own_name* is what Fullscript calls the document, if it does. *at* is
    when it came, by the vendor's clock where it says so. *is_current* is False for one that was replaced, or
    that Fullscript does not list any more; *is_listed* says whether it can be opened. *is_unopened* is true
    until somebody has looked at it here. *is_aggregate* is all results so far in one document.
    """

    id: str
    title: str
    own_name: str | None
    at: datetime
    is_amendment: bool
    replaces: tuple[ReplacedResult, ...]
    is_current: bool
    is_listed: bool
    is_unopened: bool
    is_aggregate: bool


@dataclass(frozen=True, slots=True)
class LabOrderView:
    """One lab order. *state* is in the REST API's words, *words* in people's; *id* is Fullscript's, and empty
    for a lab that was recommended and that Fullscript tells no order of yet. *reached* are the states that it
    was seen in, and since when. *results* are the latest first, those that are current before the others."""

    id: str
    environment: str
    clinic_id: str
    state: str | None
    practitioner_id: str | None
    treatment_plan_id: str | None
    first_heard_at: datetime
    words: str = ""
    name: str | None = None
    practitioner_name: str | None = None
    order_id: str | None = None
    tests: tuple[str, ...] = ()
    reached: tuple[tuple[str, datetime], ...] = ()
    results: tuple[LabResultView, ...] = ()

    @property
    def title(self) -> str:
        """What the order is called: its name, else its tests."""
        return self.name or ", ".join(self.tests) or "Lab order"

    @property
    def steps(self) -> tuple[StepView, ...]:
        """Its way from the recommendation to the results, and how far it is."""
        return lab_states.steps_of(self.state, dict(self.reached))

    @property
    def is_known_state(self) -> bool:
        """False for a word of Fullscript's that this version does not know."""
        return self.state in lab_states.STATES

    @property
    def is_under_way(self) -> bool:
        """True while it may change without an event that tells of it."""
        return lab_states.is_under_way(self.state)

    @property
    def unopened(self) -> int:
        """How many current results nobody has looked at."""
        return sum(one.is_unopened and one.is_current for one in self.results)


@dataclass(frozen=True, slots=True)
class LabCheckView:
    """When Fullscript was last asked about a patient's labs. *failed_at* is when it last did not answer, None
    since it did; *failure* is why, as a code of docs/extension.md. *next_at* is None while nothing is under
    way."""

    checked_at: datetime | None = None
    failed_at: datetime | None = None
    failure: str | None = None
    next_at: datetime | None = None

    @property
    def has_failed(self) -> bool:
        """True when what is shown may be old, because Fullscript did not answer the last time."""
        return self.failed_at is not None


def of_patient(patient_id: str) -> list[LabOrderView]:
    """The lab orders of a host patient, the latest first."""
    wanted = select(LabOrder).where(patients.is_of(LabOrder, patient_id))
    rows = (
        current().db_session.scalars(wanted.order_by(LabOrder.happened_at.desc(), LabOrder.id.desc())).all()
    )
    results: dict[tuple[str, str, str], list[LabResult]] = defaultdict(list)
    for one in lab_results.rows_of(rows):
        results[one.environment, one.clinic_id, one.lab_order_id].append(one)
    known = names.find(_name_key(row) for row in rows if row.practitioner_id)
    return [_view(row, results[row.environment, row.clinic_id, row.fullscript_id], known) for row in rows]


def check_of(environment: str, clinic_id: str, patient_id: str) -> LabCheckView | None:
    """How the checks of a host patient's labs went in that clinic; None when they are not linked there."""
    link = (PatientLink.environment, PatientLink.clinic_id, PatientLink.fullscript_patient_id)
    check = (LabCheck.environment, LabCheck.clinic_id, LabCheck.fullscript_patient_id)
    joined = [mine == theirs for mine, theirs in zip(check, link, strict=True)]
    found = (
        current()
        .db_session.execute(
            select(PatientLink.id, LabCheck)
            .outerjoin(LabCheck, joined[0] & joined[1] & joined[2])
            .where(
                PatientLink.environment == environment,
                PatientLink.clinic_id == clinic_id,
                PatientLink.patient_id == patient_id,
            )
        )
        .first()
    )
    if found is None:
        return None
    row = found[1]
    return LabCheckView(row.checked_at, row.failed_at, row.failure, row.due_at) if row else LabCheckView()


def unopened(patient_ids: Iterable[str]) -> dict[str, int]:
    """How many current results nobody has looked at, of each of these patients of the host; none left out."""
    ids = list(dict.fromkeys(patient_ids))
    counts = dict.fromkeys(ids, 0)
    wanted = (
        select(PatientLink.patient_id, LabResult.id)
        .join(
            LabOrder,
            (LabOrder.environment == PatientLink.environment)
            & (LabOrder.clinic_id == PatientLink.clinic_id)
            & (LabOrder.fullscript_patient_id == PatientLink.fullscript_patient_id),
        )
        .join(
            LabResult,
            (LabResult.environment == LabOrder.environment)
            & (LabResult.clinic_id == LabOrder.clinic_id)
            & (LabResult.lab_order_id == LabOrder.fullscript_id),
        )
        .where(
            PatientLink.patient_id.in_(ids),
            LabResult.opened_at.is_(None),
            LabResult.replaced_at.is_(None),
            LabResult.gone_at.is_(None),
        )
        .distinct()
    )
    for patient_id, _result in current().db_session.execute(wanted) if ids else ():
        counts[patient_id] += 1
    return counts


def _name_key(row: LabOrder) -> names.Key:
    return row.environment, names.PRACTITIONER, row.practitioner_id or ""


def _view(row: LabOrder, results: Sequence[LabResult], known: Mapping[names.Key, Name]) -> LabOrderView:
    practitioner = known.get(_name_key(row))
    shown = [_result(one, row, results) for one in results]
    return LabOrderView(
        id=row.fullscript_id,
        environment=row.environment,
        clinic_id=row.clinic_id,
        state=row.state,
        practitioner_id=row.practitioner_id,
        treatment_plan_id=row.treatment_plan_id,
        first_heard_at=row.happened_at,
        words=lab_states.in_words(row.state),
        name=row.name,
        practitioner_name=practitioner.name if practitioner else None,
        order_id=row.order_id,
        tests=tuple(row.tests or ()),
        reached=tuple(reached(row).items()),
        results=tuple(sorted(shown, key=lambda one: (one.is_current, one.at), reverse=True)),
    )


def _result(row: LabResult, order: LabOrder, others: Sequence[LabResult]) -> LabResultView:
    moments = {one.fullscript_id: one.created_at or one.heard_at for one in others}
    return LabResultView(
        id=row.fullscript_id,
        title=lab_results.title_of(order.tests or (), order.name, row.fullscript_id),
        own_name=row.name,
        at=moments[row.fullscript_id],
        is_amendment=row.is_amendment,
        replaces=tuple(ReplacedResult(one, moments.get(one)) for one in row.replaces),
        is_current=row.replaced_at is None and row.gone_at is None,
        is_listed=row.gone_at is None,
        is_unopened=row.opened_at is None,
        is_aggregate=row.is_aggregate,
    )
