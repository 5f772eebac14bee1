"""The sandbox's control plane, over HTTP."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest
import requests
from jsonschema import Draft202012Validator

from fullscript_embed.testing import Sandbox, SandboxApp, SandboxError
from tests.sandbox_actors import ELISE, MAYA, TIMEOUT, Partner, http

FAULT: dict[str, Any] = {"path": "/api/clinic", "status": 503}
UNKNOWN_ID = "00000000-0000-0000-0000-000000000000"


def call(sandbox: Sandbox, method: str, path: str, **options: Any) -> requests.Response:
    """Call the sandbox."""
    return http().request(method, f"{sandbox.url}{path}", timeout=TIMEOUT, **options)


def test_health_names_the_seed(sandbox: Sandbox) -> None:
    """The control plane answers, and says which seed the data came from."""
    answer = call(sandbox, "GET", "/_sandbox/health")

    assert answer.json() == {"status": "ok", "seed": 0}


def test_a_registered_app_gets_credentials_of_its_own(sandbox: Sandbox) -> None:
    """Two apps with the same name have nothing secret in common."""
    one, other = sandbox.create_app(), sandbox.create_app()

    assert len({one.client_id, one.client_secret, one.public_key, other.client_id, other.client_secret}) == 5
    assert sandbox.apps()[-2:] == [one, other]


def test_an_app_without_scopes_asked_for_gets_all(sandbox: Sandbox, sandbox_app: SandboxApp) -> None:
    """A test that does not care about scopes need not name them."""
    assert sandbox.create_app().scopes == sandbox_app.scopes


def test_an_app_can_be_changed(sandbox: Sandbox, sandbox_app: SandboxApp) -> None:
    """What is given is changed; the rest stays."""
    changed = sandbox.change_app(sandbox_app, name="Renamed", scopes=["catalog:read"])

    assert (changed.name, changed.scopes) == ("Renamed", ["catalog:read"])
    assert changed.redirect_uris == sandbox_app.redirect_uris


def test_an_unknown_app_cannot_be_changed(sandbox: Sandbox) -> None:
    """404 says so in the API's own shape."""
    answer = call(sandbox, "PATCH", f"/_sandbox/apps/{UNKNOWN_ID}", json={"name": "Nobody"})

    assert (answer.status_code, answer.json()) == (404, {"error": "App not found"})


def test_a_token_needs_no_page(sandbox: Sandbox, sandbox_app: SandboxApp) -> None:
    """The answer is that of the token endpoint, and the token works."""
    pair = sandbox.token(sandbox_app, MAYA)["oauth"]

    assert pair["expires_in"] == 7200
    assert Partner(sandbox, sandbox_app).uses(pair["access_token"]).status_code == 200


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param({"client_id": "nobody's"}, "App not found", id="unknown app"),
        pytest.param({"email": "nobody@juniper.example"}, "User not found", id="unknown user"),
        pytest.param({"email": ELISE}, "us-snd", id="user of another country"),
    ],
)
def test_a_token_is_refused_in_words(
    sandbox: Sandbox, sandbox_app: SandboxApp, change: dict[str, str], words: str
) -> None:
    """Who asks for a token that cannot be given learns why."""
    order = {"client_id": sandbox_app.client_id, "email": MAYA} | change
    answer = call(sandbox, "POST", "/_sandbox/tokens", json=order)

    assert 400 <= answer.status_code < 500
    assert words in str(answer.json()["error"])


def test_the_clock_moves_forward(sandbox: Sandbox) -> None:
    """It is ahead by what it was moved, and everything goes by it."""
    before = datetime.fromisoformat(call(sandbox, "GET", "/_sandbox/clock").json()["now"])
    after = datetime.fromisoformat(sandbox.advance(3600))

    assert 3600 <= (after - before).total_seconds() < 3660
    assert call(sandbox, "GET", "/_sandbox/clock").json()["ahead_seconds"] == 3600


def test_the_clock_has_an_end(sandbox: Sandbox) -> None:
    """A clock that went past all dates would break every answer after it."""
    sandbox.advance(90 * 365 * 86_400)

    with pytest.raises(SandboxError, match="a hundred years"):
        sandbox.advance(90 * 365 * 86_400)


