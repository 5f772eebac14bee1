"""The control plane's blueprint, and how its views say what they take and give."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, current_app, jsonify, request
from pydantic import BaseModel, ConfigDict, ValidationError

from fullscript_sandbox.refusals import Invalid
from fullscript_sandbox.settings import Settings, is_loopback

bp = Blueprint("control", __name__, url_prefix="/_sandbox")

View = Callable[..., Any]


class Message(BaseModel):
    """What goes over the wire. Unknown keys are refused, so that a typing mistake does not pass unseen."""

    model_config = ConfigDict(extra="forbid")


class Refusal(Message):
    """Why a request was refused, one sentence for each thing that is wrong with it."""

    error: list[str]


@dataclass(frozen=True)
class Speech:
    """What a view takes and gives; read by its wrapper and by the description of the API."""

    takes: type[Message] | None
    gives: type[Message] | None
    status: int
    query: tuple[str, ...]


def speaks(
    *,
    takes: type[Message] | None = None,
    gives: type[Message] | None = None,
    status: int = HTTPStatus.OK,
    query: tuple[str, ...] = (),
) -> Callable[[View], View]:
    """Check the body against *takes* and hand it to the view as `body`; answer what it returns as *gives*."""

    def decorate(view: View) -> View:
        @wraps(view)
        def speaking(**arguments: Any) -> Response | tuple[Response, int] | tuple[str, int]:
            if takes:
                arguments["body"] = takes.model_validate(_body())
            answer: Message | None = view(**arguments)
            return (jsonify(answer.model_dump(mode="json")), status) if answer else ("", status)

        speaking.speech = Speech(takes, gives, status, query)  # type: ignore[attr-defined]  # read by description.py
        return speaking

    return decorate


def _body() -> Any:
    body = request.get_json(silent=True)
    if body is None:
        raise Invalid(["body: has to be JSON, sent with Content-Type: application/json"])
    return body


@bp.before_request
def refuse_strangers() -> None:
    """403 to what a web page could send here from a browser: foreign origins, borrowed names."""
    origin = request.headers.get("Origin")
    if origin not in {None, request.host_url.rstrip("/")}:
        abort(HTTPStatus.FORBIDDEN)
    settings: Settings = current_app.config["SANDBOX"]
    host = urlsplit(request.host_url).hostname or ""
    if not (settings.allow_remote or is_loopback(host)):
        abort(HTTPStatus.FORBIDDEN)


@bp.errorhandler(ValidationError)
def refuse(error: ValidationError) -> tuple[Response, int]:
    """422 with one sentence for each thing that is wrong with the body."""
    sentences = [f"{'.'.join(map(str, one['loc'])) or 'body'}: {one['msg']}" for one in error.errors()]
    return jsonify(error=sentences), HTTPStatus.UNPROCESSABLE_ENTITY
