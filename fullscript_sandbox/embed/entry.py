"""The two addresses that the browser library puts in its frame."""

from __future__ import annotations

import re
from dataclasses import dataclass

from flask import Response, abort, make_response, render_template, request
from sqlalchemy import select

from fullscript_sandbox import frame_sessions, grants
from fullscript_sandbox.database import db
from fullscript_sandbox.embed import bp, data_tokens
from fullscript_sandbox.embed.origins import frame_ancestors, origin_of
from fullscript_sandbox.models import App, FrameSession

# What a frame may load and whom it may talk to: the sandbox and nobody else.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors {ancestors}"
)
_FRAME_ID = re.compile(r"[\w-]{1,64}")

SECRET_TOKEN = "INVALID_SECRET_TOKEN: The secret_token was invalid or missing"  # noqa: S105 -- a message
PATIENT_ID = "INVALID_PATIENT_ID: The patient_id was invalid or missing"
FRAME_ID = "INVALID_FRAME_ID: The frame_id was invalid or missing"
NOT_ALLOWED = "FRAME_NOT_ALLOWED: The public_key is unknown, or this page is not in the app's Origin URI list"

ADVICE: dict[str, str | dict[str, str]] = {
    SECRET_TOKEN: {
        "unknown": "This secret token does not exist here. Ask for a new session grant, in the environment "
        "that this frame belongs to, right before you create the feature.",
        "foreign_app": "This session grant belongs to another app than the public key. Use the public key of "
        "the app that asked for the grant.",
        "used": "This session grant was used already. A grant opens one frame once: ask for a new one for "
        "each time that the feature is shown.",
        "expired": "This session grant is older than 120 seconds. Ask for it on the click that opens the "
        "feature and not when the page is drawn.",
    },
    PATIENT_ID: "The clinic has no patient with this id. Leave the id out and send the patient's name and "
    "e-mail address instead, or use the platform feature, which lets the user search.",
    FRAME_ID: "The browser library sends a frame_id with each frame. Open this address through it.",
    NOT_ALLOWED: "Check that publicKey belongs to this environment and that the page's origin, port "
    "included, is in the Origin URI list on the dashboard.",
}


@dataclass(frozen=True)
class Parameters:
    """What the library wrote into the frame's address."""

    public_key: str
    secret_token: str
    target_origin: str
    frame_id: str
    entrypoint: str
    data_token: str | None

    @classmethod
    def of_request(cls) -> Parameters:
        """Read them from the query. The library sends a `+` in a secret token raw (field notes, 1.25)."""
        query = request.args
        return cls(
            public_key=query.get("public_key", ""),
            secret_token=query.get("secret_token", "").replace(" ", "+"),
            target_origin=origin_of(query.get("target_origin", "")) or "",
            frame_id=query.get("frame_id", ""),
            entrypoint=query.get("entrypoint", "catalog"),
            data_token=query.get("data_token"),
        )


class FrameRefused(Exception):
    """The frame gets an error page; `error` is what the library throws in the partner's console."""

    def __init__(self, error: str, advice: str, status: int) -> None:
        super().__init__(error)
        self.error, self.advice, self.status = error, advice, status


@bp.get("/api/embeddable/session/embed/entry")
def platform_feature() -> Response:
    """The platform feature's page, signed in by the session grant's secret token alone."""
    return _answer(Parameters.of_request(), feature="platform")


@bp.get("/api/embeddable/session/treatment_plans/new")
def treatment_plan_feature() -> Response:
    """The treatmentPlan feature's page: always the catalog, and a patient id has to be right."""
    return _answer(Parameters.of_request(), feature="treatmentPlan")


def _answer(parameters: Parameters, *, feature: str) -> Response:
    """The feature's page or the error page, and who may frame it. 405 to HEAD: it would use the grant up."""
    if request.method == "HEAD":
        abort(405)
    app = db.session.scalar(select(App).where(App.public_key == parameters.public_key))
    ancestors = frame_ancestors(app, parameters.target_origin)
    try:
        response = _feature_page(parameters, _open(app, ancestors, parameters, feature=feature))
    except FrameRefused as refusal:
        response = _error_page(refusal, parameters.target_origin if ancestors != "'none'" else None)
    response.headers["Content-Security-Policy"] = POLICY.format(ancestors=ancestors)
    response.headers["Referrer-Policy"] = "no-referrer"  # the address holds the secret token
    response.headers["Cache-Control"] = "no-store"
    return response


def _open(app: App | None, ancestors: str, parameters: Parameters, *, feature: str) -> FrameSession:
    """Claim the grant and sign the frame in. A page that may not hold the frame uses no grant up."""
    if app is None or ancestors == "'none'":
        raise FrameRefused(NOT_ALLOWED, _advice(NOT_ALLOWED), 403)
    if not _FRAME_ID.fullmatch(parameters.frame_id):
        raise FrameRefused(FRAME_ID, _advice(FRAME_ID), 422)
    try:
        grant = grants.claim(parameters.secret_token, app)
    except grants.GrantRefused as refusal:
        raise FrameRefused(SECRET_TOKEN, _advice(SECRET_TOKEN, refusal.reason), 401) from refusal
    data = data_tokens.read(parameters.data_token)
    known = frame_sessions.patient_of(grant.user, data.get("id"))
    if feature == "treatmentPlan" and "id" in data and known is None:
        raise FrameRefused(PATIENT_ID, _advice(PATIENT_ID), 422)
    entrypoint = parameters.entrypoint if feature == "platform" else "catalog"
    session = frame_sessions.start(grant, data, entrypoint=entrypoint)
    db.session.commit()
    return session


def _advice(error: str, reason: str | None = None) -> str:
    advice = ADVICE[error]
    return advice if isinstance(advice, str) else advice[reason or "unknown"]


def _feature_page(parameters: Parameters, session: FrameSession) -> Response:
    page = {
        "frameKey": session.key,
        "frameId": parameters.frame_id,
        "targetOrigin": parameters.target_origin,
    }
    return make_response(render_template("platform/frame.html", page=page))


def _error_page(refusal: FrameRefused, target_origin: str | None) -> Response:
    """Say it to the user, and to the library in the page around where that page may know."""
    page = {"targetOrigin": target_origin, "payload": [refusal.error]}
    text = render_template("embed/error.html", error=refusal.error, advice=refusal.advice, page=page)
    return make_response(text, refusal.status)