def test_reset_forgets_everything_since_the_seed(sandbox: Sandbox, sandbox_app: SandboxApp) -> None:
    """Apps, tokens, the clock, faults and the journal are as at the start."""
    sandbox.create_app()
    token = sandbox.token(sandbox_app, MAYA)["oauth"]["access_token"]
    sandbox.advance(60)
    sandbox.fault("/nowhere", status=500)
    sandbox.reset()

    assert sandbox.apps()[0] == sandbox_app
    assert len(sandbox.apps()) == 2
    assert call(sandbox, "GET", "/_sandbox/clock").json()["ahead_seconds"] == 0
    assert call(sandbox, "GET", "/_sandbox/faults").json() == {"faults": []}
    assert sandbox.calls() == []
    assert Partner(sandbox, sandbox_app).uses(token).status_code == 401


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        pytest.param("faults", FAULT | {"times": 0}, "times:", id="fault for no call"),
        pytest.param("faults", FAULT | {"status": 99}, "status:", id="status that HTTP lacks"),
        pytest.param("faults", FAULT | {"delay_seconds": -1}, "delay_seconds:", id="negative delay"),
        pytest.param("faults", FAULT | {"delay_seconds": 301}, "delay_seconds:", id="delay beyond patience"),
        pytest.param("faults", FAULT | {"method": "get"}, "method:", id="method in small letters"),
        pytest.param("faults", FAULT | {"drops": True}, "drops:", id="misspelled key"),
        pytest.param("faults", FAULT | {"headers": {"X-Name": "a\r\nb"}}, "headers", id="two headers in one"),
        pytest.param("faults", {"status": 503}, "path:", id="fault without a path"),
        pytest.param("faults", [], "body:", id="list for an object"),
        pytest.param("clock/advance", {"seconds": -1}, "seconds:", id="clock backwards"),
        pytest.param("clock/advance", {"seconds": "soon"}, "seconds:", id="words for a number"),
        pytest.param("apps", {}, "name:", id="app without a name"),
        pytest.param("apps", {"name": "A", "environment": "us"}, "environment:", id="production"),
        pytest.param("apps", {"name": "A", "scopes": ["all"]}, "all", id="unknown scope"),
        pytest.param("apps", {"name": "A", "redirect_uris": ["javascript:1"]}, "javascript:1", id="odd URI"),
        pytest.param("tokens", {"email": MAYA}, "client_id:", id="token for no app"),
    ],
)
def test_a_bad_order_is_refused_in_words(sandbox: Sandbox, path: str, body: Any, words: str) -> None:
    """422 with a sentence for each thing that is wrong; nothing was done."""
    answer = call(sandbox, "POST", f"/_sandbox/{path}", json=body)

    assert answer.status_code == 422
    assert any(words in sentence for sentence in answer.json()["error"])


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"data": "{"}, id="no content type"),
        pytest.param({"data": "{", "headers": {"Content-Type": "application/json"}}, id="half a JSON"),
        pytest.param({"data": {"path": "/api"}}, id="a form"),
        pytest.param({"data": b"\xff\xfe", "headers": {"Content-Type": "application/json"}}, id="not UTF-8"),
    ],
)
def test_a_body_that_is_not_json_is_refused(sandbox: Sandbox, options: dict[str, Any]) -> None:
    """The answer says what was wanted."""
    answer = call(sandbox, "POST", "/_sandbox/faults", **options)

    assert answer.status_code == 422
    assert "has to be JSON" in answer.json()["error"][0]


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"Origin": "https://elsewhere.example"}, id="a foreign page"),
        pytest.param({"Origin": "null"}, id="a page without origin"),
        pytest.param({"Host": "elsewhere.example"}, id="a name that was made to lead here"),
    ],
)
def test_web_pages_cannot_give_orders(sandbox: Sandbox, headers: dict[str, str]) -> None:
    """A page that a developer has open elsewhere cannot reset their sandbox."""
    answer = call(sandbox, "POST", "/_sandbox/reset", headers=headers)

    assert answer.status_code == 403


