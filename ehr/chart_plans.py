"""A patient's treatment plans: the list, and one in full."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request

from ehr.audit import record
from ehr.chart import chart_context
from ehr.fullscript import fullscript
from ehr.records import patient_or_404
from ehr.sign_ins import charts_required

bp = Blueprint("chart_plans", __name__, url_prefix="/patients/<int:patient_id>/plans")

FILTERS = {"": "All", "active": "Active", "draft": "Drafts", "cancelled": "Cancelled"}


@bp.get("")
@charts_required
def index(patient_id: int) -> str:
    """List the patient's plans, newest first; ?state= narrows them down."""
    patient = patient_or_404(patient_id)
    record("plans.opened", patient=patient)
    state = request.args.get("state", "")
    plans = fullscript.plans.page(
        patient.id,
        state=state if state in FILTERS and state else None,
        number=request.args.get("page", 1, type=int),
    )
    return render_template(
        "chart/plans.html",
        **chart_context(patient),
        plans=plans,
        filters=FILTERS,
        check=fullscript.plans.last_check(patient.id),
    )


@bp.get("/<plan_id>")
@charts_required
def show(patient_id: int, plan_id: str) -> str:
    """Show one plan in full; 404 for another patient's as for one that is not there."""
    patient = patient_or_404(patient_id)
    detail = fullscript.plans.find(patient.id, plan_id) or abort(404)
    record("plan.opened", patient=patient, plan=plan_id)
    return render_template(
        "chart/plan.html",
        **chart_context(patient),
        detail=detail,
        plan=detail.plan,
        check=fullscript.plans.last_check(patient.id),
    )
