"""From an HTTP response to the JSON in it, or to the error that names what went wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

import requests

from fullscript_embed.api.endpoints import Endpoint
from fullscript_embed.api.errors import (
    CredentialsRefused,
    Forbidden,
    FullscriptError,
    GrantRefused,
    MissingScope,
    RateLimited,
    RecordNotFound,
    RequestInvalid,
    RestrictedEndpoint,
    ServerFailed,
    TokenExpired,
    TokenRefused,
    TokenRevoked,
    UnreadableAnswer,
)

# "Must have `catalog:read` scope enabled …" (field notes, 1.23).
_SCOPE = re.compile(r"[`'\"]([a-z_]+(?::[a-z_]+)?)[`'\"] scope", re.IGNORECASE)
# An id of a request is a UUID; anything much longer is not one and would only fill a log.
_LONGEST_REQUEST_ID = 128


@dataclass(frozen=True, slots=True)
class Answer:
    """A good answer: its JSON (None when it has no body), its status and its X-Request-Id."""

    data: Any
    status: int
    request_id: str | None = None


def request_id_of(response: requests.Response) -> str | None:
    return response.headers.get("X-Request-Id", "")[:_LONGEST_REQUEST_ID] or None


def retry_after_of(response: requests.Response, *, now: datetime | None = None) -> float | None:
    """Seconds to wait, from a Retry-After of seconds or of an HTTP date; None when absent or unreadable."""
    value = response.headers.get("Retry-After", "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d+)?", value):
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max((moment - (now or datetime.now(UTC))).total_seconds(), 0.0)


def read_json(content: bytes) -> Any:
    """The JSON in *content*, raising ValueError for anything else.

    NaN and Infinity, which are no JSON, become null.
    """
    try:
        return json.loads(content, parse_constant=lambda _name: None)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def read_answer(response: requests.Response, endpoint: Endpoint) -> Answer:
    """Return what a 2xx answer holds; raise the error that any other answer stands for."""
    if not HTTPStatus.OK <= response.status_code < HTTPStatus.MULTIPLE_CHOICES:
        raise error_of(response, endpoint)
    try:
        data = read_json(response.content) if response.content.strip() else None
    except ValueError:
        readable = False  # raised below: the error of the JSON library holds the whole answer
    else:
        readable = True
    if not readable:
        raise _not_json(response, endpoint)
    return Answer(data, response.status_code, request_id_of(response))


def _not_json(response: requests.Response, endpoint: Endpoint) -> UnreadableAnswer:
    kind = response.headers.get("Content-Type", "no content type").partition(";")[0]
    return UnreadableAnswer(
        f"{endpoint.route} was answered with {response.status_code} and {kind}, which is not JSON",
        status=response.status_code,
        request_id=request_id_of(response),
    )


def _sentences(said: Any, field: str = "") -> Iterator[str]:
    """Every sentence in an `error`, be it a string, an array, or objects of either."""
    if isinstance(said, str):
        yield f"{field} {said}" if field else said
    elif isinstance(said, list):
        for item in said:
            yield from _sentences(item, field)
    elif isinstance(said, dict):
        for key, value in said.items():
            yield from _sentences(value, "" if key in {"message", "detail", "title"} else str(key))


def sentences_of(response: requests.Response) -> list[str]:
    """What an error answer says; nothing for HTML, an empty body, or JSON that says nothing."""
    try:
        body = read_json(response.content)
    except ValueError:
        return []
    if not isinstance(body, dict):
        return []
    keys = ("error", "error_description", "errors", "message")
    return [sentence for key in keys for sentence in _sentences(body.get(key))]


@dataclass(frozen=True, slots=True)
class _Refusal:
    """An answer that is not 2xx, with what it says."""

    response: requests.Response
    endpoint: Endpoint
    said: list[str]

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def message(self) -> str:
        return f"{self.endpoint.route} was answered with {self.status}"

    @property
    def request_id(self) -> str | None:
        return request_id_of(self.response)

    @property
    def words(self) -> str:
        return " ".join(self.said).lower()


def error_of(response: requests.Response, endpoint: Endpoint) -> FullscriptError:
    """The error that an answer which is not 2xx stands for."""
    refusal = _Refusal(response, endpoint, sentences_of(response))
    if endpoint.path == "/api/oauth/token" and refusal.status in _TOKEN_ENDPOINT_SPEAKS:
        return _token_endpoint_error(refusal)
    family = refusal.status // 100
    return _BY_STATUS.get(refusal.status, _BY_FAMILY.get(family, _unreadable))(refusal)


def _unreadable(refusal: _Refusal) -> FullscriptError:
    """A redirect, or a status that is none: Fullscript's API answers neither."""
    return UnreadableAnswer(refusal.message, status=refusal.status, request_id=refusal.request_id)


