"""A patient's labs: the requisition, the appointment, and results that were shared."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Response, abort, flash, redirect, render_template, url_for
from flask_wtf import FlaskForm
from sqlalchemy import select
from sqlalchemy.orm import selectinload
from werkzeug.wrappers import Response as Redirection
from wtforms import DateTimeLocalField
from wtforms.validators import DataRequired

from fullscript_sandbox import lab_documents, lab_orders, lab_results, plans
from fullscript_sandbox.clock import now
from fullscript_sandbox.database import db
from fullscript_sandbox.models import LabOrder, LabResult
from fullscript_sandbox.oauth.forms import ConfirmForm
from fullscript_sandbox.patient import shop
from fullscript_sandbox.patient.session import visit
from fullscript_sandbox.refusals import Invalid, WrongState

EXPIRED = "Nothing was changed: the page had been open for too long. Please try again."

# What a patient reads of a state; the rest is between practitioner and laboratory.
WORDS = {
    "purchased": "Ordered",
    "schedule_appointment": "Book an appointment",
    "upcoming_appointment": "Appointment booked",
    "processing": "The laboratory has your sample",
    "interpretation_shared": "Results are ready",
}
WITH_PRACTITIONER = "Results are with your practitioner"

# Browsers send the first; it is also how the field is filled in.
FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]


class AppointmentForm(FlaskForm):
    """When the patient goes to the collection site; the sandbox's clock and this are in UTC."""

    at = DateTimeLocalField("Day and time (UTC)", [DataRequired("Choose a day and a time.")], format=FORMATS)

    @property
    def moment(self) -> datetime:
        chosen: datetime = self.at.data
        return chosen.replace(tzinfo=UTC)


@shop.get("/labs")
def list_labs() -> str:
    """The labs that were bought, latest first, with what the patient can do for each."""
    query = select(LabOrder).where(
        LabOrder.patient_id == visit().patient.id, LabOrder.state != "not_purchased"
    )
    query = query.options(selectinload(LabOrder.lab), selectinload(LabOrder.results))
    suggestion = now().replace(hour=9, minute=0) + lab_orders.APPOINTMENT_IN
    return render_template(
        "patient/labs.html",
        visit=visit(),
        orders=db.session.scalars(query.order_by(LabOrder.created_at.desc(), LabOrder.id)).all(),
        words=lambda state: WORDS.get(state, WITH_PRACTITIONER),
        shared=lambda order: lab_results.current(order) if order.state == "interpretation_shared" else [],
        form=AppointmentForm(formdata=None, at=suggestion),
    )


@shop.post("/labs/<lab_order_id>/requisition")
def get_requisition(lab_order_id: str) -> Redirection:
    """Get the paper that the collection site asks for."""
    return _step(lab_order_id, "schedule_appointment", ConfirmForm())


@shop.post("/labs/<lab_order_id>/appointment")
def book_appointment(lab_order_id: str) -> Redirection:
    """Book an appointment."""
    return _step(lab_order_id, "upcoming_appointment", AppointmentForm())


@shop.get("/labs/results/<result_id>")
def show_result(result_id: str) -> Response:
    """A result that the practitioner shared; before that it is not there."""
    result = db.session.get(LabResult, result_id)
    if result is None or result.lab_order.patient_id != visit().patient.id:
        abort(404)
    if result.lab_order.state != "interpretation_shared":
        abort(404)
    return lab_documents.shown(result)


def _step(lab_order_id: str, state: str, form: FlaskForm) -> Redirection:
    lab_order = db.session.get(LabOrder, lab_order_id)
    if lab_order is None or lab_order.patient_id != visit().patient.id:
        abort(404)
    if form.validate_on_submit():
        moment = form.moment if isinstance(form, AppointmentForm) else None
        flash(*_taken(lab_order, state, moment))
    else:
        messages = [message for messages in form.errors.values() for message in messages]
        flash(EXPIRED if "csrf_token" in form.errors else " ".join(messages), "danger")
    return redirect(url_for("patient.shop.list_labs"))


def _taken(lab_order: LabOrder, state: str, moment: datetime | None) -> tuple[str, str]:
    plans.take_turn(lab_order.patient.clinic)
    db.session.refresh(lab_order)
    try:
        lab_orders.move(lab_order, state, moment)
        db.session.commit()
    except (Invalid, WrongState) as error:
        db.session.rollback()
        return f"Nothing was changed. {error}.", "danger"
    return f"{lab_order.lab.name}: {WORDS[state].lower()}.", "success"
