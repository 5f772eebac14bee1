"""The sandbox's sign-in, sign-up, consent and settings pages, over HTTP."""

from __future__ import annotations

from functools import partial
from typing import Any
from urllib.parse import parse_qsl, quote, unquote_to_bytes, urlsplit

import pytest
import requests
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from fullscript_embed.testing import PASSWORD, Sandbox, SandboxApp
from tests.sandbox_actors import ELISE, MAYA, SAM, Partner, Person, at_once

# Every example is a visit to the sandbox, which is as slow as the machine is busy.
OVER_HTTP: dict[str, Any] = {
    "deadline": None,
    "database": None,
    "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
}
CALLBACK = "http://localhost:8000/fullscript/callback/local"


@pytest.fixture
def partner(sandbox: Sandbox, sandbox_app: SandboxApp) -> Partner:
    """The server of the demo's own app."""
    return Partner(sandbox, sandbox_app)


@pytest.fixture
def person(sandbox: Sandbox) -> Person:
    """Somebody with a fresh browser."""
    return Person(sandbox)


def answered(response: requests.Response) -> dict[str, str]:
    """The parameters that a redirect hands to the app."""
    return dict(parse_qsl(urlsplit(response.headers["Location"]).query))


@pytest.mark.parametrize("path", ["/oauth/authorize", "/api/oauth/authorize"])
def test_a_user_signs_in_agrees_and_goes_back_with_a_code(
    partner: Partner, person: Person, path: str
) -> None:
    """On either address: sign-in, consent, and back to the redirect URI with code and state."""
    address = partner.authorize_address().replace("/oauth/authorize", path)
    consent = person.follows(person.signs_in(at=address))
    back = person.submits(consent, authorize="Authorize")

    assert back.status_code == 302
    assert back.headers["Location"].startswith(f"{CALLBACK}?code=")
    assert answered(back)["state"] == "where-i-was"


def test_the_consent_page_names_the_app_and_its_scopes_in_words(partner: Partner, person: Person) -> None:
    """A person reads what they agree to."""
    page = person.follows(person.signs_in(at=partner.authorize_address())).text

    assert "Authorize Demo practice app?" in page
    assert "Add patients and change their details" in page
    assert "patients:write" in page


def test_cancel_goes_back_with_access_denied(partner: Partner, person: Person) -> None:
    """The app hears of a refusal, with its state, and gets no code."""
    consent = person.follows(person.signs_in(at=partner.authorize_address()))
    back = answered(person.submits(consent, cancel="Cancel"))

    assert (back["error"], back["state"], back.get("code")) == ("access_denied", "where-i-was", None)


def test_without_a_state_none_is_handed_back(partner: Partner, person: Person) -> None:
    """An app that sent no state gets none, not an empty one."""
    address = partner.authorize_address().replace("&state=where-i-was", "")
    consent = person.follows(person.signs_in(at=address))

    assert "state" not in person.submits(consent, authorize="Authorize").headers["Location"]


@settings(max_examples=40, **OVER_HTTP)
@given(state=st.binary(max_size=40))
@example(state=b"\xff\x00\r\n+&=%2B %25 #?/\\")
def test_the_state_goes_back_byte_for_byte(partner: Partner, person: Person, state: bytes) -> None:
    """Whatever bytes the state holds, through sign-in and consent, the app gets them back."""
    address = partner.authorize_address(state="") + quote(state, safe="")
    person.signs_in(SAM)
    consent = person.opens(address)
    back = person.submits(consent, authorize="Authorize").headers["Location"]

    assert unquote_to_bytes(back.split("&state=")[1]) == state


@settings(max_examples=15, **OVER_HTTP)
@given(state=st.binary(min_size=1, max_size=20))
@example(state=b"\xff\x00+&=%2B %25")
def test_signing_in_first_keeps_the_state(partner: Partner, sandbox: Sandbox, state: bytes) -> None:
    """The request survives the sign-in page unchanged."""
    person = Person(sandbox)
    consent = person.follows(person.signs_in(at=partner.authorize_address(state="") + quote(state, safe="")))
    back = person.submits(consent, authorize="Authorize").headers["Location"]

    assert unquote_to_bytes(back.split("&state=")[1]) == state


def test_a_redirect_uri_with_a_query_keeps_it(sandbox: Sandbox, person: Person) -> None:
    """The code is added behind what the redirect URI holds already."""
    app = sandbox.create_app(redirect_uris=["https://practice.example/cb?tenant=7"])
    consent = person.follows(person.signs_in(at=Partner(sandbox, app).authorize_address()))
    back = person.submits(consent, authorize="Authorize").headers["Location"]

    assert back.startswith("https://practice.example/cb?tenant=7&code=")


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"client_id": "nobody"}, id="unknown client"),
        pytest.param({"client_id": ""}, id="no client"),
        pytest.param({"redirect_uri": ""}, id="no redirect_uri"),
        pytest.param({"redirect_uri": f"{CALLBACK}/"}, id="one slash more"),
        pytest.param({"redirect_uri": CALLBACK.upper()}, id="capitals"),
        pytest.param(
            {"redirect_uri": CALLBACK.replace("localhost", "127.0.0.1")}, id="another name of the host"
        ),
        pytest.param({"redirect_uri": f"{CALLBACK}?a=b"}, id="a query more"),
        pytest.param({"redirect_uri": "https://elsewhere.example/"}, id="elsewhere"),
    ],
)
@pytest.mark.parametrize("signed_in", [True, False], ids=["signed in", "signed out"])
def test_a_request_that_does_not_match_is_not_found(
    partner: Partner, person: Person, changes: dict[str, str], *, signed_in: bool
) -> None:
    """An unknown client or a redirect_uri that differs in any character is a 404 page, never a redirect."""
    if signed_in:
        person.signs_in()
    answer = person.opens(partner.authorize_address(**changes), follow=False)

    assert answer.status_code == 404
    assert "redirect_uri differs" in answer.text


