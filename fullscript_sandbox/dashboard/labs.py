"""Labs on their way: buttons for each step, and for the results that Fullscript's staff would push."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import Select, select
from sqlalchemy.orm import selectinload
from werkzeug.wrappers import Response as Redirection

from fullscript_sandbox import apps, lab_documents, lab_orders, lab_results, lists, plans
from fullscript_sandbox.dashboard import bp
from fullscript_sandbox.dashboard.settings import EXPIRED
from fullscript_sandbox.database import db
from fullscript_sandbox.models import App, Clinic, Event, Lab, LabOrder, LabResult
from fullscript_sandbox.oauth.forms import ConfirmForm
from fullscript_sandbox.refusals import WrongState
from fullscript_sandbox.webhooks import queue

PER_PAGE = 15
TOLD = "lab_order.updated happened. Webhooks are on their way."
NOT_TOLD = "lab_order.updated happened. No application is told of it by webhook."

# What the buttons say; the names are those of next states, and of what lab_results can send.
STEPS = {
    "schedule_appointment": "Send requisition",
    "upcoming_appointment": "Book appointment",
    "processing": "Receive sample",
    "interpretation_ready": "Ready to interpret",
    "interpretation_shared": "Share results",
}
RESULTS: dict[str, tuple[str, Callable[[LabOrder], Event]]] = {
    "some": ("Push some results", lambda one: lab_results.push(one, complete=False)),
    "all": ("Push all results", lambda one: lab_results.push(one, complete=True)),
    "amended": ("Amend a result", lab_results.amend),
}


@bp.get("/apps/<app_id>/labs")
def list_labs(app_id: str) -> str:
    """The lab orders of a clinic of the application's country, latest change first, with what can be done."""
    app = db.get_or_404(App, app_id)
    clinics = db.session.scalars(_clinics(app)).all()
    clinic = next((one for one in clinics if one.id == request.args.get("clinic")), clinics[0])
    return render_template(
        "dashboard/labs.html",
        app=app,
        clinic=clinic,
        clinics=clinics,
        orders=lists.page_of(_orders(clinic), PER_PAGE),
        buttons=_buttons,
        current=lab_results.current,
        confirm=ConfirmForm(),
        environment=apps.ENVIRONMENTS.get(app.environment, app.environment),
    )


@bp.post("/apps/<app_id>/labs/<lab_order_id>")
def move_lab(app_id: str, lab_order_id: str) -> Redirection:
    """Do what the button says."""
    app = db.get_or_404(App, app_id)
    lab_order = db.get_or_404(LabOrder, lab_order_id)
    clinic = lab_order.patient.clinic
    if clinic.country != app.country:
        abort(404)
    if ConfirmForm().validate_on_submit():
        plans.take_turn(clinic)
        db.session.refresh(lab_order)
        flash(*_moved(lab_order, request.form.get("step", "")))
    else:
        flash(EXPIRED, "warning")
    page = request.args.get("page", type=int)
    return redirect(url_for("dashboard.list_labs", app_id=app.id, clinic=clinic.id, page=page))


@bp.get("/apps/<app_id>/labs/results/<result_id>")
def show_result(app_id: str, result_id: str) -> Response:
    """A result as the laboratory sent it."""
    app = db.get_or_404(App, app_id)
    result = db.get_or_404(LabResult, result_id)
    if result.lab_order.patient.clinic.country != app.country:
        abort(404)
    return lab_documents.shown(result)


def _clinics(app: App) -> Select[Clinic]:
    return select(Clinic).where(Clinic.country == app.country).order_by(Clinic.created_at, Clinic.id)


def _orders(clinic: Clinic) -> Select[LabOrder]:
    chosen = select(LabOrder).where(LabOrder.clinic_id == clinic.id)
    chosen = chosen.options(
        selectinload(LabOrder.lab).selectinload(Lab.tests), selectinload(LabOrder.results)
    )
    return chosen.order_by(LabOrder.updated_at.desc(), LabOrder.id)


def _buttons(lab_order: LabOrder) -> list[tuple[str, str]]:
    """Name and label of what can be done."""
    steps = [(state, STEPS[state]) for state in lab_orders.next_states(lab_order)]
    return steps + [(name, RESULTS[name][0]) for name in lab_results.possible(lab_order)]


def _moved(lab_order: LabOrder, step: str) -> tuple[str, str]:
    """Do it; what to say of it, and how it went."""
    words = "No event tells of it."
    try:
        if step in RESULTS:
            event = RESULTS[step][1](lab_order)
            words = TOLD if queue.told_of(event) else NOT_TOLD
        else:
            lab_orders.move(lab_order, step)
        db.session.commit()
    except WrongState as error:
        db.session.rollback()
        return f"Nothing happened. {error}.", "danger"
    return f"{lab_order.lab.name} of {lab_order.patient.name}: {lab_order.state}. {words}", "success"
