"""The log of deliveries: it announces only what will come, and holds whatever was tried."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from threading import Event
from typing import Any

import pytest

from fullscript_embed.testing import Sandbox, SandboxApp
from tests.sandbox_actors import MAYA, Person
from tests.waiting import until
from tests.webhook_receiver import Receiver, Reply

MINUTE, HOUR, DAY = 60, 3600, 24 * 3600
DOWN, GONE = Reply(503), Reply(410)
Happening = Callable[["Actors"], None]


class Actors:
    """The sandbox, an app of all scopes with its endpoint, and an event whose first attempt failed."""

    def __init__(self, sandbox: Sandbox, receiver: Receiver) -> None:
        self.sandbox, self.receiver = sandbox, receiver
        self.app: SandboxApp = receiver.serves(sandbox, sandbox.create_app())
        sandbox.token(self.app, MAYA)
        sandbox.webhooks_idle()
        receiver.replies(DOWN)
        self.event_id = self.happens()

    def happens(self) -> str:
        """Let something happen, wait until it was tried, and return the event's id."""
        event_id = str(self.sandbox.emit("patient.updated")["id"])
        assert self.sandbox.webhooks_idle()
        return event_id

    def passes(self, seconds: float) -> None:
        """Let time pass, and what is due by then be tried."""
        self.sandbox.advance(seconds)
        assert self.sandbox.webhooks_idle()

    def announced(self, event_id: str | None = None) -> list[bool]:
        """Of each attempt of an event whether it names a next one."""
        attempts = self.sandbox.deliveries(event_id=event_id or self.event_id)
        return [one["next_attempt_at"] is not None for one in attempts]

    def sends_again(self) -> None:
        """A developer does, on the dashboard."""
        developer = Person(self.sandbox)
        address = f"/dashboard/apps/{self.app.id}/deliveries/{self.attempts()[0]['id']}"
        developer.submits(developer.opens(address), f"{address}/send-again")

    def is_disabled(self) -> bool:
        return next(one.webhook_disabled for one in self.sandbox.apps() if one.id == self.app.id)

    def attempts(self) -> list[dict[str, Any]]:
        """Of the event whose first attempt failed."""
        return self.sandbox.deliveries(event_id=self.event_id)


@pytest.fixture
def actors(sandbox: Sandbox) -> Iterator[Actors]:
    with Receiver() as receiver:
        yield Actors(sandbox, receiver)


def it_is_gone(actors: Actors) -> None:
    """The endpoint answers another event with 410."""
    actors.receiver.replies(GONE)
    actors.happens()


def it_is_disabled_while_held(actors: Actors) -> None:
    """The retry is due, and not sent yet."""
    actors.sandbox.hold_webhooks()
    actors.sandbox.advance(MINUTE + 1)
    actors.sandbox.change_app(actors.app, webhook_disabled=True)
    actors.sandbox.release_webhooks()


def it_is_lost(actors: Actors) -> None:
    """A test drops what waits."""
    actors.sandbox.drop_webhooks(event_id=actors.event_id)


def it_is_removed(actors: Actors) -> None:
    """The app has no endpoint any more."""
    actors.sandbox.change_app(actors.app, webhook_url="")


def it_is_unsubscribed(actors: Actors) -> None:
    """The app does not want to know, when the time comes."""
    actors.sandbox.change_app(actors.app, webhook_events=["order.placed"])
    actors.passes(MINUTE + 1)


@pytest.mark.parametrize(
    "end",
    [it_is_gone, it_is_disabled_while_held, it_is_lost, it_is_removed, it_is_unsubscribed],
    ids=lambda end: end.__name__,
)
def test_a_retry_that_will_not_come_is_announced_no_longer(actors: Actors, end: Happening) -> None:
    """Neither to tests and over the API nor on the dashboard."""
    listed = f"/dashboard/apps/{actors.app.id}/deliveries?event_id={actors.event_id}"
    before = actors.announced(), ", next " in Person(actors.sandbox).opens(listed).text
    end(actors)

    assert before == ([True], True)
    assert (actors.announced(), ", next " in Person(actors.sandbox).opens(listed).text) == ([False], False)


def test_a_retry_of_what_was_sent_again_is_announced_no_longer(actors: Actors) -> None:
    """It was accepted, also when the retry was due by then and held."""
    actors.sandbox.hold_webhooks()
    actors.sandbox.advance(MINUTE + 1)
    actors.sends_again()

    assert actors.announced() == [False, False]


