"""Who may hold an Embed frame, and what opens it (guide: Initialize Fullscript Embed, Error handling)."""

from __future__ import annotations

import pytest

from fullscript_embed.testing import Sandbox
from tests.frame_actors import ORIGIN, PLATFORM, TREATMENT_PLAN, Partner, ancestors_of, page_of
from tests.sandbox_actors import ELISE, SAM, Person

INVALID_SECRET_TOKEN = "INVALID_SECRET_TOKEN: The secret_token was invalid or missing"
INVALID_PATIENT_ID = "INVALID_PATIENT_ID: The patient_id was invalid or missing"
NO_SUCH_ID = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def partner(sandbox: Sandbox) -> Partner:
    return Partner(sandbox)


@pytest.mark.parametrize(
    ("uris", "origin"),
    [
        pytest.param([ORIGIN], ORIGIN, id="the origin"),
        pytest.param([f"{ORIGIN}/*"], ORIGIN, id="with a wildcard path"),
        pytest.param([f"{ORIGIN}/patients/1?tab=plans"], ORIGIN, id="a full address"),
        pytest.param(["http://localhost/*"], "http://localhost", id="the guide's example"),
        pytest.param(["https://a.example", ORIGIN], ORIGIN, id="one of several"),
        pytest.param(["https://A.example:443/x"], "https://a.example", id="default port written out"),
    ],
)
def test_a_listed_page_may_hold_the_frame(sandbox: Sandbox, uris: list[str], origin: str) -> None:
    """Every way in which the guide writes an Origin URI names that page's origin."""
    partner = Partner(sandbox, sandbox.create_app(origin_uris=uris))
    response = partner.loads(target_origin=origin)

    assert response.status_code == 200
    assert origin in ancestors_of(response).split()


@pytest.mark.parametrize(
    ("uris", "origin"),
    [
        pytest.param([], ORIGIN, id="empty list"),
        pytest.param(["http://127.0.0.1:5124"], ORIGIN, id="another port"),
        pytest.param(["http://127.0.0.1"], ORIGIN, id="no port"),
        pytest.param(["https://127.0.0.1:5123"], ORIGIN, id="another scheme"),
        pytest.param(["http://localhost:5123"], ORIGIN, id="another name of the same machine"),
        pytest.param([ORIGIN], f"{ORIGIN}.evil.example", id="a longer name"),
        pytest.param([ORIGIN], "", id="the page does not say its origin"),
        pytest.param([ORIGIN], "null", id="a page without an origin"),
    ],
)
def test_an_unlisted_page_may_not(sandbox: Sandbox, uris: list[str], origin: str) -> None:
    """The browser is told that nobody may frame it, and the page around hears nothing."""
    partner = Partner(sandbox, sandbox.create_app(origin_uris=uris))
    response = partner.loads(target_origin=origin)

    assert response.status_code == 403
    assert ancestors_of(response) == "'none'"
    assert page_of(response)["targetOrigin"] is None


def test_a_wrong_public_key_lets_nobody_hold_the_frame(partner: Partner) -> None:
    """It is what the guide's "Refused to frame" line tells of."""
    response = partner.loads(public_key="wrong")

    assert ancestors_of(response) == "'none'"


def test_a_page_that_may_not_hold_the_frame_uses_no_grant_up(partner: Partner) -> None:
    """A grant that was shown with a wrong key is still good for the right one."""
    secret_token = partner.asks_grant()
    partner.loads(public_key="wrong", secret_token=secret_token)

    assert partner.loads(secret_token=secret_token).status_code == 200


def test_a_grant_opens_one_frame_once(partner: Partner) -> None:
    """The second time it is INVALID_SECRET_TOKEN, told to the page around."""
    secret_token = partner.asks_grant()
    partner.loads(secret_token=secret_token)
    response = partner.loads(secret_token=secret_token)

    assert response.status_code == 401
    assert page_of(response) == {"payload": [INVALID_SECRET_TOKEN], "targetOrigin": ORIGIN}


