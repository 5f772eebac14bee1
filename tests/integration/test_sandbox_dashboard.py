"""The sandbox's developer dashboard, over HTTP."""

from __future__ import annotations

import re
from typing import Any

import pytest
import requests

from fullscript_embed.testing import Sandbox, SandboxApp
from tests.sandbox_actors import MAYA, Partner, Person

CALLBACK = "http://localhost:8000/fullscript/callback/local"


@pytest.fixture
def developer(sandbox: Sandbox) -> Person:
    """Somebody who uses the dashboard. It asks for no sign-in."""
    return Person(sandbox)


@pytest.fixture
def partner(sandbox: Sandbox, sandbox_app: SandboxApp) -> Partner:
    """The server of the demo's own app."""
    return Partner(sandbox, sandbox_app)


def creates(developer: Person, **changes: Any) -> requests.Response:
    """Fill in and send the form for a new application."""
    form = {"name": "Clinic notes", "environment": "us-snd", "redirect_uris": "https://notes.example/cb"}
    return developer.submits(developer.opens("/dashboard/apps/new"), **form | changes)


def saves(developer: Person, app: SandboxApp, tab: str = "", **fields: Any) -> requests.Response:
    """Fill in and send the form of a tab."""
    address = f"/dashboard/apps/{app.id}{tab}"
    return developer.submits(developer.opens(address), address, **fields)


def oauth_form(**changes: Any) -> dict[str, Any]:
    """The OAuth settings as the browser sends them: a disabled checkbox is not sent."""
    form = {
        "name": "Demo practice app",
        "redirect_uris": CALLBACK,
        "scopes": ["clinic:read"],
        "level": "user",
    }
    return form | changes


def current(sandbox: Sandbox, app: SandboxApp) -> SandboxApp:
    """The app as the sandbox has it now."""
    return next(one for one in sandbox.apps() if one.id == app.id)


def test_the_list_shows_every_application(developer: Person) -> None:
    """The demo's own apps are registered from the start."""
    page = developer.opens("/dashboard/").text

    assert "Demo practice app" in page
    assert "Demo practice app (Canada)" in page


def test_a_new_application_can_be_used_at_once(sandbox: Sandbox, developer: Person) -> None:
    """Creating one gives credentials with which the whole OAuth flow works."""
    creates(developer)
    partner = Partner(sandbox, sandbox.apps()[-1])

    assert partner.exchanges(partner.gets_code()).json()["oauth"]["scope"] == "catalog:read"


def test_a_new_application_leads_to_its_settings(developer: Person) -> None:
    """After creating one its own page opens, where the scopes are chosen."""
    page = developer.follows(creates(developer))

    assert "Clinic notes is ready" in page.text
    assert "US sandbox" in page.text


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        pytest.param({"name": "  "}, "Enter a name", id="no name"),
        pytest.param({"name": "x" * 201}, "cannot be longer than 200", id="long name"),
        pytest.param({"environment": "mars"}, "Not a valid choice", id="another environment"),
        pytest.param({"redirect_uris": ""}, "Enter a redirect URI", id="no redirect uri"),
        pytest.param({"redirect_uris": "localhost:8000/cb"}, "needs a scheme", id="no scheme"),
        pytest.param({"redirect_uris": "javascript:alert(1)"}, "needs a scheme", id="a script"),
        pytest.param({"redirect_uris": "https:///cb"}, "needs a host name", id="no host"),
        pytest.param({"redirect_uris": "https://a.example:x/"}, "is its port a number?", id="bad port"),
        pytest.param({"redirect_uris": "https://a.example/#top"}, "has a fragment", id="fragment"),
        pytest.param({"redirect_uris": "https://a.example/é"}, "cannot have", id="not ASCII"),
        pytest.param({"csrf_token": "forged"}, "Please send it again", id="forged"),
    ],
)
def test_a_damaged_application_is_explained(developer: Person, damage: dict[str, str], message: str) -> None:
    """Each thing that is wrong is said beside its field, and nothing is created."""
    answer = creates(developer, **damage)

    assert answer.status_code == 422
    assert message in answer.text


