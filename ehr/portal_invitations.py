"""Inviting a patient to the portal, from the chart."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from sqlalchemy import delete, select
from werkzeug.wrappers import Response

from ehr.audit import record
from ehr.chart import chart_context
from ehr.database import db, utcnow
from ehr.models import Patient
from ehr.portal_models import PatientAccount, PatientInvitation, hashed
from ehr.records import patient_or_404
from ehr.sign_ins import charts_required

bp = Blueprint("portal_invitations", __name__, url_prefix="/patients/<int:patient_id>")

GOOD_FOR = timedelta(days=7)
NO_ADDRESS = "Enter the patient’s e-mail address first: it is what they sign in with."
TAKEN = "Another patient signs in with this e-mail address. Give this patient an address of their own first."


@bp.post("/portal-invitation")
@charts_required
def invite(patient_id: int) -> str | Response:
    """Make a link with which the patient sets a password, and show it once. The last one ends."""
    patient = patient_or_404(patient_id)
    refusal = _refusal(patient)
    if refusal:
        flash(refusal, "danger")
        return redirect(url_for("chart.show", patient_id=patient_id))
    token = secrets.token_urlsafe(32)
    db.session.execute(delete(PatientInvitation).where(PatientInvitation.patient_id == patient.id))
    db.session.add(
        PatientInvitation(
            id=hashed(token),
            patient_id=patient.id,
            email=(patient.email or "").lower(),
            ends_at=utcnow() + GOOD_FOR,
        )
    )
    db.session.commit()
    record("portal.invited", patient=patient)
    link = url_for("portal_access.welcome", token=token, _external=True)
    return render_template("portal/invited.html", **chart_context(patient), link=link, days=GOOD_FOR.days)


@bp.app_context_processor
def portal_state() -> dict[str, Any]:
    """Let the chart say whether its patient has an account."""
    return {"portal_account_of": account_of}


def account_of(patient: Patient) -> PatientAccount | None:
    """The patient's own account, or None."""
    return db.session.scalar(select(PatientAccount).where(PatientAccount.patient_id == patient.id))


def _refusal(patient: Patient) -> str | None:
    if not patient.email:
        return NO_ADDRESS
    owner = db.session.scalar(
        select(PatientAccount.patient_id).where(PatientAccount.email == patient.email.lower())
    )
    return TAKEN if owner not in {None, patient.id} else None