def test_a_grant_is_good_for_120_seconds(partner: Partner) -> None:
    """Two minutes later it opens nothing, and the page says what to do."""
    secret_token = partner.asks_grant()
    partner.sandbox.advance(120)
    response = partner.loads(secret_token=secret_token)

    assert page_of(response)["payload"] == [INVALID_SECRET_TOKEN]
    assert "older than 120 seconds" in response.text


@pytest.mark.parametrize("secret_token", ["", "nonsense", "null", "a+b/c"])
def test_a_token_that_was_never_given_opens_nothing(partner: Partner, secret_token: str) -> None:
    """The error page is in the frame, so that the user sees something too."""
    response = partner.loads(secret_token=secret_token or " ")

    assert INVALID_SECRET_TOKEN in response.text
    assert ancestors_of(response) == ORIGIN


def test_a_grant_of_another_environment_opens_nothing(partner: Partner) -> None:
    """A Canadian app's public key and a US app's grant do not go together."""
    canadian = Partner(
        partner.sandbox, partner.sandbox.create_app(environment="ca-snd", origin_uris=[ORIGIN])
    )
    response = canadian.loads(secret_token=partner.asks_grant())

    assert page_of(response)["payload"] == [INVALID_SECRET_TOKEN]


def test_the_frame_sets_no_cookie(partner: Partner) -> None:
    """Neither its page nor its API does."""
    frame = partner.opens()

    assert "Set-Cookie" not in frame.response.headers
    assert "Set-Cookie" not in frame.asks("GET", "desk").headers


def test_whoever_is_signed_in_to_fullscript_does_not_matter(partner: Partner) -> None:
    """With Sam's cookie and Maya's grant, the frame is Maya's, and Sam stays signed in."""
    sam = Person(partner.sandbox)
    sam.signs_in(SAM)
    sam.opens(f"{PLATFORM}?secret_token={partner.asks_grant()}&public_key={partner.app.public_key}")
    frame = partner.opens()

    assert frame.desk()["user"]["name"] == "Maya Chen"
    assert "Sam Okafor" in sam.opens("/settings/connected-apps").text


@pytest.mark.parametrize("path", [PLATFORM, TREATMENT_PLAN])
def test_the_address_with_the_secret_token_goes_nowhere(partner: Partner, path: str) -> None:
    """It is neither cached nor told to other servers, and nothing inline may run."""
    headers = partner.loads(path).headers

    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    assert "unsafe" not in headers["Content-Security-Policy"]


def test_the_treatment_plan_feature_refuses_an_unknown_patient(partner: Partner) -> None:
    """It has no patient selector to fall back to."""
    token = partner.tokenizes({"data": {"id": NO_SUCH_ID}}).json()["data_token"]
    response = partner.loads(TREATMENT_PLAN, data_token=token)

    assert page_of(response)["payload"] == [INVALID_PATIENT_ID]


def test_the_platform_feature_falls_back_to_the_selector(partner: Partner) -> None:
    """With an unknown id it opens without a patient, and keeps the other data for the search."""
    desk = partner.opens(patient={"id": NO_SUCH_ID, "first_name": "Amos"}).desk()

    assert desk["patient"] is None
    assert desk["patient_data"] == {"first_name": "Amos"}


def test_a_frame_without_an_id_could_not_be_heard(partner: Partner) -> None:
    """An address that the library did not make is refused before it costs a grant."""
    assert page_of(partner.loads(frame_id=""))["payload"][0].startswith("INVALID_FRAME_ID")


@pytest.mark.parametrize(
    ("entrypoint", "first"), [("labs", "labs"), ("catalog", "catalog"), ("shop", "catalog")]
)
def test_the_entrypoint_decides_what_comes_first(partner: Partner, entrypoint: str, first: str) -> None:
    """Labs or the catalog; anything else is the catalog."""
    assert partner.opens(entrypoint=entrypoint).desk()["entrypoint"] == first


def test_labs_are_not_offered_in_canada(sandbox: Sandbox) -> None:
    """There the entrypoint labs leads to the catalog, and labs are not found."""
    canadian = Partner(sandbox, sandbox.create_app(environment="ca-snd", origin_uris=[ORIGIN]))
    frame = canadian.opens(ELISE, entrypoint="labs")

    assert frame.desk()["entrypoint"] == "catalog"
    assert frame.asks("GET", "labs").status_code == 404
