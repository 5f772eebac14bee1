"""Faults that a test orders, and the journal of calls."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from fullscript_embed.testing import Sandbox, SandboxApp
from tests.sandbox_actors import MAYA, TIMEOUT, Partner, http
from tests.waiting import until

CLINIC = "/api/clinic"


def get(sandbox: Sandbox, path: str = CLINIC, **options: Any) -> requests.Response:
    """Call the sandbox."""
    return http().get(f"{sandbox.url}{path}", timeout=TIMEOUT, **options)


def test_a_status_is_answered_instead(sandbox: Sandbox) -> None:
    """With the body and the headers that were ordered, and once only."""
    sandbox.fault(CLINIC, status=429, body={"error": "Slow down"}, headers={"Retry-After": "2"})
    first, second = get(sandbox), get(sandbox)

    assert (first.status_code, first.json(), first.headers["Retry-After"]) == (
        429,
        {"error": "Slow down"},
        "2",
    )
    assert second.status_code == 401


def test_a_string_is_sent_as_it_is(sandbox: Sandbox) -> None:
    """So that a proxy's HTML page can be had, with its content type."""
    page = "<h1>Bad gateway</h1>"
    sandbox.fault(CLINIC, status=502, body=page, headers={"Content-Type": "text/html"})
    answer = get(sandbox)

    assert (answer.text, answer.headers["Content-Type"]) == (page, "text/html")


def test_a_call_with_a_status_ordered_is_not_carried_out(sandbox: Sandbox, sandbox_app: SandboxApp) -> None:
    """A refused code exchange leaves the code good."""
    partner = Partner(sandbox, sandbox_app)
    code = partner.gets_code()
    sandbox.fault("/api/oauth/token", status=500)

    assert partner.exchanges(code).status_code == 500
    assert partner.exchanges(code).status_code == 200


def test_a_dropped_connection_ends_in_the_middle_of_the_answer(sandbox: Sandbox) -> None:
    """The client sees a connection error and not an answer."""
    sandbox.fault(CLINIC, drop=True)

    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        get(sandbox)


def test_an_answer_without_a_body_is_dropped_whole(sandbox: Sandbox) -> None:
    """Where the head would be all of the answer, not even that comes."""
    sandbox.fault("/healthz", drop=True)

    with pytest.raises(requests.exceptions.ConnectionError):
        http().head(f"{sandbox.url}/healthz", timeout=TIMEOUT)


def test_a_dropped_call_was_carried_out(sandbox: Sandbox, sandbox_app: SandboxApp) -> None:
    """That is how an answer gets lost on its way: the code is spent, and nobody has the tokens."""
    partner = Partner(sandbox, sandbox_app)
    code = partner.gets_code()
    sandbox.fault("/api/oauth/token", drop=True)
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        partner.exchanges(code)

    assert partner.exchanges(code).status_code == 400


def test_a_malformed_answer_is_half_a_json(sandbox: Sandbox) -> None:
    """Status and content type promise JSON, and the body is not."""
    sandbox.fault("/healthz", malformed=True)
    answer = get(sandbox, "/healthz")

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    with pytest.raises(requests.exceptions.JSONDecodeError):
        answer.json()


def test_a_late_answer_passes_a_clients_time_limit(sandbox: Sandbox) -> None:
    """The client gives up first."""
    sandbox.fault(CLINIC, delay_seconds=5)

    with pytest.raises(requests.exceptions.ReadTimeout):
        http().get(f"{sandbox.url}{CLINIC}", timeout=(TIMEOUT, 0.1))


def test_a_header_alone_leaves_the_answer_as_it_is(sandbox: Sandbox) -> None:
    """Headers are added to what would have been answered anyway."""
    sandbox.fault("/healthz", headers={"X-Proxy": "there"})
    answer = get(sandbox, "/healthz")

    assert (answer.json()["status"], answer.headers["X-Proxy"]) == ("ok", "there")


