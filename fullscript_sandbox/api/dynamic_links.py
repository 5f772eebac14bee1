"""Dynamic links: addresses that open Fullscript's own pages for a plan (guide: Fullscript Redirect)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, Literal

from flask import g
from pydantic import ConfigDict
from typing_extensions import TypedDict

from fullscript_sandbox import links, patients, plans
from fullscript_sandbox.api import needs, scopes
from fullscript_sandbox.api.endpoint import Section
from fullscript_sandbox.api.patients import PatientFields
from fullscript_sandbox.api.reading import Body, Query, Text
from fullscript_sandbox.api_errors import ApiError
from fullscript_sandbox.clock import now
from fullscript_sandbox.database import db, new_id
from fullscript_sandbox.models import DataToken, Patient, TreatmentPlan
from fullscript_sandbox.refusals import Invalid, NotFound
from fullscript_sandbox.shapes.patients import LinkedPatient, linked_patient
from fullscript_sandbox.shapes.plans import LinkedPlan, linked_plan

section = Section("Dynamic link")

Entrypoint = Literal["catalog", "labs"]


class BareLink(TypedDict):
    """Without a wrapper (field notes, 1.13)."""

    redirect_url: str


class PlanLink(TypedDict):
    redirect_url: str
    treatment_plan: LinkedPlan
    patient: LinkedPatient | None


class PlanLinkAnswer(TypedDict):
    """A plural key that holds one link."""

    dynamic_links: PlanLink


class GatewayAnswer(TypedDict):
    dynamic_links: BareLink


class PlanFields(Body):
    practitioner_id: Text = None


class NamedPlanFields(PlanFields):
    model_config = ConfigDict(json_schema_extra={"required": ["practitioner_id"]})


class NewLink(Body):
    model_config = ConfigDict(json_schema_extra={"required": ["treatment_plan"]})

    treatment_plan: NamedPlanFields | None = None
    patient: PatientFields | None = None
    entrypoint: Entrypoint | None = None


class GatewayPatient(PatientFields):
    id: Text = None
    external_id: Text = None


class NewGatewayLink(Body):
    treatment_plan: PlanFields | None = None
    patient: GatewayPatient | None = None
    entrypoint: Entrypoint | None = None


class LinkQuery(Query):
    entrypoint: Entrypoint = "catalog"


@section.post(
    "/clinic/dynamic_links/gateway/treatment_plans",
    "Create a Draft Treatment Plan Link with Patient Matching UI",
    GatewayAnswer,
    scopes=(scopes.CLINIC_WRITE,),
    refusals=(400, 422),
    not_modelled="The reference does not show the answer; here the link is wrapped as the other POST's is.",
)
def create_gateway(body: NewGatewayLink) -> GatewayAnswer:
    """A link to a plan for the patient who is described: the one exact match, or whom the practitioner picks.

    `external_id` becomes the patient's metadata. Needs `patients:write` too where nobody matches, because a
    patient may then be made.
    """
    practitioner_id = _existing(body.treatment_plan.practitioner_id if body.treatment_plan else None)
    patient = body.given().get("patient") or {}
    if patient and not patients.matches(needs.clinic(), patient):
        _require_patients_write()
    data = {
        "app_id": g.token.app_id,
        "clinic_id": needs.clinic().id,
        "practitioner_id": practitioner_id,
        "patient": patient,
        "entrypoint": body.entrypoint or "catalog",
        "plan_id": new_id(),  # the link is tied to one plan, which is made when it is first saved
    }
    token = DataToken(token=secrets.token_urlsafe(24), data=data, created_at=now())
    db.session.add(token)
    db.session.commit()
    return {"dynamic_links": {"redirect_url": links.gateway_url(token)}}


@section.get(
    "/clinic/dynamic_links/treatment_plans",
    "Retrieve a new Treatment Plan link",
    BareLink,
    scopes=(scopes.CLINIC_WRITE,),
)
def retrieve_new() -> BareLink:
    """The address where a new plan begins; the patient is chosen there."""
    return {"redirect_url": links.new_plan_url(g.token.app)}


@section.post(
    "/clinic/dynamic_links/treatment_plans",
    "Create a Draft Treatment Plan Link",
    PlanLinkAnswer,
    scopes=(scopes.CLINIC_WRITE,),
    refusals=(400, 422),
)
def create(body: NewLink) -> PlanLinkAnswer:
    """A draft and the address where it is written.

    A patient who is sent is found by address, or made, with a welcome e-mail; that needs `patients:write`.
    """
    if body.treatment_plan is None:
        raise ApiError(400, "treatment_plan is missing")
    if not body.treatment_plan.practitioner_id:
        raise Invalid(["Practitioner can't be blank"])
    practitioner = needs.acting_practitioner(body.treatment_plan.practitioner_id)
    patient = _found_or_made(body.given().get("patient"))
    plan = plans.new_plan(needs.clinic(), practitioner, patient, app=g.token.app)
    db.session.commit()
    return _link(plan, body.entrypoint)


@section.get(
    "/clinic/dynamic_links/treatment_plans/{id}",
    "Retrieve a Treatment Plan Link",
    PlanLinkAnswer,
    scopes=(scopes.CLINIC_WRITE,),
    refusals=(404, 422),
)
def retrieve(id_: str, query: LinkQuery) -> PlanLinkAnswer:
    """The address where a draft or active plan is written on."""
    plan = db.session.get(TreatmentPlan, id_)
    if plan is None or plan.clinic_id != needs.clinic().id or plan.state == "cancelled":
        raise NotFound("Treatment plan")
    return _link(plan, query.entrypoint)


def _existing(practitioner_id: str | None) -> str | None:
    """The id, if it is a practitioner's of the clinic; the gateway answers 400 and not 422 (reference)."""
    try:
        return needs.practitioner(practitioner_id).id if practitioner_id else None
    except NotFound as error:
        raise ApiError(400, ["Practitioner must exist"]) from error


def _link(plan: TreatmentPlan, entrypoint: str | None) -> PlanLinkAnswer:
    return {
        "dynamic_links": {
            "redirect_url": links.edit_plan_url(plan, entrypoint),
            "treatment_plan": linked_plan(plan),
            "patient": linked_patient(plan.patient) if plan.patient else None,
        }
    }


def _found_or_made(data: Mapping[str, Any] | None) -> Patient | None:
    """The patient with the address that was sent, or a new one. Raises Invalid, ApiError 403.

    Making one leaves an event: what redirect links do counts as done in Fullscript's pages (guide: webhooks).
    """
    if not data:
        return None
    email = data.get("email")
    found = patients.find_by_email(needs.clinic(), email) if email else None
    if found is not None:
        return found
    _require_patients_write()
    return patients.create(needs.clinic(), data, source="platform")


def _require_patients_write() -> None:
    if scopes.PATIENTS_WRITE not in g.token.scope.split():
        raise ApiError(403, f"Must have `{scopes.PATIENTS_WRITE}` scope enabled to create a patient")
