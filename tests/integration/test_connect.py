"""Connecting, from the host to Fullscript and back, and how that can fail (the guide: OAuth)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fullscript_embed.states import KEY
from tests.partner_host import HARBORLIGHT, JUNIPER, Host, HostUser

CALLBACK = "/fullscript/callback/local"


def test_connecting_comes_back_to_where_the_user_was(maya: HostUser) -> None:
    """After Fullscript the practitioner is on the page that they left."""
    answer = maya.connects("/patients/7?fullscript=open")

    assert (answer.status_code, answer.location) == (302, "/patients/7?fullscript=open")


def test_a_connection_knows_whose_and_which_clinic_it_is(host: Host, maya: HostUser) -> None:
    """Resource owner, scope and clinic are kept with the tokens."""
    maya.connects()
    kept = host.connection()

    assert (kept.status, kept.user_type) == ("connected", "Practitioner")
    assert (kept.clinic_id, kept.clinic_name) == (JUNIPER, "Juniper Integrative Health")
    assert {"clinic:read", "clinic:write"} <= set(kept.scopes)


def test_the_audit_trail_tells_who_connected(host: Host, maya: HostUser) -> None:
    """One entry, with ids and no token."""
    maya.connects()
    (entry,) = host.asks(host.extension.audit_trail)

    assert (entry.action, entry.user_id, entry.details["clinic_id"]) == ("connection.made", "maya", JUNIPER)
    assert str(host.connection().access_token) not in str(entry.details)


def test_connecting_again_replaces_the_own_connection(host: Host, maya: HostUser) -> None:
    """A user who connects another account has that one, and the earlier token is revoked at Fullscript."""
    maya.connects()
    first = host.connection()
    maya.connects(account="grace")
    second = host.connection()

    assert (second.id, second.clinic_id) == (first.id, HARBORLIGHT)
    assert second.access_token != first.access_token
    assert host.calls("/api/oauth/revoke") == [200]


def test_several_tabs_connect_at_once(maya: HostUser) -> None:
    """Each tab has a state of its own, and both come back."""
    tabs = [maya.leaves_for_fullscript(path) for path in ("/patients/7", "/patients/8")]
    answers = [maya.browser.get(maya.agrees(*tab)) for tab in tabs]

    assert [answer.location for answer in answers] == ["/patients/7", "/patients/8"]


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("https://evil.example/", id="another site"),
        pytest.param("//evil.example/", id="another host"),
        pytest.param("/\\evil.example", id="a backslash"),
        pytest.param("\\\\evil.example", id="two backslashes"),
        pytest.param("/\t/evil.example", id="a tab"),
        pytest.param("/\n/evil.example", id="a line break"),
        pytest.param("javascript:alert(1)", id="a script"),
        pytest.param("patients/7", id="no slash"),
        pytest.param("/" + "a" * 500, id="too long"),
    ],
)
def test_only_own_paths_are_come_back_to(maya: HostUser, path: str) -> None:
    """`next` cannot lead anywhere else, so that no link of ours can be used to mislead."""
    answer = maya.browser.get("/fullscript/connect", query_string={"next": path})

    assert answer.status_code == 400
    assert "one of our own" in answer.text or "path of this application" in answer.text


def test_a_denied_authorization_says_so_and_offers_a_way_on(host: Host, maya: HostUser) -> None:
    """Cancelling at Fullscript leads to a page with Connect on it, and connects nothing."""
    _uri, state = maya.leaves_for_fullscript()
    answer = maya.browser.get(CALLBACK, query_string={"error": "access_denied", "state": state})

    assert answer.status_code == 403
    assert 'href="/fullscript/connect?next=/patients/7"' in answer.text
    assert host.asks(host.extension.connections) == []


def test_a_replayed_callback_is_told_from_a_first_one(maya: HostUser) -> None:
    """The same answer twice says that it was used, and does not end the connection."""
    back = maya.agrees(*maya.leaves_for_fullscript())
    maya.browser.get(back)
    answer = maya.browser.get(back)

    assert (answer.status_code, "finished already" in answer.text) == (400, True)
    assert maya.host.connection().status == "connected"


def test_an_expired_state_says_so(maya: HostUser) -> None:
    """Ten minutes after it began an authorization cannot be finished."""
    _uri, state = maya.leaves_for_fullscript()
    with maya.browser.session_transaction() as kept:
        kept[KEY][state][3] -= timedelta(minutes=11).total_seconds()
        kept.modified = True
    answer = maya.browser.get(CALLBACK, query_string={"code": "any", "state": state})

    assert (answer.status_code, "took too long" in answer.text) == (400, True)


@pytest.mark.parametrize(
    "query",
    [
        pytest.param({"code": "any", "state": "never-given"}, id="an invented state"),
        pytest.param({"code": "any"}, id="no state"),
        pytest.param({}, id="nothing at all"),
    ],
)
def test_an_answer_that_nobody_asked_for_connects_nothing(
    host: Host, maya: HostUser, query: dict[str, Any]
) -> None:
    """Without a state of this browser's session no code is traded."""
    answer = maya.browser.get(CALLBACK, query_string=query)

    assert (answer.status_code, "did not begin here" in answer.text) == (400, True)
    assert host.calls("/api/oauth/token") == []


