"""Webhooks as a test orders them: held, in another order, twice, late, damaged, dropped; events made up."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from fullscript_embed.testing import Sandbox, SandboxApp, SandboxError, sign_webhook
from tests.frame_actors import Partner as FramePartner
from tests.sandbox_actors import MAYA
from tests.webhook_receiver import Receiver, Reply

JUNIPER = "1f6a0c52-9b0e-4a57-8d4b-3c2e7d90a101"
CEDAR_STONE = "1f6a0c52-9b0e-4a57-8d4b-3c2e7d90a103"
NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def app(sandbox: Sandbox, receiver: Receiver) -> SandboxApp:
    """An app with all scopes, an endpoint, and a token of Juniper, of whose coming it was told."""
    app = receiver.serves(sandbox, sandbox.create_app())
    sandbox.token(app, MAYA)
    sandbox.webhooks_idle()
    receiver.forgets()
    return app


@pytest.fixture
def event_id(sandbox: Sandbox, app: SandboxApp, receiver: Receiver) -> str:  # noqa: ARG001 -- app is who is told
    """An event that was delivered; the receiver has forgotten it."""
    event_id = str(sandbox.emit("patient.updated")["id"])
    sandbox.webhooks_idle()
    receiver.forgets()
    return event_id


def hold_some(sandbox: Sandbox, count: int = 6) -> list[str]:
    """Events that wait, in their order."""
    sandbox.hold_webhooks()
    return [str(sandbox.emit("patient.updated")["id"]) for _ in range(count)]


def settings(sandbox: Sandbox, app: SandboxApp) -> SandboxApp:
    return next(one for one in sandbox.apps() if one.id == app.id)


def test_an_app_without_events_asked_for_subscribes_to_all(sandbox: Sandbox) -> None:
    """A test that does not care need not name them."""
    app = sandbox.create_app(webhook_url="http://localhost:9/hook")

    assert len(app.webhook_events) == 13


def test_secrets_can_be_chosen(sandbox: Sandbox) -> None:
    """So that a partner's own configuration can stay as it is."""
    app = sandbox.create_app(challenge_token="c" * 20, signature_key="s" * 20)

    assert (app.challenge_token, app.signature_key) == ("c" * 20, "s" * 20)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param({"webhook_url": "localhost/hook"}, "needs a scheme", id="no scheme"),
        pytest.param({"webhook_url": "ftp://localhost/hook"}, "needs a scheme", id="other scheme"),
        pytest.param({"webhook_url": "http://localhost/#x"}, "fragment", id="fragment"),
        pytest.param({"webhook_url": "http://a b/"}, "character", id="space"),
        pytest.param({"webhook_events": ["patient.deleted"]}, "patient.deleted is unknown", id="event"),
        pytest.param({"webhook_envelope": "bare"}, "webhook_envelope", id="envelope"),
        pytest.param({"challenge_token": "short"}, "at least 16", id="short challenge"),
        pytest.param({"signature_key": "ü" * 20}, "ASCII", id="key of other characters"),
    ],
)
def test_webhook_settings_are_refused_in_words(
    sandbox: Sandbox, app: SandboxApp, change: dict[str, Any], words: str
) -> None:
    """422 says what is wrong, and nothing is changed."""
    with pytest.raises(SandboxError, match=words):
        sandbox.change_app(app, **change)

    assert settings(sandbox, app).webhook_url == app.webhook_url


@pytest.mark.usefixtures("app")
def test_held_webhooks_wait(sandbox: Sandbox, receiver: Receiver) -> None:
    """Nothing is sent, however much time passes."""
    hold_some(sandbox)
    sandbox.advance(3600)
    sandbox.webhooks_idle()

    assert receiver.calls == []


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("order", ["same", "reverse"])
def test_released_webhooks_come_in_the_order_asked_for(
    sandbox: Sandbox, receiver: Receiver, order: str
) -> None:
    """As they happened, or the other way round."""
    ids = hold_some(sandbox)
    sandbox.release_webhooks(order)
    sandbox.webhooks_idle()

    assert receiver.ids == (ids if order == "same" else ids[::-1])


@pytest.mark.usefixtures("app")
def test_released_webhooks_can_come_in_any_order(sandbox: Sandbox, receiver: Receiver) -> None:
    """Each once."""
    ids = hold_some(sandbox, 12)
    sandbox.release_webhooks("random")
    sandbox.webhooks_idle()

    assert sorted(receiver.ids) == sorted(ids)
    assert receiver.ids != ids


