"""The sandbox's token and revocation endpoints, over HTTP (guide: OAuth; field notes, 1.2 and 1.3)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import requests

from fullscript_embed.testing import Sandbox, SandboxApp
from tests.sandbox_actors import MAYA, SAM, TIMEOUT, Partner, at_once, http


@pytest.fixture
def partner(sandbox: Sandbox, sandbox_app: SandboxApp) -> Partner:
    """The server of the demo's own app."""
    return Partner(sandbox, sandbox_app)


@pytest.fixture
def other_partner(sandbox: Sandbox) -> Partner:
    """The server of somebody else's app, with the same redirect URI."""
    uris = ["http://localhost:8000/fullscript/callback/local"]
    return Partner(sandbox, sandbox.create_app(name="Other app", redirect_uris=uris))


def test_a_code_is_changed_for_a_nested_pair_of_tokens(partner: Partner) -> None:
    """The answer is nested under `oauth`, with the keys and kinds of value that were recorded."""
    answer = partner.exchanges(partner.gets_code())
    pair = answer.json()["oauth"]

    assert (answer.status_code, pair["token_type"], pair["expires_in"]) == (200, "Bearer", 7200)
    assert pair["scope"].split()[0] == "catalog:read"
    assert pair["created_at"].endswith("Z")
    assert len(pair["access_token"]) == len(pair["refresh_token"]) == 43


@pytest.mark.parametrize(("email", "kind"), [(MAYA, "Practitioner"), (SAM, "Staff")])
def test_a_token_says_who_it_acts_for(partner: Partner, email: str, kind: str) -> None:
    """`resource_owner` is the practitioner or staff member who agreed."""
    owner = partner.exchanges(partner.gets_code(email)).json()["oauth"]["resource_owner"]

    assert owner["type"] == kind
    assert len(owner["id"]) == 36


def test_a_clinic_level_app_gets_a_token_of_the_clinic(sandbox: Sandbox, partner: Partner) -> None:
    """Apps from before role-based access act for a clinic, and their tokens say so."""
    sandbox.change_app(partner.app, level="clinic")
    owner = partner.exchanges(partner.gets_code()).json()["oauth"]["resource_owner"]

    assert owner == {"id": "1f6a0c52-9b0e-4a57-8d4b-3c2e7d90a101", "type": "Clinic"}


def test_a_form_is_taken_as_well_as_json(partner: Partner) -> None:
    """Live clients send application/x-www-form-urlencoded, and get the same answer."""
    form = {
        "grant_type": "authorization_code",
        "client_id": partner.app.client_id,
        "client_secret": partner.app.client_secret,
        "code": partner.gets_code(),
        "redirect_uri": partner.redirect_uri,
    }
    answer = http().post(f"{partner.sandbox.url}/api/oauth/token", data=form, timeout=TIMEOUT)

    assert answer.json()["oauth"]["token_type"] == "Bearer"


def test_no_cache_keeps_tokens(partner: Partner) -> None:
    """Answers and failures of both endpoints are marked no-store."""
    answers = [partner.asks_token(grant_type="none"), partner.revokes("unknown"), _refreshed(partner)]

    assert {answer.headers["Cache-Control"] for answer in answers} == {"no-store"}


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        pytest.param({"grant_type": None}, 400, "invalid_request", id="no grant_type"),
        pytest.param({"grant_type": "password"}, 400, "unsupported_grant_type", id="another grant_type"),
        pytest.param({"client_id": None}, 401, "invalid_client", id="no client_id"),
        pytest.param({"client_id": "nobody"}, 401, "invalid_client", id="unknown client"),
        pytest.param({"client_secret": None}, 401, "invalid_client", id="no secret"),
        pytest.param({"client_secret": "wrong"}, 401, "invalid_client", id="wrong secret"),
        pytest.param({"client_secret": "gehéim"}, 401, "invalid_client", id="secret is not ASCII"),
        pytest.param({"code": None}, 400, "invalid_request", id="no code"),
        pytest.param({"code": 17}, 400, "invalid_request", id="code is a number"),
        pytest.param({"code": "\ud800"}, 400, "invalid_request", id="code is half a character"),
        pytest.param({"code": "unknown"}, 400, "invalid_grant", id="unknown code"),
        pytest.param({"redirect_uri": None}, 400, "invalid_request", id="no redirect_uri"),
        pytest.param({"redirect_uri": "http://localhost:8000/"}, 400, "invalid_grant", id="another uri"),
    ],
)
def test_a_damaged_exchange_is_refused_by_its_cause(
    partner: Partner, body: dict[str, Any], status: int, error: str
) -> None:
    """Each thing that can be wrong with an exchange has its OAuth error, in words and with a status."""
    answer = partner.exchanges(partner.gets_code(), **body)

    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.json()["error_description"].endswith(".")


