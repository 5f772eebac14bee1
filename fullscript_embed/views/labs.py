"""/fullscript/patients/<id>/labs and …/lab-orders/<id>/results/<id>: asking about labs, reading results."""

from __future__ import annotations

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.utils import redirect

from fullscript_embed import embed
from fullscript_embed.api.errors import FullscriptError
from fullscript_embed.state import current, signed_in
from fullscript_embed.states import is_own_path
from fullscript_embed.views.answers import NO_STORE, wants_json


def check_labs(patient_id: str) -> ResponseReturnValue:
    """Ask Fullscript about a patient's labs, and go back to the page that the form is on.

    That Fullscript could not be reached stands on the page then. A program is told as of every failure.
    """
    labs = current().extension.labs
    try:
        check = labs.check(patient_id)
    except FullscriptError:
        if wants_json():
            raise
        return redirect(_back(), 303)
    if wants_json():
        return {"checked_at": check.checked_at and check.checked_at.isoformat()}, 200, NO_STORE
    return redirect(_back(), 303)


def lab_result(patient_id: str, lab_order_id: str, result_id: str) -> ResponseReturnValue:
    """Show a result's PDF, to whoever may see the patient and is connected to the clinic that it is of."""
    if request.method == "HEAD":
        # It would fetch the file, and write down that somebody had seen it.
        raise MethodNotAllowed(valid_methods=["GET"])
    found = current().extension.labs.open_result(patient_id, lab_order_id, result_id)
    answer = Response(found.pdf.pieces(), mimetype="application/pdf")
    answer.call_on_close(found.pdf.close)
    answer.content_length = found.pdf.size
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["Content-Disposition"] = f'inline; filename="{found.name}"'
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def labs(patient_id: str) -> ResponseReturnValue:
    """Show a patient's labs as a fragment, or 204 when they are as the page's version `seen` says."""
    signed_in()
    patient = embed.visible_patient(patient_id)
    shown = current().extension.labs.of_patient(patient.id)
    if request.args.get("seen") == shown.version:
        return "", 204, NO_STORE
    return render_template("fullscript_embed/labs_fragment.html", labs=shown), 200, NO_STORE


def _back() -> str:
    """The page of ours that the form was on, else the start page."""
    sent = request.form.get("next") or (request.referrer or "").removeprefix(request.host_url.rstrip("/"))
    return sent if is_own_path(sent) else f"{request.script_root}/"
