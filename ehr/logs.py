"""Structured logs: one line for each request and for what matters in it, without patients and without tokens.

A line holds the route and not the address, ids and not names. Text that other libraries log passes through
the same formatter; those that would log addresses or statements are kept quiet.
"""

from __future__ import annotations

import logging
import sys
import time
import traceback
import uuid
from http import HTTPStatus
from pathlib import Path
from typing import Any, TextIO

import structlog
from flask import Flask, Response, g, has_request_context, request
from structlog.typing import EventDict, Processor

from ehr.settings import Settings

log = structlog.get_logger(__name__)

# Endpoints that nobody needs to read about while they work.
NOISE = ("static", "monitoring.healthz", "monitoring.readyz", "monitoring.metrics", "fullscript.session")
# These write addresses with their query, statements with their values, or a request's headers.
QUIET = (
    "werkzeug",
    "sqlalchemy",
    "urllib3",
    "requests_oauthlib",
    "kombu",
    "amqp",
    "flask-limiter",
    "authlib",
)


class StandardError(logging.StreamHandler[TextIO]):
    """Writes to what standard error is at that moment: whoever starts us may put another one there."""

    @property
    def stream(self) -> TextIO:
        return sys.stderr

    @stream.setter
    def stream(self, _stream: TextIO) -> None:
        """What the base class chose stays unused."""


def configure(settings: Settings) -> None:
    """Log to standard error: JSON in production, readable lines elsewhere. Takes effect at once."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_exception_text,
    ]
    structlog.configure(
        # First, so that nothing is put together that nobody will read.
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    renderer = (
        structlog.processors.JSONRenderer()
        if settings.production
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    handler = StandardError()
    handler.set_name("practice")
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [*(h for h in root.handlers if h.get_name() != "practice"), handler]
    root.setLevel(settings.log_level)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def init_app(app: Flask) -> None:
    """Give every request an id of ours, log it when it is done, and tell the browser the id."""
    app.before_request(begin)
    app.after_request(finish)


def begin() -> None:
    """Start the request's log context. An id from outside is not taken over: it could be anything."""
    g.request_id, g.began = uuid.uuid4().hex, time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def finish(response: Response) -> Response:
    """Log the request by its route. What pages and probes ask for by themselves is logged when it fails."""
    response.headers["X-Request-Id"] = g.request_id
    route = str(request.url_rule) if request.url_rule else None
    is_noise = response.status_code == HTTPStatus.NO_CONTENT or (request.endpoint or "").endswith(NOISE)
    milliseconds = round((time.perf_counter() - g.began) * 1000, 1)
    entry = log.debug if is_noise and response.status_code < HTTPStatus.BAD_REQUEST else log.info
    entry("request", method=request.method, route=route, status=response.status_code, ms=milliseconds)
    return response


def where(error: BaseException) -> list[str]:
    """The places in the code that the exception passed, outermost first, without any value."""
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]


def request_id() -> str | None:
    """The id of the request that is answered now, if there is one."""
    return g.get("request_id") if has_request_context() else None


def _without_exception_text(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Replace an exception by its type and places: its text may quote what was sent."""
    info = event.pop("exc_info", None)
    if info:
        error = info if isinstance(info, BaseException) else sys.exc_info()[1]
        if isinstance(info, tuple):
            error = info[1]
        if error is not None:
            event.update(error=type(error).__name__, where=where(error))
    event.pop("exception", None)
    return event
