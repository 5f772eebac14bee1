"""What a patient ordered at Fullscript, against what was recommended."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for

from ehr.audit import record
from ehr.chart import chart_context
from ehr.fullscript import fullscript
from ehr.records import patient_or_404
from ehr.sign_ins import charts_required

bp = Blueprint("chart_orders", __name__, url_prefix="/patients/<int:patient_id>/orders")


@bp.get("")
@charts_required
def index(patient_id: int) -> str:
    """Show the patient's orders, the latest first."""
    patient = patient_or_404(patient_id)
    record("orders.opened", patient=patient)
    orders = fullscript.ordering.timeline(patient.id, number=request.args.get("page", 1, type=int))
    plans = {plan.id for order in orders.orders for plan in order.plans if plan.created_at}
    return render_template(
        "chart/orders.html",
        **chart_context(patient),
        orders=orders,
        plan_urls={one: url_for("chart_plans.show", patient_id=patient.id, plan_id=one) for one in plans},
        check=fullscript.ordering.last_check(patient.id),
    )
