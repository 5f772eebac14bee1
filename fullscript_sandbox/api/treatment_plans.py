"""Treatment plans. What they go through is in plans.py."""

from __future__ import annotations

from typing import Any, Literal

from flask import g
from pydantic import ConfigDict
from sqlalchemy import select
from typing_extensions import TypedDict

from fullscript_sandbox import checkout, links, plans, resources
from fullscript_sandbox.api import needs, scopes
from fullscript_sandbox.api.endpoint import Section
from fullscript_sandbox.api.filters import in_order
from fullscript_sandbox.api.paging import Meta, paginate
from fullscript_sandbox.api.people import MetadataBody
from fullscript_sandbox.api.reading import Body, Flag, Sorted, Text, Whole
from fullscript_sandbox.api_errors import ApiError
from fullscript_sandbox.database import db
from fullscript_sandbox.models import TreatmentPlan
from fullscript_sandbox.refusals import NotFound, WrongState
from fullscript_sandbox.shapes.plans import PlanDetail, PlanRow, plan_detail, plan_row

section = Section("Treatment Plans")

READ = (scopes.PATIENTS_READ, scopes.PLAN_HISTORY)
WRITE = (scopes.CLINIC_WRITE, scopes.PATIENTS_READ)


class PlanAnswer(TypedDict):
    treatment_plan: PlanDetail


class PlanPage(TypedDict):
    treatment_plans: list[PlanRow]
    meta: Meta


class CheckoutLink(TypedDict):
    url: str


class CheckoutAnswer(TypedDict):
    in_office_checkout: CheckoutLink


class DosageBody(Body):
    amount: Whole = None
    frequency: Text = None
    duration: Whole = None
    additional_info: Text = None
    format: Text = None
    time_of_day: str | list[str] | None = None


class RecommendationBody(Body):
    model_config = ConfigDict(json_schema_extra={"required": ["variant_id", "units_to_purchase"]})

    variant_id: Text = None
    units_to_purchase: Whole = None
    refill: Flag = None
    take_with: Text = None
    dosage: DosageBody | None = None


class PlanChange(Body):
    personal_message: Text = None
    recommendations: list[RecommendationBody] | None = None
    resource_ids: list[str] | None = None
    metadata: MetadataBody | None = None


class NewPlan(PlanChange):
    model_config = ConfigDict(json_schema_extra={"required": ["recommendations"]})

    practitioner_id: Text = None
    state: Literal["draft", "active"] | None = None


class PlanQuery(Sorted):
    sort_by: Literal["created_at", "updated_at"] = "created_at"


@section.patch(
    "/clinic/treatment_plans/{treatment_plan_id}/activate",
    "Activate a treatment plan",
    PlanAnswer,
    scopes=WRITE,
    restricted="treatment_plans.activate",
    refusals=(404, 422),
)
def activate(treatment_plan_id: str) -> PlanAnswer:
    """Send a draft to its patient. What is active or cancelled already is refused."""
    return _changed(_plan(treatment_plan_id), plans.activate)


@section.patch(
    "/clinic/treatment_plans/{treatment_plan_id}/cancel",
    "Cancel a treatment plan",
    PlanAnswer,
    scopes=WRITE,
    refusals=(404, 422),
)
def cancel(treatment_plan_id: str) -> PlanAnswer:
    """Take an active plan back; drafts are refused. No event: the app knows what it did."""
    plan = _plan(treatment_plan_id)
    if plan.state == "draft":
        raise WrongState("Treatment plan is a draft; only an active one can be cancelled")
    return _changed(plan, plans.cancel)


