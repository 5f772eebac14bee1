"""Carries requests to Fullscript: pooled connections, time-outs, retries, the rate limit, and hooks.

One transport serves any number of clients and threads; make one for a program and hand it to every client.
"""

from __future__ import annotations

import functools
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from importlib import metadata
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3.exceptions import MaxRetryError, NewConnectionError, ReadTimeoutError

from fullscript_embed.api.answers import Answer, read_answer, request_id_of
from fullscript_embed.api.endpoints import Endpoint
from fullscript_embed.api.errors import (
    FullscriptError,
    FullscriptTimedOut,
    FullscriptUnreachable,
    RecordNotFound,
    RequestInvalid,
    UnreadableAnswer,
)
from fullscript_embed.api.hosts import is_this_machine
from fullscript_embed.api.rate_limit import RateLimit, limit_of_this_process
from fullscript_embed.api.retries import Retries

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One attempt at a call, for logs and metrics. It holds no id, no query and no body.

    `route` is "GET /api/clinic/patients/{id}"; `status` is None when no answer came; `duration` is in
    seconds; `reason` is that of the error, None when all went well.
    """

    route: str
    status: int | None
    duration: float
    request_id: str | None
    attempt: int
    reason: str | None


@dataclass(frozen=True, slots=True)
class TimeOuts:
    """Seconds to wait for a connection, and for each next piece of an answer."""

    connect: float = 3.05
    read: float = 20.0


@dataclass(frozen=True, slots=True)
class Body:
    """What a request carries: JSON, or a stream that can be opened anew for each attempt."""

    json: Any = None
    stream: Callable[[], tuple[Any, str]] | None = None

    def options(self) -> tuple[dict[str, Any], dict[str, str]]:
        """Options for requests, and headers."""
        if self.stream is not None:
            data, content_type = self.stream()
            return {"data": data}, {"Content-Type": content_type}
        return ({} if self.json is None else {"json": self.json}), {}


@dataclass(frozen=True, slots=True)
class Call:
    """One request to make: an endpoint with its parameters filled in. The repr shows the endpoint alone."""

    endpoint: Endpoint
    url: str = field(repr=False)
    params: Sequence[tuple[str, str]] = field(default=(), repr=False)
    body: Body = field(default_factory=Body, repr=False)
    token: str | None = field(default=None, repr=False)


class _Bearer(AuthBase):
    """Sets the token. Being an `auth`, it also keeps requests from taking a password out of a .netrc file."""

    def __init__(self, token: str | None) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token is not None:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


@functools.cache
def user_agent() -> str:
    """Who we are, with versions, so that Fullscript can tell clients apart."""
    try:
        version = metadata.version("fullscript-embed")
    except metadata.PackageNotFoundError:  # run from a checkout
        version = "0"
    return f"fullscript-embed/{version} requests/{requests.__version__}"


def _new_session(pool_size: int, *, use_environment: bool) -> requests.Session:
    """A pool of connections; *use_environment* says whether the proxies of the environment are asked."""
    session = requests.Session()
    session.trust_env = use_environment
    session.headers.update({"User-Agent": user_agent(), "Accept": "application/json"})
    # One session serves many users: a cookie of one must never travel with the call of another.
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    adapter = HTTPAdapter(pool_connections=pool_size, pool_maxsize=pool_size)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


class Transport:
    """Sends calls. Safe to share between threads and clients; nothing in it belongs to one user.

    *on_response* is called after every attempt with an Exchange. What it raises is logged and does not
    disturb the call. *rate_limit* defaults to one that all transports of this process share.
    """

    def __init__(
        self,
        *,
        timeouts: TimeOuts | None = None,
        retries: Retries | None = None,
        rate_limit: RateLimit | None = None,
        pool_size: int = 20,
        on_response: Callable[[Exchange], None] | None = None,
    ) -> None:
        self._timeouts = timeouts or TimeOuts()
        self._retries = retries or Retries()
        self._rate_limit = rate_limit or limit_of_this_process()
        self._on_response = on_response
        self._remote = _new_session(pool_size, use_environment=True)
        # A proxy of this machine has nothing to say about this machine.
        self._local = _new_session(pool_size, use_environment=False)

    def close(self) -> None:
        """Close all idle connections. The transport can be used again."""
        self._remote.close()
        self._local.close()

    def send(self, call: Call) -> Answer:
        """Send *call*, repeat it where that is safe, and return the good answer or raise the last error."""
        endpoint = call.endpoint
        for attempt in self._retries.attempts_at(endpoint.method, endpoint.route):
            with attempt:
                return self._attempt(call, attempt.retry_state.attempt_number)
        raise AssertionError("there is at least one attempt")  # pragma: no cover

    def _attempt(self, call: Call, number: int) -> Answer:
        self._rate_limit.take_turn(urlsplit(call.url).netloc)
        started = time.perf_counter()
        response: requests.Response | None = None
        reason: str | None = None
        try:
            response = self._exchange(call)
            return read_answer(response, call.endpoint)
        except RecordNotFound as error:
            # An earlier attempt of ours deleted it; only its answer was lost.
            if call.endpoint.method == "DELETE" and number > 1:
                return Answer(None, 204, error.request_id)
            reason = error.reason
            raise
        except FullscriptError as error:
            reason = error.reason
            raise
        finally:
            self._report(call.endpoint, response, time.perf_counter() - started, number, reason)

    def _exchange(self, call: Call) -> requests.Response:
        """One request and its whole answer, or one of our errors and none of requests'.

        The error of requests is not chained: its text and its request hold the URL, a search for a
        patient's name among it, and the token.
        """
        options, headers = call.body.options()
        session = self._local if is_this_machine(urlsplit(call.url).hostname) else self._remote
        try:
            return session.request(
                call.endpoint.method,
                call.url,
                params=list(call.params),
                headers=headers,
                auth=_Bearer(call.token),
                timeout=(self._timeouts.connect, self._timeouts.read),
                allow_redirects=False,
                **options,
            )
        except requests.RequestException as error:
            failure = self._translated(error, call.endpoint)
        raise failure

    def _translated(self, error: requests.RequestException, endpoint: Endpoint) -> FullscriptError:
        route, name = endpoint.route, type(error).__name__
        match error:
            case requests.ConnectTimeout():
                return FullscriptTimedOut(
                    f"{route}: no connection within {self._timeouts.connect} s", sent=False
                )
            case _ if isinstance(error, requests.Timeout) or _stopped_midway(error):
                return FullscriptTimedOut(f"{route}: no answer within {self._timeouts.read} s")
            case requests.exceptions.ContentDecodingError():
                return UnreadableAnswer(f"{route}: the answer could not be decompressed")
            case ValueError():
                return RequestInvalid(f"{route} cannot be sent ({name})")
            case requests.exceptions.SSLError():
                return FullscriptUnreachable(f"{route}: no trusted TLS connection ({name})")
            case _:
                sent = not _never_connected(error)
                return FullscriptUnreachable(
                    f"{route}: {'the connection broke' if sent else 'no connection'} ({name})", sent=sent
                )

    def _report(
        self,
        endpoint: Endpoint,
        response: requests.Response | None,
        duration: float,
        number: int,
        reason: str | None,
    ) -> None:
        status = response.status_code if response is not None else None
        request_id = request_id_of(response) if response is not None else None
        logger.debug(
            "%s %s in %.0f ms, attempt %d, request id %s",
            endpoint.route,
            status or reason,
            duration * 1000,
            number,
            request_id,
        )
        if self._on_response is None:
            return
        try:
            self._on_response(Exchange(endpoint.route, status, duration, request_id, number, reason))
        except Exception:
            logger.exception("on_response failed after %s", endpoint.route)


def _never_connected(error: requests.RequestException) -> bool:
    """True when no connection came about (refused, name not found), so that nothing was sent."""
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else cause
    return isinstance(reason, NewConnectionError)


def _stopped_midway(error: requests.RequestException) -> bool:
    """True when the answer began and then stood still: requests calls that a ConnectionError."""
    return bool(error.args) and isinstance(error.args[0], ReadTimeoutError)


def query(params: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Query parameters as Fullscript spells them: lists as `name[]`, truth as true or false, no None."""
    pairs: list[tuple[str, str]] = []
    for name, value in params.items():
        if value is None:
            continue
        if isinstance(value, (list, tuple, set, frozenset)):
            pairs += [(f"{name}[]", text_of(item)) for item in value]
        else:
            pairs.append((name, text_of(value)))
    return pairs


def text_of(value: Any) -> str:
    """*value* as a URL can carry it; RequestInvalid for half a character, which has no UTF-8."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise RequestInvalid("A value holds half a character (a lone surrogate), which cannot be sent")
    return text
