"""For administrators: what Fullscript told this practice, what became of it, and playing it again.

An event shows what Fullscript said, and with it patients' data, so whoever opens one is written down.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ehr.admin import practice_people
from ehr.audit import record
from ehr.fullscript import fullscript
from ehr.models import User
from ehr.records import LARGEST_ID
from ehr.sign_ins import administrator_required
from fullscript_embed import EmbedError, InboxFilter

bp = Blueprint("activity", __name__, url_prefix="/admin/activity")

PAGE_SIZE = 50
DOORS = {"browser": "Browser", "webhook": "Webhook", "poll": "Polling"}
STATES = {"waiting": "Waiting", "applied": "Applied", "parked": "Parked", "dead": "Failed"}
FILTERS = ("door", "type", "clinic", "state", "since", "until")


class Scope:
    """Whose events the signed-in administrator may see: those of the clinics that their people connected."""

    @cached_property
    def people(self) -> dict[str, User]:
        return {str(user.id): user for user in practice_people()}

    @cached_property
    def clinics(self) -> dict[tuple[str, str], Any]:
        return {(one.environment, one.id): one for one in fullscript.clinics(self.people)}

    @property
    def keys(self) -> list[tuple[str, str]]:
        return list(self.clinics)

    def chosen(self, text: str) -> tuple[str, str] | None:
        """The clinic that a form names as "local 1f6a…", when it is one of these; else None."""
        environment, _, clinic_id = text.partition(" ")
        return (environment, clinic_id) if (environment, clinic_id) in self.clinics else None

    def event_or_404(self, number: int) -> Any:
        """One event of these clinics; 404 for another's as for one that is not there."""
        found = fullscript.inbox_event(number, clinics=self.keys) if number <= LARGEST_ID else None
        return found or abort(404)


@bp.get("")
@administrator_required
def index() -> str:
    """Show the practice's events, the last to arrive first; ?door=, ?type= and the others narrow it down."""
    scope, wanted = Scope(), {name: request.args.get(name, "").strip()[:64] for name in FILTERS}
    before = request.args.get("before", type=int)
    found = fullscript.inbox(
        as_filter(scope, wanted),
        limit=PAGE_SIZE + 1,
        before=before if before and before <= LARGEST_ID else None,
    )
    return render_template(
        "activity/index.html",
        events=found[:PAGE_SIZE],
        more=len(found) > PAGE_SIZE,
        wanted={name: value for name, value in wanted.items() if value},
        **shared(scope),
    )


@bp.get("/events/<int:number>")
@administrator_required
def show(number: int) -> str:
    """Show one event: what it said, who brought it, and what became of it."""
    scope = Scope()
    detail = scope.event_or_404(number)
    record("event.opened", event=detail.event.id)
    return render_template(
        "activity/event.html", detail=detail, event=detail.event, as_it_came=as_it_came, **shared(scope)
    )


@bp.post("/events/<int:number>/replay")
@administrator_required
def replay(number: int) -> Response:
    """Take one event up again, and say what came of it."""
    event = Scope().event_or_404(number).event
    record("event.replayed", event=event.id)
    if fullscript.replay(event.id):
        flash("The event was applied again.", "success")
    else:
        flash("The event could not be applied; below is why.", "danger")
    return redirect(url_for("activity.show", number=event.id))


@bp.route("/replay", methods=["GET", "POST"])
@administrator_required
def replay_failed() -> str | Response:
    """Show what would be played again, without doing it; then, when asked to, do it."""
    scope = Scope()
    if request.method == "GET":
        failed = fullscript.failed_events(scope.keys)
        return render_template("activity/replay.html", events=failed, **shared(scope))
    count = fullscript.replay_failed(scope.keys)
    record("events.replayed", count=count)
    flash(f"{count} {'event is' if count == 1 else 'events are'} being applied again.", "success")
    return redirect(url_for("activity.index"))


@bp.get("/webhooks")
@administrator_required
def webhooks() -> str:
    """Show refused calls by reason; with ?clinic=, deliveries as Fullscript reports them beside the inbox."""
    scope = Scope()
    environments = {environment for environment, _ in scope.keys}
    chosen = scope.chosen(request.args.get("clinic", ""))
    deliveries, problem = compared(chosen) if chosen else (None, None)
    return render_template(
        "activity/webhooks.html",
        refusals=[one for one in fullscript.refusals() if one.environment in environments],
        chosen=chosen,
        deliveries=deliveries,
        problem=problem,
        **shared(scope),
    )


@bp.get("/polling")
@administrator_required
def polling() -> str:
    """Show how far polling came, for each clinic and kind of event."""
    scope = Scope()
    return render_template(
        "activity/polling.html", poll_states=fullscript.poll_states(scope.keys), **shared(scope)
    )


@bp.post("/polling")
@administrator_required
def bring_back() -> Response:
    """Ask Fullscript for everything that it still has of a clinic, and take up what is new here."""
    chosen = Scope().chosen(request.form.get("clinic", "")) or abort(404)
    record("events.brought_back", clinic=chosen[1])
    try:
        found = fullscript.bring_back(*chosen)
    except EmbedError as error:
        flash(str(error), "danger")
    else:
        flash(brought_back(found), "success")
    return redirect(url_for("activity.polling"))


def compared(clinic: tuple[str, str]) -> tuple[list[Any] | None, str | None]:
    """A clinic's deliveries, those that differ first, or why Fullscript did not name them."""
    try:
        found = fullscript.compare_deliveries(*clinic)
    except EmbedError as error:
        return None, str(error)
    return sorted(found, key=lambda one: one.difference is None), None


def brought_back(found: int | None) -> str:
    """What came of asking for everything, in words."""
    if found is None:
        return "Fullscript is being asked. What is new appears in the inbox within moments."
    if not found:
        return "Nothing was missing: the inbox has everything that Fullscript still knows."
    return (
        "One event was missing and is here now."
        if found == 1
        else f"{found} events were missing and are here now."
    )


def shared(scope: Scope) -> dict[str, Any]:
    """What every page of this room shows."""
    return {
        "clinics": scope.clinics,
        "people": scope.people,
        "open_events": fullscript.open_events(scope.keys),
        "types": fullscript.event_types(),
        "doors": DOORS,
        "states": STATES,
    }


def as_it_came(payload: Any) -> str:
    """A payload to read, its keys in the order in which they came."""
    return json.dumps(payload, indent=2, ensure_ascii=False)


def as_filter(scope: Scope, wanted: Mapping[str, str]) -> InboxFilter:
    """The filter that the form asks for, within the practice; what makes no sense is left aside."""
    chosen, last = scope.chosen(wanted["clinic"]), day(wanted["until"])
    return InboxFilter(
        clinics=[chosen] if chosen else scope.keys,
        door=wanted["door"] or None,
        type=wanted["type"] or None,
        state=wanted["state"] or None,
        since=day(wanted["since"]),
        until=last + timedelta(days=1) if last else None,
    )


def day(text: str) -> datetime | None:
    """Midnight, in UTC, of a day such as 2026-11-03."""
    try:
        return datetime.combine(date.fromisoformat(text), time(), UTC)
    except ValueError:
        return None
