"""POST /fullscript/webhooks/<environment>: who is believed, and what is kept (the guide: Webhooks)."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import request
from flask_wtf.csrf import CSRFProtect
from sqlalchemy import text

from fullscript_embed import refusals, webhooks
from fullscript_embed.errors import WebhookRefused
from fullscript_embed.models import InboxEvent
from fullscript_embed.testing import Sandbox, SandboxApp, sign_webhook
from fullscript_embed.webhooks import HEADER, LARGEST
from tests.partner_host import JUNIPER, Host, HostUser, at_once, create_host, plan_activated
from tests.webhook_sender import Sender, body_of, event, plan

PATIENT = event("patient.created", {"patient": {"id": "p1", "first_name": "Amelia"}}, id="event-1")


@pytest.fixture
def sender(host: Host) -> Sender:
    """Fullscript, as it calls this host."""
    return Sender(host)


def events_in(host: Host) -> list[InboxEvent]:
    """The inbox."""
    return host.asks(lambda: host.extension.db.session.query(InboxEvent).all())


def refused(host: Host) -> dict[str, int]:
    """How many calls were refused, by reason."""
    return {one.reason: one.count for one in host.asks(refusals.summary)}


def test_an_empty_call_is_answered_with_the_challenge(sender: Sender) -> None:
    """That is how Fullscript sees that it reached us; it leaves no trace."""
    answer = sender.posts(b"")

    assert (answer.status_code, answer.get_json()) == (
        200,
        {"challenge": sender.host.registered.challenge_token},
    )
    assert (events_in(sender.host), refused(sender.host)) == ([], {})


def test_an_event_is_stored_and_answered_with_the_challenge(sender: Sender) -> None:
    """The challenge is asked for again, and the payload stays as it came."""
    body = body_of({**PATIENT, "something": {"of a": "later version"}})
    answer = sender.posts(body, sender.signs(body))
    (stored,) = events_in(sender.host)

    assert (answer.status_code, answer.get_json()) == (
        200,
        {"challenge": sender.host.registered.challenge_token},
    )
    assert stored.payload == json.loads(body)
    assert (stored.door, stored.clinic_id, stored.type) == ("webhook", JUNIPER, "patient.created")


def test_the_same_event_again_is_stored_once(sender: Sender) -> None:
    """Fullscript repeats what it takes for lost, and is thanked each time."""
    answers = sender.tells(PATIENT, PATIENT, PATIENT)

    assert [answer.get_json() for answer in answers] == [
        {"challenge": sender.host.registered.challenge_token}
    ] * 3
    assert len(events_in(sender.host)) == 1


@pytest.mark.parametrize("envelope", ["event", "event_payload", "bare"])
def test_every_envelope_is_understood(sender: Sender, envelope: str) -> None:
    """As it is sent, as the guide prints it, and without any."""
    (answer,) = sender.tells(PATIENT, envelope=envelope)

    assert answer.status_code == 200
    assert [one.event_id for one in events_in(sender.host)] == ["event-1"]


def test_an_unknown_type_with_unknown_fields_is_kept(sender: Sender) -> None:
    """What a later Fullscript tells is not lost on this version."""
    (answer,) = sender.tells(event("fulfillment.shipment.shipped", {"fulfillment_shipment": {"x": [1]}}))

    assert answer.status_code == 200
    assert events_in(sender.host)[0].payload["event"]["data"] == {"fulfillment_shipment": {"x": [1]}}


@pytest.mark.parametrize("moment", ["soon", 7, "0001-01-01T00:00:00+14:00"])
def test_an_event_of_no_moment_is_kept(sender: Sender, moment: Any) -> None:
    """It happened when it arrived; refusing it for ever would only have the endpoint disabled."""
    (answer,) = sender.tells({**PATIENT, "created_at": moment})

    assert (answer.status_code, events_in(sender.host)[0].happened_at) == (200, None)


GOOD = body_of(PATIENT)
Headers = Callable[[Sender], dict[str, str]]


def header(value: str | None) -> Headers:
    """That signature header, or none."""
    return lambda _sender: {} if value is None else {HEADER: value}


def sign(**options: Any) -> Headers:
    """A real signature of GOOD, made so."""
    return lambda sender: sender.signs(GOOD, **options)


def sign_then(change: Callable[[str], str]) -> Headers:
    """A real signature's header, changed."""
    return lambda sender: {HEADER: change(sender.signs(GOOD)[HEADER])}


