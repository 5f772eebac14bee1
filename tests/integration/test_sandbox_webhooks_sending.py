"""The sandbox tells apps of events: to whom, in which order, in which form."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from fullscript_embed.testing import Sandbox, SandboxApp, SandboxError, sign_webhook
from tests.frame_actors import ORIGIN
from tests.frame_actors import Partner as FramePartner
from tests.sandbox_actors import ELISE, MAYA, SAM, Person, http
from tests.sandbox_rest import GRACE, SCOPES, Caller
from tests.webhook_receiver import Receiver

PRIYA = "5f0c2b1e-7c1d-4b57-9d0f-3c6c3f2a9e11"
# Curcumin Complex, which is sold in the United States alone.
AMERICAN = "f4fdfdcb-756f-52dd-b3c6-81985c060f6a"
CEDAR_STONE = "1f6a0c52-9b0e-4a57-8d4b-3c2e7d90a103"
HARBOR_LIGHT = "1f6a0c52-9b0e-4a57-8d4b-3c2e7d90a102"
SCOPE_OF = {
    "patient.created": "patients:read",
    "patient.updated": "patients:read",
    "patient.emancipated": "patients:read",
    "treatment_plan.created": "patients:treatment_plan_history",
    "treatment_plan.updated": "patients:treatment_plan_history",
    "treatment_plan.recommendation.updated": "patients:treatment_plan_history",
    "order.placed": "patients:order_history",
    "lab_order.updated": "patients:order_history",
}
OF_PRODUCTS = ("product.created", "product.updated", "product.description.updated")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def app(sandbox: Sandbox, receiver: Receiver) -> SandboxApp:
    """An app with all scopes, an endpoint, and a token of Juniper, of whose coming it was told."""
    app = receiver.serves(sandbox, sandbox.create_app(origin_uris=[ORIGIN]))
    sandbox.token(app, MAYA)
    sandbox.webhooks_idle()
    receiver.forgets()
    return app


def happens(sandbox: Sandbox, kind: str = "patient.updated", **order: Any) -> str:
    """Let something happen, wait until it was told, and return the event's id."""
    event_id = str(sandbox.emit(kind, **order)["id"])
    assert sandbox.webhooks_idle()
    return event_id


@pytest.mark.usefixtures("app")
def test_an_empty_call_comes_before_the_event(sandbox: Sandbox, receiver: Receiver) -> None:
    """Two calls for each event, and only the second one has a body and a signature."""
    happens(sandbox)
    first, second = receiver.calls

    assert first.body == b""
    assert [call.headers.get("Fullscript-Signature") is None for call in (first, second)] == [True, False]


def test_the_signature_is_that_of_the_raw_body(sandbox: Sandbox, app: SandboxApp, receiver: Receiver) -> None:
    """A partner's own builder of signatures comes to the same one, with the app's key."""
    happens(sandbox)
    call = receiver.calls[-1]
    sent = call.headers["Fullscript-Signature"]
    expected = sign_webhook(call.body, app.signature_key, int(sent[2:].partition(",")[0]))

    assert sent == expected["Fullscript-Signature"]
    assert re.fullmatch(r"t=\d+,v1=[0-9a-f]{64}", sent)


@pytest.mark.usefixtures("app")
def test_signatures_keep_wall_clock_time(sandbox: Sandbox, receiver: Receiver) -> None:
    """However far the sandbox's clock was moved, because receivers look at their own."""
    sandbox.advance(7 * 24 * 3600)
    happens(sandbox)
    timestamp = int(receiver.calls[-1].headers["Fullscript-Signature"][2:].partition(",")[0])

    assert abs(timestamp - time.time()) < 60


def test_the_event_is_the_one_that_the_api_retrieves(
    sandbox: Sandbox, app: SandboxApp, receiver: Receiver
) -> None:
    """With the clinic's integration id beside it."""
    event_id = happens(sandbox)
    retrieved = FramePartner(sandbox, app).reads(f"/api/events/{event_id}")["event"]
    (told,) = receiver.events

    assert {name: told[name] for name in retrieved} == retrieved
    assert told.keys() - retrieved.keys() == {"integration_id"}