def test_an_unknown_order_is_not_found(sandbox: Sandbox) -> None:
    """JSON, as from the rest of the control plane."""
    answer = call(sandbox, "GET", "/_sandbox/nothing")

    assert (answer.status_code, answer.json()["error"]) == (404, "Not Found")


def test_no_other_site_may_read_the_control_plane(sandbox: Sandbox) -> None:
    """It sends no CORS header."""
    answer = call(sandbox, "GET", "/_sandbox/apps")

    assert not [name for name in answer.headers if name.startswith("Access-Control")]


def test_the_description_lists_every_order(sandbox: Sandbox) -> None:
    """/_sandbox/openapi.json is made from the code, so that it cannot fall behind."""
    paths = call(sandbox, "GET", "/_sandbox/openapi.json").json()["paths"]

    assert {(path, *sorted(operations)) for path, operations in paths.items()} == {
        ("/_sandbox/apps", "get", "post"),
        ("/_sandbox/apps/{app_id}", "patch"),
        ("/_sandbox/calls", "delete", "get"),
        ("/_sandbox/clock", "get"),
        ("/_sandbox/clock/advance", "post"),
        ("/_sandbox/events", "post"),
        ("/_sandbox/faults", "delete", "get", "post"),
        ("/_sandbox/health", "get"),
        ("/_sandbox/lab_orders", "get", "post"),
        ("/_sandbox/lab_orders/{lab_order_id}/amendments", "post"),
        ("/_sandbox/lab_orders/{lab_order_id}/results", "post"),
        ("/_sandbox/lab_orders/{lab_order_id}/state", "post"),
        ("/_sandbox/lab_registrations", "post"),
        ("/_sandbox/messages", "get"),
        ("/_sandbox/orders", "post"),
        ("/_sandbox/orders/{order_id}/refund", "post"),
        ("/_sandbox/reset", "post"),
        ("/_sandbox/tokens", "post"),
        ("/_sandbox/webhooks/deliver", "post"),
        ("/_sandbox/webhooks/deliveries", "get"),
        ("/_sandbox/webhooks/drop", "post"),
        ("/_sandbox/webhooks/hold", "post"),
        ("/_sandbox/webhooks/idle", "get"),
        ("/_sandbox/webhooks/release", "post"),
    }


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        pytest.param("GET", "/_sandbox/health", None, id="health"),
        pytest.param("GET", "/_sandbox/apps", None, id="apps"),
        pytest.param("POST", "/_sandbox/apps", {"name": "Described"}, id="new app"),
        pytest.param("GET", "/_sandbox/clock", None, id="clock"),
        pytest.param("POST", "/_sandbox/clock/advance", {"seconds": 1}, id="later"),
        pytest.param("POST", "/_sandbox/faults", FAULT, id="fault"),
        pytest.param("GET", "/_sandbox/calls", None, id="journal"),
    ],
)
def test_answers_are_as_described(sandbox: Sandbox, method: str, path: str, body: Any) -> None:
    """What the control plane sends fits its own description."""
    call(sandbox, "GET", "/healthz")
    described = call(sandbox, "GET", "/_sandbox/openapi.json").json()
    answer = call(sandbox, method, path, json=body)
    content = described["paths"][path][method.lower()]["responses"][str(answer.status_code)]["content"]
    schema = {**content["application/json"]["schema"], "components": described["components"]}

    Draft202012Validator(schema).validate(answer.json())


def test_a_reset_meets_no_call_half_way(sandbox: Sandbox, sandbox_app: SandboxApp) -> None:
    """Calls that come during a reset wait for it; none of them fails."""
    partner = Partner(sandbox, sandbox_app)

    def use_a_new_token() -> int:
        pair = call(
            sandbox, "POST", "/_sandbox/tokens", json={"client_id": sandbox_app.client_id, "email": MAYA}
        ).json()["oauth"]
        return partner.uses(pair["access_token"]).status_code

    with ThreadPoolExecutor(6) as pool:
        answers = [pool.submit(use_a_new_token) for _ in range(40)]
        for _ in range(8):
            sandbox.reset()

    assert {answer.result() for answer in answers} <= {200, 401}
