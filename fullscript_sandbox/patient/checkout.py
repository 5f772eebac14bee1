"""Paying for the cart."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from fullscript_sandbox import carts, checkout, patients
from fullscript_sandbox.database import db
from fullscript_sandbox.models import Address, Order, Patient
from fullscript_sandbox.patient import shop
from fullscript_sandbox.patient.forms import CheckoutForm
from fullscript_sandbox.patient.session import visit
from fullscript_sandbox.patient_accounts import owner_of
from fullscript_sandbox.payments import Declined
from fullscript_sandbox.refusals import Invalid, WrongState

DECLINED = "The card was declined. Nothing was ordered, and the cart is as it was: try another card."


@shop.route("/checkout", methods=["GET", "POST"])
def pay() -> str | Response | tuple[str, int]:
    """Address and card; with a card that pays, the order is placed."""
    patient = visit().patient
    cart = carts.of(patient)
    if not cart.items:
        return redirect(url_for("patient.shop.show_cart"))
    form = form_for(cart)
    order = place(form, patient) if form.validate_on_submit() else None
    if order is not None:
        flash("Thank you. Your order is placed.", "success")
        return redirect(url_for("patient.shop.show_order", order_number=order.order_number))
    page = render_template("patient/checkout.html", visit=visit(), cart=carts.of(patient), form=form)
    return (page, 422) if form.is_submitted() else page


def form_for(cart: carts.Cart) -> CheckoutForm:
    """The form that pays for this cart, filled in with the address that is known."""
    return CheckoutForm(cart, _address(cart.patient) or _address(owner_of(cart.patient)))


def place(form: CheckoutForm, patient: Patient) -> Order | None:
    """The order; None, with the reason in the form, when it was not placed and nothing changed."""
    try:
        order = checkout.pay(patient, form.card, form.mark.data or "")
        _learn(patient, form)
        db.session.commit()
    except Declined:
        form.form_errors.append(DECLINED)
        form.forget_card()
    except WrongState as error:
        form.form_errors.append(f"{error}. Nothing was ordered: look at it again, below.")
    except Invalid as error:
        form.form_errors.extend(f"{message}." for message in error.messages)
    else:
        return order
    db.session.rollback()
    return None


def _learn(patient: Patient, form: CheckoutForm) -> None:
    """Keep the address for the next time, and what a laboratory has to know of the patient."""
    if form.person:
        patients.update(patient, form.person, source="platform")
    address = _address(patient) or Address(patient_id=patient.id)
    for name, value in form.address.items():
        setattr(address, name, value)
    db.session.add(address)


def _address(patient: Patient) -> Address | None:
    query = select(Address).where(Address.patient_id == patient.id)
    return db.session.scalars(query.order_by(Address.id)).first()
