"""/fullscript/patients/<id>/orders: what a patient ordered, for pages that keep themselves current."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from fullscript_embed import adherence, embed, order_checks, order_pages, plans
from fullscript_embed.clock import utcnow
from fullscript_embed.state import signed_in
from fullscript_embed.views.answers import NO_STORE
from fullscript_embed.views.checks import as_json, max_age


def orders(patient_id: str) -> ResponseReturnValue:
    """The version of a patient's orders, or 204 when it is the one that the page has `seen`."""
    signed_in()
    version = order_pages.version(embed.visible_patient(patient_id).id)
    if request.args.get("seen") == version:
        return "", 204, NO_STORE
    return {"version": version}, 200, NO_STORE


def check_orders(patient_id: str) -> ResponseReturnValue:
    """Compare a patient's orders with Fullscript; when that was, and how many are new.

    Body: {"max_age": seconds}, when a check that is younger will do.
    """
    return as_json(order_checks.check_patient(patient_id, max_age=max_age())), 200, NO_STORE


def order_adherence(patient_id: str) -> ResponseReturnValue:
    """Show what was recommended against what was ordered as a fragment; 204 when the page has `seen` it."""
    signed_in()
    patient = embed.visible_patient(patient_id)
    today = utcnow().date()
    version = f"{order_pages.version(patient.id)}/{plans.version(patient.id)}/{today}"
    if request.args.get("seen") == version:
        return "", 204, NO_STORE
    html = render_template(
        "fullscript_embed/adherence.html",
        rows=adherence.of_patient(patient.id, today=today),
        version=version,
        today=today,
    )
    return html, 200, NO_STORE
