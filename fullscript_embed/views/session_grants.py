"""POST /fullscript/patients/<id>/session-grants: the grant that opens the feature, once."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue

from fullscript_embed import embed
from fullscript_embed.clock import utcnow
from fullscript_embed.state import signed_in
from fullscript_embed.views.answers import NO_STORE


def create_session_grant(patient_id: str) -> ResponseReturnValue:
    """Mint what opens Fullscript for a patient: a grant of 120 seconds, and what the browser library needs.

    Body: {"entrypoint": "catalog" or "labs"}. Nothing of the answer may be kept by the browser.
    """
    user = signed_in()
    body = request.get_json(silent=True)
    entrypoint = embed.check_entrypoint(body.get("entrypoint") if isinstance(body, dict) else None)
    opening = embed.open_feature(user, patient_id, entrypoint, now=utcnow())
    return opening.as_json(), 200, NO_STORE
