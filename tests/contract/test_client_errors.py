"""What each kind of failing answer becomes, told by answers of a running sandbox."""

from __future__ import annotations

import pickle
import traceback
from typing import Any

import pytest

from fullscript_embed.api import (
    AppCredentials,
    CredentialsRefused,
    Forbidden,
    FullscriptClient,
    FullscriptError,
    GrantRefused,
    MissingScope,
    RateLimited,
    RecordNotFound,
    RequestInvalid,
    RestrictedEndpoint,
    Retries,
    ServerFailed,
    TokenExpired,
    TokenRefused,
    TokenRevoked,
    UnreadableAnswer,
)
from fullscript_embed.testing import Sandbox, SandboxApp
from tests.api_client import REDIRECT_URI, World, access_token, connected
from tests.sandbox_actors import Partner

CLINIC = "/api/clinic"
SEARCH = "/api/clinic/search/patients"
HTML = {"Content-Type": "text/html"}
# As many words as a vendor can put into an error, none of which may reach a log.
PLANTED = "Amelia Burton amelia.burton@mail.example"


@pytest.fixture
def impatient(sandbox: Sandbox, approved_app: SandboxApp) -> Any:
    """A client that repeats nothing."""
    with connected(sandbox, approved_app, retries=Retries(attempts=1)) as client:
        yield client


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        pytest.param(
            {"status": 401, "body": {"error": "The access token expired"}}, TokenExpired, id="expired"
        ),
        pytest.param(
            {"status": 401, "body": {"error": "The access token was revoked"}}, TokenRevoked, id="revoked"
        ),
        pytest.param(
            {"status": 401, "body": {"error": "The access token is invalid"}},
            TokenRefused,
            id="unknown token",
        ),
        pytest.param({"status": 401}, TokenRefused, id="401 without a word"),
        pytest.param(
            {"status": 403, "body": {"error": "Must have `clinic:read` scope enabled"}},
            MissingScope,
            id="scope",
        ),
        pytest.param(
            {"status": 403, "body": {"error": "This endpoint is restricted"}},
            RestrictedEndpoint,
            id="restricted",
        ),
        pytest.param(
            {"status": 403, "body": "<h1>Forbidden</h1>", "headers": HTML}, Forbidden, id="403 in HTML"
        ),
        pytest.param({"status": 404, "body": {"error": "Not found"}}, RecordNotFound, id="no such record"),
        pytest.param(
            {"status": 404, "body": "<h1>404</h1>", "headers": HTML}, RecordNotFound, id="404 in HTML"
        ),
        pytest.param({"status": 400, "body": {"error": "Bad"}}, RequestInvalid, id="bad request"),
        pytest.param({"status": 405, "body": {"error": "Bad"}}, RequestInvalid, id="405"),
        pytest.param({"status": 422, "body": {"error": ["Email is invalid"]}}, RequestInvalid, id="invalid"),
        pytest.param({"status": 429}, RateLimited, id="too many"),
        pytest.param(
            {"status": 500, "body": "<h1>Oops</h1>", "headers": HTML}, ServerFailed, id="500 in HTML"
        ),
        pytest.param({"status": 503}, ServerFailed, id="503 without a word"),
        pytest.param(
            {"status": 302, "headers": {"Location": "https://elsewhere.example/"}},
            UnreadableAnswer,
            id="redirect",
        ),
        pytest.param(
            {"status": 200, "body": "<h1>Hello</h1>", "headers": HTML}, UnreadableAnswer, id="a page"
        ),
        pytest.param({"status": 200, "body": ["x"]}, UnreadableAnswer, id="a list for a record"),
        pytest.param({"status": 200, "body": {"ok": True}}, UnreadableAnswer, id="another object"),
        pytest.param({"status": 200}, UnreadableAnswer, id="nothing"),
        pytest.param({"status": 200, "body": "[" * 100_000}, UnreadableAnswer, id="nested without end"),
        pytest.param({"malformed": True}, UnreadableAnswer, id="half a body"),
    ],
)
def test_a_failing_answer_is_named_by_its_cause(
    sandbox: Sandbox, impatient: FullscriptClient, fault: dict[str, Any], kind: type[FullscriptError]
) -> None:
    """Status and words decide the error; it carries the status and the request id of the answer."""
    sandbox.fault(CLINIC, **fault)

    with pytest.raises(FullscriptError) as caught:
        impatient.clinic.retrieve()

    assert type(caught.value) is kind
    assert caught.value.status == fault.get("status", 200)
    assert caught.value.request_id == sandbox.calls(CLINIC)[-1]["request_id"]


