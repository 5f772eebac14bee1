"""The cart of a patient."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from fullscript_sandbox import carts
from fullscript_sandbox.database import db
from fullscript_sandbox.dosages import MAX_UNITS
from fullscript_sandbox.patient import shop
from fullscript_sandbox.patient.forms import QuantityForm
from fullscript_sandbox.patient.session import visit
from fullscript_sandbox.refusals import Invalid, NotFound

EXPIRED = "This page was open for too long. Please try again."
TOO_MANY = f"Enter a whole number, at most {MAX_UNITS}."


@shop.get("/cart")
def show_cart() -> str:
    """What is about to be bought, and what it costs."""
    return render_template(
        "patient/cart.html", visit=visit(), cart=carts.of(visit().patient), form=QuantityForm()
    )


@shop.post("/cart/<item_id>")
def change_cart(item_id: str) -> Response:
    """Have more of it, fewer, or none."""
    form = QuantityForm()
    if not form.validate_on_submit():
        flash(EXPIRED if form.csrf_token.errors else TOO_MANY, "danger")
        return redirect(url_for("patient.shop.show_cart"))
    try:
        carts.change(visit().patient, item_id, form.quantity.data)
        db.session.commit()
    except NotFound:
        abort(404)
    except Invalid as error:
        flash(f"{error}.", "danger")
    return redirect(url_for("patient.shop.show_cart"))