NOW, HASH = int(time.time()), "0" * 64


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        pytest.param(header(None), "no_signature", id="no header"),
        pytest.param(header(""), "no_signature", id="an empty header"),
        pytest.param(header("v1=" + HASH), "bad_signature", id="no time"),
        pytest.param(header(f"t={NOW}"), "bad_signature", id="no hash"),
        pytest.param(header(f"t={NOW},v1={HASH[:-1]}"), "bad_signature", id="a short hash"),
        pytest.param(header(f"t={NOW},v1={'z' * 64}"), "bad_signature", id="a hash that is not hex"),
        pytest.param(header(f"t=soon,v1={HASH}"), "bad_signature", id="a time that is no number"),
        pytest.param(header(f"t=-1,v1={HASH}"), "bad_signature", id="a negative time"),
        pytest.param(header(f"t={'9' * 40},v1={HASH}"), "bad_signature", id="a time without end"),
        pytest.param(header(f"t={NOW},t={NOW},v1={HASH}"), "bad_signature", id="two times"),
        pytest.param(header(f"t={NOW}" + f",v1={HASH}" * 20), "bad_signature", id="too many hashes"),
        pytest.param(header(f"t={NOW},v2={HASH}"), "bad_signature", id="another scheme alone"),
        pytest.param(header("\u00e9\u00e8"), "bad_signature", id="no ASCII"),
        pytest.param(header(f"t={NOW},v1={HASH}"), "wrong_signature", id="a hash of nothing"),
        pytest.param(sign(key="a key of nobody's"), "wrong_signature", id="another-key"),
        pytest.param(sign_then(str.upper), "bad_signature", id="capitals"),
        pytest.param(
            sign_then(lambda value: value.replace("t=", "t=0")),
            "wrong_signature",
            id="a time that was changed",
        ),
        pytest.param(sign(offset=-302), "too_late", id="five minutes old"),
        pytest.param(sign(offset=3600), "too_early", id="an hour ahead"),
        pytest.param(
            lambda sender: sender.signs(GOOD, sender.host.registered.challenge_token),
            "wrong_signature",
            id="the challenge as the key",
        ),
        pytest.param(lambda sender: sender.signs(GOOD + b" "), "wrong_signature", id="another body"),
    ],
)
def test_what_is_not_signed_by_fullscript_is_refused(sender: Sender, headers: Headers, reason: str) -> None:
    """401, counted by its reason, without the challenge and with nothing stored."""
    answer = sender.posts(GOOD, headers(sender))

    assert (answer.status_code, answer.get_json()["error"]["code"]) == (401, reason)
    assert sender.host.registered.challenge_token not in answer.text
    assert (events_in(sender.host), refused(sender.host)) == ([], {reason: 1})


@pytest.mark.parametrize(
    ("offset", "reason"), [(-301, "too_late"), (-300, None), (300, None), (301, "too_early")]
)
def test_clocks_may_differ_by_five_minutes(offset: int, reason: str | None) -> None:
    """On either side, and by no second more."""
    signature = sign_webhook(GOOD, "a key", NOW + offset)[HEADER]
    refusal = None
    try:
        webhooks.check(GOOD, signature, ("a key",), now=datetime.fromtimestamp(NOW, UTC))
    except WebhookRefused as error:
        refusal = error.error_code

    assert refusal == reason


