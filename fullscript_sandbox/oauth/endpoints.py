"""What an app's server calls: tokens for a code or a refresh token, and the end of both.

Failures are {"error": …, "error_description": …} as OAuth 2.0 has them, 401 for invalid_client, else 400.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any

from flask import Response, jsonify, request
from sqlalchemy import select

from fullscript_sandbox.database import db
from fullscript_sandbox.models import App, Token
from fullscript_sandbox.oauth import bp, codes, tokens


class OAuthRefused(Exception):
    """A request that gets no token. `error` is one of OAuth's own words."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error, self.description = error, description


@bp.post("/api/oauth/token")
def token() -> Response:
    """Answer a pair of tokens, for an authorization code or for a refresh token. JSON or form."""
    sent = _parameters()
    grant = GRANTS.get(_need(sent, "grant_type"))
    if grant is None:
        raise OAuthRefused("unsupported_grant_type", f"grant_type has to be one of {', '.join(GRANTS)}.")
    return _unstored(tokens.answer(grant(_client(sent), sent)))


@bp.post("/api/oauth/revoke")
def revoke() -> Response:
    """End all that one authorization gave, by any access or refresh token of it, expired ones too.

    Answers the same for a token that is unknown, or another app's, so that it tells nobody of tokens.
    """
    sent = _parameters()
    app = _client(sent)
    found = tokens.find(app, _need(sent, "token"))
    if found is not None:
        tokens.revoke(found)
        db.session.commit()
    return _unstored({})


@bp.errorhandler(OAuthRefused)
def refused(error: OAuthRefused) -> Response:
    """The one shape of a failure."""
    response = _unstored({"error": error.error, "error_description": error.description})
    response.status_code = 401 if error.error == "invalid_client" else 400
    return response


def _exchange(app: App, sent: Mapping[str, str]) -> Token:
    code, redirect_uri = _need(sent, "code"), _need(sent, "redirect_uri")
    try:
        return codes.exchange(app, code, redirect_uri)
    except codes.CodeRefused as error:
        raise OAuthRefused("invalid_grant", str(error)) from error


def _refresh(app: App, sent: Mapping[str, str]) -> Token:
    """Live clients leave redirect_uri out here, so it is not asked for (field notes, 1.2)."""
    try:
        return tokens.refresh(app, _need(sent, "refresh_token"))
    except tokens.RefreshRefused as error:
        raise OAuthRefused("invalid_grant", str(error)) from error


GRANTS = {"authorization_code": _exchange, "refresh_token": _refresh}


def _parameters() -> Mapping[str, str]:
    """The fields of the body; null counts as absent."""
    sent = _json() if request.is_json else request.form.to_dict()
    for name, value in sent.items():
        if not isinstance(value, str) or not _is_text(value):
            raise OAuthRefused("invalid_request", f"{name} has to be a string.")
    return sent


def _json() -> dict[str, Any]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise OAuthRefused("invalid_request", "The body has to be a JSON object, or a form.")
    return {name: value for name, value in body.items() if value is not None}


def _is_text(value: str) -> bool:
    """False for half of a surrogate pair, which JSON can name and UTF-8 cannot hold."""
    return value.encode(errors="replace").decode() == value


def _need(sent: Mapping[str, str], name: str) -> str:
    if not sent.get(name):
        raise OAuthRefused("invalid_request", f"The parameter {name} is missing.")
    return sent[name]


def _client(sent: Mapping[str, str]) -> App:
    """The app whose id and secret were sent; compared in a time that tells nothing about the secret."""
    app = db.session.scalar(select(App).where(App.client_id == sent.get("client_id", "")))
    secret = app.client_secret if app else ""
    if not hmac.compare_digest(secret.encode(), sent.get("client_secret", "").encode()) or app is None:
        raise OAuthRefused("invalid_client", "The client_id or the client_secret is missing or wrong.")
    return app


def _unstored(body: dict[str, Any]) -> Response:
    response = jsonify(body)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Pragma"] = "no-cache"
    return response
