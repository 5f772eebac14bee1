"""/fullscript/patients/<id>/plans: the patient's plans, for pages that keep themselves current."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from fullscript_embed import embed, plan_checks
from fullscript_embed import plans as kept
from fullscript_embed.state import signed_in
from fullscript_embed.views.answers import NO_STORE
from fullscript_embed.views.checks import as_json, max_age


def plans(patient_id: str) -> ResponseReturnValue:
    """Show a patient's plans as a fragment, or 204 when they are as the page's version `seen` says."""
    signed_in()
    patient = embed.visible_patient(patient_id)
    if request.args.get("seen") == kept.version(patient.id):
        return "", 204, NO_STORE
    shown = kept.fragment(patient.id)
    html = render_template(
        "fullscript_embed/plans.html", patient_id=patient.id, plans=shown.plans, version=shown.version
    )
    return html, 200, NO_STORE


def check_plans(patient_id: str) -> ResponseReturnValue:
    """Compare a patient's plans with Fullscript; when that was, and how many are different since.

    Body: {"max_age": seconds}, when a check that is younger will do.
    """
    return as_json(plan_checks.check_patient(patient_id, max_age=max_age())), 200, NO_STORE
