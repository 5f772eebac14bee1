"""The button that gives an order's money back; no event tells of it."""

from __future__ import annotations

from collections.abc import Sequence

from flask import abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from fullscript_sandbox import checkout, orders
from fullscript_sandbox.dashboard import bp
from fullscript_sandbox.dashboard.settings import EXPIRED
from fullscript_sandbox.database import db
from fullscript_sandbox.models import App, Clinic, Order
from fullscript_sandbox.oauth.forms import ConfirmForm
from fullscript_sandbox.refusals import NotFound, WrongState

SHOWN = 25


def refundable(clinic: Clinic) -> Sequence[Order]:
    """The clinic's latest orders that are not refunded."""
    query = orders.of_clinic(clinic).where(Order.refunded_at.is_(None))
    return db.session.scalars(query.order_by(Order.completed_at.desc(), Order.id).limit(SHOWN)).all()


@bp.post("/apps/<app_id>/refunds")
def refund(app_id: str) -> Response:
    """Refund the order that was chosen beside the button."""
    app = db.get_or_404(App, app_id)
    clinic = db.session.get(Clinic, request.form.get("clinic", ""))
    if clinic is None or clinic.country != app.country:
        abort(404)
    if ConfirmForm().validate_on_submit():
        flash(*_refunded(clinic, request.form.get("order", "")))
    else:
        flash(EXPIRED, "warning")
    return redirect(url_for("dashboard.show_events", app_id=app.id, clinic=clinic.id))


def _refunded(clinic: Clinic, order_id: str) -> tuple[str, str]:
    """Do it; what to say of it, and how it went."""
    try:
        order = orders.get(clinic, order_id)
        checkout.refund(order)
        db.session.commit()
    except (NotFound, WrongState) as error:
        db.session.rollback()
        return f"Nothing happened. {error}.", "danger"
    return f"Order {order.order_number} is refunded. The API goes on to list it.", "success"
