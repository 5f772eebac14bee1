"""The one place that answers failures of the API, in the shapes that Fullscript uses.

401, 403, 422 …          {"error": "…"} or {"error": ["…", "…"]}     field notes, 1.23
a path that is not one   {"status": 404, "error": "Not Found"}       field notes, P2
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from flask import Flask, Response, g, jsonify, request
from werkzeug.exceptions import HTTPException, InternalServerError

from fullscript_sandbox.refusals import Invalid, NotFound, WrongState

log = logging.getLogger(__name__)


class ApiError(Exception):
    """A refusal: what a view raises to answer *status* with *error*, one sentence or several."""

    def __init__(self, status: int, error: str | list[str], headers: dict[str, str] | None = None) -> None:
        super().__init__(error)
        self.status, self.error, self.headers = status, error, headers or {}


def init_app(app: Flask) -> None:
    """Answer every ApiError in its shape, and put X-Request-Id on every answer of the sandbox."""
    app.register_error_handler(ApiError, _answer)
    app.register_error_handler(Invalid, lambda error: _answer(ApiError(422, error.messages)))
    app.register_error_handler(NotFound, lambda error: _answer(ApiError(404, str(error))))
    app.register_error_handler(WrongState, lambda error: _answer(ApiError(422, [error.message])))
    app.after_request(_add_request_id)


def request_id() -> str:
    """The id of the request being answered, a UUID, as in its X-Request-Id header."""
    if "request_id" not in g:
        g.request_id = str(uuid4())
    return str(g.request_id)


def wants_json() -> bool:
    """True where a failure is answered as JSON: under /api, except its pages, and to programs that post.

    A program that posts to /oauth/token learns that way that the path is another (field notes, P2).
    """
    if request.path.startswith(("/api/", "/_sandbox")):
        return not request.path.startswith(("/api/oauth/authorize", "/api/embeddable/session"))
    return request.method == "POST" and "text/html" not in request.accept_mimetypes.values()


def answer_http_error(error: HTTPException) -> Response:
    """A failure that Flask itself raised, as the API would say it: unknown path, wrong method, crash."""
    body: dict[str, Any] = {"error": error.name}
    if error.code == HTTPStatus.NOT_FOUND and request.url_rule is None:
        body = {"status": 404, "error": "Not Found"}
    response = jsonify(body)
    response.status_code = error.code or InternalServerError.code
    response.headers.extend(_kept_headers(error))
    return response


def _kept_headers(error: HTTPException) -> list[tuple[str, str]]:
    return [
        (name, value) for name, value in error.get_headers() if name not in ("Content-Type", "Content-Length")
    ]


def _answer(error: ApiError) -> Response:
    log.info("refused: %s %s %s", request_id(), error.status, request.path)
    response = jsonify({"error": error.error})
    response.status_code = error.status
    response.headers.extend(error.headers)
    return response


def _add_request_id(response: Response) -> Response:
    response.headers["X-Request-Id"] = request_id()
    return response
