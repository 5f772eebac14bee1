"""POST /fullscript/patients/<id>/session-grants (the guide: Session grant endpoint, Platform)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fullscript_embed.testing import Sandbox, SandboxApp
from tests.partner_host import (
    JUNIPER,
    REDIRECT_URI,
    USERS,
    Host,
    HostUser,
    create_host,
    patient_selected,
    settings_for,
)
from tests.sandbox_actors import Partner as Actor

GRANTS = "/api/clinic/embeddable/session_grants"


def test_a_grant_has_all_that_the_library_needs(connected: HostUser) -> None:
    """Secret token, end, client and entrypoint, in the library's spelling."""
    host = connected.host
    answer = connected.opens_fullscript()
    body = answer.get_json()

    assert (answer.status_code, body["entrypoint"], body["environment"]) == (200, "catalog", "local")
    assert body["client"] == {
        "publicKey": host.registered.public_key,
        "env": "us-snd",
        "domain": host.sandbox.url,
    }
    assert len(body["secret_token"]) >= 40
    ends = datetime.fromisoformat(body["expires_at"]) - datetime.now(UTC)
    assert timedelta(seconds=100) < ends <= timedelta(seconds=121)


def test_a_grant_is_not_stored_by_anybody(connected: HostUser) -> None:
    """Neither the browser nor our tables keep it."""
    answer = connected.opens_fullscript()
    entries = connected.host.asks(connected.host.extension.audit_trail)

    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.get_json()["secret_token"] not in str([entry.details for entry in entries])


def test_the_patient_is_described_as_the_guide_lists(connected: HostUser) -> None:
    """Before a patient is known at Fullscript, everything that helps to find them is sent."""
    assert connected.opens_fullscript("7").get_json()["patient"] == {
        "firstName": "Amelia",
        "lastName": "Burton",
        "email": "amelia.burton@mail.example",
        "dateOfBirth": "1984-03-12",
        "biologicalSex": "female",
        "mobileNumber": "+15035550142",
        "discount": 10,
    }


def test_a_known_patient_is_named_by_id_alone(connected: HostUser) -> None:
    """After `patient.selected` the next visit skips the search."""
    connected.reports(patient_selected(connected.host.registered.client_id))

    assert connected.opens_fullscript("7").get_json()["patient"] == {"id": "fullscript-amelia"}


def test_a_patient_known_in_another_clinic_is_described(connected: HostUser) -> None:
    """The same person has another id in every clinic."""
    extension = connected.host.extension
    connected.host.asks(
        lambda: extension.link_patient(
            "7", environment="local", clinic_id="another", fullscript_patient_id="other-id"
        )
    )

    assert "id" not in connected.opens_fullscript("7").get_json()["patient"]


def test_nothing_known_is_sent_as_nothing(connected: HostUser) -> None:
    """An empty patient object would be searched for (field notes, P18)."""
    assert connected.opens_fullscript("8").get_json()["patient"] is None


def test_labs_open_on_request(connected: HostUser) -> None:
    """The entrypoint is handed through."""
    assert connected.opens_fullscript(entrypoint="labs").get_json()["entrypoint"] == "labs"


def test_an_unknown_entrypoint_is_refused(connected: HostUser) -> None:
    """The message says which there are."""
    answer = connected.opens_fullscript(entrypoint="orders")

    assert answer.status_code == 422
    assert '"catalog" or "labs"' in answer.get_json()["error"]["message"]


def test_labs_are_refused_in_canada(sandbox: Sandbox, host_config: dict[str, str]) -> None:
    """Labs are sold in the United States only, so the feature is not opened there at all."""
    registered = sandbox.create_app(
        environment="ca-snd", redirect_uris=["http://localhost/fullscript/callback/local-ca"]
    )
    config = {**host_config, **settings_for(sandbox, registered, "local-ca")}
    app = create_host({**config, "FULLSCRIPT_ENVIRONMENTS": "local-ca"})
    with Host(sandbox, registered, app) as host:
        host.make_tables()
        elise = host.user("elise")
        elise.connects()
        catalog, labs = elise.opens_fullscript(), elise.opens_fullscript(entrypoint="labs")

    assert (catalog.status_code, catalog.get_json()["client"]["env"]) == (200, "ca-snd")
    assert (labs.status_code, labs.get_json()["error"]["code"]) == (422, "refused")


