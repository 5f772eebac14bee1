"""Checkout in the practice: somebody of the clinic takes the patient's payment."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from fullscript_sandbox import carts, receipts
from fullscript_sandbox.database import db
from fullscript_sandbox.models import Order, Patient
from fullscript_sandbox.patient import bp
from fullscript_sandbox.patient.checkout import form_for, place
from fullscript_sandbox.session import login_required, signed_in_user


@bp.route("/o/patients/<int(max=999999999):number>/checkout", methods=["GET", "POST"])
@login_required
def in_office_checkout(number: int) -> str | Response | tuple[str, int]:
    """The cart of one of the clinic's patients, as an in-office checkout filled it, and a card to pay it."""
    patient = _patient(number)
    cart = carts.of(patient)
    form = form_for(cart)
    order = place(form, patient) if form.validate_on_submit() else None
    if order is not None:
        flash(f"The order for {patient.name} is placed.", "success")
        return redirect(url_for("patient.in_office_order", number=number, order_number=order.order_number))
    cart = carts.of(patient)
    page = render_template("patient/in_office_checkout.html", patient=patient, cart=cart, form=form)
    return (page, 422) if form.is_submitted() else page


@bp.get("/o/patients/<int(max=999999999):number>/orders/<order_number>")
@login_required
def in_office_order(number: int, order_number: str) -> str:
    """What was ordered there."""
    patient = _patient(number)
    order = db.session.scalar(select(Order).where(Order.order_number == order_number))
    if order is None or order.patient_id != patient.id:
        abort(404)
    return render_template("patient/in_office_order.html", order=order, lines=receipts.contents(order))


def _patient(number: int) -> Patient:
    """The patient of the signed-in user's clinic with this number; else 404."""
    user = signed_in_user()
    patient = db.session.scalar(select(Patient).where(Patient.number == number))
    if patient is None or user is None or patient.clinic_id != user.clinic_id:
        abort(404)
    return patient