def _unauthorized(refusal: _Refusal) -> FullscriptError:
    """Told apart by the words that live answers use (field notes, 1.23)."""
    words = refusal.words
    kind = TokenExpired if "expired" in words else TokenRevoked if "revoked" in words else TokenRefused
    return kind(refusal.message, status=refusal.status, request_id=refusal.request_id)


def _forbidden(refusal: _Refusal) -> FullscriptError:
    words, message = refusal.words, refusal.message
    if scope := _SCOPE.search(words):
        message = f"{message}: the token lacks {scope[1]}"
        return MissingScope(message, scope=scope[1], request_id=refusal.request_id)
    if "scope" in words:
        return MissingScope(message, request_id=refusal.request_id)
    kind = RestrictedEndpoint if refusal.endpoint.restricted or "restricted" in words else Forbidden
    return kind(message, status=refusal.status, request_id=refusal.request_id)


def _not_found(refusal: _Refusal) -> FullscriptError:
    """Rails says `{"status":404,"error":"Not Found"}` of a path that it does not know (field notes, P2).

    A page in place of JSON tells the same: whatever answered is not the API.
    """
    is_page = "html" in refusal.response.headers.get("Content-Type", "")
    error = RecordNotFound(refusal.message, status=refusal.status, request_id=refusal.request_id)
    if is_page or b'"status":404' in refusal.response.content.replace(b" ", b""):
        error.reason, error.advice = "path_not_found", "There is no such path: check the API URL."
    return error


def _invalid(refusal: _Refusal) -> FullscriptError:
    return RequestInvalid(
        refusal.message, messages=refusal.said, status=refusal.status, request_id=refusal.request_id
    )


def _rate_limited(refusal: _Refusal) -> FullscriptError:
    wait = retry_after_of(refusal.response)
    return RateLimited(
        refusal.message, retry_after=wait, status=refusal.status, request_id=refusal.request_id
    )


def _server_failed(refusal: _Refusal) -> FullscriptError:
    wait = retry_after_of(refusal.response)
    return ServerFailed(
        refusal.message, retry_after=wait, status=refusal.status, request_id=refusal.request_id
    )


def _token_endpoint_error(refusal: _Refusal) -> FullscriptError:
    """OAuth's own codes: invalid_client is about the app, invalid_grant about the code or refresh token."""
    words = refusal.words
    if "invalid_grant" in words or "grant is invalid" in words:
        return GrantRefused(refusal.message, status=refusal.status, request_id=refusal.request_id)
    if "invalid_client" in words or refusal.status == HTTPStatus.UNAUTHORIZED:
        return CredentialsRefused(refusal.message, status=refusal.status, request_id=refusal.request_id)
    return _invalid(refusal)


_TOKEN_ENDPOINT_SPEAKS = {HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED}
_BY_STATUS: dict[int, Callable[[_Refusal], FullscriptError]] = {
    HTTPStatus.UNAUTHORIZED: _unauthorized,
    HTTPStatus.FORBIDDEN: _forbidden,
    HTTPStatus.NOT_FOUND: _not_found,
    HTTPStatus.TOO_MANY_REQUESTS: _rate_limited,
}
_BY_FAMILY: dict[int, Callable[[_Refusal], FullscriptError]] = {4: _invalid, 5: _server_failed}