def test_a_clock_that_is_off_a_little_is_believed(sender: Sender) -> None:
    """Two minutes, as of a machine that asks no time server."""
    statuses = [sender.posts(GOOD, sender.signs(GOOD, offset=one)).status_code for one in (-120, 120)]

    assert statuses == [200, 200]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda value: value.replace(",", " , "), id="spaces"),
        pytest.param(lambda value: f"v0={HASH},{value},v2=x", id="other schemes beside it"),
        pytest.param(lambda value: ",".join(reversed(value.split(","))), id="another order"),
        pytest.param(lambda value: f"{value},v1={HASH}", id="a second hash"),
    ],
)
def test_a_header_may_say_more(sender: Sender, change: Callable[[str], str]) -> None:
    """What counts is one time and a hash that fits."""
    assert sender.posts(GOOD, {HEADER: change(sender.signs(GOOD)[HEADER])}).status_code == 200


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param(b" ", "no_json", id="a space"),
        pytest.param(b"{", "no_json", id="half a body"),
        pytest.param(GOOD[:-9], "no_json", id="a body that was cut"),
        pytest.param(b"\xff\xfe{}", "no_json", id="not UTF-8"),
        pytest.param(b'{"event": NaN}', "no_json", id="NaN"),
        pytest.param(b'{"event": 1e999}', "no_json", id="a number without end"),
        pytest.param(b"1" * 5000, "no_json", id="a number of many digits"),
        pytest.param(b"[" * 100_000, "no_json", id="nested without end"),
        pytest.param(b"null", "no_event", id="null"),
        pytest.param(b"[]", "no_event", id="a list"),
        pytest.param(b"{}", "no_event", id="nothing in it"),
        pytest.param(b'{"event": []}', "no_event", id="an event that is a list"),
        pytest.param(body_of({**PATIENT, "id": None}), "no_event", id="no id"),
        pytest.param(body_of({**PATIENT, "id": 7}), "no_event", id="an id that is a number"),
        pytest.param(body_of({**PATIENT, "id": "x" * 65}), "no_event", id="an id that is too long"),
        pytest.param(body_of({**PATIENT, "id": "a\0b"}), "no_event", id="an id with a zero byte"),
        pytest.param(body_of({**PATIENT, "id": "\ud800"}), "no_event", id="an id with half a character"),
        pytest.param(body_of({**PATIENT, "type": ""}), "no_event", id="no type"),
        pytest.param(body_of({**PATIENT, "clinic_id": {}}), "no_event", id="a clinic that is an object"),
    ],
)
def test_what_is_signed_and_no_event_is_refused(sender: Sender, body: bytes, reason: str) -> None:
    """400, counted by its reason, with nothing of it stored."""
    answer = sender.posts(body, sender.signs(body))

    assert (answer.status_code, answer.get_json()["error"]["code"]) == (400, reason)
    assert (events_in(sender.host), refused(sender.host)) == ([], {reason: 1})


def test_a_body_that_is_too_large_is_refused(sender: Sender) -> None:
    """Nobody can fill the database, signed or not."""
    body = body_of({**PATIENT, "padding": "x" * LARGEST})
    answer = sender.posts(body, sender.signs(body))

    assert (answer.status_code, answer.get_json()["error"]["code"]) == (413, "too_large")
    assert (events_in(sender.host), refused(sender.host)) == ([], {"too_large": 1})


def test_a_body_that_ends_early_is_refused(sender: Sender) -> None:
    """The connection broke; Fullscript will send it again."""
    answer = sender.posts(GOOD[:20], sender.signs(GOOD), environ_overrides={"CONTENT_LENGTH": str(len(GOOD))})

    assert answer.status_code == 400
    assert (events_in(sender.host), refused(sender.host)) == ([], {"cut_short": 1})


