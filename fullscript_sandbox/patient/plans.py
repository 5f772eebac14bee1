"""My Health → Plans: what is recommended to a patient, and the way of it into the cart."""

from __future__ import annotations

import io
from collections.abc import Mapping

from flask import abort, flash, redirect, render_template, request, send_file, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from fullscript_sandbox import carts, orders
from fullscript_sandbox.database import db
from fullscript_sandbox.models import CartItem, TreatmentPlan
from fullscript_sandbox.oauth.forms import ConfirmForm
from fullscript_sandbox.patient import shop, supply, words
from fullscript_sandbox.patient.cart import EXPIRED
from fullscript_sandbox.patient.session import visit
from fullscript_sandbox.refusals import Invalid, NotFound, WrongState


@shop.get("/plans")
def list_plans() -> str:
    """The plans that wait for the patient, newest first. Drafts and cancelled ones are not theirs to see."""
    query = select(TreatmentPlan).where(TreatmentPlan.patient_id == visit().patient.id)
    query = query.where(TreatmentPlan.state == "active")
    plans = db.session.scalars(query.order_by(TreatmentPlan.created_at.desc(), TreatmentPlan.id)).all()
    return render_template("patient/plans.html", visit=visit(), plans=plans)


@shop.get("/plans/<int(max=999999999):plan_number>")
def show_plan(plan_number: int) -> str | Response:
    """One plan: how to take what, the message, documents, labs. A cancelled one says so on the list."""
    plan = _plan(plan_number)
    if plan.state == "cancelled":
        flash(f"{plan.practitioner.name} has cancelled this plan.", "warning")
        return redirect(url_for("patient.shop.list_plans"))
    return render_template(
        "patient/plan.html",
        visit=visit(),
        plan=plan,
        dosage=words.dosage,
        out_of_stock=carts.out_of_stock,
        in_cart=_in_cart(plan),
        supply=supply.of_plan(plan),
        discount=plan.patient.total_discount if plan.patient else 0,
        form=ConfirmForm(),
    )


@shop.post("/plans/<int(max=999999999):plan_number>/cart")
def add_to_cart(plan_number: int) -> Response:
    """Put one thing of the plan into the cart, or all that can be bought."""
    plan = _plan(plan_number)
    if not ConfirmForm().validate_on_submit():
        flash(EXPIRED, "warning")
        return redirect(url_for("patient.shop.show_plan", plan_number=plan_number))
    try:
        carts.put(plan, _chosen(plan))
        db.session.commit()
    except (Invalid, WrongState) as error:
        db.session.rollback()
        flash(f"{error}.", "danger")
    except NotFound:
        abort(404)
    else:
        flash("It is in the cart.", "success")
    return redirect(url_for("patient.shop.show_plan", plan_number=plan_number))


@shop.get("/plans/<int(max=999999999):plan_number>/documents/<resource_id>")
def show_document(plan_number: int, resource_id: str) -> Response:
    """A document that came with the plan."""
    resource = next((one for one in _plan(plan_number).resources if one.id == resource_id), None)
    if resource is None or resource.content is None:
        abort(404)
    return send_file(
        io.BytesIO(resource.content),
        resource.content_type,
        as_attachment=True,
        download_name=resource.file_name,
    )


def _plan(number: int) -> TreatmentPlan:
    """The patient's plan with this number, active or cancelled; else 404."""
    plan = db.session.scalar(select(TreatmentPlan).where(TreatmentPlan.number == number))
    if plan is None or plan.patient_id != visit().patient.id or plan.state == "draft":
        abort(404)
    return plan


def _in_cart(plan: TreatmentPlan) -> Mapping[str, int]:
    """How many of what the plan recommends are in the cart, by variant."""
    query = select(CartItem.variant_id, CartItem.quantity).where(CartItem.treatment_plan_id == plan.id)
    return {row.variant_id: row.quantity for row in db.session.execute(query)}


def _chosen(plan: TreatmentPlan) -> dict[str, int]:
    """What the form names; without a name all that can be bought, as often as it is recommended."""
    variant_id = request.form.get("variant_id")
    if variant_id is not None:
        return {variant_id: request.form.get("quantity", 1, type=int)}
    return {
        item.variant_id: item.quantity
        for item in orders.recommended(plan)
        if item.type == "labs" or not carts.out_of_stock(item.variant_id)
    }
