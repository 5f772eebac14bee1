"""Session grants and bearer tokens in the sandbox, over HTTP (field notes, 1.15 and 1.23)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from fullscript_embed.testing import Sandbox, SandboxApp
from tests.sandbox_actors import MAYA, SAM, TIMEOUT, Partner, at_once, http

GRANTS = "/api/clinic/embeddable/session_grants"
SECOND = timedelta(seconds=1)


@pytest.fixture
def partner(sandbox: Sandbox, sandbox_app: SandboxApp) -> Partner:
    """The server of the demo's own app."""
    return Partner(sandbox, sandbox_app)


@pytest.fixture
def clinic_partner(sandbox: Sandbox) -> Partner:
    """The server of an app with clinic-level authorization."""
    app = sandbox.create_app(redirect_uris=["http://localhost:8000/cb"], level="clinic")
    return Partner(sandbox, app)


@pytest.mark.parametrize(("email", "kind"), [(MAYA, "Practitioner"), (SAM, "Staff")])
def test_a_grant_is_a_bare_object_with_status_200(partner: Partner, email: str, kind: str) -> None:
    """Live clients need 200 and read the object without a wrapper."""
    pair = partner.gets_pair(email)
    answer = partner.uses(pair["access_token"])
    grant = answer.json()

    assert answer.status_code == 200
    assert grant.keys() == {"id", "secret_token", "claimed_at", "expires_at", "user"}
    assert grant["user"] == {"type": kind, "id": pair["resource_owner"]["id"]}


def test_a_fresh_grant_has_a_long_secret_and_no_claim(partner: Partner) -> None:
    """The secret token has 48 url-safe characters, because the library puts it in an address as it is."""
    grant = partner.uses(partner.gets_pair()["access_token"]).json()

    assert len(grant["secret_token"]) == 48
    assert grant["secret_token"].replace("-", "").replace("_", "").isalnum()
    assert grant["claimed_at"] is None


def test_a_grant_lasts_120_seconds(sandbox: Sandbox, partner: Partner) -> None:
    """`expires_at` is two minutes after the sandbox's present time."""
    token = partner.gets_pair()["access_token"]
    before = datetime.fromisoformat(sandbox.advance(0))
    expires_at = datetime.fromisoformat(partner.uses(token).json()["expires_at"])
    after = datetime.fromisoformat(sandbox.advance(0))

    assert before - SECOND <= expires_at - timedelta(seconds=120) <= after + SECOND


def test_no_cache_keeps_a_grant(partner: Partner) -> None:
    """The answer holds a secret and is marked no-store."""
    answer = partner.uses(partner.gets_pair()["access_token"])

    assert answer.headers["Cache-Control"] == "no-store"


def test_of_frames_that_open_at_once_one_gets_in(partner: Partner) -> None:
    """A grant is claimed once, however many frames come with it in the same moment."""
    grant = partner.uses(partner.gets_pair()["access_token"]).json()
    query = {
        "public_key": partner.app.public_key,
        "secret_token": grant["secret_token"],
        "target_origin": partner.app.origin_uris[0],
        "frame_id": "frame-1",
    }
    address = f"{partner.sandbox.url}/api/embeddable/session/embed/entry"
    answers = at_once(*[lambda: http().get(address, params=query, timeout=TIMEOUT)] * 4)

    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]


def test_two_grants_differ(partner: Partner) -> None:
    """Each call makes a grant of its own."""
    access_token = partner.gets_pair()["access_token"]
    grants = [partner.uses(access_token).json() for _ in range(2)]

    assert grants[0]["secret_token"] != grants[1]["secret_token"]


def test_a_clinic_names_the_user(clinic_partner: Partner, partner: Partner) -> None:
    """With a token of the clinic, user_id and user_type say who will work in the frame."""
    sam = partner.gets_pair(SAM)["resource_owner"]
    token = clinic_partner.gets_pair()["access_token"]
    grant = clinic_partner.uses(token, user_id=sam["id"], user_type="Staff").json()

    assert grant["user"] == {"type": "Staff", "id": sam["id"]}