def test_secrets_are_not_in_any_page(developer: Person, sandbox_app: SandboxApp) -> None:
    """Client secret and public key are fetched by their buttons; no page source has them."""
    pages = "".join(developer.opens(f"/dashboard/apps/{sandbox_app.id}{tab}").text for tab in ("", "/embed"))

    assert sandbox_app.client_id in pages
    assert sandbox_app.client_secret not in pages
    assert sandbox_app.public_key not in pages


@pytest.mark.parametrize("field", ["client_secret", "public_key"])
def test_a_secret_is_revealed_on_request(developer: Person, sandbox_app: SandboxApp, field: str) -> None:
    """With the form's token the secret is answered as JSON that nothing keeps."""
    page = developer.opens(f"/dashboard/apps/{sandbox_app.id}")
    answer = developer.submits(page, f"/dashboard/apps/{sandbox_app.id}/secrets/{field}")

    assert answer.json() == {"value": getattr(sandbox_app, field)}
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("field", "token", "status"),
    [("client_secret", "forged", 400), ("name", None, 404), ("client_id", None, 404)],
)
def test_nothing_else_is_revealed(
    developer: Person, sandbox_app: SandboxApp, field: str, token: str | None, status: int
) -> None:
    """Without the form's token, or for another field, there is no answer."""
    page = developer.opens(f"/dashboard/apps/{sandbox_app.id}")
    forged = {"csrf_token": token} if token else {}
    answer = developer.submits(page, f"/dashboard/apps/{sandbox_app.id}/secrets/{field}", **forged)

    assert answer.status_code == status


def test_rolling_the_client_secret_ends_the_old_one(
    developer: Person, partner: Partner, sandbox: Sandbox
) -> None:
    """After a roll the old secret is refused and the new one works; tokens live on."""
    pair = partner.gets_pair()
    page = developer.opens(f"/dashboard/apps/{partner.app.id}")
    developer.submits(page, f"/dashboard/apps/{partner.app.id}/roll/client_secret")
    renewed = Partner(sandbox, current(sandbox, partner.app))

    assert partner.refreshes(pair["refresh_token"]).status_code == 401
    assert renewed.refreshes(pair["refresh_token"]).status_code == 200


def test_rolling_the_public_key_changes_it(
    developer: Person, sandbox: Sandbox, sandbox_app: SandboxApp
) -> None:
    """The Embed tab gives an app a new public key."""
    page = developer.opens(f"/dashboard/apps/{sandbox_app.id}/embed")
    developer.submits(page, f"/dashboard/apps/{sandbox_app.id}/roll/public_key")

    assert current(sandbox, sandbox_app).public_key != sandbox_app.public_key


def test_rolling_needs_the_forms_token(developer: Person, sandbox: Sandbox, sandbox_app: SandboxApp) -> None:
    """A page of somebody else cannot roll a secret."""
    page = developer.opens(f"/dashboard/apps/{sandbox_app.id}")
    developer.submits(page, f"/dashboard/apps/{sandbox_app.id}/roll/client_secret", csrf_token="forged")

    assert current(sandbox, sandbox_app).client_secret == sandbox_app.client_secret


def test_the_catalog_scope_is_always_on(developer: Person, sandbox: Sandbox, sandbox_app: SandboxApp) -> None:
    """Scopes are what was ticked, and catalog:read."""
    saves(developer, sandbox_app, **oauth_form(scopes=["patients:read", "clinic:read"]))

    assert current(sandbox, sandbox_app).scopes == ["catalog:read", "clinic:read", "patients:read"]


