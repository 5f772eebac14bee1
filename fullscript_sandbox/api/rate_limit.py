"""5,000 requests in a rolling 5 minutes for each app (guide: Rate limits), by the sandbox's clock.

SANDBOX_RATE_LIMIT sets another number. Kept by the application. Fullscript documents no header about it, so
none is sent.
"""

from __future__ import annotations

from collections import defaultdict, deque
from datetime import datetime, timedelta
from threading import Lock

from flask import current_app

from fullscript_sandbox.api_errors import ApiError
from fullscript_sandbox.clock import now

WINDOW = timedelta(minutes=5)


class RateLimit:
    """When each app called, as far as that still counts. Safe to use from several threads."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._calls: dict[str, deque[datetime]] = defaultdict(deque)
        self._lock = Lock()

    def admit(self, app_id: str, moment: datetime) -> bool:
        """Count a call of this app and say whether it is within the limit; refused ones do not count."""
        with self._lock:
            calls = self._calls[app_id]
            if calls and calls[-1] - moment > WINDOW:
                calls.clear()  # the clock was set back
            while calls and moment - calls[0] >= WINDOW:
                calls.popleft()
            if len(calls) >= self.limit:
                return False
            calls.append(moment)
            return True


def check(app_id: str) -> None:
    """Raise ApiError 429 when the app has used up its calls."""
    extensions = current_app.extensions
    if "sandbox.rate_limit" not in extensions:
        extensions["sandbox.rate_limit"] = RateLimit(current_app.config["SANDBOX"].rate_limit)
    limits: RateLimit = extensions["sandbox.rate_limit"]
    if not limits.admit(app_id, now()):
        raise ApiError(429, f"Rate limit exceeded: {limits.limit} requests in a rolling 5 minute period")