@pytest.mark.parametrize("body", ["{", "[]", '"text"', ""], ids=["broken", "list", "string", "empty"])
def test_a_body_that_is_no_object_is_an_invalid_request(sandbox: Sandbox, body: str) -> None:
    """Anything but a JSON object or a form answers 400, not 500."""
    headers = {"Content-Type": "application/json"}
    answer = http().post(f"{sandbox.url}/api/oauth/token", data=body, headers=headers, timeout=TIMEOUT)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_a_refused_exchange_leaves_the_code_good(partner: Partner) -> None:
    """A wrong redirect_uri does not use a code up."""
    code = partner.gets_code()
    partner.exchanges(code, redirect_uri="http://localhost:8000/")

    assert partner.exchanges(code).status_code == 200


def test_a_code_lasts_ten_minutes(sandbox: Sandbox, partner: Partner) -> None:
    """After ten minutes by the sandbox's clock a code gives nothing."""
    code = partner.gets_code()
    sandbox.advance(600)

    assert partner.exchanges(code).json()["error"] == "invalid_grant"


def test_a_code_is_good_until_ten_minutes_have_passed(sandbox: Sandbox, partner: Partner) -> None:
    """A code that is nearly ten minutes old still gives tokens."""
    code = partner.gets_code()
    sandbox.advance(590)

    assert partner.exchanges(code).status_code == 200


def test_a_code_belongs_to_one_app(partner: Partner, other_partner: Partner) -> None:
    """Another app cannot change a code for tokens, even with the same redirect URI."""
    answer = other_partner.exchanges(partner.gets_code())

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_a_code_used_twice_revokes_what_it_gave(partner: Partner) -> None:
    """When somebody else uses the code too, nobody keeps tokens, refreshed ones included."""
    code = partner.gets_code()
    pair = partner.refreshes(partner.exchanges(code).json()["oauth"]["refresh_token"]).json()["oauth"]
    again = partner.exchanges(code)

    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert partner.uses(pair["access_token"]).json() == {"error": "The access token was revoked"}


def test_of_two_exchanges_at_once_one_is_answered(partner: Partner) -> None:
    """The race for a code has one winner."""
    code = partner.gets_code()
    answers = at_once(*[lambda: partner.exchanges(code)] * 4)

    assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400]


def test_an_access_token_lasts_two_hours(sandbox: Sandbox, partner: Partner) -> None:
    """After 7200 seconds the API answers with the sentence that live clients compare with."""
    pair = partner.gets_pair()
    sandbox.advance(7200)
    answer = partner.uses(pair["access_token"])

    assert (answer.status_code, answer.json()) == (401, {"error": "The access token expired"})


def test_a_refresh_token_never_expires(sandbox: Sandbox, partner: Partner) -> None:
    """A year later a refresh token still gives a pair, of that day."""
    pair = partner.gets_pair()
    sandbox.advance(timedelta(days=365).total_seconds())
    created_at = partner.refreshes(pair["refresh_token"]).json()["oauth"]["created_at"]

    assert _moment(created_at) - _moment(pair["created_at"]) >= timedelta(days=365)