def test_several_redirect_uris_are_kept_as_they_were_written(
    developer: Person, sandbox: Sandbox, sandbox_app: SandboxApp
) -> None:
    """One on each line, none changed in any character, none twice."""
    uris = ["https://a.example/cb?x=%7E", "http://localhost:9000/"]
    saves(developer, sandbox_app, **oauth_form(redirect_uris="\r\n".join([*uris, uris[0], ""])))

    assert current(sandbox, sandbox_app).redirect_uris == uris


def test_the_level_of_authorization_can_be_set(developer: Person, partner: Partner) -> None:
    """A clinic-level app gets tokens of the clinic."""
    saves(developer, partner.app, **oauth_form(level="clinic"))

    assert partner.gets_pair()["resource_owner"]["type"] == "Clinic"


def test_restricted_endpoints_can_be_granted(developer: Person, partner: Partner) -> None:
    """What was ticked answers, with tokens from before too; what was not stays refused."""
    access_token = partner.gets_pair()["access_token"]
    before = partner.reads(access_token, "/api/catalog/products").status_code
    saves(developer, partner.app, **oauth_form(restricted_grants=["products.list"]))
    after = [
        partner.reads(access_token, f"/api/catalog/{path}").status_code
        for path in ("products", "search/products")
    ]

    assert (before, after) == (403, [200, 403])


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        pytest.param({"name": ""}, "Enter a name", id="no name"),
        pytest.param({"redirect_uris": "ftp://a.example"}, "needs a scheme", id="another scheme"),
        pytest.param({"scopes": ["everything"]}, "not a valid choice", id="unknown scope"),
        pytest.param({"level": "planet"}, "Not a valid choice", id="unknown level"),
        pytest.param({"restricted_grants": ["all"]}, "not a valid choice", id="unknown endpoint"),
    ],
)
def test_damaged_settings_change_nothing(
    developer: Person, sandbox: Sandbox, sandbox_app: SandboxApp, damage: dict[str, Any], message: str
) -> None:
    """What is wrong is said, and what was right beside it is not saved either."""
    answer = saves(developer, sandbox_app, **oauth_form(**damage))

    assert answer.status_code == 422
    assert message in answer.text
    assert current(sandbox, sandbox_app) == sandbox_app


def test_origin_uris_are_separated_by_spaces(
    developer: Person, sandbox: Sandbox, sandbox_app: SandboxApp
) -> None:
    """Domains, full addresses and patterns of paths can stand in the list, http too."""
    uris = ["https://a.example", "http://localhost:3000/*", "https://b.example/chart/plans"]
    saves(developer, sandbox_app, "/embed", origin_uris=" ".join(uris))

    assert current(sandbox, sandbox_app).origin_uris == uris


@pytest.mark.parametrize(
    ("uris", "message"),
    [
        pytest.param("localhost:3000", "needs a scheme", id="no scheme"),
        pytest.param("https://a.example ftp://b.example", "ftp://b.example needs a scheme", id="one of two"),
        pytest.param("https://a.example;script-src", "cannot have", id="end of a header's source"),
        pytest.param("https://*", "needs a host name", id="every host"),
        pytest.param("https://user@a.example", "needs a host name", id="a user name"),
    ],
)
def test_a_wrong_origin_uri_is_explained(
    developer: Person, sandbox: Sandbox, sandbox_app: SandboxApp, uris: str, message: str
) -> None:
    """What could not stand in frame-ancestors is refused, with what to write instead."""
    answer = saves(developer, sandbox_app, "/embed", origin_uris=uris)

    assert answer.status_code == 422
    assert message in answer.text
    assert current(sandbox, sandbox_app).origin_uris == sandbox_app.origin_uris


def test_a_test_account_can_authorize_at_once(developer: Person, partner: Partner) -> None:
    """A created account is approved, and signs in with the password of all test accounts."""
    saves(developer, partner.app, "/accounts", **ACCOUNT | {"clinic": _first_clinic(developer, partner.app)})

    assert partner.exchanges(partner.gets_code(ACCOUNT["email"])).status_code == 200


