"""A patient's chart: who they are, what was noted, and Fullscript."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from ehr.audit import record
from ehr.database import db, utcnow
from ehr.fullscript import CANADA, fullscript
from ehr.models import Patient, Visit
from ehr.patient_form import printable
from ehr.records import patient_or_404
from ehr.sign_ins import charts_required, the_user

TABS = ("chart.show", "chart_plans.index", "chart_orders.index", "chart_labs.index", "chart_links.index")

bp = Blueprint("chart", __name__, url_prefix="/patients/<int:patient_id>")


class NoteForm(FlaskForm):
    """What happened at a visit."""

    note = TextAreaField(
        "New note",
        [DataRequired("Write something first."), Length(max=4000), printable],
        [lambda text: (text or "").strip()],
    )


@bp.get("")
@charts_required
def show(patient_id: int) -> str:
    """Show the chart, and write down who opened it."""
    patient = patient_or_404(patient_id)
    record("chart.opened", patient=patient)
    return _page(patient, NoteForm())


@bp.post("/notes")
@charts_required
def add_note(patient_id: int) -> str | Response | tuple[str, int]:
    """Add a note to the chart."""
    patient = patient_or_404(patient_id)
    form = NoteForm()
    if not form.validate_on_submit():
        return _page(patient, form), 422
    db.session.add(Visit(patient=patient, author=the_user(), note=form.note.data))
    db.session.commit()
    record("note.added", patient=patient)
    flash("The note was added.", "success")
    return redirect(url_for("chart.show", patient_id=patient.id, _anchor="notes"))


def chart_context(patient: Patient) -> dict[str, Any]:
    """What templates/chart/page.html needs, on whichever page of the chart."""
    # Labs are sold in the United States only (the guide: entrypoint).
    has_labs, allowed = the_user().practice.country != CANADA, the_user().may_use_fullscript
    tabs = [name for name in (TABS if allowed else TABS[:1]) if name in current_app.view_functions]
    return {
        "patient": patient,
        "today": utcnow().date(),
        "has_labs": has_labs,
        "chart_tabs": [name for name in tabs if has_labs or name != "chart_labs.index"],
    }


def _page(patient: Patient, form: NoteForm) -> str:
    return render_template(
        "chart/overview.html",
        **chart_context(patient),
        form=form,
        check=fullscript.plans.last_check(patient.id),
        their_record=fullscript.people.kept(patient.id) if the_user().may_use_fullscript else None,
        opens=request.args.get("fullscript"),
    )
