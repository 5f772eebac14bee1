"""Resources: documents of practitioners and of Fullscript, and their download."""

from __future__ import annotations

import io
from typing import Any

from flask import Response, send_file
from pydantic import ConfigDict, Field
from typing_extensions import TypedDict

from fullscript_sandbox import resources
from fullscript_sandbox.api import needs, scopes
from fullscript_sandbox.api.endpoint import FILE, Section
from fullscript_sandbox.api.paging import Meta, paginate
from fullscript_sandbox.api.reading import Body, Flag, Text
from fullscript_sandbox.database import db
from fullscript_sandbox.models import Resource, TreatmentPlan, User
from fullscript_sandbox.refusals import Invalid, NotFound
from fullscript_sandbox.shapes.plans import ResourceData, resource_data

section = Section("Resources")

LIBRARY = "/clinic/practitioners/{practitioner_id}/resources"


class ResourceAnswer(TypedDict):
    resource: ResourceData


class ResourcePage(TypedDict):
    resources: list[ResourceData]
    meta: Meta


class FullscriptResourcePage(TypedDict):
    fullscript_resources: list[ResourceData]
    meta: Meta


class ResourceChange(Body):
    type: Text = None
    category: Text = None
    attachment: Any = Field(default=None, json_schema_extra={"type": "string", "format": "binary"})
    name: Text = None
    save_to_library: Flag = None


class NewResource(ResourceChange):
    model_config = ConfigDict(json_schema_extra={"required": ["attachment", "name", "save_to_library"]})

    treatment_plan_id: Text = None


@section.get(
    LIBRARY,
    "List all practitioner resources",
    ResourcePage,
    scopes=(scopes.CLINIC_READ,),
    paged=True,
    refusals=(404,),
)
def list_library(practitioner_id: str) -> ResourcePage:
    """What the practitioner has in the library: their own, and what the clinic shares."""
    rows, meta = paginate(resources.of_practitioner(needs.practitioner(practitioner_id)))
    return {"resources": [resource_data(row) for row in rows], "meta": meta}


@section.post(
    LIBRARY,
    "Create a resource",
    ResourceAnswer,
    scopes=(scopes.CLINIC_WRITE,),
    form=True,
    refusals=(404, 422),
)
def create(practitioner_id: str, body: NewResource) -> ResourceAnswer:
    """Keep an uploaded document: jpg, jpeg, png, pdf, doc, xlsx or pptx, up to 20 MB."""
    practitioner = needs.practitioner(practitioner_id)
    resource = resources.create(practitioner, body.given())
    if body.treatment_plan_id:
        resource.treatment_plans.append(_plan(body.treatment_plan_id))
    db.session.commit()
    return {"resource": resource_data(resource)}


@section.get(
    f"{LIBRARY}/{{id}}",
    "Retrieve a practitioner's resource",
    ResourceAnswer,
    scopes=(scopes.CLINIC_READ,),
    refusals=(404,),
)
def retrieve(practitioner_id: str, id_: str) -> ResourceAnswer:
    """One document that the practitioner has access to."""
    return {"resource": resource_data(resources.get(needs.practitioner(practitioner_id), id_))}


@section.put(
    f"{LIBRARY}/{{id}}",
    "Update a resource",
    ResourceAnswer,
    scopes=(scopes.CLINIC_WRITE,),
    form=True,
    refusals=(404, 422),
)
def update(practitioner_id: str, id_: str, body: ResourceChange) -> ResourceAnswer:
    """Change what is sent, and leave the rest."""
    resource = resources.update(_own(needs.practitioner(practitioner_id), id_), body.given())
    db.session.commit()
    return {"resource": resource_data(resource)}


@section.delete(
    f"{LIBRARY}/{{id}}",
    "Delete a resource",
    scopes=(scopes.CLINIC_WRITE,),
    refusals=(404,),
)
def delete(practitioner_id: str, id_: str) -> None:
    """Remove a document; plans lose it too."""
    db.session.delete(_own(needs.practitioner(practitioner_id), id_))
    db.session.commit()


@section.get(
    "/clinic/fullscript_resources",
    "List All Fullscript Resources",
    FullscriptResourcePage,
    scopes=(scopes.CLINIC_READ,),
    paged=True,
    not_modelled="The reference does not show the answer; its key follows the object's name.",
)
def list_fullscript() -> FullscriptResourcePage:
    """What Fullscript itself offers to every clinic."""
    rows, meta = paginate(resources.of_fullscript())
    return {"fullscript_resources": [resource_data(row) for row in rows], "meta": meta}


@section.get(
    "/clinic/resources/{id}/download",
    "Download a resource",
    FILE,
    scopes=(scopes.CLINIC_READ,),
    refusals=(404,),
    in_reference=False,
)
def download(id_: str) -> Response:
    """The file itself: where `attachment_url` leads. Needs a token like everything else."""
    resource = resources.for_clinic(needs.clinic(), id_)
    if resource.content is None:
        raise NotFound("Attachment")
    kind = resource.content_type or "application/octet-stream"
    return send_file(
        io.BytesIO(resource.content),
        kind,
        as_attachment=True,
        download_name=resource.file_name or resource.id,
    )


def _own(practitioner: User, resource_id: str) -> Resource:
    """What the practitioner made: only that can be changed or removed."""
    resource = resources.get(practitioner, resource_id)
    if resource.practitioner_id != practitioner.id:
        raise NotFound("Resource")
    return resource


def _plan(plan_id: str) -> TreatmentPlan:
    plan = db.session.get(TreatmentPlan, plan_id)
    if plan is None or plan.clinic_id != needs.clinic().id:
        raise Invalid(["Treatment plan must exist"])
    return plan
