"""GET and POST /fullscript/patients/<id>/record: who a patient is at Fullscript, for hosts without a page of
their own for that."""

from __future__ import annotations

from flask import flash, get_flashed_messages, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.utils import redirect

from fullscript_embed.state import current
from fullscript_embed.views.answers import NO_STORE

# Beside the host's own messages, which are not ours to show.
DONE = "fullscript-record"


def patient_record(patient_id: str) -> ResponseReturnValue:
    """Show the record, or do what a form of it says; searches are posted, so that no address holds a name."""
    people = current().extension.people
    if request.method == "GET":
        done = " ".join(map(str, get_flashed_messages(category_filter=[DONE])))
        view = people.record(patient_id)
        return render_template("fullscript_embed/people_page.html", record=view, done=done), 200, NO_STORE
    view = people.submit(patient_id, request.form)
    if view.done:
        flash(view.done, DONE)
        return redirect(url_for("fullscript.patient_record", patient_id=patient_id), 303)
    return render_template("fullscript_embed/people_page.html", record=view, done=""), view.status, NO_STORE
