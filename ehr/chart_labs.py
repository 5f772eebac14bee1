"""The labs tab of a chart. United States only: elsewhere there is no such page."""

from __future__ import annotations

from flask import Blueprint, abort, render_template

from ehr.audit import record
from ehr.chart import chart_context
from ehr.fullscript import fullscript
from ehr.records import patient_or_404
from ehr.sign_ins import charts_required

bp = Blueprint("chart_labs", __name__, url_prefix="/patients/<int:patient_id>/labs")


@bp.get("")
@charts_required
def index(patient_id: int) -> str:
    """Show a patient's labs, and write down who looked at them."""
    patient = patient_or_404(patient_id)
    if not fullscript.labs.are_offered():
        abort(404)
    record("labs.opened", patient=patient)
    return render_template(
        "chart/labs.html", **chart_context(patient), labs=fullscript.labs.of_patient(patient.id)
    )
