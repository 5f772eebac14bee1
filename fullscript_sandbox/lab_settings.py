"""Settings → Labs: what a practitioner decides about labs, and the results that they share with patients."""

from __future__ import annotations

from flask import Blueprint, Response, abort, flash, redirect, render_template, url_for
from flask_wtf import FlaskForm
from sqlalchemy import Select, select
from sqlalchemy.orm import selectinload
from werkzeug.wrappers import Response as Redirection
from wtforms import BooleanField

from fullscript_sandbox import lab_documents, lab_orders, lab_registration, lab_results, lists, plans
from fullscript_sandbox.database import db
from fullscript_sandbox.models import Lab, LabOrder, LabResult, User
from fullscript_sandbox.oauth.forms import ConfirmForm
from fullscript_sandbox.refusals import WrongState
from fullscript_sandbox.session import login_required, signed_in_user

bp = Blueprint("lab_settings", __name__, url_prefix="/settings/labs")

PER_PAGE = 15
EXPIRED = "Nothing was changed: the page had been open for too long. Please try again."


class SharingForm(FlaskForm):
    """Whether results go to patients without the practitioner's doing."""

    share = BooleanField(f"Automatically share {lab_results.SHARED_COMPANY} results")


@bp.get("")
@login_required
def show() -> str:
    """The registration, automatic sharing, and the practitioner's lab orders with results."""
    user = _user()
    return render_template(
        "labs/settings.html",
        user=user,
        registered=lab_registration.is_registered(user),
        form=SharingForm(share=user.share_results_automatically),
        orders=lists.page_of(_with_results(user), PER_PAGE),
        current=lab_results.current,
        shareable={"results_ready", "results_amended", "interpretation_ready"},
        confirm=ConfirmForm(),
    )


@bp.post("")
@login_required
def save() -> Redirection:
    """Share results automatically from now on, or not; what came before stays as it is."""
    user, form = _user(), SharingForm()
    if not user.is_practitioner or not form.validate_on_submit():
        flash(EXPIRED, "warning")
    else:
        user.share_results_automatically = form.share.data
        db.session.commit()
        flash("Saved.", "success")
    return redirect(url_for("lab_settings.show"))


@bp.post("/orders/<lab_order_id>/share")
@login_required
def share(lab_order_id: str) -> Redirection:
    """Share the results of one's own lab order with its patient. No event tells of it."""
    lab_order = _own(db.session.get(LabOrder, lab_order_id))
    if not ConfirmForm().validate_on_submit():
        flash(EXPIRED, "warning")
        return redirect(url_for("lab_settings.show"))
    plans.take_turn(lab_order.patient.clinic)
    db.session.refresh(lab_order)
    try:
        lab_orders.move(lab_order, "interpretation_shared")
        db.session.commit()
        flash(f"{lab_order.patient.name} can see the results of {lab_order.lab.name} now.", "success")
    except WrongState as error:
        db.session.rollback()
        flash(f"Nothing was shared. {error}.", "danger")
    return redirect(url_for("lab_settings.show"))


@bp.get("/results/<result_id>")
@login_required
def show_result(result_id: str) -> Response:
    """A result of one's own lab orders, as the laboratory sent it."""
    result = db.session.get(LabResult, result_id)
    _own(result.lab_order if result else None)
    return lab_documents.shown(db.session.get_one(LabResult, result_id))


def _user() -> User:
    user = signed_in_user()
    assert user is not None  # noqa: S101 -- login_required has seen to it
    return user


def _own(lab_order: LabOrder | None) -> LabOrder:
    if lab_order is None or lab_order.practitioner_id != _user().id:
        abort(404)
    return lab_order


def _with_results(user: User) -> Select[LabOrder]:
    chosen = select(LabOrder).where(LabOrder.practitioner_id == user.id, LabOrder.results.any())
    chosen = chosen.options(
        selectinload(LabOrder.lab).selectinload(Lab.tests), selectinload(LabOrder.results)
    )
    return chosen.order_by(LabOrder.updated_at.desc(), LabOrder.id)