def test_times_counts_the_calls(sandbox: Sandbox) -> None:
    """The next two go wrong, the third goes well."""
    sandbox.fault("/healthz", status=503, times=2)

    assert [get(sandbox, "/healthz").status_code for _ in range(3)] == [503, 503, 200]


def test_faults_come_in_the_order_in_which_they_were_ordered(sandbox: Sandbox) -> None:
    """A test can order a whole bad day."""
    for status in (500, 502, 503):
        sandbox.fault("/healthz", status=status)

    assert [get(sandbox, "/healthz").status_code for _ in range(4)] == [500, 502, 503, 200]


@pytest.mark.parametrize(
    ("order", "status"),
    [
        pytest.param({"path": "/api/*"}, 503, id="glob across slashes"),
        pytest.param({"path": "/api/clinic", "method": "GET"}, 503, id="method"),
        pytest.param({"path": "/api/clinic", "method": "POST"}, 401, id="another method"),
        pytest.param({"path": "/api/clin"}, 401, id="part of a path"),
        pytest.param({"path": "/API/clinic"}, 401, id="other letters"),
    ],
)
def test_a_fault_meets_the_calls_that_it_names(sandbox: Sandbox, order: dict[str, str], status: int) -> None:
    """Path as a glob, method if given; nothing else."""
    sandbox.fault(**order, status=503)

    assert get(sandbox).status_code == status


def test_the_control_plane_has_no_faults(sandbox: Sandbox) -> None:
    """It can always be told to stop."""
    sandbox.fault("*", status=500, times=100)
    sandbox.clear_faults()

    assert get(sandbox, "/healthz").status_code == 200


def test_the_journal_says_what_was_called(sandbox: Sandbox) -> None:
    """Method, path and status in the order of the calls, with the request id that the answer carried."""
    answer = get(sandbox)
    get(sandbox, "/healthz")
    calls = sandbox.calls()

    assert [(one["method"], one["path"], one["status"]) for one in calls] == [
        ("GET", CLINIC, 401),
        ("GET", "/healthz", 200),
    ]
    assert calls[0]["request_id"] == answer.headers["X-Request-Id"]


def test_the_journal_names_the_fault(sandbox: Sandbox) -> None:
    """What was ordered can be told from what went wrong by itself."""
    sandbox.fault("/healthz", malformed=True)
    get(sandbox, "/healthz")
    get(sandbox, "/healthz")

    assert [one["fault"] for one in sandbox.calls("/health*")] == ["malformed", None]


def test_the_journal_holds_no_query_and_no_body(sandbox: Sandbox, sandbox_app: SandboxApp) -> None:
    """Nothing of what a patient or a secret could be in."""
    get(sandbox, f"{CLINIC}?query=planted-name")
    Partner(sandbox, sandbox_app).asks_token(code="planted-code")
    text = http().get(f"{sandbox.url}/_sandbox/calls", timeout=TIMEOUT).text

    assert "planted" not in text
    assert CLINIC in text


def test_the_journal_leaves_the_control_plane_out(sandbox: Sandbox, sandbox_app: SandboxApp) -> None:
    """What a test orders is not what the app under test called."""
    sandbox.token(sandbox_app, MAYA)

    assert sandbox.calls() == []


def test_the_journal_can_be_cleared(sandbox: Sandbox) -> None:
    """So that a test counts from a moment of its own."""
    get(sandbox)
    sandbox.clear_calls()

    assert sandbox.calls() == []


def test_a_call_from_before_a_reset_is_not_in_the_journal(sandbox: Sandbox) -> None:
    """One that is answered late would else stand among the calls of the next test."""
    sandbox.fault(CLINIC, delay_seconds=1)
    with ThreadPoolExecutor(1) as threads:
        late = threads.submit(get, sandbox)
        until(lambda: get(sandbox, "/_sandbox/faults").json()["faults"] == [], what="the slow call's begin")
        sandbox.reset()
        late.result()

    assert sandbox.calls() == []