@pytest.mark.usefixtures("app")
def test_released_webhooks_can_come_at_once(sandbox: Sandbox, receiver: Receiver) -> None:
    """Ten at the same time: not one of them waits for another's answer, which would take twenty seconds."""
    ids = hold_some(sandbox, 10)
    receiver.always_replies(Reply(never=True))
    sandbox.release_webhooks(at_once=10)
    sandbox.webhooks_idle(timeout=10)

    assert len(receiver.calls) == len(ids)


@pytest.mark.usefixtures("app")
def test_dropped_webhooks_never_come(sandbox: Sandbox, receiver: Receiver) -> None:
    """The events stay, so that polling finds them."""
    lost, kept = hold_some(sandbox, 2)
    dropped = sandbox.drop_webhooks(event_id=lost)
    sandbox.release_webhooks()
    sandbox.webhooks_idle()

    assert (dropped, receiver.ids) == (1, [kept])


def test_everything_can_be_dropped(sandbox: Sandbox, app: SandboxApp, receiver: Receiver) -> None:
    """The events stay, so that polling finds them."""
    ids = hold_some(sandbox, 3)
    dropped = sandbox.drop_webhooks()
    sandbox.release_webhooks()
    sandbox.webhooks_idle()
    polled = FramePartner(sandbox, app).reads("/api/events/patients")["events"]

    assert (dropped, receiver.ids) == (3, [])
    assert {event["id"] for event in polled} >= set(ids)


def test_an_event_can_be_delivered_often(sandbox: Sandbox, event_id: str, receiver: Receiver) -> None:
    """Each time as a whole attempt, counted on from the last one."""
    attempts = sandbox.deliver(event_id, times=3)

    assert [attempt["attempt_number"] for attempt in attempts] == [2, 3, 4]
    assert receiver.ids == [event_id] * 3


@pytest.mark.usefixtures("receiver")
def test_an_event_can_be_delivered_at_once(sandbox: Sandbox, event_id: str) -> None:
    """Eight senders at the same time."""
    attempts = sandbox.deliver(event_id, times=8, at_once=8)

    assert [attempt["successfully_delivered"] for attempt in attempts] == [True] * 8


def test_an_event_can_be_delivered_to_any_app(sandbox: Sandbox, event_id: str) -> None:
    """Even to one that may not know of it: for tests of what a receiver makes of that."""
    with Receiver() as stranger:
        other = stranger.serves(sandbox, sandbox.create_app())
        sandbox.deliver(event_id, app_id=other.id)

        assert stranger.ids == [event_id]


def test_a_bad_signature_has_the_right_form(
    sandbox: Sandbox, app: SandboxApp, event_id: str, receiver: Receiver
) -> None:
    """It was made with another key."""
    sandbox.deliver(event_id, bad_signature=True)
    call = receiver.calls[-1]
    timestamp = int(call.headers["Fullscript-Signature"][2:].partition(",")[0])

    assert (
        call.headers["Fullscript-Signature"]
        != (sign_webhook(call.body, app.signature_key, timestamp)["Fullscript-Signature"])
    )


def test_an_unsigned_delivery_has_no_header(sandbox: Sandbox, event_id: str, receiver: Receiver) -> None:
    """A body that nobody vouches for."""
    sandbox.deliver(event_id, unsigned=True)

    assert "Fullscript-Signature" not in receiver.calls[-1].headers


@pytest.mark.parametrize("offset", [-600, 600])
def test_another_timestamp_is_signed_rightly(
    sandbox: Sandbox, app: SandboxApp, event_id: str, receiver: Receiver, offset: int
) -> None:
    """So that only its age gives it away."""
    sandbox.deliver(event_id, timestamp_offset=offset)
    call = receiver.calls[-1]
    sent = call.headers["Fullscript-Signature"]
    timestamp = int(sent[2:].partition(",")[0])

    assert abs(timestamp - time.time() - offset) < 60
    assert sent == sign_webhook(call.body, app.signature_key, timestamp)["Fullscript-Signature"]


