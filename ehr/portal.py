"""The patient portal: plans in plain words, orders, and labs that were shared. A guardian's too of those in
their care."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import MethodNotAllowed

from ehr.audit import record
from ehr.fullscript import CANADA, fullscript
from ehr.models import Patient
from ehr.portal_stays import audit_name, my_people, person_or_404, required, the_account
from ehr.portal_words import in_plain_words
from fullscript_embed import Refusal

bp = Blueprint("portal", __name__, url_prefix="/portal")
bp.add_app_template_filter(in_plain_words, "plain_words")


@bp.get("/")
@required
def home() -> ResponseReturnValue:
    """Go to the patient's own plans."""
    return redirect(url_for("portal.plans", patient_id=the_account().patient_id))


@bp.get("/<int:patient_id>/plans")
@required
def plans(patient_id: int) -> str:
    """Show what was recommended, and how to take it."""
    patient = person_or_404(patient_id)
    _note("portal.plans_opened", patient)
    return render_template(
        "portal/plans.html", **_context(patient), plans=fullscript.patient_side.plans(patient.id)
    )


@bp.get("/<int:patient_id>/plans/<plan_id>/order")
@required
def order(patient_id: int, plan_id: str) -> ResponseReturnValue:
    """Send the patient to their own page at Fullscript, where the plan can be ordered."""
    patient = person_or_404(patient_id)
    try:
        address = fullscript.patient_side.invitation(patient.id, plan_id)
    except Refusal as error:
        return _failed(patient, error)
    _note("portal.order_opened", patient, plan=plan_id)
    return redirect(address)


@bp.get("/<int:patient_id>/orders")
@required
def orders(patient_id: int) -> str:
    """Show what was bought."""
    patient = person_or_404(patient_id)
    _note("portal.orders_opened", patient)
    return render_template(
        "portal/orders.html", **_context(patient), orders=fullscript.patient_side.orders(patient.id)
    )


@bp.get("/<int:patient_id>/labs")
@required
def labs(patient_id: int) -> str:
    """Show the labs that the practitioner shared."""
    patient = person_or_404(patient_id)
    _note("portal.labs_opened", patient)
    return render_template(
        "portal/labs.html", **_context(patient), labs=fullscript.patient_side.lab_orders(patient.id)
    )


@bp.get("/<int:patient_id>/labs/<lab_order_id>/results/<result_id>")
@required
def lab_result(patient_id: int, lab_order_id: str, result_id: str) -> ResponseReturnValue:
    """Show a shared result's PDF."""
    patient = person_or_404(patient_id)
    if request.method == "HEAD":  # it would fetch the file, and write down that somebody had seen it
        raise MethodNotAllowed(valid_methods=["GET"])
    try:
        file = fullscript.patient_side.open_result(patient.id, lab_order_id, result_id)
    except Refusal as error:
        return _failed(patient, error)
    _note("portal.result_opened", patient, lab_order=lab_order_id, result=result_id)
    answer = Response(file.pdf.pieces(), mimetype="application/pdf")
    answer.call_on_close(file.pdf.close)
    answer.content_length = file.pdf.size
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["Content-Disposition"] = f'inline; filename="{file.name}"'
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


@bp.app_context_processor
def portal_people() -> dict[str, Any]:
    """Let the portal's pages ask whom the patient may switch to."""
    return {"portal_people": my_people}


def _context(patient: Patient) -> dict[str, Any]:
    """What every page about somebody needs. Labs are sold in the United States only."""
    return {"patient": patient, "account": the_account(), "has_labs": patient.practice.country != CANADA}


def _note(action: str, patient: Patient, **ids: str) -> None:
    record(action, patient=patient, user_id=audit_name(the_account()), **ids)


def _failed(patient: Patient, refusal: Refusal) -> ResponseReturnValue:
    """Say why it cannot be done now."""
    page = render_template("portal/problem.html", **_context(patient), message=refusal.message)
    return page, refusal.http_status
