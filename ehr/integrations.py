"""What this app works together with: for each user, their Fullscript account."""

from __future__ import annotations

from flask import Blueprint, render_template

from ehr import sign_ins
from ehr.fullscript import environment_for, fullscript

bp = Blueprint("integrations", __name__)


@bp.get("/integrations")
@sign_ins.required()
def index() -> str:
    """Show the user's own connection, and where it is made and ended."""
    return render_template(
        "integrations.html",
        connection=fullscript.connection(),
        environment=environment_for(sign_ins.the_user().practice.country),
    )
