"""Waking workers: several events in one message, from a thread that ends by itself."""

from __future__ import annotations

import threading
from queue import Queue

from fullscript_embed.wakeups import Wakeups


def workers() -> list[threading.Thread]:
    """The threads that send."""
    return [thread for thread in threading.enumerate() if thread.name == "fullscript-wakeups"]


def test_a_burst_is_told_in_few_messages() -> None:
    """Every event is named once, and there are fewer messages than events."""
    sent: Queue[list[int]] = Queue()
    wakeups = Wakeups(sent.put)
    for number in range(200):
        wakeups.add(number)
    for worker in workers():
        worker.join(timeout=10)
    messages = [sent.get() for _ in range(sent.qsize())]

    assert sorted(number for message in messages for number in message) == list(range(200))
    assert len(messages) < 50


def test_a_broker_that_fails_does_not_stop_the_next_message() -> None:
    """The events are stored anyway; later ones are still told."""
    sent: Queue[list[int]] = Queue()
    first = threading.Event()

    def send(numbers: list[int]) -> None:
        if not first.is_set():
            first.set()
            raise ConnectionError
        sent.put(numbers)

    wakeups = Wakeups(send)
    wakeups.add(1)
    assert first.wait(timeout=10)
    wakeups.add(2)

    assert sent.get(timeout=10) == [2]


def test_the_thread_ends_when_there_is_nothing_to_say() -> None:
    """A process that wants to end is not held up."""
    wakeups = Wakeups(lambda _numbers: None)
    wakeups.add(1)
    for worker in workers():
        worker.join(timeout=10)

    assert workers() == []
