"""Counting refused calls in one process, so that a flood of them becomes no flood of writes."""

from __future__ import annotations

import threading
from collections import Counter

# Far above what mistakes cause, far below what a database minds.
WRITES_A_SECOND = 20


class Tally:
    """What one process has counted and not yet written. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, str]] = Counter()
        self._second, self._writes = 0, 0

    def add(self, environment: str, reason: str, *, second: int) -> Counter[tuple[str, str]]:
        """Count one; what is to be written now, which is nothing when this second has had its writes."""
        with self._lock:
            self._counts[environment, reason] += 1
            if second != self._second:
                self._second, self._writes = second, 0
            self._writes += 1
            return self._taken() if self._writes <= WRITES_A_SECOND else Counter()

    def take(self) -> Counter[tuple[str, str]]:
        """All that is not yet written."""
        with self._lock:
            return self._taken()

    def _taken(self) -> Counter[tuple[str, str]]:
        taken, self._counts = self._counts, Counter()
        return taken