def test_each_user_works_in_their_own_environment(
    sandbox: Sandbox, partner_app: SandboxApp, host_config: dict[str, str]
) -> None:
    """Two environments are configured at once, and the host says who works in which."""
    canada = sandbox.create_app(
        environment="ca-snd", redirect_uris=["http://localhost/fullscript/callback/local-ca"]
    )
    config = {
        **host_config,
        **settings_for(sandbox, canada, "local-ca"),
        "FULLSCRIPT_ENVIRONMENTS": "local, local-ca",
    }
    app = create_host(config, environment=lambda user: "local-ca" if user.id == "elise" else "local")
    with Host(sandbox, partner_app, app) as host:
        host.make_tables()
        host.user("maya").connects()
        elise = host.user("elise")
        uri, state = elise.leaves_for_fullscript()
        elise.browser.get(sandbox.authorize(canada, "elise.tremblay@cedarstone.example", uri, state))
        kept = {one.user_id: one.environment for one in host.asks(host.extension.connections)}

    assert kept == {"maya": "local", "elise": "local-ca"}


def test_who_has_not_connected_is_told_how(maya: HostUser) -> None:
    """The error carries the address that begins OAuth."""
    error = maya.opens_fullscript().get_json()["error"]

    assert (error["code"], error["connect_url"]) == ("not_connected", "/fullscript/connect")


@pytest.mark.parametrize("patient", ["9", "404"], ids=["not hers", "nobody's"])
def test_only_visible_patients_are_recommended_to(connected: HostUser, patient: str) -> None:
    """A patient whom the user may not see looks like one who is not there, and no grant is minted."""
    answer = connected.opens_fullscript(patient)

    assert (answer.status_code, answer.get_json()["error"]["code"]) == (404, "patient_not_found")
    assert connected.host.calls(GRANTS) == []


def test_a_grant_needs_a_session(connected: HostUser) -> None:
    """After signing out the answer says so, whatever token the page still has."""
    token = connected.csrf_token
    connected.signs_out()
    answer = connected.posts("/fullscript/patients/7/session-grants", token=token)

    assert (answer.status_code, answer.get_json()["error"]["code"]) == (401, "signed_out")


@pytest.mark.parametrize("token", ["", "invented"], ids=["none", "invented"])
def test_a_grant_needs_a_csrf_token(connected: HostUser, token: str) -> None:
    """Another site cannot have a grant minted."""
    answer = connected.posts("/fullscript/patients/7/session-grants", token=token)

    assert (answer.status_code, answer.get_json()["error"]["code"]) == (400, "csrf")
    assert connected.host.calls(GRANTS) == []


@pytest.mark.parametrize(
    ("fault", "status", "code", "retry_after"),
    [
        pytest.param({"drop": True}, 502, "upstream_unreachable", None, id="down"),
        pytest.param({"malformed": True}, 502, "upstream_unreachable", None, id="cut off"),
        pytest.param({"status": 500}, 502, "upstream_unreachable", None, id="failing"),
        pytest.param(
            {"status": 429, "headers": {"Retry-After": "17"}, "times": 5},
            429,
            "rate_limited",
            17,
            id="limited",
        ),
        pytest.param({"status": 403, "body": {"error": "no"}}, 502, "refused", None, id="refusing"),
        pytest.param({"status": 422, "body": {"error": ["no"]}}, 502, "refused", None, id="invalid"),
    ],
)
def test_every_failure_of_fullscript_has_a_code(
    connected: HostUser, fault: dict[str, Any], status: int, code: str, retry_after: int | None
) -> None:
    """The page turns the code into words and a way on."""
    connected.host.sandbox.fault(GRANTS, **fault)
    answer = connected.opens_fullscript()
    error = answer.get_json()["error"]

    assert (answer.status_code, error["code"], error["retry_after"]) == (status, code, retry_after)
    assert error["message"]