@pytest.mark.parametrize(
    ("body", "messages"),
    [
        pytest.param({"error": "Email is invalid"}, ["Email is invalid"], id="a string"),
        pytest.param({"error": ["Email is invalid", "x"]}, ["Email is invalid", "x"], id="an array"),
        pytest.param({"errors": {"email": ["is invalid"]}}, ["email is invalid"], id="by field"),
        pytest.param({"errors": [{"code": "c", "message": "m"}]}, ["code c", "m"], id="objects"),
        pytest.param({"error": None}, [], id="null"),
        pytest.param(["x"], [], id="no object"),
        pytest.param("plain words", [], id="no JSON"),
        pytest.param("", [], id="nothing"),
    ],
)
def test_what_an_answer_says_of_a_request_is_kept(
    sandbox: Sandbox, impatient: FullscriptClient, body: Any, messages: list[str]
) -> None:
    """`error` is a string or an array, and nothing else that it could be makes the client fail."""
    sandbox.fault(CLINIC, status=422, body=body)

    with pytest.raises(RequestInvalid) as caught:
        impatient.clinic.retrieve()

    assert caught.value.messages == messages


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 422, 429, 500, 503])
def test_no_error_repeats_what_was_asked_or_answered(
    sandbox: Sandbox, impatient: FullscriptClient, status: int
) -> None:
    """Neither the message, the repr nor the traceback holds a patient's name, an address or the token."""
    sandbox.fault(SEARCH, status=status, body={"error": PLANTED, "patients": PLANTED})

    with pytest.raises(FullscriptError) as caught:
        impatient.patients.search("burton").first()
    told = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + str(caught.value)

    assert not any(word in told for word in (*PLANTED.split(), "Bearer", "query="))


@pytest.mark.parametrize(
    "options", [{"drop": True}, {"status": 200, "body": "x"}], ids=["dropped", "no JSON"]
)
def test_an_answer_that_did_not_come_whole_tells_nothing_either(
    sandbox: Sandbox, impatient: FullscriptClient, options: dict[str, Any]
) -> None:
    """The error of the library below, whose text holds the URL, is not chained."""
    sandbox.fault(SEARCH, **options)

    with pytest.raises(FullscriptError) as caught:
        impatient.patients.search("burton").first()

    assert "burton" not in "".join(traceback.format_exception(caught.value, limit=0))
    assert caught.value.__cause__ is caught.value.__context__ is None


def test_fields_that_are_wrong_are_told_and_their_values_are_not(client: FullscriptClient) -> None:
    """Fullscript's own sentences are at hand, and the message repeats those that quote nothing."""
    with pytest.raises(RequestInvalid) as caught:
        client.patients.create(email="", first_name="Ada", last_name="")

    assert "Last name can't be blank" in caught.value.messages
    assert "Last name can't be blank" in str(caught.value)


def test_a_sentence_that_may_quote_a_value_stays_out_of_the_message(
    sandbox: Sandbox, impatient: FullscriptClient
) -> None:
    """Only the attribute holds it, for the person who sent the form."""
    said = "Email amelia.burton@mail.example has already been taken"
    sandbox.fault(CLINIC, status=422, body={"error": [said]})

    with pytest.raises(RequestInvalid, match=r"1 more in \.messages") as caught:
        impatient.clinic.retrieve()

    assert caught.value.messages == [said]
    assert "amelia" not in str(caught.value)


