"""How calls travel: time-outs, repetitions, tokens, hooks, with a sandbox that misbehaves on order."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from fullscript_embed.api import (
    Exchange,
    FullscriptClient,
    FullscriptError,
    FullscriptTimedOut,
    FullscriptUnreachable,
    RateLimited,
    RecordNotFound,
    RefreshingToken,
    RequestInvalid,
    Retries,
    ServerFailed,
    TimeOuts,
    TokenExpired,
    Transport,
)
from fullscript_embed.api.parsing import parse
from fullscript_embed.api.records.tokens import Token
from fullscript_embed.testing import Sandbox, SandboxApp
from tests.api_client import QUICK, World, access_token, connected

CLINIC = "/api/clinic"
GRANTS = "/api/clinic/embeddable/session_grants"
TWO_HOURS = 2 * 60 * 60


def statuses(sandbox: Sandbox, path: str) -> list[int]:
    """The statuses of the calls to *path*, in order."""
    return [call["status"] for call in sandbox.calls(path)]


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_reading_call_is_repeated_when_fullscript_is_busy(
    sandbox: Sandbox, client: FullscriptClient, status: int
) -> None:
    """What passes by itself is not the caller's concern."""
    sandbox.fault(CLINIC, status=status, times=2)
    clinic = client.clinic.retrieve()

    assert clinic.name == "Juniper Integrative Health"
    assert statuses(sandbox, CLINIC) == [status, status, 200]


def test_a_reading_call_is_repeated_when_the_connection_breaks(
    sandbox: Sandbox, client: FullscriptClient
) -> None:
    """An answer that was lost on its way is asked for again."""
    sandbox.fault(CLINIC, drop=True)
    client.clinic.retrieve()

    assert len(statuses(sandbox, CLINIC)) == 2


def test_repeating_comes_to_an_end(sandbox: Sandbox, client: FullscriptClient) -> None:
    """After the last attempt the caller gets the last error."""
    sandbox.fault(CLINIC, status=503, times=100)

    with pytest.raises(ServerFailed):
        client.clinic.retrieve()
    assert statuses(sandbox, CLINIC) == [503] * QUICK.attempts


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422, 500])
def test_what_would_fail_again_is_not_repeated(
    sandbox: Sandbox, client: FullscriptClient, status: int
) -> None:
    """Asking again what was refused only uses up the rate limit."""
    sandbox.fault(CLINIC, status=status)

    with pytest.raises(FullscriptError):
        client.clinic.retrieve()
    assert statuses(sandbox, CLINIC) == [status]


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"status": 502}, id="502"),
        pytest.param({"status": 503, "headers": {"Retry-After": "0"}}, id="503 with Retry-After"),
        pytest.param({"drop": True}, id="a broken connection"),
    ],
)
def test_a_creating_call_is_never_repeated_when_it_may_have_been_done(
    sandbox: Sandbox, client: FullscriptClient, fault: dict[str, Any]
) -> None:
    """A grant, a patient or a plan could be made twice."""
    sandbox.fault(GRANTS, **fault)

    with pytest.raises((ServerFailed, FullscriptUnreachable)):
        client.session_grants.create()
    assert len(statuses(sandbox, GRANTS)) == 1


def test_a_creating_call_is_repeated_when_it_was_turned_away(
    sandbox: Sandbox, client: FullscriptClient
) -> None:
    """After a 429 nothing was done, so that a second try is safe."""
    sandbox.fault(GRANTS, status=429, headers={"Retry-After": "0"})
    grant = client.session_grants.create()

    assert grant.secret_token
    assert statuses(sandbox, GRANTS) == [429, 200]


def test_deleting_what_a_lost_answer_already_deleted_succeeds(sandbox: Sandbox, world: World) -> None:
    """The second attempt finds nothing to delete, which is what was wanted."""
    practitioner, resource = world.practitioner, world.resource
    sandbox.fault("*/resources/*", method="DELETE", drop=True)
    world.client.resources.delete(practitioner, resource)

    with pytest.raises(RecordNotFound):
        world.client.resources.retrieve(practitioner, resource)


