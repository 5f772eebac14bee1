"""Webhooks on the sandbox's developer dashboard, over HTTP."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from fullscript_embed.testing import Sandbox, SandboxApp
from tests.sandbox_actors import ELISE, MAYA, Person
from tests.webhook_receiver import Receiver, Reply

JUNIPER = "1f6a0c52-9b0e-4a57-8d4b-3c2e7d90a101"
CEDAR_STONE = "1f6a0c52-9b0e-4a57-8d4b-3c2e7d90a103"
EVENTS = ["patient.updated", "order.placed"]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def app(sandbox: Sandbox, receiver: Receiver) -> SandboxApp:
    """An app without an endpoint; the receiver knows its challenge."""
    app = sandbox.create_app(webhook_events=[])
    receiver.challenge = app.challenge_token
    sandbox.token(app, MAYA)
    return app


@pytest.fixture
def served(sandbox: Sandbox, app: SandboxApp, receiver: Receiver) -> SandboxApp:
    """The app with an endpoint that is told of patients."""
    return receiver.serves(sandbox, app, webhook_events=["patient.updated"])


@pytest.fixture
def developer(sandbox: Sandbox) -> Person:
    return Person(sandbox)


def page(app: SandboxApp, tab: str) -> str:
    return f"/dashboard/apps/{app.id}/{tab}"


def saves(developer: Person, app: SandboxApp, url: str, **changes: Any) -> requests.Response:
    """Fill in and send the webhook settings."""
    form = {"webhook_url": url, "webhook_events": EVENTS, "webhook_envelope": "event_payload"}
    address = page(app, "webhooks")
    return developer.submits(developer.opens(address), address, **form | changes)


def now(sandbox: Sandbox, app: SandboxApp) -> SandboxApp:
    """The app as the sandbox has it by now."""
    return next(one for one in sandbox.apps() if one.id == app.id)


def happens(sandbox: Sandbox) -> str:
    event_id = str(sandbox.emit("patient.updated")["id"])
    sandbox.webhooks_idle()
    return event_id


def delivery_page(sandbox: Sandbox, app: SandboxApp, event_id: str) -> str:
    return page(app, f"deliveries/{sandbox.deliveries(event_id=event_id)[-1]['id']}")


def test_settings_are_saved_when_the_endpoint_answers(
    sandbox: Sandbox, developer: Person, app: SandboxApp, receiver: Receiver
) -> None:
    """It gets one call with an empty body."""
    answer = developer.follows(saves(developer, app, receiver.url))
    saved = now(sandbox, app)

    assert "Your endpoint answered with the challenge" in answer.text
    assert (saved.webhook_url, saved.webhook_events, saved.webhook_envelope) == (
        receiver.url,
        EVENTS,
        "event_payload",
    )
    assert [call.body for call in receiver.calls] == [b""]


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        pytest.param(Reply(404), "Answered 404", id="not found"),
        pytest.param(Reply(body=b"hello"), "challenge token was not in the answer", id="no challenge"),
    ],
)
def test_nothing_is_saved_when_the_endpoint_does_not_answer(
    sandbox: Sandbox, developer: Person, app: SandboxApp, receiver: Receiver, reply: Reply, words: str
) -> None:
    """The form says what came back, and keeps what was filled in."""
    receiver.replies(reply)
    answer = saves(developer, app, receiver.url)

    assert answer.status_code == 422
    assert words in answer.text
    assert now(sandbox, app).webhook_events == []


@pytest.mark.parametrize("url", ["localhost:8000/hook", "http://127.0.0.1:9/nobody", "javascript:alert(1)"])
def test_an_address_that_leads_nowhere_is_refused(developer: Person, app: SandboxApp, url: str) -> None:
    """With a reason at its field."""
    answer = saves(developer, app, url)

    assert answer.status_code == 422
    assert 'id="webhook_url-error"' in answer.text


def test_an_endpoint_can_be_taken_away(sandbox: Sandbox, developer: Person, served: SandboxApp) -> None:
    """Without a call to anybody."""
    saves(developer, served, "")

    assert now(sandbox, served).webhook_url is None


@pytest.mark.parametrize("field", ["challenge_token", "signature_key"])
def test_secrets_are_revealed_on_request_only(developer: Person, app: SandboxApp, field: str) -> None:
    """The page itself holds none."""
    settings = developer.opens(page(app, "webhooks"))
    answer = developer.submits(settings, page(app, f"secrets/{field}"))

    assert getattr(app, field) not in settings.text
    assert answer.json() == {"value": getattr(app, field)}


@pytest.mark.parametrize("field", ["challenge_token", "signature_key"])
def test_secrets_can_be_rolled(sandbox: Sandbox, developer: Person, app: SandboxApp, field: str) -> None:
    """The next event is under the new one."""
    answer = developer.submits(developer.opens(page(app, "webhooks")), page(app, f"roll/{field}"))

    assert answer.headers["Location"].endswith("/webhooks")
    assert getattr(now(sandbox, app), field) != getattr(app, field)


def test_a_disabled_endpoint_is_enabled_when_it_answers(
    sandbox: Sandbox, developer: Person, served: SandboxApp, receiver: Receiver
) -> None:
    """The page says since when and why it was disabled."""
    receiver.replies(Reply(410))
    happens(sandbox)
    notice = developer.opens(page(served, "webhooks"))
    developer.submits(notice, page(served, "webhooks/enable"))

    assert "It answered 410" in notice.text
    assert not now(sandbox, served).webhook_disabled


def test_a_disabled_endpoint_stays_so_while_it_fails(
    sandbox: Sandbox, developer: Person, served: SandboxApp, receiver: Receiver
) -> None:
    """The page says what came back."""
    receiver.always_replies(Reply(410))
    happens(sandbox)
    answer = developer.submits(developer.opens(page(served, "webhooks")), page(served, "webhooks/enable"))

    assert "Answered 410" in developer.follows(answer).text
    assert now(sandbox, served).webhook_disabled


def test_every_attempt_is_listed(
    sandbox: Sandbox, developer: Person, served: SandboxApp, receiver: Receiver
) -> None:
    """With why it failed, and when the next one comes."""
    receiver.replies(Reply(503))
    happens(sandbox)
    happens(sandbox)
    text = developer.opens(page(served, "deliveries")).text

    assert "2 attempts" in text
    assert "Answered 503" in text


@pytest.mark.parametrize(
    ("query", "count"),
    [
        pytest.param("?outcome=failed", 1, id="failed"),
        pytest.param("?outcome=delivered", 2, id="delivered"),
        pytest.param("?type=patient.updated", 3, id="type"),
        pytest.param("?type=order.placed", 0, id="another type"),
        pytest.param("?event_id=nobody's", 0, id="unknown event"),
        pytest.param("?day=2001-01-01", 0, id="another day"),
        pytest.param("?day=yesterday", 3, id="a day that is none"),
        pytest.param("?day=9999-12-31", 3, id="the last day of all"),
        pytest.param("?outcome=perhaps", 3, id="an outcome that is none"),
    ],
)
def test_attempts_can_be_filtered(
    sandbox: Sandbox, developer: Person, served: SandboxApp, receiver: Receiver, query: str, count: int
) -> None:
    """By type, outcome, event and day; what cannot be read is left out."""
    receiver.replies(Reply(503))
    for _ in range(3):
        happens(sandbox)
    text = developer.opens(page(served, f"deliveries{query}")).text

    assert len(re.findall(r'class="delivery"', text)) == count


def test_an_attempt_shows_what_was_sent_and_what_came_back(
    sandbox: Sandbox, developer: Person, served: SandboxApp
) -> None:
    """But not the challenge, which is a secret."""
    event_id = happens(sandbox)
    text = developer.opens(delivery_page(sandbox, served, event_id)).text

    assert event_id in text
    assert "127.0.0.1" in text
    assert served.challenge_token not in text


def test_an_event_can_be_sent_again(
    sandbox: Sandbox, developer: Person, served: SandboxApp, receiver: Receiver
) -> None:
    """Once it was accepted, the retries that were to come do not."""
    receiver.replies(Reply(503))
    event_id = happens(sandbox)
    address = delivery_page(sandbox, served, event_id)
    answer = developer.follows(developer.submits(developer.opens(address), f"{address}/send-again"))
    sandbox.advance(3600)
    sandbox.webhooks_idle()

    assert "Sent again, and accepted" in answer.text
    assert receiver.ids == [event_id]


def test_an_event_that_is_sent_again_in_vain_says_why(
    sandbox: Sandbox, developer: Person, served: SandboxApp, receiver: Receiver
) -> None:
    """The retries go on as they would have."""
    receiver.always_replies(Reply(503))
    event_id = happens(sandbox)
    address = delivery_page(sandbox, served, event_id)
    answer = developer.follows(developer.submits(developer.opens(address), f"{address}/send-again"))
    receiver.always_replies(None)
    sandbox.advance(61)
    sandbox.webhooks_idle()

    assert "not accepted. Answered 503" in answer.text
    assert receiver.ids == [event_id]


def test_nothing_is_sent_again_without_an_endpoint(
    sandbox: Sandbox, developer: Person, served: SandboxApp
) -> None:
    """The page says so."""
    address = delivery_page(sandbox, served, happens(sandbox))
    sandbox.change_app(served, webhook_url="")
    answer = developer.follows(developer.submits(developer.opens(address), f"{address}/send-again"))

    assert "no endpoint" in answer.text


def test_a_delivery_of_another_app_is_not_found(
    sandbox: Sandbox, developer: Person, served: SandboxApp
) -> None:
    """Each application has its own list."""
    address = delivery_page(sandbox, served, happens(sandbox))
    elsewhere = address.replace(served.id, sandbox.apps()[0].id)

    assert developer.opens(elsewhere).status_code == 404


@pytest.mark.parametrize("path", ["webhooks", "webhooks/enable", "events"])
def test_what_another_site_sends_changes_nothing(
    sandbox: Sandbox, developer: Person, served: SandboxApp, path: str
) -> None:
    """Every form has a token of its page."""
    form = {"webhook_url": "", "type": "patient.updated", "clinic": JUNIPER}
    developer.submits(developer.opens("/login"), page(served, path), **form | {"csrf_token": "guessed"})

    assert now(sandbox, served) == served
    assert sandbox.deliveries(app_id=served.id) == []


def test_a_button_lets_something_happen(
    sandbox: Sandbox, developer: Person, served: SandboxApp, receiver: Receiver
) -> None:
    """And the endpoint is told of it."""
    shown = developer.opens(page(served, "events"))
    forms = re.findall(r'value="(patient\.updated)">.*?<option value="([^"]+)">', shown.text, re.DOTALL)
    kind, patient_id = forms[0]
    answer = developer.submits(shown, page(served, "events"), clinic=JUNIPER, type=kind, record=patient_id)
    sandbox.webhooks_idle()

    assert "Webhooks are on their way" in developer.follows(answer).text
    assert receiver.events[0]["data"]["patient"]["id"] == patient_id


@pytest.mark.parametrize(
    "form",
    [
        pytest.param({"type": "patient.deleted"}, id="unknown type"),
        pytest.param({"type": "patient.updated", "record": "nobody"}, id="unknown record"),
        pytest.param({"type": "treatment_plan.updated", "record": ""}, id="no record"),
    ],
)
def test_what_cannot_happen_says_why(developer: Person, served: SandboxApp, form: dict[str, str]) -> None:
    """Somebody may have been faster."""
    shown = developer.opens(page(served, "events"))
    answer = developer.submits(shown, page(served, "events"), clinic=JUNIPER, **form)

    assert "Nothing happened" in developer.follows(answer).text


def test_a_clinic_of_another_country_is_out_of_reach(developer: Person, served: SandboxApp) -> None:
    """An application lives in one environment."""
    shown = developer.opens(page(served, "events"))
    form = {"clinic": CEDAR_STONE, "type": "patient.created"}

    assert developer.submits(shown, page(served, "events"), **form).status_code == 404


def test_a_canadian_application_sees_canadian_clinics(sandbox: Sandbox, developer: Person) -> None:
    """Where there are no labs."""
    app = sandbox.apps()[1]
    sandbox.token(app, ELISE)
    text = developer.opens(page(app, "events")).text

    assert "Cedar &amp; Stone" in text
    assert "Juniper" not in text
