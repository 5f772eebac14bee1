"""Buttons that make something happen in Fullscript, so that there are events to be told of."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from fullscript_sandbox import apps, events, happenings, plans
from fullscript_sandbox.dashboard import bp
from fullscript_sandbox.dashboard.refunds import refundable
from fullscript_sandbox.dashboard.settings import EXPIRED
from fullscript_sandbox.database import db
from fullscript_sandbox.models import App, Clinic, Event, TreatmentPlan
from fullscript_sandbox.oauth.forms import ConfirmForm
from fullscript_sandbox.refusals import Invalid, NotFound, WrongState
from fullscript_sandbox.webhooks import queue

LATEST = 15


@bp.get("/apps/<app_id>/events")
def show_events(app_id: str) -> str:
    """What can be made to happen in a clinic of the application's country, and what happened last."""
    app = db.get_or_404(App, app_id)
    clinics = db.session.scalars(_clinics(app)).all()
    clinic = next((one for one in clinics if one.id == request.args.get("clinic")), clinics[0])
    return render_template(
        "dashboard/events.html",
        app=app,
        clinic=clinic,
        clinics=clinics,
        choices=[(one, _choices(one, clinic)) for one in happenings.HAPPENINGS],
        refundable=refundable(clinic),
        events=[(event, app in queue.told_of(event)) for event in _latest(app, clinic)],
        confirm=ConfirmForm(),
        environment=apps.ENVIRONMENTS.get(app.environment, app.environment),
    )


@bp.post("/apps/<app_id>/events")
def make_happen(app_id: str) -> Response:
    """Do what a button says, to the record that was chosen beside it."""
    app = db.get_or_404(App, app_id)
    query = _clinics(app).where(Clinic.id == request.form.get("clinic"))
    clinic = db.session.scalars(query).first() or abort(404)
    if ConfirmForm().validate_on_submit():
        flash(*_made(clinic, request.form.get("type", ""), request.form.get("record", "")))
    else:
        flash(EXPIRED, "warning")
    return redirect(url_for("dashboard.show_events", app_id=app.id, clinic=clinic.id))


def _clinics(app: App) -> Any:
    return select(Clinic).where(Clinic.country == app.country).order_by(Clinic.created_at, Clinic.id)


def _latest(app: App, clinic: Clinic) -> list[Event]:
    known = (Event.app_id == app.id) | Event.app_id.is_(None)
    query = select(Event).where(known, events.concerning(clinic)).order_by(Event.created_at.desc(), Event.id)
    return list(db.session.scalars(query.limit(LATEST)))


def _made(clinic: Clinic, kind: str, record_id: str) -> tuple[str, str]:
    """Let it happen; what to say of it, and how it went."""
    try:
        happening = happenings.of_type(kind)
        plans.take_turn(clinic)
        of = happening.of
        event = happening.make(clinic if of is None else happenings.find(of, record_id, clinic))
        told = bool(queue.told_of(event))
        db.session.commit()
    except (Invalid, NotFound, WrongState) as error:
        db.session.rollback()
        return f"Nothing happened. {error}.", "danger"
    words = "Webhooks are on their way." if told else "No application is told of it by webhook."
    return f"{event.type} happened. {words}", "success"


def _choices(happening: happenings.Happening, clinic: Clinic) -> list[tuple[str, str]]:
    """Id and label of what it can happen to."""
    if happening.of is None:
        return []
    return [(one.id, LABELS[happening.of](one)) for one in happenings.candidates(happening, clinic)]


def _plan_label(plan: TreatmentPlan) -> str:
    who = plan.patient.name if plan.patient else "Nobody yet"
    return f"{who}, no. {plan.number} of {plan.created_at:%b %-d}"


LABELS: dict[str, Any] = {
    "patient": lambda patient: patient.name,
    "plan": _plan_label,
    "lab_order": lambda order: f"{order.lab.name} for {order.patient.name} ({order.state.replace('_', ' ')})",
    "product": lambda product: f"{product.name} ({product.brand.name})",
}
