"""/fullscript/patients/<id>/plans: the patient's plans, for pages that keep themselves current."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from fullscript_embed import embed, plan_actions, plan_checks
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
        "fullscript_embed/plans.html",
        patient_id=patient.id,
        plans=shown.plans,
        version=shown.version,
        older=shown.older,
    )
    return html, 200, NO_STORE


def check_plans(patient_id: str) -> ResponseReturnValue:
    """Compare a patient's plans with Fullscript; when that was, and how many are different since.

    Body: {"max_age": seconds} when a check that is younger will do, {"first": plan id} for the one that is
    read first of many.
    """
    body = request.get_json(silent=True)
    first = body.get("first") if isinstance(body, dict) else None
    check = plan_checks.check_patient(
        patient_id, max_age=max_age(), first=first if isinstance(first, str) else None
    )
    return as_json(check), 200, NO_STORE


def cancel_plan(patient_id: str, plan_id: str) -> ResponseReturnValue:
    """Cancel an active plan; `was_before` is true when somebody had done it already."""
    done = plan_actions.cancel(patient_id, plan_id)
    return {"plan_id": done.plan_id, "was_before": done.was_before}, 200, NO_STORE


def open_checkout(patient_id: str, plan_id: str) -> ResponseReturnValue:
    """Fill the patient's cart with the plan, in place of what is in it; the address where it is paid for."""
    return {"url": plan_actions.in_office_checkout(patient_id, plan_id)}, 200, NO_STORE


def read_invitation(patient_id: str, plan_id: str) -> ResponseReturnValue:
    """The patient's own link to an active plan. A POST, because it is as good as a password."""
    return {"url": plan_actions.invitation(patient_id, plan_id)}, 200, NO_STORE