def test_a_slow_fullscript_is_given_up(
    sandbox: Sandbox, partner_app: SandboxApp, host_config: dict[str, str]
) -> None:
    """A practitioner waits FULLSCRIPT_TIMEOUT seconds and not longer."""
    with Host(sandbox, partner_app, create_host({**host_config, "FULLSCRIPT_TIMEOUT": "0.3"})) as host:
        host.make_tables()
        maya = host.user("maya")
        maya.connects()
        sandbox.fault(GRANTS, delay_seconds=1)
        answer = maya.opens_fullscript()

    assert (answer.status_code, answer.get_json()["error"]["code"]) == (504, "upstream_slow")


def test_an_unexpected_failure_has_the_same_shape_and_tells_nothing(
    connected: HostUser, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A host whose look-up breaks with a patient's name in its error leaks it neither to page nor log."""

    def breaks(_patient_id: str) -> None:
        raise RuntimeError("Amelia Burton could not be read")

    monkeypatch.setattr(connected.host.extension, "find_patient", breaks)
    answer = connected.opens_fullscript()
    logged = " ".join(str(record.__dict__) for record in caplog.records)

    assert (answer.status_code, answer.get_json()["error"]["code"]) == (500, "unknown")
    assert answer.get_json()["error"]["reference"]
    assert "Amelia" not in answer.text + logged


def test_minting_is_audited(connected: HostUser) -> None:
    """Who opened Fullscript for whom, and for which entrypoint."""
    connected.opens_fullscript(entrypoint="labs")
    newest = connected.host.asks(lambda: connected.host.extension.audit_trail(1))[0]

    assert (newest.action, newest.user_id, newest.patient_id) == ("session_grant.minted", "maya", "7")
    assert newest.details == {"entrypoint": "labs"}


def test_a_grant_notes_when_the_connection_was_used(connected: HostUser) -> None:
    """The integrations page shows the last use."""
    connected.opens_fullscript()

    assert connected.host.connection().last_used_at is not None
    assert connected.host.connection().clinic_id == JUNIPER


@pytest.fixture
def clinic_user(sandbox: Sandbox, tmp_path: Path) -> Iterator[HostUser]:
    """A practitioner whose connection is the whole clinic's, as with apps made before 2021-08-26."""
    app = sandbox.create_app(redirect_uris=[REDIRECT_URI], origin_uris=["http://localhost"], level="clinic")
    config = {"SQLALCHEMY_DATABASE_URI": f"sqlite:///{tmp_path / 'clinic.db'}", **settings_for(sandbox, app)}
    with Host(sandbox, app, create_host(config)) as host:
        host.make_tables()
        user = host.user("maya")
        assert user.connects().status_code == 302
        yield user


def test_a_clinics_connection_needs_to_know_the_user(clinic_user: HostUser) -> None:
    """Without that a grant could be for nobody in particular, so none is given."""
    answer = clinic_user.opens_fullscript()

    assert (answer.status_code, answer.get_json()["error"]["code"]) == (409, "fullscript_user_unknown")
    # Not "no calls": one that an earlier test ordered to be slow may only be answered now.
    assert 200 not in clinic_user.host.calls(GRANTS)


def test_a_clinics_grant_is_for_the_user_that_the_host_names(
    clinic_user: HostUser, sandbox_app: SandboxApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The id of the person at Fullscript goes with the request."""
    me = Actor(clinic_user.host.sandbox, sandbox_app).gets_pair()["resource_owner"]["id"]
    monkeypatch.setitem(USERS, "maya", replace(USERS["maya"], fullscript_user_id=me))

    assert clinic_user.opens_fullscript().status_code == 200
