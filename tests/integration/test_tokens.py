"""Access tokens on our side: refreshed once, kept before use, recovered, and given up (the guide: OAuth)."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

import pytest
import requests
from cryptography.fernet import Fernet

from fullscript_embed.api import FullscriptUnreachable, ServerFailed
from fullscript_embed.connections import access_token
from fullscript_embed.errors import ReconnectRequired
from fullscript_embed.testing import Sandbox, SandboxApp
from tests.partner_host import Host, HostUser, at_once, create_host, settings_for, tokens_of_another_process

TOKEN, GRANTS = "/api/oauth/token", "/api/clinic/embeddable/session_grants"


@pytest.fixture
def engine_config(sandbox: Sandbox, partner_app: SandboxApp, engine_url: str) -> dict[str, str]:
    """Settings of a host on one of the engines."""
    return {"SQLALCHEMY_DATABASE_URI": engine_url, **settings_for(sandbox, partner_app)}


@pytest.fixture
def engine_host(sandbox: Sandbox, partner_app: SandboxApp, engine_config: dict[str, str]) -> Iterator[Host]:
    """A host on one of the engines, whose practitioner's token is due."""
    with Host(sandbox, partner_app, create_host(engine_config)) as host:
        host.make_tables()
        host.user("maya").connects()
        host.let_token_end()
        sandbox.clear_calls()
        yield host


def test_fifty_requests_at_the_moment_of_expiry_cause_one_refresh(engine_host: Host) -> None:
    """All fifty get a grant, and the token endpoint was called once."""
    users = [engine_host.user("maya") for _ in range(50)]
    tokens = [user.csrf_token for user in users]
    path = "/fullscript/patients/7/session-grants"
    answers = at_once(50, lambda number: users[number].posts(path, token=tokens[number]))

    assert {answer.status_code for answer in answers} == {200}
    assert engine_host.calls(TOKEN) == [200]


def test_two_processes_refresh_once(engine_host: Host, engine_config: dict[str, str]) -> None:
    """Threads of two processes that find the same token due all end up with the same new one."""
    old, connection = engine_host.connection().access_token, engine_host.connection().id
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as processes:
        asked = [processes.submit(tokens_of_another_process, engine_config, connection, 10) for _ in range(2)]
        tokens = {token for answer in asked for token in answer.result(timeout=60)}

    assert engine_host.calls(TOKEN) == [200]
    assert tokens == {engine_host.connection().access_token} != {old}


def test_a_token_that_is_not_due_is_used_as_it_is(connected: HostUser) -> None:
    """Nobody refreshes before it is needed."""
    assert connected.opens_fullscript().status_code == 200
    assert connected.host.calls(TOKEN) == []


@pytest.mark.parametrize(
    ("before_its_end", "refreshes"),
    [
        pytest.param(timedelta(minutes=3), 0, id="three minutes"),
        pytest.param(timedelta(minutes=1), 1, id="one minute"),
        pytest.param(timedelta(0), 1, id="at its end"),
    ],
)
def test_a_token_is_refreshed_shortly_before_its_end(
    connected: HostUser, before_its_end: timedelta, refreshes: int
) -> None:
    """Two minutes before the end a token is as good as ended."""
    host, connection = connected.host, connected.host.connection()
    assert connection.token_expires_at is not None
    now = connection.token_expires_at - before_its_end
    host.asks(lambda: access_token(connection.id, now=now))

    assert len(host.calls(TOKEN)) == refreshes


def test_the_new_pair_is_stored_before_it_is_used(connected: HostUser) -> None:
    """A grant that fails after the refresh finds the refreshed pair stored."""
    host, old = connected.host, connected.host.connection()
    host.let_token_end()
    host.sandbox.fault(GRANTS, status=500)
    connected.opens_fullscript()

    assert host.connection().refresh_token != old.refresh_token
    assert connected.opens_fullscript().status_code == 200


@pytest.mark.parametrize("fault", [{"drop": True}, {"malformed": True}], ids=["dropped", "cut off"])
def test_an_answer_that_was_lost_is_recovered(connected: HostUser, fault: dict[str, bool]) -> None:
    """A refresh whose answer never came is asked for again with the old refresh token, at once."""
    connected.host.let_token_end()
    connected.host.sandbox.fault(TOKEN, **fault)

    assert connected.opens_fullscript().status_code == 200
    assert len(connected.host.calls(TOKEN)) == 2


