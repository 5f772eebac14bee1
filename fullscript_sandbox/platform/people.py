"""Finding the patient: suggestions from what the app knows, search, a new record."""

from __future__ import annotations

from typing import Any

from flask import request

from fullscript_sandbox import lists, patients, redirect_tabs
from fullscript_sandbox.database import db
from fullscript_sandbox.models import Patient
from fullscript_sandbox.platform import bp, cards, messages
from fullscript_sandbox.platform.visits import Visit, current, visit_required

PAGE_SIZE = 20
MAX_SUGGESTIONS = 8


@bp.get("/patients/suggestions")
@visit_required
def suggest_patients() -> dict[str, Any]:
    """The patients that the app's data may mean, best first (guide: "suggestions are shown to the user")."""
    visit = current()
    found = patients.matches(visit.clinic, visit.patient_data) if visit.patient_data else []
    found = [one for one in found if not one.archived]
    return {"patients": [cards.patient(one) for one in found[:MAX_SUGGESTIONS]]}


@bp.get("/patients")
@visit_required
def search_patients() -> dict[str, Any]:
    """The clinic's patients that fit `query`, dependents among them, a page at a time."""
    query = patients.search(current().clinic, request.args.get("query", ""), patient_type="all")
    page = lists.page_of(query.where(Patient.archived.is_(False)), PAGE_SIZE, lenient=True)
    return {
        "patients": [cards.patient(one) for one in page.items],
        "total": page.total,
        "next_page": page.next_num,
    }


@bp.post("/patients")
@visit_required
def create_patient() -> tuple[dict[str, Any], int]:
    """Create a patient, which is told as `patient.created`, and answer the message for the page around."""
    visit = current()
    patient = patients.create(visit.clinic, request.get_json(), source="platform")
    return _selected(visit, patient), 201


@bp.patch("/patients/<patient_id>")
@visit_required
def update_patient(patient_id: str) -> dict[str, Any]:
    """Put a patient's details right, which is told as `patient.updated`."""
    patient = current().patient_or_404(patient_id)
    patients.update(patient, request.get_json(), source="platform")
    db.session.commit()
    return {"patient": cards.patient(patient)}


@bp.post("/patients/<patient_id>/selection")
@visit_required
def select_patient(patient_id: str) -> dict[str, Any]:
    """Choose a patient: answers the message for the page around.

    Nothing is stored, but the partner's own id for the patient where a tab's link has one.
    """
    visit = current()
    return _selected(visit, visit.patient_or_404(patient_id))


@bp.get("/patients/<patient_id>/drafts")
@visit_required
def list_drafts(patient_id: str) -> dict[str, Any]:
    """The patient's plans that were begun and not sent, newest first."""
    visit = current()
    return {"drafts": [cards.plan_row(one) for one in visit.drafts_of(visit.patient_or_404(patient_id))]}


def _selected(visit: Visit, patient: Patient) -> dict[str, Any]:
    if visit.opening:
        redirect_tabs.keep_external_id(visit.opening, patient)
    db.session.commit()
    message = visit.message(messages.patient_selected, patient)
    return {"patient": cards.patient(patient), "message": message}
