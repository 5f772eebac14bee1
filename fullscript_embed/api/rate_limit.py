"""Fullscript's limit of 5,000 requests in a rolling five minutes, kept on our side."""

from __future__ import annotations

import logging
import time
from functools import cache

from limits import RateLimitItemPerSecond
from limits.errors import ConfigurationError, StorageError
from limits.storage import Storage, storage_from_string
from limits.strategies import MovingWindowRateLimiter

from fullscript_embed.api.errors import RateLimited

logger = logging.getLogger(__name__)

# Guide: Rate Limits. It counts all endpoints together, in a rolling period.
REQUESTS = 5000
PERIOD_SECONDS = 300
# Asking for the window and for a turn are two steps, in which others may act: wait a little more than was
# said.
SHORTEST_WAIT = 0.05
# Seconds for an answer of Redis, for which every call waits.
STORAGE_PATIENCE = 1.0


class RateLimit:
    """Counts requests in a moving window, for all threads of this process or, with Redis, for all processes.

    *storage* is a `limits` URI: memory:// or redis://host:6379/0. A caller waits for its turn up to
    *longest_wait* seconds and is refused with RateLimited otherwise; *spare* places of the window are left to
    others who share the storage. If the storage fails, calls go through and a warning is logged: Fullscript's
    own 429 is the limit that counts. Raises limits.errors.ConfigurationError for a storage that is none.
    """

    def __init__(
        self,
        *,
        storage: str = "memory://",
        requests: int = REQUESTS,
        seconds: int = PERIOD_SECONDS,
        longest_wait: float = 10.0,
        spare: int = 0,
    ) -> None:
        self._window = RateLimitItemPerSecond(requests, seconds, namespace="fullscript")
        self._limiter = MovingWindowRateLimiter(storage_of(storage))
        self._longest_wait, self._spare = longest_wait, spare

    def take_turn(self, key: str) -> None:
        """Count one request to *key* (an API host), waiting if the window is full."""
        deadline = time.monotonic() + self._longest_wait
        while (wait := self._seconds_until_free(key)) is not None:
            if time.monotonic() + wait > deadline:
                raise RateLimited("Our own count of the limit is used up; nothing was sent", retry_after=wait)
            time.sleep(wait)

    def _seconds_until_free(self, key: str) -> float | None:
        """Take a place in the window and return None, or say how long there is none."""
        try:
            if self._has_room(key) and self._limiter.hit(self._window, key):
                return None
            reset = self._limiter.get_window_stats(self._window, key).reset_time
        except StorageError as error:
            logger.warning("fullscript rate limit not counted: %s", type(error.__cause__ or error).__name__)
            return None
        return max(reset - time.time(), 0.0) + SHORTEST_WAIT

    def _has_room(self, key: str) -> bool:
        """True when more places are free than are left to others."""
        if not self._spare:
            return True
        return self._limiter.get_window_stats(self._window, key).remaining > self._spare


def storage_of(address: str) -> Storage:
    """Where turns are counted; asks nobody yet. Raises limits.errors.ConfigurationError for what is none."""
    options: dict[str, float] = {}
    if "redis" in address.partition(":")[0]:
        options = {"socket_timeout": STORAGE_PATIENCE, "socket_connect_timeout": STORAGE_PATIENCE}
    storage = storage_from_string(address, wrap_exceptions=True, **options)
    if not isinstance(storage, Storage):
        raise ConfigurationError("a storage for asynchronous programs")
    return storage


@cache
def limit_of_this_process() -> RateLimit:
    """The limit that every transport without one of its own shares: in memory, so for one process."""
    return RateLimit()
