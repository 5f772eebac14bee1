"""The list of patients; creating and editing one."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_sqlalchemy.pagination import Pagination
from sqlalchemy import select
from werkzeug.wrappers import Response

from ehr.audit import record
from ehr.database import db, utcnow
from ehr.fullscript import fullscript
from ehr.models import Patient, User
from ehr.patient_form import PatientForm
from ehr.records import LARGEST_ID, patient_or_404, search_patients, visible_patient
from ehr.sign_ins import charts_required, the_user

bp = Blueprint("patients", __name__, url_prefix="/patients")

PAGE_SIZE = 25


@bp.route("", methods=["GET", "POST"])
@charts_required
def index() -> str:
    """List the practice's patients by name, or those who match a search.

    A search is posted: in an address, the names of patients would stay in histories and logs.
    """
    query = request.form.get("query", "")[:100]
    page = _page(the_user(), query, request.values.get("page", 1, type=int))
    overview = fullscript.patients_overview(patient.id for patient in page.items)
    only_results = request.headers.get("HX-Target") == "patient-results"
    template = "patients/_results.html" if only_results else "patients/index.html"
    return render_template(template, page=page, query=query, overview=overview, today=utcnow().date())


@bp.get("/updates")
@charts_required
def updates() -> str | tuple[str, int]:
    """Show what Fullscript has to do with the patients ?ids=, or 204 when it is as ?seen= says."""
    overview = fullscript.patients_overview(_visible_ids(request.args.get("ids", "")))
    if overview.version == request.args.get("seen"):
        return "", 204
    return render_template("patients/updates.html", overview=overview)


@bp.route("/new", methods=["GET", "POST"])
@charts_required
def new() -> str | Response | tuple[str, int]:
    """Create a patient, also as a dependent of the one that ?guardian= names."""
    form = PatientForm(the_user(), today=utcnow().date(), **_from_guardian())
    if not form.validate_on_submit():
        return render_template("patients/form.html", form=form, patient=None), _status(form)
    patient = Patient(practice_id=the_user().practice_id)
    form.fill(patient)
    db.session.add(patient)
    db.session.commit()
    record("patient.created", patient=patient)
    flash("The patient was created.", "success")
    return redirect(url_for("chart.show", patient_id=patient.id))


@bp.route("/<int:patient_id>/edit", methods=["GET", "POST"])
@charts_required
def edit(patient_id: int) -> str | Response | tuple[str, int]:
    """Change what is known of a patient."""
    patient = patient_or_404(patient_id)
    form = PatientForm(the_user(), patient, today=utcnow().date())
    if not form.validate_on_submit():
        return render_template("patients/form.html", form=form, patient=patient), _status(form)
    form.fill(patient)
    db.session.commit()
    record("patient.changed", patient=patient)
    flash("The changes were saved.", "success")
    return redirect(url_for("chart.show", patient_id=patient.id))


def _page(user: User, query: str, number: int) -> Pagination:
    """A page of the search's results; a number beyond the last page means the last one."""
    found = search_patients(user, query)
    page = db.paginate(found, page=max(number, 1), per_page=PAGE_SIZE, error_out=False)
    if page.page > max(page.pages, 1):
        return db.paginate(found, page=max(page.pages, 1), per_page=PAGE_SIZE, error_out=False)
    return page


def _visible_ids(text: str) -> list[int]:
    """Which of the ids in a text such as "4,7,12" are of patients that the user may see; a page of them."""
    ids = [int(part) for part in text.split(",")[:PAGE_SIZE] if part.isascii() and part.isdecimal()]
    wanted = select(Patient.id).where(
        Patient.practice_id == the_user().practice_id, Patient.id.in_(one for one in ids if one <= LARGEST_ID)
    )
    return list(db.session.scalars(wanted.order_by(Patient.last_name, Patient.first_name, Patient.id)))


def _from_guardian() -> dict[str, Any]:
    """What a new dependent has in common with the guardian."""
    guardian = visible_patient(the_user(), request.args.get("guardian", ""))
    if guardian is None:
        return {}
    return {
        "guardian_id": str(guardian.id),
        "last_name": guardian.last_name,
        "email": guardian.email,
        "phone": guardian.phone,
    }


def _status(form: PatientForm) -> int:
    return 422 if form.is_submitted() else 200