def test_a_cut_body_is_half_of_the_signed_one(sandbox: Sandbox, event_id: str, receiver: Receiver) -> None:
    """The signature is that of the whole."""
    sandbox.deliver(event_id)
    sandbox.deliver(event_id, cut_body=True)
    whole, half = (call.body for call in receiver.calls if call.body)

    assert half == whole[: len(whole) // 2]


def test_the_empty_call_can_be_left_out(sandbox: Sandbox, event_id: str, receiver: Receiver) -> None:
    """One call, with the event in it."""
    sandbox.deliver(event_id, skip_challenge=True)

    assert [bool(call.body) for call in receiver.calls] == [True]


def test_a_late_delivery_comes_by_the_sandboxs_clock(
    sandbox: Sandbox, event_id: str, receiver: Receiver
) -> None:
    """Once, and it is not retried."""
    receiver.replies(Reply(), Reply(503))
    sandbox.deliver(event_id, late_seconds=900)
    sandbox.advance(890)
    sandbox.webhooks_idle()
    before = list(receiver.calls)
    sandbox.advance(11)
    sandbox.webhooks_idle()
    sandbox.advance(3600)
    sandbox.webhooks_idle()

    assert before == []
    assert receiver.ids == [event_id]


def test_ordered_deliveries_never_disable_an_endpoint(
    sandbox: Sandbox, app: SandboxApp, event_id: str, receiver: Receiver
) -> None:
    """An endpoint that refuses what is damaged is a good one."""
    receiver.replies(Reply(), Reply(410))
    sandbox.deliver(event_id, bad_signature=True)

    assert not settings(sandbox, app).webhook_disabled


@pytest.mark.parametrize(
    ("order", "words"),
    [
        pytest.param({"event_id": NOBODY}, "Event not found", id="unknown event"),
        pytest.param({"app_id": NOBODY}, "App not found", id="unknown app"),
        pytest.param({"times": 0}, "times", id="no times"),
        pytest.param({"at_once": 100}, "at_once", id="too many at once"),
        pytest.param({"timestamp_offset": "soon"}, "timestamp_offset", id="offset is no number"),
        pytest.param({"twice": True}, "twice", id="unknown word"),
    ],
)
def test_a_delivery_is_refused_in_words(
    sandbox: Sandbox, event_id: str, order: dict[str, Any], words: str
) -> None:
    """What cannot be ordered is not silently something else."""
    with pytest.raises(SandboxError, match=words):
        sandbox.deliver(**{"event_id": event_id} | order)


def test_an_app_without_endpoint_gets_no_delivery(sandbox: Sandbox, event_id: str) -> None:
    """The order says so."""
    with pytest.raises(SandboxError, match="no webhook_url"):
        sandbox.deliver(event_id, app_id=sandbox.create_app().id)


@pytest.mark.usefixtures("app")
def test_a_made_up_event_is_told_as_it_stands(sandbox: Sandbox, receiver: Receiver) -> None:
    """With the id and the data that the test gave it."""
    event = sandbox.emit("order.placed", id="made-up-1", clinic_id=JUNIPER, data={"odd": [1, None]})
    sandbox.webhooks_idle()

    assert (event["id"], event["clinic_id"]) == ("made-up-1", JUNIPER)
    assert receiver.events[0]["data"] == {"odd": [1, None]}


def test_a_made_up_event_can_be_of_the_past(sandbox: Sandbox) -> None:
    """For what a receiver makes of news that are old."""
    event = sandbox.emit("patient.updated", data={}, created_at="2026-11-01T10:00:00+01:00")

    assert event["created_at"] == "2026-11-01T09:00:00.000Z"


@pytest.mark.usefixtures("app")
def test_a_type_that_the_guide_lacks_is_told_to_every_endpoint(sandbox: Sandbox, receiver: Receiver) -> None:
    """Fullscript may add one any day."""
    sandbox.emit("fulfillment.shipment.shipped", data={"fulfillment_shipment": {"carrier": "UPS"}})
    sandbox.webhooks_idle()

    assert receiver.types == ["fulfillment.shipment.shipped"]


def test_a_type_that_the_guide_lacks_can_be_retrieved(sandbox: Sandbox, app: SandboxApp) -> None:
    """By whoever has a token of the clinic."""
    event = sandbox.emit("fulfillment.shipment.shipped", data={"fulfillment_shipment": {}})
    retrieved = FramePartner(sandbox, app).reads(f"/api/events/{event['id']}")

    assert retrieved["event"]["type"] == "fulfillment.shipment.shipped"


def test_what_is_emitted_really_happened(sandbox: Sandbox, app: SandboxApp) -> None:
    """The API shows the plan of a treatment_plan.updated as cancelled."""
    plan = sandbox.emit("treatment_plan.updated")["data"]["treatment_plan"]
    shown = FramePartner(sandbox, app).reads(f"/api/clinic/treatment_plans/{plan['id']}")

    assert shown["treatment_plan"]["state"] == "cancelled"


def test_who_is_emancipated_has_no_guardian_any_more(sandbox: Sandbox, app: SandboxApp) -> None:
    """The event says of the patient what the API says of them then, as the guide's example does."""
    told = sandbox.emit("patient.emancipated")["data"]["patient"]
    shown = FramePartner(sandbox, app).reads(f"/api/clinic/patients/{told['id']}")["patient"]

    assert (told["is_dependent"], told["guardian_patient_id"]) == (False, None)
    assert {name: shown[name] for name in told} == told


@pytest.mark.usefixtures("app")
def test_a_plan_goes_through_its_life(sandbox: Sandbox) -> None:
    """The same plan: changed, bought and cancelled, each event with what it is by then."""
    plan_id = sandbox.emit("treatment_plan.created")["data"]["treatment_plan"]["id"]
    changed = sandbox.emit("treatment_plan.recommendation.updated", plan_id=plan_id)
    bought = sandbox.emit("order.placed", plan_id=plan_id)
    cancelled = sandbox.emit("treatment_plan.updated", plan_id=plan_id)

    assert changed["data"]["treatment_plan"]["id"] == plan_id
    assert bought["data"]["treatment_plan_ids"] == [plan_id]
    assert cancelled["data"]["treatment_plan"]["state"] == "cancelled"


def test_results_come_and_are_amended(sandbox: Sandbox) -> None:
    """The words of the webhook, which are not those of the API (field notes, P38)."""
    first = sandbox.emit("lab_order.updated")["data"]["lab_order"]
    steps = [
        sandbox.emit("lab_order.updated", lab_order_id=first["id"])["data"]["lab_order"]["status"]
        for _ in range(2)
    ]

    assert steps[-1] == "results_amended"


@pytest.mark.parametrize(
    ("order", "words"),
    [
        pytest.param({"kind": "Patient"}, "type", id="not a type"),
        pytest.param({"kind": "patient.deleted"}, "give its data", id="nothing that happens"),
        pytest.param({"kind": "patient.updated", "patient_id": NOBODY}, "Patient not found", id="no record"),
        pytest.param({"kind": "patient.updated", "clinic_id": NOBODY}, "Clinic not found", id="no clinic"),
        pytest.param(
            {"kind": "lab_order.updated", "clinic_id": CEDAR_STONE}, "has nothing", id="no labs there"
        ),
        pytest.param({"kind": "patient.updated", "id": "x"}, "data of its own", id="id without data"),
        pytest.param({"kind": "clinic_key.revoked"}, "has to be the id of the app", id="key without app"),
        pytest.param({"kind": "patient.updated", "data": []}, "data", id="data is a list"),
        pytest.param({"kind": "a.b", "data": {}, "created_at": "2026-01-01"}, "created_at", id="no moment"),
        pytest.param(
            {"kind": "a.b", "data": {}, "created_at": "0001-01-01T00:00:00+05:00"},
            "created_at",
            id="before all",
        ),
        pytest.param(
            {"kind": "a.b", "data": {}, "created_at": "9999-12-31T23:00:00-05:00"},
            "created_at",
            id="after all",
        ),
        pytest.param({"kind": "a.b", "data": {"half": "\ud800"}}, "data", id="half a character"),
        pytest.param({"kind": "a.b", "data": {}, "app_id": NOBODY}, "app_id", id="no app"),
    ],
)
def test_an_event_is_refused_in_words(sandbox: Sandbox, order: dict[str, Any], words: str) -> None:
    """What cannot happen leaves no event."""
    with pytest.raises(SandboxError, match=words):
        sandbox.emit(**order)


def test_an_id_is_given_once(sandbox: Sandbox) -> None:
    """To see an event twice, deliver it twice."""
    sandbox.emit("patient.updated", id="once", data={})

    with pytest.raises(SandboxError, match="deliver that one again"):
        sandbox.emit("patient.updated", id="once", data={})


@pytest.mark.usefixtures("app")
def test_a_reset_lets_go_and_forgets(sandbox: Sandbox, receiver: Receiver) -> None:
    """Nothing of before is sent, and nothing is held any more."""
    hold_some(sandbox)
    sandbox.reset()
    again = receiver.serves(sandbox, sandbox.create_app())
    sandbox.token(again, MAYA)
    sandbox.webhooks_idle()

    assert receiver.types == ["clinic_key.activated"]
