"""Protocols and templates: recommendations that practitioners, or Fullscript, keep for reuse."""

from __future__ import annotations

from typing import Literal

from sqlalchemy import Select, or_, select
from typing_extensions import TypedDict

from fullscript_sandbox.api import needs, scopes
from fullscript_sandbox.api.endpoint import Section
from fullscript_sandbox.api.filters import in_order
from fullscript_sandbox.api.paging import Meta, paginate
from fullscript_sandbox.api.reading import Sorted
from fullscript_sandbox.database import db
from fullscript_sandbox.models import Protocol, User
from fullscript_sandbox.refusals import NotFound
from fullscript_sandbox.shapes.protocols import (
    ProtocolDetail,
    ProtocolRow,
    TemplateDetail,
    TemplateRow,
    protocol_detail,
    protocol_row,
    template_detail,
    template_row,
)

protocols = Section("Protocols")
templates = Section("Templates")

READ = (scopes.CLINIC_READ,)


class FullscriptProtocolPage(TypedDict):
    fullscript_protocols: list[TemplateRow]
    meta: Meta


class ProtocolPage(TypedDict):
    protocols: list[ProtocolRow]
    meta: Meta


class ProtocolAnswer(TypedDict):
    protocol: ProtocolDetail


class TemplatePage(TypedDict):
    templates: list[TemplateRow]
    meta: Meta


class TemplateAnswer(TypedDict):
    template: TemplateDetail


class NameOrder(Sorted):
    sort_by: Literal["name"] = "name"


class ProtocolQuery(Sorted):
    current_state: Literal["active", "draft", "cancelled"] | None = None
    sort_by: Literal["name", "current_state"] = "name"
    ownership_type: Literal["owned", "shared", "all"] = "owned"


@protocols.get(
    "/clinic/fullscript_protocols",
    "List all Fullscript protocols",
    FullscriptProtocolPage,
    scopes=READ,
    paged=True,
    refusals=(422,),
    not_modelled="The reference does not show the answer; its key and fields follow the other lists.",
)
def list_fullscript(query: NameOrder) -> FullscriptProtocolPage:
    """The protocols that Fullscript itself offers, by name."""
    chosen = _of_kind("protocol").where(Protocol.clinic_id.is_(None), Protocol.practitioner_id.is_(None))
    rows, meta = paginate(chosen.order_by(*in_order(Protocol.name, query.order_by, Protocol.id)))
    return {"fullscript_protocols": [template_row(row) for row in rows], "meta": meta}


@protocols.get(
    "/clinic/practitioners/{practitioner_id}/protocols",
    "List all practitioner protocols",
    ProtocolPage,
    scopes=READ,
    paged=True,
    refusals=(404, 422),
)
def list_of_practitioner(practitioner_id: str, query: ProtocolQuery) -> ProtocolPage:
    """The practitioner's own protocols, or those that colleagues share, or both (`ownership_type`)."""
    practitioner = needs.practitioner(practitioner_id)
    chosen = _owned(_of_kind("protocol"), practitioner, query.ownership_type)
    if query.current_state:
        chosen = chosen.where(Protocol.current_state == query.current_state)
    column = Protocol.current_state if query.sort_by == "current_state" else Protocol.name
    rows, meta = paginate(chosen.order_by(*in_order(column, query.order_by, Protocol.name, Protocol.id)))
    return {"protocols": [protocol_row(row, practitioner.id) for row in rows], "meta": meta}


@protocols.get("/clinic/protocols/{id}", "Retrieve a protocol", ProtocolAnswer, scopes=READ, refusals=(404,))
def retrieve(id_: str) -> ProtocolAnswer:
    """One protocol of the clinic or of Fullscript."""
    return {"protocol": protocol_detail(_one("protocol", id_))}


@templates.get(
    "/clinic/practitioners/{practitioner_id}/templates",
    "List all practitioner templates",
    TemplatePage,
    scopes=READ,
    paged=True,
    refusals=(404,),
)
def list_templates(practitioner_id: str) -> TemplatePage:
    """The practitioner's templates, by name."""
    chosen = _owned(_of_kind("template"), needs.practitioner(practitioner_id), "owned")
    rows, meta = paginate(chosen.order_by(Protocol.name, Protocol.id))
    return {"templates": [template_row(row) for row in rows], "meta": meta}


@templates.get("/clinic/templates/{id}", "Retrieve a template", TemplateAnswer, scopes=READ, refusals=(404,))
def retrieve_template(id_: str) -> TemplateAnswer:
    """One template of the clinic."""
    return {"template": template_detail(_one("template", id_))}


def _of_kind(kind: str) -> Select[Protocol]:
    return select(Protocol).where(Protocol.kind == kind)


def _owned(chosen: Select[Protocol], practitioner: User, ownership: str) -> Select[Protocol]:
    own = Protocol.practitioner_id == practitioner.id
    of_colleagues = Protocol.practitioner_id.is_(None) | (Protocol.practitioner_id != practitioner.id)
    shared = (Protocol.clinic_id == practitioner.clinic_id) & Protocol.shared & of_colleagues
    return chosen.where({"owned": own, "shared": shared}.get(ownership, or_(own, shared)))


def _one(kind: str, protocol_id: str) -> Protocol:
    protocol = db.session.get(Protocol, protocol_id)
    known = protocol is not None and protocol.kind == kind
    if protocol is None or not known or protocol.clinic_id not in (None, needs.clinic().id):
        raise NotFound(kind.capitalize())
    return protocol