@pytest.mark.parametrize(
    ("body", "messages"),
    [
        pytest.param({}, ["User id can't be blank", "User type can't be blank"], id="neither"),
        pytest.param({"user_type": "Staff"}, ["User id can't be blank"], id="no id"),
        pytest.param({"user_id": "x"}, ["User type can't be blank"], id="no type"),
        pytest.param(
            {"user_id": "x", "user_type": "Doctor"},
            ["User type is not included in the list"],
            id="wrong type",
        ),
    ],
)
def test_a_clinic_has_to_name_the_user_fully(
    clinic_partner: Partner, body: dict[str, Any], messages: list[str]
) -> None:
    """Missing or wrong fields answer 422, with a sentence for each."""
    answer = clinic_partner.uses(clinic_partner.gets_pair()["access_token"], **body)

    assert (answer.status_code, answer.json()) == (422, {"error": messages})


@pytest.mark.parametrize(
    ("email", "user_type"),
    [
        pytest.param("theo.abara@harborlight.example", "Practitioner", id="of another clinic"),
        pytest.param(SAM, "Practitioner", id="of another type"),
        pytest.param(None, "Staff", id="unknown"),
    ],
)
def test_a_clinic_can_name_its_own_people_only(
    clinic_partner: Partner, partner: Partner, email: str | None, user_type: str
) -> None:
    """Somebody of another clinic, of another type, or unknown is not found."""
    user_id = partner.gets_pair(email)["resource_owner"]["id"] if email else "nobody"
    token = clinic_partner.gets_pair()["access_token"]

    assert clinic_partner.uses(token, user_id=user_id, user_type=user_type).status_code == 404


def test_a_grant_needs_the_scope_to_act_for_the_clinic(sandbox: Sandbox) -> None:
    """Without clinic:write the answer is 403 and names the scope."""
    app = sandbox.create_app(
        redirect_uris=["http://localhost:8000/cb"], scopes=["catalog:read", "clinic:read"]
    )
    partner = Partner(sandbox, app)
    answer = partner.uses(partner.gets_pair()["access_token"])

    assert answer.status_code == 403
    assert answer.json()["error"].startswith("Must have `clinic:write` scope enabled")


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(None, id="no header"),
        pytest.param("Bearer", id="no token"),
        pytest.param("Bearer unknown", id="unknown token"),
        pytest.param("Basic dXNlcjpwYXNz", id="another scheme"),
        pytest.param("Bearer t\u00f6ken", id="not ASCII"),
    ],
)
def test_without_a_good_token_the_api_answers_401(sandbox: Sandbox, header: str | None) -> None:
    """Whatever is wrong with the header, the sentence is the same and no scope is named."""
    headers = {"Authorization": header.encode("latin-1")} if header else {}
    answer = http().post(f"{sandbox.url}{GRANTS}", headers=headers, timeout=TIMEOUT)

    assert (answer.status_code, answer.json()) == (401, {"error": "The access token is invalid"})
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("body", ["{", "[1]"], ids=["broken", "list"])
def test_a_body_that_is_no_object_is_a_bad_request(clinic_partner: Partner, body: str) -> None:
    """Damaged JSON answers 400 in the API's shape, not 500."""
    token = clinic_partner.gets_pair()["access_token"]
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    answer = http().post(f"{clinic_partner.sandbox.url}{GRANTS}", data=body, headers=headers, timeout=TIMEOUT)

    assert (answer.status_code, answer.json()) == (400, {"error": "Bad Request"})


def test_every_answer_has_a_request_id_of_its_own(sandbox: Sandbox) -> None:
    """X-Request-Id is a UUID that no two answers share."""
    ids = {http().get(f"{sandbox.url}/healthz", timeout=TIMEOUT).headers["X-Request-Id"] for _ in range(3)}

    assert {len(one) for one in ids} == {36}
    assert len(ids) == 3


def test_a_wrong_method_is_answered_as_json(sandbox: Sandbox) -> None:
    """405 under /api has the API's shape and says what is allowed."""
    answer = http().get(f"{sandbox.url}{GRANTS}", timeout=TIMEOUT)

    assert (answer.status_code, answer.json()) == (405, {"error": "Method Not Allowed"})
    assert "POST" in answer.headers["Allow"]
