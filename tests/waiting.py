"""Waiting for what another process does: until it is so, and no longer."""

from __future__ import annotations

import time
from collections.abc import Callable

LOOK_EVERY = 0.05  # seconds
# For what takes seconds of a machine that nobody else uses, and is no less true on a busy one.
LONG = 150.0


def until(
    is_so: Callable[[], object],
    *,
    within: float = 30,
    every: float = LOOK_EVERY,
    what: str = "what was waited for",
) -> None:
    """Return as soon as *is_so*, asked *every* so often; fail after *within* seconds."""
    deadline = time.monotonic() + within
    while not is_so():
        assert time.monotonic() < deadline, f"{what} did not come within {within} s"
        time.sleep(every)