@pytest.mark.parametrize(
    ("envelope", "keys"), [("event", ["event"]), ("event_payload", ["event_payload", "event"])]
)
def test_the_envelope_can_be_switched(
    sandbox: Sandbox, app: SandboxApp, receiver: Receiver, envelope: str, keys: list[str]
) -> None:
    """The two shapes that the guide shows."""
    sandbox.change_app(app, webhook_envelope=envelope)
    happens(sandbox)
    nested = b":".join(f'{{"{key}"'.encode() for key in keys)

    assert receiver.calls[-1].body.startswith(nested)


@pytest.mark.usefixtures("app")
def test_words_travel_as_they_are(sandbox: Sandbox, receiver: Receiver) -> None:
    """UTF-8, not escaped."""
    happens(sandbox, data={"patient": {"id": "p", "first_name": "Zoë 🦊"}})

    assert "Zoë 🦊".encode() in receiver.calls[-1].body


@pytest.mark.usefixtures("app")
def test_events_come_in_their_order(sandbox: Sandbox, receiver: Receiver) -> None:
    """As long as the endpoint accepts them at once."""
    ids = [str(sandbox.emit("patient.updated")["id"]) for _ in range(20)]
    sandbox.webhooks_idle()

    assert receiver.ids == ids


@pytest.mark.parametrize("kind", [*SCOPE_OF, *OF_PRODUCTS])
@pytest.mark.usefixtures("app")
def test_every_type_is_told(sandbox: Sandbox, receiver: Receiver, kind: str) -> None:
    """As it happens to a record of the seed."""
    event_id = happens(sandbox, kind)

    assert (receiver.ids, receiver.types) == ([event_id], [kind])


@pytest.mark.parametrize("kind", OF_PRODUCTS)
@pytest.mark.usefixtures("app")
def test_product_events_name_no_clinic(sandbox: Sandbox, receiver: Receiver, kind: str) -> None:
    """Nor an integration: they are everybody's."""
    happens(sandbox, kind)

    assert receiver.events[0].keys() == {"id", "type", "created_at", "data"}


@pytest.mark.usefixtures("app")
def test_a_product_of_one_country_is_no_news_in_the_other(sandbox: Sandbox, receiver: Receiver) -> None:
    """Neither by webhook nor by polling: nobody there could look it up."""
    canadian = sandbox.create_app(environment="ca-snd")
    partner = FramePartner(sandbox, canadian)
    with Receiver() as abroad:
        abroad.serves(sandbox, canadian)
        sandbox.token(canadian, ELISE)
        event_id = happens(sandbox, "product.updated", product_id=AMERICAN)
        listed = partner.reads("/api/events/products", ELISE)["events"]
        retrieved = partner.reads(f"/api/events/{event_id}", ELISE)

        assert (receiver.ids, abroad.types) == ([event_id], ["clinic_key.activated"])
        assert (listed, "not found" in retrieved["error"]) == ([], True)


def test_a_clinic_cannot_change_what_is_not_sold_in_its_country(sandbox: Sandbox) -> None:
    """Left to choose, it takes a product that its own catalog has."""
    with pytest.raises(SandboxError, match="Product not found"):
        sandbox.emit("product.updated", clinic_id=CEDAR_STONE, product_id=AMERICAN)
    variant = sandbox.emit("product.updated", clinic_id=CEDAR_STONE)["data"]["product"]["variants"][0]
    partner = FramePartner(sandbox, sandbox.create_app(environment="ca-snd"))

    assert partner.reads(f"/api/catalog/variants/{variant['id']}", ELISE)["variant"]["sku"] == variant["sku"]


@pytest.mark.parametrize(("kind", "scope"), SCOPE_OF.items())
def test_nothing_is_told_without_the_scope(
    sandbox: Sandbox, receiver: Receiver, kind: str, scope: str
) -> None:
    """The token's scopes count, not those that the app has by now."""
    app = sandbox.create_app(scopes=[one for one in SCOPES if one != scope])
    receiver.serves(sandbox, app)
    sandbox.token(app, MAYA)
    sandbox.change_app(app, scopes=list(SCOPES))
    happens(sandbox, kind)

    assert kind not in receiver.types


def test_nothing_is_told_that_was_not_subscribed_to(
    sandbox: Sandbox, app: SandboxApp, receiver: Receiver
) -> None:
    """The dashboard's list decides."""
    sandbox.change_app(app, webhook_events=["order.placed"])
    happens(sandbox, "patient.updated")
    happens(sandbox, "order.placed")

    assert receiver.types == ["order.placed"]


