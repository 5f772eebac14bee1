"""Deliveries: Fullscript's account of its webhooks beside ours, and bringing back what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from fullscript_embed import clinics, deliveries
from fullscript_embed.deliveries import ELSEWHERE, MISSING, OTHER_DOOR, UNCONFIRMED, DeliveryView
from fullscript_embed.models import InboxEvent
from tests.partner_host import JUNIPER, HostUser, events_of
from tests.webhook_receiver import Receiver, Reply


@pytest.fixture
def receiver(connected: HostUser) -> Iterator[Receiver]:
    """Somebody who gets the application's webhooks; the application hears nothing of them."""
    with Receiver() as receiver:
        receiver.serves(connected.host.sandbox, connected.host.registered)
        connected.host.runs("poll")
        connected.host.sandbox.clear_calls()
        yield receiver


def happens(user: HostUser) -> str:
    """Something happens in Fullscript, and the webhook is tried once; the event's id."""
    event_id = str(user.host.sandbox.emit("patient.updated", clinic_id=JUNIPER)["id"])
    assert user.host.sandbox.webhooks_idle()
    return event_id


def compared(user: HostUser, event_id: str) -> DeliveryView:
    """What both sides know of an event."""
    now = datetime.now(UTC)
    views = user.host.asks(lambda: deliveries.compare(clinics.find("local", JUNIPER), now=now))
    return next(one for one in views if one.event_id == event_id)


def came_by_webhook(user: HostUser, event_id: str) -> None:
    """Let the event have come by the webhook."""
    session = user.host.extension.db.session
    with user.host.app.app_context():
        session.query(InboxEvent).filter_by(event_id=event_id).update({"door": "webhook"})
        session.commit()


@pytest.mark.parametrize(
    ("status", "polled", "by_webhook", "difference"),
    [
        pytest.param(500, False, False, MISSING, id="not delivered, not here"),
        pytest.param(200, False, False, MISSING, id="delivered, not here"),
        pytest.param(500, True, False, OTHER_DOOR, id="not delivered, polled"),
        pytest.param(200, True, False, ELSEWHERE, id="delivered, polled"),
        pytest.param(500, True, True, UNCONFIRMED, id="not delivered, here by webhook"),
        pytest.param(200, True, True, None, id="delivered, here by webhook"),
    ],
)
def test_both_sides_are_compared(
    connected: HostUser,
    receiver: Receiver,
    status: int,
    polled: bool,
    by_webhook: bool,
    difference: str | None,
) -> None:
    """Whatever one side knows and the other does not is named."""
    receiver.always_replies(Reply(status))
    event_id = happens(connected)
    if polled:
        connected.host.runs("poll")
    if by_webhook:
        came_by_webhook(connected, event_id)
    view = compared(connected, event_id)

    assert (view.difference, view.delivered, view.attempts) == (difference, status == 200, 1)


def test_what_was_not_delivered_comes_with_the_poll(connected: HostUser, receiver: Receiver) -> None:
    """The deliveries hold the data already, so no event is asked for by itself."""
    receiver.always_replies(Reply(503))
    ids = {happens(connected) for _ in range(3)}
    connected.host.runs("poll")
    known = {event.event_id for event in events_of(connected) if event.state == "applied"}

    assert ids <= known
    assert [id_ for id_ in ids if connected.host.calls(f"/api/events/{id_}")] == []


def test_the_command_shows_both_accounts(connected: HostUser, receiver: Receiver) -> None:
    """With what a difference means, and an exit code for scripts."""
    receiver.always_replies(Reply(503))
    event_id = happens(connected)
    missing = connected.host.runs("deliveries", "--differences")
    connected.host.runs("poll")
    brought_back = connected.host.runs("deliveries")

    assert (missing[0], brought_back[0]) == (1, 0)
    assert (
        f"{event_id}  patient.updated  attempt 1 failed (503)  The event is not in our inbox." in missing[1]
    )
    assert "0 events missing here." in brought_back[1]


def test_the_command_says_when_fullscript_does_not(connected: HostUser) -> None:
    """The other clinics would still be shown."""
    connected.host.sandbox.fault("/api/webhooks/deliveries", status=500, times=9)
    exit_code, printed = connected.host.runs("deliveries")

    assert (exit_code, f"local  clinic {JUNIPER}: server_failed" in printed) == (1, True)
