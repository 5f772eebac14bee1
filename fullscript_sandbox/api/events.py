"""Events: what happened, for apps that poll (guide: Events overview)."""

from __future__ import annotations

from typing import Any, Literal, NotRequired

from flask import g
from sqlalchemy import Select, or_, select
from sqlalchemy.orm import defer
from typing_extensions import TypedDict

from fullscript_sandbox import events
from fullscript_sandbox.api import needs
from fullscript_sandbox.api.endpoint import Section
from fullscript_sandbox.api.filters import in_order, on_dates
from fullscript_sandbox.api.paging import Meta, paginate
from fullscript_sandbox.api.reading import Sorted
from fullscript_sandbox.api_errors import ApiError
from fullscript_sandbox.clock import iso, now
from fullscript_sandbox.database import db
from fullscript_sandbox.event_types import SCOPES
from fullscript_sandbox.models import Event
from fullscript_sandbox.refusals import NotFound

section = Section("Events")


class EventRow(TypedDict):
    """An event in a list, without its data; product events name no clinic."""

    id: str
    type: str
    created_at: str
    clinic_id: NotRequired[str]


class EventDetail(EventRow):
    data: dict[str, Any]


class EventAnswer(TypedDict):
    event: EventDetail


class EventPage(TypedDict):
    events: list[EventRow]
    meta: Meta


class EventQuery(Sorted):
    created_at: str | None = None
    event_type: str | None = None
    sort_by: Literal["event_type", "created_at"] = "created_at"


class LabEventQuery(Sorted):
    """Of labs there is one type of event: nothing to choose or to sort by it."""

    created_at: str | None = None
    sort_by: Literal["created_at"] = "created_at"


AnyQuery = EventQuery | LabEventQuery


# Path, the reference's title.
LISTS = {
    "clinic_keys": "List All ClinicKey Events",
    "lab_orders": "List All Lab Order updated Events",
    "orders": "List All Order Events",
    "patients": "List All Patient Events",
    "products": "List All Product Events",
    "treatment_plans": "List All TreatmentPlan Events",
}


def _serve(category: str, title: str, model: type[AnyQuery]) -> None:
    def list_events(query: AnyQuery) -> EventPage:
        rows, meta = paginate(_chosen(category, query))
        return {"events": [_row(row) for row in rows], "meta": meta}

    list_events.__name__ = f"list_{category}"
    list_events.__doc__ = f"The events of the last 30 days about {category.replace('_', ' ')}, without data."
    list_events.__annotations__["query"] = model
    needed = (SCOPES[category],)
    section.get(f"/events/{category}", title, EventPage, scopes=needed, paged=True, refusals=(422,))(
        list_events
    )


for _category, _title in LISTS.items():
    _serve(_category, _title, LabEventQuery if _category == "lab_orders" else EventQuery)


@section.get("/events/{id}", "Retrieve an Event", EventAnswer, refusals=(404,))
def retrieve(id_: str) -> EventAnswer:
    """One event of the last 30 days with its data. Needs the scope of what it is about."""
    event = db.session.scalar(_known().where(Event.id == id_))
    if event is None:
        raise NotFound("Event")
    scope = SCOPES[event.category]
    if scope not in g.token.scope.split():
        raise ApiError(403, f"Must have `{scope}` scope enabled to access this event")
    return {"event": {**_row(event), "data": event.data}}


def _chosen(category: str, query: AnyQuery) -> Select[Event]:
    chosen = _known().options(defer(Event.data)).where(Event.category == category)
    if isinstance(query, EventQuery) and query.event_type:
        chosen = chosen.where(Event.type == query.event_type)
    chosen = on_dates(chosen, Event.created_at, "created_at", query.created_at)
    columns = (
        (Event.type, Event.created_at, Event.id)
        if query.sort_by == "event_type"
        else (Event.created_at, Event.id)
    )
    return chosen.order_by(*in_order(columns[0], query.order_by, *columns[1:]))


def _known() -> Select[Event]:
    """The last 30 days of the token's clinic, without what it did with other apps."""
    recent = select(Event).where(Event.created_at > now() - events.RETENTION)
    return recent.where(
        events.concerning(needs.clinic()), or_(Event.app_id == g.token.app_id, Event.app_id.is_(None))
    )


def _row(event: Event) -> EventRow:
    row: EventRow = {"id": event.id, "type": event.type, "created_at": iso(event.created_at) or ""}
    if event.clinic_id is not None:
        row["clinic_id"] = event.clinic_id
    return row
