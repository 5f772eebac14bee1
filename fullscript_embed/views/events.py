"""POST /fullscript/events: what the browser library reported."""

from __future__ import annotations

from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from fullscript_embed import embed, envelope, inbox, jobs
from fullscript_embed.connections import clinic_of
from fullscript_embed.envelope import BROWSER, Envelope
from fullscript_embed.errors import EmbedError, EventRefused, NotConnected
from fullscript_embed.people import User
from fullscript_embed.state import current, signed_in
from fullscript_embed.views.answers import NO_STORE
from fullscript_embed.views.storing import storing

# Bytes. A plan with a hundred recommendations has about 40 KB.
LARGEST = 256 * 1024


def receive_event() -> ResponseReturnValue:
    """Keep one event of the browser library; posting it again changes nothing.

    Body: {"patient_id", "environment", "event": as the library gave it}. Answers 202 once it is stored,
    503 when it could not be: then the page sends it again.
    """
    user = signed_in()
    patient_id, environment, payload = _body()
    event = envelope.read(payload)
    patient = embed.visible_patient(patient_id)
    _check_whose(event, user, environment)
    with storing("a report"):
        stored = inbox.store(
            event, payload, environment=environment, door=BROWSER, user_id=user.id, patient_id=patient.id
        )
    if stored.is_news:
        jobs.wake(stored.id)
    return {"id": stored.id, "duplicate": stored.duplicate}, 202, NO_STORE


def _body() -> tuple[str, str, Any]:
    request.max_content_length = LARGEST
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise EventRefused("The body has to be a JSON object.", status=400, code="invalid_request")
    for name in ("patient_id", "environment"):
        if not isinstance(body.get(name), str) or not body[name]:
            raise EventRefused(f'"{name}" has to be a text.', code="invalid_request")
    return body["patient_id"], body["environment"], body.get("event")


def _check_whose(event: Envelope, user: User, environment: str) -> None:
    """An event has to come from the clinic that this user connected, through this application.

    A connection that ended meanwhile still counts: what was done in the frame was done.
    """
    clinic_id = clinic_of(user.id, environment)
    if clinic_id is None:
        raise NotConnected(f"You have no Fullscript connection in {environment!r}.")
    if event.clinic_id != clinic_id:
        raise EventRefused("The event is of another clinic than yours.", status=409, code="wrong_clinic")
    try:
        ours = current().environment(environment).client_id
    except EmbedError as error:
        raise EventRefused(str(error), code="invalid_request") from None
    if event.client_id not in (None, ours):
        raise EventRefused("The event is of another application.", status=409, code="wrong_application")