def test_a_body_in_chunks_that_the_server_does_not_hand_over_is_no_empty_call(sender: Sender) -> None:
    """Some WSGI servers leave such bodies away, as a proxy may send them."""
    chunked = {"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""}
    answer = sender.posts(GOOD, sender.signs(GOOD), environ_overrides=chunked)
    handed_over = {**chunked, "wsgi.input_terminated": True}
    good = sender.posts(GOOD, sender.signs(GOOD), environ_overrides=handed_over)
    empty = sender.posts(b"", environ_overrides=handed_over)

    assert (answer.status_code, answer.get_json()["error"]["code"]) == (400, "cut_short")
    assert (good.status_code, empty.status_code, len(events_in(sender.host))) == (200, 200, 1)


def test_a_body_that_the_host_has_read_is_no_empty_call(sender: Sender) -> None:
    """Answering it with the challenge would lose the event."""
    sender.host.app.before_request(lambda: request.get_data(cache=False) and None)
    answer = sender.posts(GOOD, sender.signs(GOOD))

    assert (answer.status_code, answer.get_json()["error"]["code"]) == (400, "cut_short")


@pytest.mark.parametrize("name", ["us", "nowhere", "local%00"])
def test_an_environment_that_is_not_configured_is_not_there(host: Host, name: str) -> None:
    """Also one that Fullscript has and this host does not work with."""
    sender = Sender(host, name)

    assert sender.posts(GOOD, sender.signs(GOOD)).status_code == 404
    assert events_in(host) == []


def test_an_environment_has_keys_of_its_own(
    sandbox: Sandbox, partner_app: SandboxApp, host_config: dict[str, str]
) -> None:
    """What one environment signed is not believed by the door of another."""
    config = {
        **host_config,
        "FULLSCRIPT_ENVIRONMENTS": "local, local-ca",
        **{name.replace("_LOCAL_", "_LOCAL_CA_"): value for name, value in host_config.items()},
        "FULLSCRIPT_LOCAL_CA_WEBHOOK_SIGNATURE_KEYS": "another-key",
    }
    with Host(sandbox, partner_app, create_host(config)) as host:
        host.make_tables()
        sender = Sender(host, "local-ca")
        statuses = [sender.posts(GOOD, sender.signs(GOOD, key)).status_code for key in (None, "another-key")]

    assert statuses == [401, 200]


def test_several_keys_are_good_while_one_is_rolled(
    sandbox: Sandbox, partner_app: SandboxApp, host_config: dict[str, str]
) -> None:
    """The new key is put first, and the old one taken out when Fullscript signs with the new one."""
    keys = "new-key, old-key"
    config = {**host_config, "FULLSCRIPT_LOCAL_WEBHOOK_SIGNATURE_KEYS": keys}
    with Host(sandbox, partner_app, create_host(config)) as host:
        host.make_tables()
        sender = Sender(host)
        used = ("new-key", "old-key", partner_app.signature_key)
        statuses = [sender.posts(GOOD, sender.signs(GOOD, key)).status_code for key in used]

    assert statuses == [200, 200, 401]


@pytest.mark.parametrize("missing", ["WEBHOOK_CHALLENGE", "WEBHOOK_SIGNATURE_KEYS"])
@pytest.mark.parametrize("body", [b"", GOOD], ids=["empty", "signed"])
def test_without_its_secrets_the_door_stays_shut(
    sandbox: Sandbox, partner_app: SandboxApp, host_config: dict[str, str], missing: str, body: bytes
) -> None:
    """Nothing is believed because there is nothing to compare it with."""
    config = {**host_config, f"FULLSCRIPT_LOCAL_{missing}": ""}
    with Host(sandbox, partner_app, create_host(config)) as host:
        host.make_tables()
        answer = Sender(host).posts(body, Sender(host).signs(body))
        counted, stored = refused(host), events_in(host)

    assert (answer.status_code, answer.get_json()["error"]["code"]) == (401, "not_configured")
    assert partner_app.challenge_token not in answer.text
    assert (stored, counted) == ([], {"not_configured": 1})


@pytest.mark.parametrize("first", ["CSRFProtect", "FullscriptEmbed"])
def test_a_host_with_csrf_protection_lets_fullscript_in(
    sandbox: Sandbox, partner_app: SandboxApp, host_config: dict[str, str], first: str
) -> None:
    """Whichever extension was registered first; other routes still ask for a token."""
    app = create_host(host_config, own_csrf=first == "CSRFProtect")
    if first == "FullscriptEmbed":
        CSRFProtect(app)
    with Host(sandbox, partner_app, app) as host:
        host.make_tables()
        answers = Sender(host).tells(PATIENT)
        other = app.test_client().post("/fullscript/events", json={})

    assert (answers[0].status_code, other.status_code) == (200, 401)


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
def test_only_posts_are_answered(sender: Sender, method: str) -> None:
    """The challenge is not for whoever opens the address."""
    answer = getattr(sender.host.app.test_client(), method)(sender.path)

    assert (answer.status_code, "challenge" in answer.text) == (405, False)


def test_an_event_that_cannot_be_stored_is_asked_for_again(sender: Sender) -> None:
    """503 without the challenge: Fullscript sends it again when the database is well."""
    sender.host.asks(lambda: drop(sender.host, "fullscript_event"))
    answer = sender.posts(GOOD, sender.signs(GOOD))

    assert (answer.status_code, answer.get_json()["error"]["code"]) == (503, "not_stored")
    assert sender.host.registered.challenge_token not in answer.text


def test_a_refusal_does_not_depend_on_being_counted(sender: Sender) -> None:
    """When the counters cannot be written the call is refused all the same."""
    sender.host.asks(lambda: drop(sender.host, "fullscript_webhook_refusal"))

    assert sender.posts(GOOD).status_code == 401


def test_refusals_are_counted_and_logged_without_the_body(
    sender: Sender, caplog: pytest.LogCaptureFixture
) -> None:
    """The reason and the environment, and nothing about a patient."""
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            sender.posts(GOOD)
        sender.posts(b"{", sender.signs(b"{"))
    shown = " ".join(str(record.__dict__) for record in caplog.records)

    assert refused(sender.host) == {"no_signature": 3, "no_json": 1}
    assert ("no_signature" in shown, "Amelia" in shown) == (True, False)


def test_many_refusals_at_once_are_all_counted(sender: Sender) -> None:
    """A flood is added up, and written a few times a second."""
    at_once(8, lambda _number: [sender.posts(GOOD) for _ in range(10)])

    assert refused(sender.host) == {"no_signature": 80}


def test_the_same_event_from_many_at_once_is_one(sender: Sender) -> None:
    """Ten calls in the same moment store it once, and all are answered with the challenge."""
    answers = at_once(10, lambda _number: sender.posts(GOOD, sender.signs(GOOD)))

    assert {answer.status_code for answer in answers} == {200}
    assert len(events_in(sender.host)) == 1


@pytest.mark.parametrize("first", ["browser", "webhook"])
def test_an_event_that_two_doors_bring_is_one(connected: HostUser, first: str) -> None:
    """Each is a witness of it, whoever was first."""
    host = connected.host
    by_webhook = {**plan(), "id": "event-activated"}
    steps = [lambda: connected.reports(plan_activated(host.registered.client_id))]
    steps.insert(first == "browser", lambda: Sender(host).tells(by_webhook))
    for step in steps:
        step()
    (stored,) = events_in(host)

    assert (stored.door, stored.state) == (first, "applied")
    assert witnesses(host) == [{"browser", "webhook"} - {first}]


def witnesses(host: Host) -> list[set[str]]:
    """The doors beside the first, for each event that has any."""
    rows = host.asks(
        lambda: host.extension.db.session.execute(text("SELECT number, door FROM fullscript_witness")).all()
    )
    return [
        {row.door for row in rows if row.number == number} for number in sorted({row.number for row in rows})
    ]


def drop(host: Host, table: str) -> None:
    """Take a table away, as if the database had failed."""
    host.extension.db.session.execute(text(f"DROP TABLE {table}"))
    host.extension.db.session.commit()
