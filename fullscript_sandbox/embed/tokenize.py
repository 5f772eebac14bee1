"""POST /api/embeddable/tokenize: called from the partner's page, so from any origin."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, request

from fullscript_sandbox.database import db
from fullscript_sandbox.embed import bp, data_tokens
from fullscript_sandbox.refusals import Invalid

# 16 KB is far more than a patient's fields take.
MAX_BODY = 16 * 1024


@bp.route("/api/embeddable/tokenize", methods=["POST", "OPTIONS"], provide_automatic_options=False)
def tokenize() -> Response:
    """Take a patient's data and answer the token that stands for it in the frame's address.

    422 for a body that is not {"data": {…}}; the library then goes on without a patient. No cookie is
    read, so every origin may call.
    """
    if request.method == "OPTIONS":
        return _open_to_all(Response(status=204))
    try:
        token = data_tokens.keep(_body())
    except Invalid as error:
        return _open_to_all(_answer({"error": error.messages}, 422))
    db.session.commit()
    return _open_to_all(_answer({"data_token": token}, 200))


def _body() -> Any:
    """The body as JSON, whatever type it says it is; None for anything else."""
    if (request.content_length or 0) > MAX_BODY:
        raise Invalid([f"The body is longer than {MAX_BODY} bytes"])
    return request.get_json(force=True, silent=True)


def _answer(body: dict[str, object], status: int) -> Response:
    response = jsonify(body)
    response.status_code = status
    response.cache_control.no_store = True
    return response


def _open_to_all(response: Response) -> Response:
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Allow-Methods"] = "POST, OPTIONS"
    response.headers["Access-Control-Allow-Headers"] = "Content-Type"
    response.headers["Access-Control-Max-Age"] = "600"
    return response
