"""The wire to Fullscript: one pool of connections for each process, and a time limit on every call."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import requests
from authlib.integrations.requests_client import OAuth2Session
from requests.adapters import HTTPAdapter

from fullscript_embed.api.rate_limit import REQUESTS, RateLimit
from fullscript_embed.api.retries import Retries
from fullscript_embed.api.transport import Exchange, TimeOuts, Transport
from fullscript_embed.logs import say

# Seconds to connect and, by default, to wait for an answer. A practitioner waits meanwhile.
CONNECT_TIMEOUT, READ_TIMEOUT = 3.05, 10.0
# What a job waits for, in seconds: nobody looks at it meanwhile, and what it does not get it asks for later.
PATIENT = Retries(attempts=4, wait_max=10.0, total=60.0, longest_retry_after=15.0)
QUICK = Retries(attempts=2, wait_max=1.0, total=15.0, longest_retry_after=1.0)
# Jobs leave half of what Fullscript allows to people who wait.
LEFT_TO_PEOPLE, QUICK_WAIT, PATIENT_WAIT = REQUESTS // 2, 1.0, 15.0
# As many as a web process has threads; more are opened when needed and then closed again.
POOL_SIZE = 32


class Upstream:
    """What a process shares to speak with Fullscript. Safe to use from several threads.

    Each attempt at a call is logged, and told to *count*. A *patient* one is for jobs, where nobody waits for
    the answer; else there is one repetition, and no long pause. *rate_limit_storage* is memory:// for this
    process alone, or a Redis for all.
    """

    def __init__(
        self,
        read_timeout: float = READ_TIMEOUT,
        *,
        count: Callable[[Exchange], None] = lambda _exchange: None,
        patient: bool = False,
        rate_limit_storage: str = "memory://",
    ) -> None:
        self.timeout = (CONNECT_TIMEOUT, read_timeout)
        self._adapter = _CountingAdapter(count)

        def tell(exchange: Exchange) -> None:
            count(exchange)
            _log_exchange(exchange)

        self.transport = Transport(
            timeouts=TimeOuts(connect=CONNECT_TIMEOUT, read=read_timeout),
            retries=PATIENT if patient else QUICK,
            rate_limit=RateLimit(
                storage=rate_limit_storage,
                longest_wait=PATIENT_WAIT if patient else QUICK_WAIT,
                spare=LEFT_TO_PEOPLE if patient else 0,
            ),
            pool_size=POOL_SIZE,
            on_response=tell,
        )

    def attach(self, session: OAuth2Session) -> None:
        """Let *session* use the shared connections. It must not be closed: that would close them for all."""
        session.default_timeout = self.timeout
        session.mount("https://", self._adapter)
        session.mount("http://", self._adapter)


class _CountingAdapter(HTTPAdapter):
    """Tells of each call of the token endpoints, which go by Authlib and not by the transport."""

    def __init__(self, count: Callable[[Exchange], None]) -> None:
        super().__init__(pool_connections=8, pool_maxsize=POOL_SIZE)
        self._count = count

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        """Send it, and tell how that went."""
        began, status, reason = time.perf_counter(), None, "unreachable"
        try:
            answer = super().send(request, *args, **options)
            status = answer.status_code
        except requests.Timeout:
            reason = "timed_out"
            raise
        finally:
            route = f"{request.method} {urlsplit(request.url or '').path!s}"
            self._count(Exchange(route, status, time.perf_counter() - began, None, 1, reason))
        return answer


def _log_exchange(exchange: Exchange) -> None:
    level = logging.INFO if exchange.reason is None else logging.WARNING
    say(
        level,
        "called Fullscript",
        route=exchange.route,
        status=exchange.status,
        milliseconds=round(exchange.duration * 1000),
        fullscript_request_id=exchange.request_id,
        reason=exchange.reason,
    )