def test_deleting_what_never_was_fails(world: World) -> None:
    """Only an earlier attempt of the same call makes a missing record a success."""
    with pytest.raises(RecordNotFound):
        world.client.resources.delete(world.practitioner, "no-such-resource")


@pytest.mark.parametrize(
    "retry_after",
    [
        pytest.param("1", id="seconds"),
        pytest.param(format_datetime(datetime.now(UTC) + timedelta(days=1), usegmt=True), id="a date"),
    ],
)
def test_a_wait_that_is_too_long_is_told_instead_of_waited(
    sandbox: Sandbox, approved_app: SandboxApp, retry_after: str
) -> None:
    """A request of somebody who waits must not sleep for minutes; a worker reads retry_after."""
    sandbox.fault(CLINIC, status=429, headers={"Retry-After": retry_after})
    retries = Retries(longest_retry_after=0.5)

    with connected(sandbox, approved_app, retries=retries) as client, pytest.raises(RateLimited) as caught:
        client.clinic.retrieve()
    assert caught.value.retry_after is not None
    assert caught.value.retry_after >= 1


def test_retry_after_is_waited_for(sandbox: Sandbox, approved_app: SandboxApp) -> None:
    """The wait that Fullscript asks for takes the place of our own backoff."""
    exchanges: list[Exchange] = []
    past = format_datetime(datetime.now(UTC) - timedelta(days=1), usegmt=True)
    sandbox.fault(CLINIC, status=503, headers={"Retry-After": past})
    retries = Retries(wait_initial=60, wait_max=60)

    with connected(sandbox, approved_app, retries=retries, on_response=exchanges.append) as client:
        client.clinic.retrieve()

    assert [exchange.status for exchange in exchanges] == [503, 200]


@pytest.mark.parametrize("retry_after", ["soon", "-1", "1e9", "", "99999999999"])
def test_a_retry_after_that_makes_no_sense_is_ignored(
    sandbox: Sandbox, client: FullscriptClient, retry_after: str
) -> None:
    """The backoff of our own decides then."""
    sandbox.fault(CLINIC, status=429, headers={"Retry-After": retry_after})
    client.clinic.retrieve()

    assert statuses(sandbox, CLINIC) == [429, 200]


def test_an_answer_that_comes_too_late_is_named_so(sandbox: Sandbox, approved_app: SandboxApp) -> None:
    """The caller waits as long as the transport allows and not longer, and does not wait again."""
    # A path of its own: the sandbox notes the call when its answer is ready, which may be in the next test.
    sandbox.fault("/api/catalog/allergens", delay_seconds=0.5)
    timeouts = TimeOuts(read=0.1)

    with connected(sandbox, approved_app, timeouts=timeouts) as client, pytest.raises(FullscriptTimedOut):
        client.allergens.list().first()


def test_nobody_listening_is_named_so_and_tried_again() -> None:
    """No connection came about, so any call is repeated, and in the end it says that nothing answered."""
    exchanges: list[Exchange] = []
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        transport = Transport(retries=QUICK, on_response=exchanges.append)
        with FullscriptClient(url, "t", transport=transport) as client, pytest.raises(FullscriptUnreachable):
            client.session_grants.create()

    assert [(exchange.reason, exchange.status) for exchange in exchanges] == [("unreachable", None)] * 4