def test_a_refresh_token_belongs_to_one_app(partner: Partner, other_partner: Partner) -> None:
    """Another app's credentials do not refresh it."""
    answer = other_partner.refreshes(partner.gets_pair()["refresh_token"])

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_new_scopes_need_a_new_authorization(sandbox: Sandbox, sandbox_app: SandboxApp) -> None:
    """Adding scopes on the dashboard changes neither tokens nor what a refresh gives."""
    partner = Partner(sandbox, sandbox.change_app(sandbox_app, scopes=["catalog:read", "clinic:read"]))
    pair = partner.gets_pair()
    sandbox.change_app(sandbox_app, scopes=["catalog:read", "clinic:write"])
    refreshed = partner.refreshes(pair["refresh_token"]).json()["oauth"]

    assert refreshed["scope"] == "catalog:read clinic:read"


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_revoking_either_token_ends_both(partner: Partner, kind: str) -> None:
    """Disconnecting by access or by refresh token ends the access and the refresh alike."""
    pair = partner.gets_pair()
    answer = partner.revokes(pair[kind])

    assert (answer.status_code, answer.json()) == (200, {})
    assert partner.uses(pair["access_token"]).json() == {"error": "The access token was revoked"}
    assert partner.refreshes(pair["refresh_token"]).json()["error"] == "invalid_grant"


def test_revoking_ends_every_pair_of_the_authorization(partner: Partner) -> None:
    """An older token of the chain, expired or not, ends the newest pair."""
    first = partner.gets_pair()
    second = partner.refreshes(first["refresh_token"]).json()["oauth"]
    partner.sandbox.advance(7200)
    partner.revokes(first["access_token"])

    assert partner.refreshes(second["refresh_token"]).json()["error"] == "invalid_grant"


def test_revoking_leaves_other_authorizations_alone(partner: Partner) -> None:
    """A user who authorized twice keeps the second connection when the first is ended."""
    first, second = partner.gets_pair(), partner.gets_pair()
    partner.revokes(first["access_token"])

    assert partner.uses(second["access_token"]).status_code == 200


def test_revoking_an_unknown_token_is_answered_alike(partner: Partner) -> None:
    """The endpoint tells nobody whether a token exists."""
    answer = partner.revokes("unknown")

    assert (answer.status_code, answer.json()) == (200, {})


def test_an_app_cannot_revoke_another_apps_token(partner: Partner, other_partner: Partner) -> None:
    """A foreign token is answered like an unknown one, and lives on."""
    pair = partner.gets_pair()
    answer = other_partner.revokes(pair["access_token"])

    assert (answer.status_code, answer.json()) == (200, {})
    assert partner.uses(pair["access_token"]).status_code == 200


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        pytest.param({"client_secret": "wrong"}, 401, "invalid_client", id="wrong secret"),
        pytest.param({"client_id": "nobody"}, 401, "invalid_client", id="unknown client"),
        pytest.param({"token": None}, 400, "invalid_request", id="no token"),
    ],
)
def test_a_damaged_revocation_is_refused_by_its_cause(
    partner: Partner, body: dict[str, Any], status: int, error: str
) -> None:
    """Revoking needs the app's credentials and a token."""
    answer = partner.revokes(partner.gets_pair()["access_token"], **body)

    assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_the_token_endpoint_is_under_api_only(partner: Partner) -> None:
    """On the path without /api there is the 404 that was recorded."""
    answer = partner.posts("/oauth/token", {"grant_type": "refresh_token"})

    assert (answer.status_code, answer.json()) == (404, {"status": 404, "error": "Not Found"})


def _refreshed(partner: Partner) -> requests.Response:
    return partner.refreshes(partner.gets_pair()["refresh_token"])


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
