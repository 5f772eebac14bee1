"""Telling workers that there is something to do: several events in one message, and no browser waits.

A message is only a wake-up. What a process had not sent when it was killed is found by the sweep.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from fullscript_embed.logs import say

# Seconds in which events are gathered: nobody notices the first ones, and while more and more come a message
# costs about as much as storing an event, so that fewer of them leave more for the events.
GATHER, GATHER_MORE = 0.02, 0.1


class Wakeups:
    """Hands the numbers of stored events to *send*, from a thread that lives while there are any.

    The thread is no daemon: a process that ends in order sends what it has first.
    """

    def __init__(self, send: Callable[[list[int]], None]) -> None:
        self._send = send
        self._lock = threading.Lock()
        self._waiting: list[int] = []
        self._running = False

    def add(self, number: int) -> None:
        """Have *number* sent within a moment. Never raises, and does not wait."""
        with self._lock:
            self._waiting.append(number)
            if self._running:
                return
            self._running = True
        try:
            threading.Thread(target=self._work, name="fullscript-wakeups").start()
        except RuntimeError:  # the process is ending
            self._running = False
            say(logging.WARNING, "no worker was woken", event=number)

    def _work(self) -> None:
        pause = GATHER
        while numbers := self._gathered(pause):
            pause = GATHER_MORE
            try:
                self._send(numbers)
            except Exception as error:  # noqa: BLE001 -- whatever the broker does, the events are stored
                say(logging.WARNING, "no worker was woken", events=numbers, error=type(error).__name__)

    def _gathered(self, pause: float) -> list[int]:
        time.sleep(pause)
        with self._lock:
            numbers, self._waiting = self._waiting, []
            self._running = bool(numbers)
            return numbers
