"""What the sandbox does when an endpoint accepts no event: it tries again, and in the end gives up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Event, Thread

import pytest

from fullscript_embed.testing import Sandbox, SandboxApp, start_sandbox
from tests.sandbox_actors import MAYA
from tests.waiting import until
from tests.webhook_receiver import Receiver, Reply

MINUTE, HOUR, DAY = 60, 3600, 24 * 3600
# Seconds from one attempt to the next (guide: Missed and repeated webhooks).
WAITS = (MINUTE, 5 * MINUTE, 30 * MINUTE, HOUR, 5 * HOUR)
DOWN = Reply(503)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def app(sandbox: Sandbox, receiver: Receiver) -> SandboxApp:
    """An app with all scopes, an endpoint, and a token of Juniper, of whose coming it was told."""
    return connected(sandbox, receiver)


def connected(sandbox: Sandbox, receiver: Receiver) -> SandboxApp:
    app = receiver.serves(sandbox, sandbox.create_app())
    sandbox.token(app, MAYA)
    sandbox.webhooks_idle()
    receiver.forgets()
    return app


def happens(sandbox: Sandbox) -> str:
    """Let something happen, wait until it was tried, and return the event's id."""
    event_id = str(sandbox.emit("patient.updated")["id"])
    assert sandbox.webhooks_idle()
    return event_id


def passes(sandbox: Sandbox, seconds: float) -> None:
    """Let time pass, and what is due by then be tried."""
    sandbox.advance(seconds)
    assert sandbox.webhooks_idle()


def disabled(sandbox: Sandbox, app: SandboxApp) -> bool:
    return next(one.webhook_disabled for one in sandbox.apps() if one.id == app.id)


@contextmanager
def dripping(head: bytes) -> Iterator[str]:
    """An endpoint that begins its answer at once and never comes to its end; gives its URL."""
    over = Event()

    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(head)
            with suppress(OSError):  # the caller has gone
                while not over.wait(0.2):
                    self.wfile.write(b"x")

    with ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/"
        finally:
            over.set()
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        pytest.param(Reply(500), "Answered 500", id="server error"),
        pytest.param(Reply(202), "Answered 202", id="accepted with another status"),
        pytest.param(Reply(302, headers={"Location": "/"}), "Answered 302", id="redirect"),
        pytest.param(Reply(401), "Answered 401", id="refused"),
        pytest.param(Reply(body=b"{}"), "challenge token was not", id="no challenge"),
        pytest.param(Reply(body=b'{"challenge":"another"}'), "challenge token was not", id="wrong challenge"),
        pytest.param(Reply(hangs_up=True), "could not be read", id="hangs up"),
        pytest.param(Reply(never=True), "No answer within 2 seconds", id="no answer in time"),
        pytest.param(Reply(headers={"Content-Length": "999"}), "could not be read", id="half an answer"),
    ],
)
@pytest.mark.parametrize("call", [pytest.param(0, id="first call"), pytest.param(1, id="second call")])
@pytest.mark.usefixtures("app")
def test_whatever_is_not_the_challenge_in_time_is_a_failure(
    sandbox: Sandbox, receiver: Receiver, reply: Reply, words: str, call: int
) -> None:
    """At the empty call, which then is not followed by the event, as at the event itself."""
    receiver.replies(*[Reply()] * call, reply)
    (attempt,) = sandbox.deliveries(event_id=happens(sandbox))

    assert not attempt["successfully_delivered"]
    assert words in attempt["response_errors"]
    assert len(receiver.calls) == call + 1