def test_a_refresh_that_fails_for_long_keeps_the_old_pair(connected: HostUser) -> None:
    """Nothing is lost while Fullscript is away: the next request refreshes with the same refresh token."""
    host, old = connected.host, connected.host.connection().refresh_token
    host.let_token_end()
    host.sandbox.fault(TOKEN, drop=True, times=2)
    with pytest.raises(FullscriptUnreachable):
        host.asks(lambda: access_token(host.connection().id, now=datetime.now(UTC)))

    assert host.connection().refresh_token == old
    assert connected.opens_fullscript().status_code == 200


def test_a_refused_token_is_refreshed_and_tried_once_more(connected: HostUser) -> None:
    """When Fullscript's clock ends a token before ours does, the practitioner does not notice."""
    connected.host.sandbox.advance(3 * 3600)

    assert connected.opens_fullscript().status_code == 200
    assert connected.host.calls(GRANTS) == [401, 200]


def test_a_token_that_is_refused_again_needs_a_new_connection(connected: HostUser) -> None:
    """A second 401 is not followed by a third request."""
    connected.host.sandbox.fault(GRANTS, status=401, body={"error": "The access token is invalid"}, times=5)
    answer = connected.opens_fullscript()

    assert (answer.status_code, answer.get_json()["error"]["code"]) == (409, "reconnect_required")
    assert connected.host.calls(GRANTS) == [401, 401]


def test_a_revoked_connection_is_marked_with_its_reason(connected: HostUser) -> None:
    """`status` and `status_reason` say that it has to be connected again, and why."""
    host, connection = connected.host, connected.host.connection()
    revoke_at_fullscript(host)
    answer = connected.opens_fullscript()
    kept = host.connection()

    assert (answer.status_code, answer.get_json()["error"]["connect_url"]) == (409, "/fullscript/connect")
    assert (kept.status, kept.access_token, kept.refresh_token) == ("reconnect_required", None, None)
    assert kept.status_reason
    with pytest.raises(ReconnectRequired):
        host.asks(lambda: access_token(connection.id, now=datetime.now(UTC)))


def test_tokens_under_a_lost_key_ask_to_connect_again(
    connected: HostUser, host_config: dict[str, str], partner_app: SandboxApp
) -> None:
    """An encryption key that is gone costs a new connection, and no page an error."""
    sandbox = connected.host.sandbox
    moved = create_host({**host_config, "SECRET_KEY": "another one, long enough as well"})
    with Host(sandbox, partner_app, moved) as host:
        answer = host.user("maya").opens_fullscript()

    assert (answer.status_code, answer.get_json()["error"]["code"]) == (409, "reconnect_required")


def test_an_error_of_the_token_endpoint_does_not_end_the_connection(connected: HostUser) -> None:
    """Only a refusal of the refresh token does; a 503 is for the next request to get over."""
    host = connected.host
    host.let_token_end()
    host.sandbox.fault(TOKEN, status=503)
    with pytest.raises(ServerFailed):
        host.asks(lambda: access_token(host.connection().id, now=datetime.now(UTC)))

    assert host.connection().status == "connected"


def test_keys_are_rotated_without_losing_a_token(connected: HostUser, host_config: dict[str, str]) -> None:
    """After `rotate-keys` the new key alone opens everything."""
    old, new = (Fernet.generate_key().decode() for _ in range(2))
    sandbox, registered = connected.host.sandbox, connected.host.registered
    rotations = [f"{new},{old}", new]
    with Host(sandbox, registered, create_host({**host_config, "FULLSCRIPT_ENCRYPTION_KEYS": old})) as host:
        host.user("maya").connects()
    answers = []
    for keys in rotations:
        with Host(
            sandbox, registered, create_host({**host_config, "FULLSCRIPT_ENCRYPTION_KEYS": keys})
        ) as host:
            answers.append((host.runs("rotate-keys")[0], host.user("maya").opens_fullscript().status_code))

    assert answers == [(0, 200), (0, 200)]


def test_tokens_are_not_readable_in_the_database(connected: HostUser, tmp_path: Path) -> None:
    """Neither token stands in the file in the clear."""
    connection = connected.host.connection()
    files = b"".join(path.read_bytes() for path in tmp_path.glob("host.db*"))

    assert b"juniper" in files.lower()
    assert str(connection.access_token).encode() not in files
    assert str(connection.refresh_token).encode() not in files


def revoke_at_fullscript(host: Host) -> None:
    """End the connection on Fullscript's side, as its user can in the web application."""
    body = {
        "client_id": host.registered.client_id,
        "client_secret": host.registered.client_secret,
        "token": host.connection().access_token,
    }
    requests.post(f"{host.sandbox.url}/api/oauth/revoke", json=body, timeout=30)