@pytest.mark.parametrize("response_type", ["token", ""])
def test_a_wrong_response_type_gets_a_clear_page(
    partner: Partner, person: Person, response_type: str
) -> None:
    """Anything but response_type=code is explained, with status 400."""
    answer = person.opens(partner.authorize_address(response_type=response_type))

    assert answer.status_code == 400
    assert "response_type=code" in answer.text


def test_scopes_in_the_request_are_ignored(partner: Partner, person: Person) -> None:
    """The scopes that the dashboard has apply, whatever the request says."""
    consent = person.follows(person.signs_in(at=partner.authorize_address(scope="clinic:read")))
    code = answered(person.submits(consent, authorize="Authorize"))["code"]

    assert partner.exchanges(code).json()["oauth"]["scope"] == " ".join(partner.app.scopes)


def test_consent_without_the_forms_token_gives_no_code(partner: Partner, person: Person) -> None:
    """A page of somebody else cannot agree in a user's name."""
    consent = person.follows(person.signs_in(at=partner.authorize_address()))
    answer = person.submits(consent, authorize="Authorize", csrf_token="forged")

    assert answer.status_code == 422
    assert "Please send it again" in answer.text


def test_a_signed_in_user_is_asked_again_each_time(partner: Partner, person: Person) -> None:
    """Consent is asked for at every request, also after an earlier one."""
    person.signs_in()
    partner.gets_pair()

    assert "Authorize Demo practice app?" in person.opens(partner.authorize_address()).text


def test_a_user_of_the_other_country_is_told_so(partner: Partner, person: Person) -> None:
    """An app of the US sandbox cannot be authorized by a Canadian who is signed in."""
    person.signs_in(ELISE)
    answer = person.opens(partner.authorize_address())

    assert answer.status_code == 403
    assert "works with the US sandbox" in answer.text


def test_a_user_of_the_other_country_cannot_sign_in_for_an_app(partner: Partner, person: Person) -> None:
    """The sign-in page that an app leads to says which accounts it takes."""
    answer = person.signs_in(ELISE, at=partner.authorize_address())

    assert answer.status_code == 422
    assert "sign in with an account of that one" in answer.text


def test_switching_the_account_keeps_the_request(partner: Partner, person: Person) -> None:
    """ "Not you?" signs out, and whoever signs in then comes back to the same consent page."""
    consent = person.follows(person.signs_in(at=partner.authorize_address()))
    switch = person.submits(consent, f"/logout?next={quote(partner.authorize_address())}")
    login = person.follows(switch)
    back = person.submits(login, email=SAM, password=PASSWORD)

    assert "Sam Okafor" in person.follows(back).text


def test_somebody_new_signs_up_on_the_way(partner: Partner, person: Person) -> None:
    """Signing up makes a practitioner with a clinic of the app's country, and goes on to consent."""
    page = person.opens(f"/signup?next={quote(partner.authorize_address())}")
    consent = person.follows(person.submits(page, **NEWCOMER))
    code = answered(person.submits(consent, authorize="Authorize"))["code"]

    assert partner.exchanges(code).json()["oauth"]["resource_owner"]["type"] == "Practitioner"


def test_the_app_decides_the_country_of_a_new_clinic(sandbox: Sandbox, person: Person) -> None:
    """A sign-up for a Canadian app opens a Canadian clinic, whatever the form says."""
    partner = Partner(sandbox, sandbox.apps()[1])
    page = person.opens(f"/signup?next={quote(partner.authorize_address())}")
    consent = person.follows(person.submits(page, **NEWCOMER | {"country": "US"}))

    assert "Authorize Demo practice app (Canada)?" in consent.text


NEWCOMER = {
    "first_name": "Robin",
    "last_name": "Vale",
    "email": "robin.vale@clinic.example",
    "password": "long enough",
    "clinic_name": "Vale Health",
    "country": "US",
}


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        pytest.param({"first_name": " "}, "Enter your first name", id="no first name"),
        pytest.param({"email": "robin"}, "Email is invalid", id="no address"),
        pytest.param({"email": MAYA.upper()}, "Email has already been taken", id="taken, in capitals"),
        pytest.param({"password": "short"}, "Password is too short", id="short password"),
        pytest.param({"clinic_name": ""}, "Enter the name of your clinic", id="no clinic"),
        pytest.param({"country": "FR"}, "Not a valid choice", id="another country"),
        pytest.param({"csrf_token": ""}, "Please send it again", id="no csrf token"),
    ],
)
def test_a_damaged_sign_up_is_explained(person: Person, damage: dict[str, str], message: str) -> None:
    """Each thing that is wrong with a sign-up is said beside its field."""
    answer = person.submits(person.opens("/signup"), **NEWCOMER | damage)

    assert answer.status_code == 422
    assert message in answer.text