@pytest.mark.parametrize(
    "head", [b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n"]
)
def test_an_answer_that_drips_in_is_not_waited_for(sandbox: Sandbox, app: SandboxApp, head: bytes) -> None:
    """The 2 seconds are for the whole of it, not for each byte."""
    with dripping(head) as url:
        sandbox.change_app(app, webhook_url=url)
        (attempt,) = sandbox.deliveries(event_id=happens(sandbox))

    assert attempt["response_errors"] == "No answer within 2 seconds"


@pytest.mark.parametrize("status", [200, 201])
def test_both_statuses_of_the_guide_are_accepted(
    sandbox: Sandbox, app: SandboxApp, receiver: Receiver, status: int
) -> None:
    """With the challenge anywhere in the answer."""
    receiver.always_replies(Reply(status, body=f"ok {app.challenge_token}".encode()))
    (attempt,) = sandbox.deliveries(event_id=happens(sandbox))

    assert (attempt["successfully_delivered"], attempt["response_errors"]) == (True, None)


def test_an_endpoint_that_nobody_serves_is_a_failure(sandbox: Sandbox, app: SandboxApp) -> None:
    """Logged without a status."""
    sandbox.change_app(app, webhook_url="http://127.0.0.1:9/nobody")
    (attempt,) = sandbox.deliveries(event_id=happens(sandbox))

    assert (attempt["response_status"], attempt["response_errors"]) == (None, "Connection refused")


@pytest.mark.usefixtures("app")
def test_it_is_tried_six_times_as_the_guide_says(sandbox: Sandbox, receiver: Receiver) -> None:
    """After 1, 5, 30 and 60 minutes and 5 hours, and not a second before; then never again."""
    receiver.always_replies(DOWN)
    event_id = happens(sandbox)
    counts = []
    for wait in WAITS:
        passes(sandbox, wait - 20)
        counts.append(len(sandbox.deliveries(event_id=event_id)))
        passes(sandbox, 21)
    passes(sandbox, DAY - 8 * HOUR)
    attempts = sandbox.deliveries(event_id=event_id)

    assert counts == [1, 2, 3, 4, 5]
    assert [attempt["attempt_number"] for attempt in attempts] == [1, 2, 3, 4, 5, 6]
    assert attempts[-1]["next_attempt_at"] is None


@pytest.mark.usefixtures("app")
def test_each_attempt_names_the_one_before_and_the_next(sandbox: Sandbox, receiver: Receiver) -> None:
    """As the vendor's list of deliveries does."""
    receiver.replies(DOWN)
    event_id = happens(sandbox)
    passes(sandbox, MINUTE + 1)
    first, second = sandbox.deliveries(event_id=event_id)

    assert (first["previous_attempt_at"], second["previous_attempt_at"]) == (None, first["attempted_at"])
    assert first["attempted_at"] < first["next_attempt_at"] <= second["attempted_at"]
    assert second["next_attempt_at"] is None


@pytest.mark.usefixtures("app")
def test_a_retry_brings_the_event_with_a_fresh_signature(sandbox: Sandbox, receiver: Receiver) -> None:
    """The same event in the same words, after another empty call."""
    receiver.replies(Reply(), DOWN)
    happens(sandbox)
    passes(sandbox, MINUTE + 1)
    bodies = [call.body for call in receiver.calls]

    assert bodies[0] == bodies[2] == b""
    assert bodies[1] == bodies[3] != b""


@pytest.mark.usefixtures("app")
def test_events_behind_one_that_fails_do_not_wait(sandbox: Sandbox, receiver: Receiver) -> None:
    """So that order is not guaranteed (guide: Responding to a webhook)."""
    receiver.replies(DOWN)
    late, early = happens(sandbox), happens(sandbox)
    passes(sandbox, MINUTE + 1)

    assert receiver.ids == [early, late]


@pytest.mark.usefixtures("app")
def test_a_slow_endpoint_does_not_hold_up_another_app(sandbox: Sandbox, receiver: Receiver) -> None:
    """Each app has a line of its own."""
    receiver.always_replies(Reply(never=True))
    sandbox.hold_webhooks()
    for _ in range(5):
        sandbox.emit("patient.updated")
    with Receiver() as another:
        connected(sandbox, another)
        event_id = sandbox.emit("patient.updated")["id"]
        sandbox.release_webhooks()
        until(lambda: event_id in another.ids, what="the event at the app that answers")

        assert len(receiver.calls) < 6


def test_an_endpoint_that_is_gone_is_disabled(sandbox: Sandbox, app: SandboxApp, receiver: Receiver) -> None:
    """410 ends it at once: no retry, and nothing of what happens later."""
    receiver.replies(Reply(410))
    happens(sandbox)
    happens(sandbox)
    passes(sandbox, DAY)

    assert disabled(sandbox, app)
    assert len(receiver.calls) == 1


def test_an_endpoint_that_fails_for_a_day_is_disabled(
    sandbox: Sandbox, app: SandboxApp, receiver: Receiver
) -> None:
    """With nothing accepted in between."""
    receiver.always_replies(DOWN)
    happens(sandbox)
    passes(sandbox, DAY - HOUR)
    before = disabled(sandbox, app)
    happens(sandbox)
    passes(sandbox, 2 * HOUR)

    assert (before, disabled(sandbox, app)) == (False, True)


def test_one_success_begins_the_day_anew(sandbox: Sandbox, app: SandboxApp, receiver: Receiver) -> None:
    """Only an endpoint that does nothing but fail is disabled."""
    receiver.always_replies(DOWN)
    happens(sandbox)
    passes(sandbox, DAY - HOUR)
    receiver.always_replies(None)
    happens(sandbox)
    receiver.always_replies(DOWN)
    happens(sandbox)
    passes(sandbox, 2 * HOUR)

    assert not disabled(sandbox, app)


def test_an_enabled_endpoint_gets_what_happens_from_then_on(
    sandbox: Sandbox, app: SandboxApp, receiver: Receiver
) -> None:
    """What happened meanwhile is left to the events API."""
    sandbox.change_app(app, webhook_disabled=True)
    happens(sandbox)
    sandbox.change_app(app, webhook_disabled=False)
    event_id = happens(sandbox)

    assert receiver.ids == [event_id]


def test_another_url_begins_with_a_clean_record(
    sandbox: Sandbox, app: SandboxApp, receiver: Receiver
) -> None:
    """A new endpoint does not answer for the old one."""
    receiver.replies(Reply(410))
    happens(sandbox)
    sandbox.change_app(app, webhook_url=f"{receiver.url}/moved")

    assert not disabled(sandbox, app)


def test_retries_go_to_where_the_app_is_by_then(
    sandbox: Sandbox, app: SandboxApp, receiver: Receiver
) -> None:
    """An endpoint that moved gets what the old one missed."""
    receiver.replies(DOWN)
    event_id = happens(sandbox)
    with Receiver() as another:
        another.serves(sandbox, app)
        passes(sandbox, MINUTE + 1)

        assert another.ids == [event_id]


def test_an_app_without_endpoint_gets_no_retries(
    sandbox: Sandbox, app: SandboxApp, receiver: Receiver
) -> None:
    """An empty URL ends webhooks, what was waiting too."""
    receiver.replies(DOWN)
    happens(sandbox)
    sandbox.change_app(app, webhook_url="")
    passes(sandbox, MINUTE + 1)
    receiver.serves(sandbox, app)
    passes(sandbox, DAY)

    assert len(receiver.calls) == 1


def test_a_restart_loses_nothing(receiver: Receiver, tmp_path: Path) -> None:
    """What waits for its retry is in the database; the process is killed without a word."""
    with start_sandbox(tmp_path) as sandbox:
        connected(sandbox, receiver)
        receiver.replies(DOWN)
        event_id = happens(sandbox)
        sandbox.kill()
    with start_sandbox(tmp_path) as sandbox:
        passes(sandbox, MINUTE + 1)
        attempts = sandbox.deliveries(event_id=event_id)

    assert [attempt["successfully_delivered"] for attempt in attempts] == [False, True]


def test_what_was_being_sent_when_it_was_killed_is_sent_again(receiver: Receiver, tmp_path: Path) -> None:
    """At least once: nobody knows whether the first attempt arrived."""
    with start_sandbox(tmp_path) as sandbox:
        connected(sandbox, receiver)
        receiver.always_replies(Reply(never=True))
        event_id = sandbox.emit("patient.updated")["id"]
        until(lambda: receiver.calls, what="the first attempt")
        sandbox.kill()
    receiver.always_replies(None)
    with start_sandbox(tmp_path) as sandbox:
        sandbox.webhooks_idle()

    assert receiver.ids == [event_id]