def test_a_machine_that_swallows_connections_is_named_so() -> None:
    """A connection that does not come about in time is a time-out in which nothing was sent."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        address = full.getsockname()
        with socket.create_connection(address), Crowd(address):
            url = f"http://127.0.0.1:{address[1]}"
            transport = Transport(retries=Retries(attempts=1), timeouts=TimeOuts(connect=0.1))
            with (
                FullscriptClient(url, "t", transport=transport) as client,
                pytest.raises(FullscriptTimedOut) as caught,
            ):
                client.clinic.retrieve()

    assert caught.value.sent is False


class Crowd:
    """Connections that fill a queue of waiting ones, until one of them has to wait."""

    def __init__(self, address: Any) -> None:
        self._address = address
        self._open: list[socket.socket] = []

    def __enter__(self) -> None:
        for _ in range(5):
            waiting = socket.socket()
            waiting.setblocking(False)
            waiting.connect_ex(self._address)
            self._open.append(waiting)

    def __exit__(self, *_error: object) -> None:
        for waiting in self._open:
            waiting.close()


def test_a_broken_encoding_is_an_unreadable_answer(sandbox: Sandbox, client: FullscriptClient) -> None:
    """An answer that claims to be compressed and is not."""
    sandbox.fault(CLINIC, status=200, body="{}", headers={"Content-Encoding": "gzip"})

    with pytest.raises(FullscriptError) as caught:
        client.clinic.retrieve()
    assert caught.value.reason == "unreadable_answer"


def test_no_cookie_travels_from_one_call_to_the_next(sandbox: Sandbox, client: FullscriptClient) -> None:
    """One pool of connections serves many users, and must not carry a session of one to another."""
    sandbox.fault(CLINIC, headers={"Set-Cookie": "session=of-somebody; Path=/"})
    client.clinic.retrieve()
    session = client._transport._local

    assert len(session.cookies) == 0


def test_no_proxy_is_asked_about_this_machine(
    client: FullscriptClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy in the environment is for other machines; the sandbox is reached without it."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    clinic = client.clinic.retrieve()

    assert clinic.id


@pytest.mark.parametrize("token", ["", " ", "two words", "line\nbreak", "tökén", "\ud800"])
def test_a_token_that_no_header_can_carry_is_refused(sandbox: Sandbox, token: str) -> None:
    """It is told as what it is, and not as a network that is down; the token is not repeated."""
    with (
        FullscriptClient(sandbox.url, token) as client,
        pytest.raises(RequestInvalid, match="token is empty"),
    ):
        client.clinic.retrieve()
    assert sandbox.calls("/api/clinic") == []


def test_half_a_character_is_refused(client: FullscriptClient) -> None:
    """A search for what has no UTF-8 is told as such."""
    with pytest.raises(RequestInvalid, match="half a character"):
        client.patients.search("\ud800").first()


def test_a_shared_transport_outlives_its_clients(sandbox: Sandbox, sandbox_app: SandboxApp) -> None:
    """Leaving a client does not close connections that others use."""
    transport = Transport(retries=QUICK)
    token = access_token(sandbox, sandbox_app)
    with FullscriptClient(sandbox.url, token, transport=transport) as client:
        client.clinic.retrieve()
    pools = transport._local.get_adapter(sandbox.url).poolmanager.pools

    assert len(pools) == 1
    transport.close()


def test_every_attempt_is_reported_without_ids(
    sandbox: Sandbox, approved_app: SandboxApp, world: World
) -> None:
    """Metrics and logs get route, status, duration, request id and reason, and nothing of a patient."""
    exchanges: list[Exchange] = []
    patient = world.patient
    sandbox.clear_calls()
    sandbox.fault(f"/api/clinic/patients/{patient}", status=503)
    with connected(sandbox, approved_app, on_response=exchanges.append) as client:
        client.patients.retrieve(patient)
    calls = sandbox.calls("/api/clinic/patients/*")

    assert [(one.route, one.status, one.reason, one.attempt) for one in exchanges] == [
        ("GET /api/clinic/patients/{id}", 503, "server_failed", 1),
        ("GET /api/clinic/patients/{id}", 200, None, 2),
    ]
    assert [one.request_id for one in exchanges] == [call["request_id"] for call in calls]
    assert patient not in repr(exchanges)


def test_a_failing_hook_does_not_disturb_the_call(
    sandbox: Sandbox, approved_app: SandboxApp, caplog: pytest.LogCaptureFixture
) -> None:
    """Losing a metric is better than losing the answer to a call that was carried out."""

    def hook(_exchange: Exchange) -> None:
        raise ZeroDivisionError

    with connected(sandbox, approved_app, on_response=hook) as client:
        clinic = client.clinic.retrieve()

    assert clinic.id
    assert "on_response failed after GET /api/clinic" in caplog.text


def test_our_own_log_holds_neither_token_nor_query(
    client: FullscriptClient, caplog: pytest.LogCaptureFixture
) -> None:
    """At its most talkative, the client's log names the route of a call."""
    with caplog.at_level(logging.DEBUG, logger="fullscript_embed"):
        client.patients.search("burton").first()
    told = [record.getMessage() for record in caplog.records if record.name.startswith("fullscript_embed")]

    assert any("GET /api/clinic/search/patients 200" in message for message in told)
    assert not any("burton" in message for message in told)


