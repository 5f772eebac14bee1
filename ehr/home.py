"""The start page, which is another one for each role."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from ehr import sign_ins

bp = Blueprint("home", __name__)


@bp.get("/")
@sign_ins.required()
def index() -> Response:
    """Lead everybody to where their work is."""
    return redirect(url_for("patients.index" if sign_ins.the_user().sees_patients else "admin.users"))