@section.get(
    "/clinic/patients/{patient_id}/treatment_plans",
    "List all patient treatment plans",
    PlanPage,
    any_scopes=READ,
    paged=True,
    refusals=(404, 422),
)
def list_of_patient(patient_id: str, query: PlanQuery) -> PlanPage:
    """The patient's plans, without what they recommend.

    A token without `patients:treatment_plan_history` sees those that were made through the API alone.
    """
    chosen = select(TreatmentPlan).where(TreatmentPlan.patient_id == needs.patient(patient_id).id)
    if not _sees_history():
        chosen = chosen.where(TreatmentPlan.app_id.is_not(None))
    column = TreatmentPlan.updated_at if query.sort_by == "updated_at" else TreatmentPlan.created_at
    rows, meta = paginate(chosen.order_by(*in_order(column, query.order_by, TreatmentPlan.number)))
    return {"treatment_plans": [plan_row(row) for row in rows], "meta": meta}


@section.post(
    "/clinic/patients/{patient_id}/treatment_plans",
    "Create a patient treatment plan",
    PlanAnswer,
    status=201,
    scopes=WRITE,
    restricted="treatment_plans.create",
    refusals=(404, 422),
)
def create(patient_id: str, body: NewPlan) -> PlanAnswer:
    """Make a plan. Without a `state` it is sent to the patient at once: say "draft" if you mean one."""
    patient = needs.patient(patient_id)
    practitioner = needs.acting_practitioner(body.practitioner_id)
    plan = plans.new_plan(needs.clinic(), practitioner, patient, app=g.token.app)
    _apply(plan, {"recommendations": [], **body.given()})
    if body.state != "draft":
        plans.activate(plan)
    db.session.commit()
    return {"treatment_plan": plan_detail(plan)}


@section.get(
    "/clinic/treatment_plans/{id}",
    "Retrieve a treatment plan",
    PlanAnswer,
    any_scopes=READ,
    refusals=(404,),
)
def retrieve(id_: str) -> PlanAnswer:
    """One plan with what it recommends.

    Plans that were made in Fullscript's own pages need `patients:treatment_plan_history`.
    """
    plan = _plan(id_)
    if plan.app_id is None and not _sees_history():
        raise ApiError(403, f"Must have `{scopes.PLAN_HISTORY}` scope enabled to access this treatment plan")
    return {"treatment_plan": plan_detail(plan)}


@section.patch(
    "/clinic/treatment_plans/{id}",
    "Update a treatment plan",
    PlanAnswer,
    scopes=WRITE,
    refusals=(404, 422),
)
def update(id_: str, body: PlanChange) -> PlanAnswer:
    """Change what is sent, and leave the rest. Recommendations are replaced as a whole."""
    return _changed(_plan(id_), lambda plan: _apply(plan, body.given()))


@section.post(
    "/clinic/treatment_plans/{treatment_plan_id}/in_office_checkout",
    "Create an in-office checkout",
    CheckoutAnswer,
    status=201,
    scopes=WRITE,
    refusals=(404, 422),
)
def in_office_checkout(treatment_plan_id: str) -> CheckoutAnswer:
    """Empty the patient's cart, fill it with an active plan, and give the address where it is paid for."""
    patient = checkout.fill_cart(_plan(treatment_plan_id))
    db.session.commit()
    return {"in_office_checkout": {"url": links.checkout_url(patient)}}


def _plan(plan_id: str) -> TreatmentPlan:
    plan = db.session.get(TreatmentPlan, plan_id)
    if plan is None or plan.clinic_id != needs.clinic().id:
        raise NotFound("Treatment plan")
    return plan


def _sees_history() -> bool:
    return scopes.PLAN_HISTORY in g.token.scope.split()


def _changed(plan: TreatmentPlan, change: Any) -> PlanAnswer:
    """The plan after *change*, of which two at once never both succeed."""
    plans.lock(plan)
    change(plan)
    db.session.commit()
    return {"treatment_plan": plan_detail(plan)}


def _apply(plan: TreatmentPlan, given: dict[str, Any]) -> None:
    if "recommendations" in given:
        plans.set_recommendations(plan, given["recommendations"] or [])
    if "personal_message" in given:
        plans.set_message(plan, given["personal_message"])
    if given.get("resource_ids") is not None:
        resources.attach(plan, given["resource_ids"])
    if given.get("metadata"):
        plan.metadata_id = given["metadata"].get("id") or None
