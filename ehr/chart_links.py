"""The chart's page about the patient's Fullscript record: who they are there, and what differs."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ehr.chart import chart_context
from ehr.fullscript import fullscript
from ehr.records import patient_or_404
from ehr.sign_ins import charts_required

bp = Blueprint("chart_links", __name__, url_prefix="/patients/<int:patient_id>/fullscript-record")


@bp.get("")
@charts_required
def index(patient_id: int) -> str:
    """Show both records side by side."""
    patient = patient_or_404(patient_id)
    record = fullscript.people.record(patient.id)
    return render_template("chart/links.html", **chart_context(patient), record=record)


@bp.post("")
@charts_required
def change(patient_id: int) -> Response | tuple[str, int]:
    """Link, unlink, look for, or choose between values. The extension writes it into the audit trail."""
    patient = patient_or_404(patient_id)
    record = fullscript.people.submit(patient.id, request.form)
    if record.done:
        flash(record.done, "success")
        return redirect(url_for("chart_links.index", patient_id=patient_id), 303)
    return render_template("chart/links.html", **chart_context(patient), record=record), record.status