def test_nothing_is_told_without_a_token(sandbox: Sandbox, receiver: Receiver) -> None:
    """An app that nobody authorized hears nothing, of products neither."""
    receiver.serves(sandbox, sandbox.create_app())
    happens(sandbox)
    happens(sandbox, "product.updated")

    assert receiver.calls == []


def test_nothing_is_told_of_another_clinic(sandbox: Sandbox, app: SandboxApp, receiver: Receiver) -> None:
    """Until somebody there authorizes the app too."""
    happens(sandbox, clinic_id=HARBOR_LIGHT)
    before = list(receiver.calls)
    sandbox.token(app, GRACE)
    event_id = happens(sandbox, clinic_id=HARBOR_LIGHT)

    assert before == []
    assert receiver.ids[-1] == event_id


def test_nothing_is_told_once_the_last_token_is_revoked(
    sandbox: Sandbox, app: SandboxApp, receiver: Receiver
) -> None:
    """Not even what was waiting to be sent; of the end itself the app is told."""
    sandbox.hold_webhooks()
    sandbox.emit("patient.updated")
    sandbox.emit("clinic_key.revoked", app_id=app.id)
    sandbox.release_webhooks()
    sandbox.webhooks_idle()

    assert receiver.types == ["clinic_key.revoked"]


@pytest.mark.usefixtures("app")
def test_two_apps_are_told_each_with_its_own_key(sandbox: Sandbox, receiver: Receiver) -> None:
    """Of the same event, under the same id."""
    with Receiver() as another:
        other = another.serves(sandbox, sandbox.create_app())
        sandbox.token(other, MAYA)
        event_id = happens(sandbox)

        assert receiver.ids[-1] == another.ids[-1] == event_id
        assert (
            receiver.calls[-1].headers["Fullscript-Signature"]
            != another.calls[-1].headers["Fullscript-Signature"]
        )


def test_what_an_app_does_through_rest_is_told_to_nobody(
    sandbox: Sandbox, app: SandboxApp, receiver: Receiver
) -> None:
    """It knows what it did (guide: Events overview)."""
    caller = Caller(sandbox.url, http(), sandbox.token(app, MAYA)["oauth"]["access_token"])
    answer = caller.patch(f"/api/clinic/patients/{PRIYA}", discount="15")
    sandbox.webhooks_idle()

    assert answer.status_code == 200
    assert receiver.calls == []


def test_a_plan_sent_in_the_frame_is_told_under_the_id_that_the_browser_gets(
    sandbox: Sandbox, app: SandboxApp, receiver: Receiver
) -> None:
    """One event, two doors."""
    frame = FramePartner(sandbox, app).opens()
    message = frame.sends(str(uuid.uuid4()), frame.plan()).json()["message"]
    sandbox.webhooks_idle()

    assert receiver.ids == [message["id"]]


def test_a_clinic_that_authorizes_an_app_first_is_told_of(sandbox: Sandbox, receiver: Receiver) -> None:
    """Once, however many people of it follow."""
    app = receiver.serves(sandbox, sandbox.create_app())
    for email in (MAYA, MAYA, SAM):
        sandbox.token(app, email)
    sandbox.webhooks_idle()

    assert receiver.types == ["clinic_key.activated"]


def test_a_clinic_whose_last_user_leaves_is_told_of(
    sandbox: Sandbox, app: SandboxApp, receiver: Receiver
) -> None:
    """When they end the app on their settings page; no other app hears of it."""
    with Receiver() as another:
        other = another.serves(sandbox, sandbox.create_app())
        sandbox.token(other, MAYA)
        sandbox.webhooks_idle()
        another.forgets()
        person = Person(sandbox)
        person.signs_in(MAYA)
        person.submits(person.opens("/settings/connected-apps"), f"/settings/connected-apps/{app.id}/revoke")
        sandbox.webhooks_idle()

        assert receiver.types == ["clinic_key.revoked"]
        assert another.calls == []


def test_a_key_event_is_in_the_list_of_its_own_app_alone(sandbox: Sandbox, app: SandboxApp) -> None:
    """By polling as by webhook."""
    other = sandbox.create_app()
    own, others = (
        FramePartner(sandbox, one).reads("/api/events/clinic_keys")["events"] for one in (app, other)
    )

    assert [event["type"] for event in own] == ["clinic_key.activated"]
    assert not {event["id"] for event in own} & {event["id"] for event in others}