def test_a_wrong_password_does_not_say_which_was_wrong(person: Person) -> None:
    """Sign-in answers the same for an unknown address and a wrong password."""
    page = person.opens("/login")
    answers = [person.submits(page, email=email, password="wrong") for email in (MAYA, "nobody@mail.example")]

    assert {answer.status_code for answer in answers} == {422}
    assert all("The e-mail address or the password is not right" in answer.text for answer in answers)


@pytest.mark.parametrize(
    "address",
    [
        "https://elsewhere.example/",
        "//elsewhere.example/",
        "/\\elsewhere.example/",
        "\\\\elsewhere.example/",
        "/%2F/elsewhere.example/",
        "/\t/elsewhere.example/",
        "javascript:alert(1)",
        "elsewhere",
        "",
    ],
)
def test_signing_in_never_leads_elsewhere(person: Person, address: str) -> None:
    """`next` takes paths of the sandbox only."""
    answer = person.signs_in(at=f"/login?next={quote(address, safe='')}")

    assert (answer.status_code, answer.headers["Location"]) == (302, "/")


def test_signing_in_begins_a_new_session(person: Person) -> None:
    """A session cookie from before the sign-in is not that of the signed-in user."""
    before = person.opens("/login").headers["Set-Cookie"]
    after = person.signs_in().headers["Set-Cookie"]

    assert before.split(";")[0] != after.split(";")[0]
    assert "HttpOnly" in after


def test_signing_out_needs_the_button(person: Person) -> None:
    """A link or an image cannot sign a user out."""
    person.signs_in()
    person.opens("/logout")

    assert person.opens("/settings/connected-apps").url.endswith("/settings/connected-apps")


def test_signing_out_ends_the_session(person: Person) -> None:
    """After the button, pages ask to sign in again."""
    person.signs_in()
    person.submits(person.opens("/logout"))

    assert "/login?next=" in person.opens("/settings/connected-apps").url


def test_connected_apps_lists_what_the_user_authorized(partner: Partner, person: Person) -> None:
    """Settings show each app that acts for the user, and none that acts for somebody else."""
    partner.gets_pair(SAM)
    person.signs_in()
    before = person.opens("/settings/connected-apps").text
    partner.gets_pair(MAYA)

    assert "No app acts for you" in before
    assert "Revoke access of Demo practice app" in person.opens("/settings/connected-apps").text


def test_a_user_ends_an_app_in_settings(partner: Partner, person: Person) -> None:
    """Revoking in settings ends every authorization that this user gave this app."""
    pairs = [partner.gets_pair(), partner.gets_pair()]
    person.signs_in()
    person.submits(
        person.opens("/settings/connected-apps"), f"/settings/connected-apps/{partner.app.id}/revoke"
    )

    assert [partner.uses(pair["access_token"]).status_code for pair in pairs] == [401, 401]
    assert partner.refreshes(pairs[0]["refresh_token"]).json()["error"] == "invalid_grant"


def test_ending_an_app_spares_other_users(partner: Partner, person: Person) -> None:
    """What a colleague authorized lives on."""
    pair = partner.gets_pair(SAM)
    person.signs_in()
    person.submits(
        person.opens("/settings/connected-apps"), f"/settings/connected-apps/{partner.app.id}/revoke"
    )

    assert partner.uses(pair["access_token"]).status_code == 200


def test_settings_refuse_a_forged_form(partner: Partner, person: Person) -> None:
    """Without the form's token nothing is revoked."""
    pair = partner.gets_pair()
    person.signs_in()
    page = person.opens("/settings/connected-apps")
    person.submits(page, f"/settings/connected-apps/{partner.app.id}/revoke", csrf_token="forged")

    assert partner.uses(pair["access_token"]).status_code == 200


@pytest.mark.parametrize("path", ["/login", "/signup", "/logout", "/dashboard/", "/dashboard/apps/new"])
def test_pages_cannot_be_framed_and_have_nothing_inline(person: Person, path: str) -> None:
    """Every page has the strict policy, and no script, style or handler of its own that would need more."""
    page = person.opens(path)

    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert " style=" not in page.text
    assert "<script>" not in page.text


def test_of_sign_ups_at_once_with_one_address_one_is_taken(sandbox: Sandbox) -> None:
    """An address belongs to one account, however many ask for it in the same moment."""
    people = [Person(sandbox) for _ in range(4)]
    pages = [person.opens("/signup") for person in people]
    calls = [partial(person.submits, page, **NEWCOMER) for person, page in zip(people, pages, strict=True)]

    assert sorted(answer.status_code for answer in at_once(*calls)) == [302, 422, 422, 422]