def test_a_retry_is_announced_no_longer_after_a_day_of_failure(actors: Actors) -> None:
    """The attempt that ends the endpoint takes back what others of its events announced."""
    actors.receiver.always_replies(DOWN)
    actors.passes(DAY - 10 * MINUTE)
    late = actors.happens()
    actors.passes(2 * MINUTE)
    before = actors.announced(late)
    actors.sandbox.hold_webhooks()
    actors.sandbox.advance(HOUR)
    actors.sandbox.drop_webhooks(event_id=actors.event_id)
    actors.sandbox.emit("patient.updated")
    actors.sandbox.release_webhooks("reverse")
    actors.sandbox.webhooks_idle()

    assert (before, actors.announced(late)) == ([True, True], [True, False])


def test_what_came_as_it_was_announced_stays_so(actors: Actors) -> None:
    """Also when the endpoint ends with it."""
    actors.receiver.replies(GONE)
    actors.passes(MINUTE + 1)

    assert [one["response_status"] for one in actors.attempts()] == [503, 410]
    assert actors.announced() == [True, False]


def test_what_is_dropped_by_its_app_leaves_other_apps_alone(actors: Actors) -> None:
    """Each has retries of its own."""
    with Receiver() as another:
        app = another.serves(actors.sandbox, actors.sandbox.create_app())
        actors.sandbox.token(app, MAYA)
        actors.sandbox.webhooks_idle()
        for receiver in (another, actors.receiver):
            receiver.always_replies(DOWN)
        event_id = actors.happens()
        actors.sandbox.drop_webhooks(app_id=app.id, event_id=event_id)
        attempts = actors.sandbox.deliveries(event_id=event_id)

    assert {one["app_id"]: one["next_attempt_at"] is not None for one in attempts} == {
        app.id: False,
        actors.app.id: True,
    }


@contextmanager
def retry_under_way(actors: Actors, reply: Reply) -> Iterator[None]:
    """The second attempt is being made; *reply* answers its first call after the block."""
    actors.receiver.forgets()
    answered = Event()
    actors.receiver.replies(replace(reply, after=answered))
    actors.sandbox.release_webhooks(at_once=2)
    actors.sandbox.advance(MINUTE + 1)
    until(lambda: actors.receiver.calls, what="the second attempt")
    try:
        yield
    finally:
        answered.set()
    assert actors.sandbox.webhooks_idle()


@pytest.mark.parametrize(
    ("reply", "status"), [pytest.param(Reply(), 200, id="accepted"), pytest.param(DOWN, 503, id="failed")]
)
def test_an_attempt_that_was_under_way_when_its_endpoint_ended_is_logged(
    actors: Actors, reply: Reply, status: int
) -> None:
    """With its outcome and as the one that was announced; nothing comes after it."""
    with retry_under_way(actors, reply):
        actors.receiver.replies(GONE)
        actors.sandbox.emit("patient.updated")
        until(actors.is_disabled, what="the end of the endpoint")
    first, second = actors.attempts()
    actors.passes(DAY)

    assert (second["response_status"], second["successfully_delivered"]) == (status, status == 200)
    assert (second["attempt_number"], second["previous_attempt_at"]) == (2, first["attempted_at"])
    assert (len(actors.attempts()), actors.announced()) == (2, [True, False])


@pytest.mark.parametrize("end", [it_is_lost, Actors.sends_again], ids=["dropped", "sent again"])
def test_an_attempt_that_was_under_way_when_it_was_not_wanted_any_more_is_logged(
    actors: Actors, end: Happening
) -> None:
    """It was made all the same, and is not tried again; that it found nobody ends the endpoint."""
    with retry_under_way(actors, GONE):
        end(actors)
    statuses = [one["response_status"] for one in actors.attempts()]

    assert (statuses[:2], actors.is_disabled()) == ([503, 410], True)
    assert not any(actors.announced()[1:])


def test_an_attempt_that_was_under_way_before_a_reset_is_none_of_the_new_worlds(actors: Actors) -> None:
    """The next test must not meet what the last one left, though its app and its event have the same ids."""
    sandbox, seeded, answered = actors.sandbox, actors.sandbox.apps()[0], Event()
    order: dict[str, Any] = {"id": "event-1", "data": {"patient": {}}, "app_id": seeded.id}
    actors.receiver.serves(sandbox, seeded)
    sandbox.token(seeded, MAYA)
    sandbox.webhooks_idle()
    actors.receiver.forgets()
    actors.receiver.replies(Reply(after=answered))
    sandbox.emit("patient.updated", **order)
    until(lambda: actors.receiver.calls, what="the attempt")
    sandbox.reset()
    sandbox.emit("patient.updated", **order)
    answered.set()
    sandbox.webhooks_idle()

    assert sandbox.deliveries() == []