def test_a_missing_scope_is_named(sandbox: Sandbox) -> None:
    """An app that asked for too little learns which scope to add."""
    app = sandbox.create_app("Catalog only", redirect_uris=[REDIRECT_URI], scopes=["catalog:read"])

    with connected(sandbox, app) as client, pytest.raises(MissingScope) as caught:
        client.patients.list().first()

    assert caught.value.scope == "patients:read"


def test_a_restricted_endpoint_says_that_approval_is_needed(
    sandbox: Sandbox, sandbox_app: SandboxApp
) -> None:
    """Most apps are refused it, whatever their scopes."""
    with connected(sandbox, sandbox_app) as client, pytest.raises(RestrictedEndpoint, match="approve"):
        client.products.list().first()


def test_another_clinics_record_is_not_found(
    sandbox: Sandbox, approved_app: SandboxApp, world: World
) -> None:
    """A token sees the records of its own clinic alone."""
    patient = world.patient

    with (
        connected(sandbox, approved_app, "grace.lindqvist@harborlight.example") as other,
        pytest.raises(RecordNotFound) as caught,
    ):
        other.patients.retrieve(patient)

    assert caught.value.reason == "not_found"


def test_a_wrong_api_url_is_told_apart_from_a_missing_record(sandbox: Sandbox) -> None:
    """Rails answers in a shape of its own when the path itself is unknown."""
    with FullscriptClient(f"{sandbox.url}/nowhere", "t") as client, pytest.raises(RecordNotFound) as caught:
        client.clinic.retrieve()

    assert caught.value.reason == "path_not_found"
    assert "API URL" in str(caught.value)


def test_an_expired_token_is_told_by_a_real_refusal(sandbox: Sandbox, client: FullscriptClient) -> None:
    """Two hours after it was given, a token says that it expired."""
    sandbox.advance(2 * 60 * 60 + 1)

    with pytest.raises(TokenExpired, match="Refresh"):
        client.clinic.retrieve()


def test_a_revoked_token_is_told_by_a_real_refusal(
    sandbox: Sandbox, approved_app: SandboxApp, client: FullscriptClient
) -> None:
    """After a revocation the user has to connect again."""
    token = access_token(sandbox, approved_app)
    client.oauth.revoke(token)

    with FullscriptClient(sandbox.url, token) as revoked, pytest.raises(TokenRefused, match="connect"):
        revoked.clinic.retrieve()


def test_a_used_code_is_refused_by_its_name(client: FullscriptClient, world: World) -> None:
    """An authorization code is good once; the user has to start over."""
    code = Partner(world.sandbox, world.app).gets_code()
    client.oauth.exchange(code)

    with pytest.raises(GrantRefused):
        client.oauth.exchange(code)


def test_a_wrong_client_secret_is_told_apart_from_a_wrong_token(
    sandbox: Sandbox, sandbox_app: SandboxApp
) -> None:
    """Connecting again would not help: a setting is wrong."""
    credentials = AppCredentials(sandbox_app.client_id, "wrong", REDIRECT_URI)

    with FullscriptClient(sandbox.url, app=credentials) as client, pytest.raises(CredentialsRefused):
        client.oauth.refresh("any")


def test_an_error_survives_the_way_through_a_queue(sandbox: Sandbox, impatient: FullscriptClient) -> None:
    """Workers hand errors on as bytes; cause, status and waiting time stay with them."""
    sandbox.fault(CLINIC, status=429, headers={"Retry-After": "7"})

    with pytest.raises(RateLimited) as caught:
        impatient.clinic.retrieve()
    copy = pickle.loads(pickle.dumps(caught.value))

    assert (type(copy), copy.status, copy.retry_after, str(copy)) == (
        RateLimited,
        429,
        7.0,
        str(caught.value),
    )