class Refreshable:
    """A provider whose first token has expired."""

    def __init__(self, expired: str, fresh: str) -> None:
        self.expired, self.fresh = expired, fresh
        self.rejected: list[str] = []

    def __call__(self) -> str:
        return self.fresh if self.rejected else self.expired

    def refresh(self, rejected: str) -> str:
        self.rejected.append(rejected)
        return self.fresh


def test_an_expired_token_is_replaced_once(sandbox: Sandbox, approved_app: SandboxApp) -> None:
    """The provider is asked for another token, and the call made once more, a creating one too."""
    expired = access_token(sandbox, approved_app)
    sandbox.advance(TWO_HOURS + 1)
    provider = Refreshable(expired, access_token(sandbox, approved_app))
    with FullscriptClient(sandbox.url, provider) as client:
        grant = client.session_grants.create()

    assert grant.secret_token
    assert (provider.rejected, statuses(sandbox, GRANTS)) == ([expired], [401, 200])


def test_a_token_that_expired_again_is_told(sandbox: Sandbox, approved_app: SandboxApp) -> None:
    """A provider that hands out old tokens does not send us round in circles."""
    expired = access_token(sandbox, approved_app)
    sandbox.advance(TWO_HOURS + 1)
    provider = Refreshable(expired, expired)

    with FullscriptClient(sandbox.url, provider) as client, pytest.raises(TokenExpired):
        client.clinic.retrieve()
    assert statuses(sandbox, CLINIC) == [401, 401]


def test_a_plain_callable_can_provide_tokens(sandbox: Sandbox, approved_app: SandboxApp) -> None:
    """It is called for every request; without `refresh`, an expired token is the caller's to replace."""
    token = access_token(sandbox, approved_app)
    asked: list[str] = []

    def provider() -> str:
        asked.append(token)
        return token

    with FullscriptClient(sandbox.url, provider) as client:
        client.clinic.retrieve()
        client.clinic.retrieve()

    assert asked == [token, token]


@pytest.fixture
def pair(sandbox: Sandbox, approved_app: SandboxApp) -> Iterator[Token]:
    """A token whose access token has expired, by the sandbox's clock."""
    token = parse(Token, sandbox.token(approved_app, "maya.chen@juniper.example")["oauth"])
    sandbox.advance(TWO_HOURS + 1)
    return token


def test_a_script_keeps_its_connection_by_itself(
    client: FullscriptClient, sandbox: Sandbox, pair: Token
) -> None:
    """An expired token is refreshed, saved, and used, without the caller noticing."""
    saved: list[Token] = []
    provider = RefreshingToken(pair, refresh_with=client.oauth.refresh, save=saved.append)
    with FullscriptClient(sandbox.url, provider) as script:
        clinic = script.clinic.retrieve()

    assert clinic.id
    assert [token.access_token == provider() for token in saved] == [True]


def test_threads_refresh_a_token_once_between_them(
    client: FullscriptClient, sandbox: Sandbox, pair: Token
) -> None:
    """Whoever comes second takes what the first one got: a refresh token is used once."""
    provider = RefreshingToken(pair, refresh_with=client.oauth.refresh)
    with FullscriptClient(sandbox.url, provider) as script, ThreadPoolExecutor(8) as pool:
        clinics = list(pool.map(lambda _: script.clinic.retrieve().id, range(8)))

    assert len(set(clinics)) == 1
    assert statuses(sandbox, "/api/oauth/token") == [200]


def test_a_client_serves_many_threads(client: FullscriptClient) -> None:
    """One client, shared by threads, answers each of them."""
    with ThreadPoolExecutor(8) as pool:
        names = list(pool.map(lambda _: client.clinic.retrieve().name, range(40)))

    assert set(names) == {"Juniper Integrative Health"}


def test_an_endpoint_that_has_no_method_can_be_called(client: FullscriptClient, world: World) -> None:
    """What Fullscript adds tomorrow is within reach, with the same errors and the same care."""
    answer = client.request("GET", "/api/clinic/patients/{id}", world.patient)

    assert answer["patient"]["first_name"] == "Amelia"
