"""POST /fullscript/webhooks/<environment>: what Fullscript tells of itself."""

from __future__ import annotations

from flask import current_app, jsonify, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFProtect
from werkzeug.exceptions import BadRequest, NotFound, RequestEntityTooLarge

from fullscript_embed import jobs, refusals, webhooks
from fullscript_embed.clock import utcnow
from fullscript_embed.errors import WebhookRefused
from fullscript_embed.state import current
from fullscript_embed.views.storing import storing


def receive_webhook(environment: str) -> ResponseReturnValue:
    """Keep one signed event, and answer with the challenge; so too when it was there before.

    400, 401 or 413 when it cannot be believed or read, 503 when it could not be stored: then Fullscript sends
    it again.
    """
    where = current().settings.environments.get(environment)
    if where is None:
        raise NotFound("There is no such Fullscript environment here.")
    try:
        answer = jsonify(challenge=webhooks.challenge_of(where))
        with storing("a webhook"):
            stored = webhooks.accept(where, _body(), request.headers.get(webhooks.HEADER), now=utcnow())
    except WebhookRefused as refusal:
        refusals.count(environment, refusal.error_code)
        raise
    if stored is not None and stored.is_news:
        jobs.wake_after(answer, stored.id)
    return answer


def exempt_from_csrf(endpoint: str | None, _values: object) -> None:
    """Keep a host's CSRFProtect, however it was registered, from asking Fullscript for a token.

    Runs ahead of every check that a host makes before a request; the signature takes the token's place.
    """
    protection = current_app.extensions.get("csrf")
    if endpoint == "fullscript.receive_webhook" and isinstance(protection, CSRFProtect):
        protection.exempt(receive_webhook)


def _body() -> bytes:
    request.max_content_length = webhooks.LARGEST
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge:
        raise WebhookRefused("The body is larger than 1 MB.", status=413, code="too_large") from None
    except BadRequest:
        raise WebhookRefused("The body ended early.", status=400, code="cut_short") from None
    if not body and (request.content_length or _is_held_back()):
        # Something of the host's read it, and an event must not pass for an empty call.
        raise WebhookRefused("The body did not come as far as here.", status=400, code="cut_short")
    return body


def _is_held_back() -> bool:
    """True for a body in chunks on a server that hands over only those of a known length."""
    return "Transfer-Encoding" in request.headers and not request.environ.get("wsgi.input_terminated")
