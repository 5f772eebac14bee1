"""Ending connections: one's own, somebody's, everybody's (the guide: How will users revoke)."""

from __future__ import annotations

import pytest

from fullscript_embed import connected as connected_signal
from fullscript_embed import disconnected as disconnected_signal
from tests.partner_host import JUNIPER, Host, HostUser

REVOKE = "/api/oauth/revoke"


def test_a_user_disconnects(connected: HostUser) -> None:
    """The tokens are forgotten here and revoked at Fullscript, and the user is back where they were."""
    answer = connected.submits("/fullscript/disconnect", next="/patients/7")
    kept = connected.host.connection()

    assert (answer.status_code, answer.location) == (303, "/patients/7")
    assert (kept.status, kept.access_token, kept.refresh_token) == ("disconnected", None, None)
    assert connected.host.calls(REVOKE) == [200]


def test_a_disconnected_user_is_asked_to_connect(connected: HostUser) -> None:
    """There is no connection any more, for the page and for the host."""
    connected.submits("/fullscript/disconnect")

    assert connected.opens_fullscript().get_json()["error"]["code"] == "not_connected"
    assert connected.host.asks(lambda: connected.host.extension.connection("maya")) is None


def test_disconnecting_does_not_wait_for_fullscript(connected: HostUser) -> None:
    """When Fullscript cannot be told, the tokens are forgotten all the same, and the page says so."""
    connected.host.sandbox.fault(REVOKE, drop=True)
    answer = connected.submits("/fullscript/disconnect")

    assert (answer.status_code, "not yet at Fullscript" in answer.text) == (200, True)
    assert connected.host.connection().access_token is None


def test_what_fullscript_was_not_told_is_told_by_the_next_sweep(connected: HostUser) -> None:
    """The revocation is kept and tried again until it is done."""
    host = connected.host
    host.sandbox.fault(REVOKE, status=503)
    connected.submits("/fullscript/disconnect")
    printed = [host.runs("sweep")[1], host.runs("sweep")[1]]

    assert host.calls(REVOKE) == [503, 200]
    assert "0 revocations still wait" in printed[0]


def test_an_administrator_ends_somebodys_connection(connected: HostUser) -> None:
    """For when somebody leaves the practice."""
    host = connected.host
    answer = host.user("admin").submits(f"/fullscript/connections/{host.connection().id}/revoke")

    assert answer.status_code == 303
    assert host.connection().status == "disconnected"


@pytest.mark.parametrize("path", ["/fullscript/connections/1/revoke", "/fullscript/connections/revoke-all"])
def test_only_administrators_end_others_connections(connected: HostUser, path: str) -> None:
    """Everybody else is refused, and nothing ends."""
    assert connected.submits(path).status_code == 403
    assert connected.host.connection().status == "connected"


@pytest.mark.parametrize(
    "path",
    ["/fullscript/disconnect", "/fullscript/connections/1/revoke", "/fullscript/connections/revoke-all"],
)
def test_ending_needs_a_csrf_token(connected: HostUser, path: str) -> None:
    """A form of another site ends nothing."""
    assert connected.browser.post(path).status_code == 400
    assert connected.host.connection().status == "connected"


def test_a_connection_that_is_not_there_cannot_be_ended(host: Host) -> None:
    """The answer is a page, and not an error of ours."""
    assert host.user("admin").submits("/fullscript/connections/999/revoke").status_code == 409


def test_revoke_all_carries_on_past_failures(connected: HostUser) -> None:
    """One that Fullscript does not hear of is reported, and the others end."""
    host = connected.host
    host.user("sam").connects()
    host.sandbox.clear_calls()
    host.sandbox.fault(REVOKE, status=500)
    answer = host.user("admin").submits("/fullscript/connections/revoke-all")

    assert (answer.status_code, "1 of 2 connections" in answer.text) == (200, True)
    assert host.calls(REVOKE) == [500, 200]
    assert host.asks(host.extension.connections) == []


def test_the_command_ends_all_and_reports(connected: HostUser) -> None:
    """The command says what could not be told, and its exit code does too; a second run finishes."""
    host = connected.host
    host.sandbox.fault(REVOKE, drop=True)
    first, second = host.runs("revoke-all", "--yes"), host.runs("revoke-all", "--yes")

    assert (first[0], "1 not yet at Fullscript" in first[1]) == (1, True)
    assert (second[0], host.calls(REVOKE)[-1]) == (0, 200)


def test_the_audit_trail_tells_who_ended_whose(connected: HostUser) -> None:
    """The entry names the administrator and the connection's user."""
    host = connected.host
    host.user("admin").submits(f"/fullscript/connections/{host.connection().id}/revoke")
    newest = host.asks(lambda: host.extension.audit_trail(1))[0]

    assert (newest.action, newest.user_id) == ("connection.ended", "admin")
    assert newest.details["connection_of"] == "maya"


def test_a_connection_is_ended_while_its_token_is_refreshed(connected: HostUser) -> None:
    """Ending takes the same lock as refreshing, so that a token which came meanwhile is revoked too."""
    host = connected.host
    old = host.connection().access_token
    host.let_token_end()
    connected.opens_fullscript()
    connected.submits("/fullscript/disconnect")

    assert host.connection().access_token is None
    assert old is not None
    assert host.calls(REVOKE) == [200]


def test_the_host_hears_of_connections(maya: HostUser) -> None:
    """A signal when one is made and one when it ends, with ids only."""
    heard: list[dict[str, str]] = []

    def receive(_app: object, **facts: str) -> None:
        heard.append(facts)

    for signal in (connected_signal, disconnected_signal):
        signal.connect(receive)
    maya.connects()
    maya.submits("/fullscript/disconnect")
    for signal in (connected_signal, disconnected_signal):
        signal.disconnect(receive)

    assert heard == [
        {"user_id": "maya", "environment": "local", "clinic_id": JUNIPER},
        {"user_id": "maya", "environment": "local", "by": "maya"},
    ]