def test_a_test_account_can_own_a_new_clinic(developer: Person, partner: Partner) -> None:
    """Without a clinic of the sandbox's own the account gets one, in the app's country."""
    saves(developer, partner.app, "/accounts", **ACCOUNT)

    assert "Quill Clinic" in developer.opens(f"/dashboard/apps/{partner.app.id}/accounts").text


ACCOUNT = {
    "first_name": "Tova",
    "last_name": "Quill",
    "email": "tova.quill@test.example",
    "type": "Practitioner",
    "clinic": "new",
}


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        pytest.param({"email": MAYA}, "already been taken", id="taken address"),
        pytest.param({"email": "tova"}, "Email is invalid", id="no address"),
        pytest.param({"last_name": ""}, "Enter a last name", id="no last name"),
        pytest.param({"type": "Staff"}, "needs a practitioner, who owns it", id="staff as owner"),
        pytest.param({"clinic": "elsewhere"}, "Not a valid choice", id="unknown clinic"),
    ],
)
def test_a_damaged_test_account_is_explained(
    developer: Person, sandbox_app: SandboxApp, damage: dict[str, str], message: str
) -> None:
    """Each thing that is wrong with a test account is said beside its field."""
    answer = saves(developer, sandbox_app, "/accounts", **ACCOUNT | damage)

    assert answer.status_code == 422
    assert message in answer.text


def test_the_accounts_are_those_of_the_apps_country(sandbox: Sandbox, developer: Person) -> None:
    """A Canadian app is authorized by accounts of Canadian clinics, and lists these only."""
    page = developer.opens(f"/dashboard/apps/{sandbox.apps()[1].id}/accounts").text

    assert "elise.tremblay@cedarstone.example" in page
    assert MAYA not in page


def test_deleting_asks_first(developer: Person, sandbox: Sandbox, sandbox_app: SandboxApp) -> None:
    """Opening the address deletes nothing."""
    developer.opens(f"/dashboard/apps/{sandbox_app.id}/delete")

    assert current(sandbox, sandbox_app) == sandbox_app


def test_deleting_ends_all_that_was_granted(developer: Person, sandbox: Sandbox, partner: Partner) -> None:
    """With the app go its credentials and the tokens that people gave it, used and refreshed ones too."""
    first = partner.gets_pair()
    pair = partner.refreshes(first["refresh_token"]).json()["oauth"]
    partner.uses(pair["access_token"])
    page = developer.opens(f"/dashboard/apps/{partner.app.id}/delete")
    developer.submits(page)

    assert partner.app.id not in {app.id for app in sandbox.apps()}
    assert partner.uses(pair["access_token"]).status_code == 401


def test_deleting_takes_own_events_from_everybodys_log(
    developer: Person, sandbox: Sandbox, sandbox_app: SandboxApp
) -> None:
    """By order of a test another app was told of an event that is this one's business alone."""
    other = sandbox.create_app(webhook_url="http://127.0.0.1:9/nobody")
    event_id = sandbox.emit("clinic_key.activated", app_id=sandbox_app.id, data={})["id"]
    sandbox.deliver(event_id, app_id=other.id)
    answer = developer.submits(developer.opens(f"/dashboard/apps/{sandbox_app.id}/delete"))

    assert answer.status_code == 302
    assert sandbox.deliveries(app_id=other.id) == []


@pytest.mark.parametrize("tab", ["", "/embed", "/accounts", "/delete"])
def test_an_unknown_application_is_not_found(developer: Person, tab: str) -> None:
    """Addresses of an app that does not exist are 404 pages."""
    assert developer.opens(f"/dashboard/apps/nothing{tab}").status_code == 404


def _first_clinic(developer: Person, app: SandboxApp) -> str:
    page = developer.opens(f"/dashboard/apps/{app.id}/accounts").text
    match = re.search(r'<option[^>]* value="([^"]{36})"', page)
    assert match

    return match.group(1)