def test_another_users_answer_connects_nothing(host: Host, maya: HostUser) -> None:
    """What Maya agreed to cannot be finished in Sam's browser."""
    back = maya.agrees(*maya.leaves_for_fullscript())
    answer = host.user("sam").browser.get(back)

    assert (answer.status_code, "did not begin here" in answer.text) == (400, True)
    assert host.asks(host.extension.connections) == []


def test_an_answer_for_who_signed_in_meanwhile_connects_nothing(host: Host, maya: HostUser) -> None:
    """In a shared browser the connection is not given to the next user."""
    back = maya.agrees(*maya.leaves_for_fullscript())
    maya.signs_in("sam")
    answer = maya.browser.get(back)

    assert answer.status_code == 400
    assert host.asks(host.extension.connections) == []


def test_a_code_that_is_too_old_says_so(host: Host, maya: HostUser) -> None:
    """Fullscript refuses a code after ten minutes; the page offers to start again."""
    back = maya.agrees(*maya.leaves_for_fullscript())
    host.sandbox.advance(11 * 60)
    answer = maya.browser.get(back)

    assert (answer.status_code, "did not accept" in answer.text) == (400, True)


@pytest.mark.parametrize(
    ("path", "fault", "status"),
    [
        pytest.param("/api/oauth/token", {"status": 500}, 502, id="the token endpoint fails"),
        pytest.param("/api/oauth/token", {"drop": True}, 502, id="the token endpoint breaks off"),
        pytest.param("/api/oauth/token", {"malformed": True}, 502, id="the tokens cannot be read"),
        pytest.param(
            "/api/oauth/token", {"status": 429, "headers": {"Retry-After": "7"}}, 429, id="too many"
        ),
        pytest.param(
            "/api/oauth/token",
            {"status": 401, "body": {"error": "invalid_client"}},
            502,
            id="the client secret is wrong",
        ),
        pytest.param("/api/clinic", {"status": 500, "times": 3}, 502, id="the clinic cannot be had"),
        pytest.param(
            "/api/clinic",
            {"status": 403, "body": {"error": "Must have `clinic:read` scope enabled"}},
            502,
            id="a scope is missing",
        ),
    ],
)
def test_a_failure_of_fullscript_says_so_and_offers_a_way_on(
    host: Host, maya: HostUser, path: str, fault: dict[str, Any], status: int
) -> None:
    """Whatever fails, the page has a status, words and Connect on it, and nothing is connected."""
    host.sandbox.fault(path, **fault)
    answer = maya.connects()

    assert (answer.status_code, "Nothing was connected" in answer.text) == (status, True)
    assert 'href="/fullscript/connect?next=/patients/7"' in answer.text
    assert host.asks(host.extension.connections) == []


def test_tokens_without_a_clinic_are_revoked(host: Host, maya: HostUser) -> None:
    """An authorization that could not be finished leaves no token behind at Fullscript."""
    host.sandbox.fault("/api/clinic", status=403)
    maya.connects()

    assert host.calls("/api/oauth/revoke") == [200]


def test_nobody_connects_signed_out(maya: HostUser) -> None:
    """Without a session there is nobody to connect."""
    maya.signs_out()

    assert maya.browser.get("/fullscript/connect").status_code == 401


def test_an_environment_that_is_not_configured_is_not_found(maya: HostUser) -> None:
    """A callback of another environment is a 404 with a way on."""
    assert maya.browser.get("/fullscript/callback/us").status_code == 404


def test_no_page_and_no_log_holds_a_code_or_a_token(
    host: Host, maya: HostUser, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither what the user sees nor what is logged could be used by anybody else."""
    caplog.set_level("DEBUG", "fullscript_embed")
    back = maya.agrees(*maya.leaves_for_fullscript())
    code = back.partition("code=")[2].partition("&")[0]
    text = maya.browser.get(back).text + maya.browser.get(back).text
    kept = host.connection()
    logged = " ".join(str(record.__dict__) for record in caplog.records)

    assert caplog.records
    assert not [one for one in (code, kept.access_token, kept.refresh_token) if str(one) in text + logged]
    assert kept.created_at <= datetime.now(UTC)
