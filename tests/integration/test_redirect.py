"""POST /fullscript/…/links (the guide: Fullscript Redirect), and `fullscript.redirect` behind it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from fullscript_embed import Patient
from fullscript_embed.api import FullscriptClient
from fullscript_embed.connections import call
from fullscript_embed.testing import Sandbox, SandboxApp
from tests.partner_host import (
    AMELIA,
    JUNIPER,
    PATIENTS,
    REDIRECT_URI,
    USERS,
    Host,
    HostUser,
    create_host,
    plans_of,
    settings_for,
)
from tests.sandbox_actors import Partner

DRAFTS = "/api/clinic/dynamic_links/treatment_plans"
GATEWAY = "/api/clinic/dynamic_links/gateway/treatment_plans"
PRIYA = "5f0c2b1e-7c1d-4b57-9d0f-3c6c3f2a9e11"
NOAH = Patient("7", "Noah", "Whitfield", "noah.whitfield@mail.example", date(1996, 2, 29), "male")
LINKS = "/fullscript/patients/7/links"


@pytest.fixture
def sam(connected: HostUser) -> HostUser:
    """Staff of the same clinic, connected too."""
    sam = connected.host.user("sam")
    sam.connects()
    connected.host.sandbox.clear_calls()
    return sam


@pytest.fixture
def patient_is(monkeypatch: pytest.MonkeyPatch) -> Callable[[Patient], None]:
    """Let the host's patient 7 be somebody else, as if their record were another."""

    def is_now(patient: Patient) -> None:
        monkeypatch.setitem(PATIENTS, "7", patient)

    return is_now


def link_of(user: HostUser, path: str = LINKS, **body: Any) -> dict[str, Any]:
    """The link that is made, after all questions were answered."""
    answer = user.posts(path, {"send_welcome_email": False, **body})
    assert answer.status_code == 200, answer.text
    link: dict[str, Any] = answer.get_json()["link"]
    return link


def refusal_of(user: HostUser, path: str = LINKS, **body: Any) -> tuple[int, dict[str, Any]]:
    """The status and the error of a link that is not made."""
    answer = user.posts(path, body)
    return answer.status_code, answer.get_json()["error"]


def trail(host: Host) -> list[Any]:
    """The newest entries about links."""
    return host.asks(lambda: host.extension.audit_trail(action="link.made"))


def link_to(host: Host, fullscript_id: str) -> None:
    """Say who patient 7 is at Fullscript."""
    host.asks(
        lambda: host.extension.link_patient(
            "7", environment="local", clinic_id=JUNIPER, fullscript_patient_id=fullscript_id
        )
    )


def test_a_draft_is_begun_for_a_patient_whom_fullscript_knows(connected: HostUser) -> None:
    """One patient has the address and the name: nothing is asked, and the link opens their draft."""
    answer = connected.posts(LINKS, {}).get_json()["link"]

    assert (answer["kind"], answer["treatment_plan_id"] is not None) == ("draft", True)
    assert answer["url"].startswith(f"{connected.host.sandbox.url}/o/treatment_plans/")


def test_a_draft_tells_who_the_patient_is(connected: HostUser) -> None:
    """The answer's patient is linked, so that plans of theirs show on the chart."""
    link_of(connected)
    found = connected.host.asks(
        lambda: connected.host.extension.patient_link("7", environment="local", clinic_id=JUNIPER)
    )

    assert found is not None
    assert found.found_by == "redirect"


def test_every_link_is_a_fresh_one(connected: HostUser) -> None:
    """A used link opens the same plan again, so nobody gets it a second time."""
    first, second = link_of(connected), link_of(connected)

    assert first["url"] != second["url"]
    assert connected.host.calls(DRAFTS) == [200, 200]


def test_labs_open_on_labs(connected: HostUser) -> None:
    """The entrypoint is in the address that Fullscript gives."""
    assert link_of(connected, entrypoint="labs")["url"].endswith("entrypoint=labs")


def test_a_patient_whom_fullscript_does_not_know_is_asked_about_first(
    connected: HostUser, patient_is: Callable[[Patient], None]
) -> None:
    """Before a patient is made and written to, the page has to know whether to send the welcome e-mail."""
    patient_is(NOAH)
    answer = connected.posts(LINKS, {}).get_json()

    assert answer["questions"] == {"practitioners": [], "may_create": True, "email": NOAH.email}
    assert connected.host.calls(DRAFTS) == []


@pytest.mark.parametrize("sends", [True, False])
def test_the_welcome_email_is_the_users_choice(
    connected: HostUser, patient_is: Callable[[Patient], None], sends: bool
) -> None:
    """Fullscript writes to the new patient, or does not, as the user said."""
    patient_is(NOAH)
    link_of(connected, send_welcome_email=sends)
    written = [one for one in connected.host.sandbox.messages() if one["recipient"] == NOAH.email]

    assert bool(written) is sends
    assert trail(connected.host)[0].details["welcome_email"] == ("sent" if sends else "not_sent")


def test_a_family_s_address_is_matched_by_hand(
    connected: HostUser, patient_is: Callable[[Patient], None]
) -> None:
    """Fullscript knows the address as Walter's: June's plan is not begun for him."""
    patient_is(Patient("7", "June", "Iverson", "iversons@mail.example", date(1953, 4, 27)))
    made = link_of(connected)

    assert (made["kind"], connected.host.calls(DRAFTS)) == ("matching", [])


def test_another_birthday_is_another_person(
    connected: HostUser, patient_is: Callable[[Patient], None]
) -> None:
    """A mother and daughter of the same name and address are told apart by the draft's own answer."""
    patient_is(replace(AMELIA, date_of_birth=date(2012, 1, 1)))
    asked = connected.posts(LINKS, {}).get_json()["questions"]
    made = link_of(connected)
    found = connected.host.asks(
        lambda: connected.host.extension.patient_link("7", environment="local", clinic_id=JUNIPER)
    )

    assert asked["may_create"] is True
    assert (made["kind"], found) == ("matching", None)


def test_a_dependent_is_matched_by_hand(connected: HostUser, patient_is: Callable[[Patient], None]) -> None:
    """Draft links know no dependents (the reference: Dynamic link)."""
    patient_is(replace(NOAH, is_dependent=True))

    assert link_of(connected)["kind"] == "matching"
    assert connected.host.calls(GATEWAY) == [200]


def test_a_linked_patient_with_another_address_is_opened_by_id(connected: HostUser) -> None:
    """What is known by id needs no address, creates nobody, and asks nothing."""
    link_to(connected.host, PRIYA)
    answer = connected.posts(LINKS, {}).get_json()

    assert answer["link"]["kind"] == "matching"


def test_who_was_matched_at_fullscript_is_linked_by_the_next_check(connected: HostUser) -> None:
    """Fullscript tells our id back, which went along with the matching link."""
    check = "/fullscript/patients/7/plans/check"
    link_of(connected, kind="matching")
    before = connected.posts(check).get_json()["linked"]
    carries_our_id(connected, str(AMELIA.email))

    assert (before, connected.posts(check).get_json()["linked"]) == (False, True)


def test_an_id_that_was_never_given_away_links_nobody(connected: HostUser) -> None:
    """Another application's patient may have the same number."""
    carries_our_id(connected, str(AMELIA.email))

    assert connected.posts("/fullscript/patients/7/plans/check").get_json()["linked"] is False


def test_a_patient_of_whom_nothing_is_known_is_found_there(connected: HostUser) -> None:
    """The new-plan link leads to where a patient is found or made."""
    assert link_of(connected, "/fullscript/patients/8/links")["kind"] == "new"


def test_a_plan_can_be_begun_without_a_patient(connected: HostUser) -> None:
    """The link carries our client id and nobody's data."""
    made = link_of(connected, "/fullscript/links")

    assert made["kind"] == "new"
    assert connected.host.registered.client_id in made["url"]


def test_staff_are_asked_whose_plan_it_is(sam: HostUser) -> None:
    """The clinic's practitioners, by name; a practitioner is never asked."""
    asked = sam.posts(LINKS, {}).get_json()["questions"]

    assert [one["name"] for one in asked["practitioners"]] == ["Lucia Ferrara", "Maya Chen", "Omar Haddad"]
    assert asked["may_create"] is False


def test_staff_write_in_the_name_of_whom_they_chose(sam: HostUser) -> None:
    """The plan's practitioner is the chosen one."""
    lucia = sam.posts(LINKS, {}).get_json()["questions"]["practitioners"][0]["id"]
    link_of(sam, practitioner_id=lucia)

    assert trail(sam.host)[0].details["practitioner_id"] == lucia


@pytest.mark.parametrize("kind", ["draft", "matching"])
def test_a_practitioner_of_nobody_s_is_refused(sam: HostUser, kind: str) -> None:
    """Both of Fullscript's ways to say it come back as one."""
    status, error = refusal_of(sam, practitioner_id="nobody", kind=kind, send_welcome_email=False)

    assert (status, error["code"]) == (422, "practitioner_needed")


def test_what_fullscript_misses_comes_back_field_by_field(
    connected: HostUser, patient_is: Callable[[Patient], None]
) -> None:
    """Its own sentences, each with the field of the patient that it is about."""
    patient_is(Patient("7", first_name="Teodor", last_name="Ilves"))
    status, error = refusal_of(connected)

    assert (status, error["code"]) == (422, "patient_incomplete")
    assert error["fields"] == [
        {"field": "email", "message": "Email can't be blank"},
        {"field": "email", "message": "Email is invalid"},
    ]


def test_a_patient_who_lacks_an_address_can_be_matched_by_hand(
    connected: HostUser, patient_is: Callable[[Patient], None]
) -> None:
    """The gateway link needs no address."""
    patient_is(Patient("7", first_name="Teodor", last_name="Ilves"))

    assert link_of(connected, kind="matching")["kind"] == "matching"


def test_a_plan_that_is_kept_is_opened_for_editing(connected: HostUser) -> None:
    """The plan's own link, after the event that told of it."""
    plan_id = sent_plan(connected)
    made = link_of(connected, f"/fullscript/patients/7/plans/{plan_id}/links")

    assert (made["kind"], made["treatment_plan_id"]) == ("edit", plan_id)


def test_a_plan_that_was_cancelled_meanwhile_is_not_opened(connected: HostUser) -> None:
    """Fullscript answers 404, and the page says what that means."""
    plan_id = sent_plan(connected)
    connected.host.sandbox.emit("treatment_plan.updated", plan_id=plan_id)  # cancels it
    status, error = refusal_of(connected, f"/fullscript/patients/7/plans/{plan_id}/links")

    assert (status, error["code"]) == (409, "plan_not_open")


def test_another_patients_plan_is_not_opened(connected: HostUser) -> None:
    """A plan belongs to the chart that it is on."""
    plan_id = sent_plan(connected)

    assert refusal_of(connected, f"/fullscript/patients/8/plans/{plan_id}/links")[0] == 409
    assert refusal_of(connected, f"/fullscript/patients/9/plans/{plan_id}/links")[0] == 404


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        pytest.param({"entrypoint": "orders"}, 422, "invalid_request", id="entrypoint"),
        pytest.param({"kind": "new"}, 422, "invalid_request", id="kind"),
        pytest.param({"practitioner_id": 7}, 422, "invalid_request", id="practitioner"),
        pytest.param({"send_welcome_email": "no"}, 422, "invalid_request", id="choice"),
    ],
)
def test_a_body_that_makes_no_sense_is_refused(
    connected: HostUser, body: dict[str, Any], status: int, code: str
) -> None:
    """The message names the part that is wrong."""
    answered, error = refusal_of(connected, **body)

    assert (answered, error["code"]) == (status, code)
    assert next(iter(body)) in error["message"]


@pytest.mark.parametrize("path", [LINKS, "/fullscript/links", "/fullscript/patients/7/plans/x/links"])
def test_who_has_not_connected_is_led_there(maya: HostUser, path: str) -> None:
    """Each route gives the address that begins OAuth."""
    status, error = refusal_of(maya, path)

    assert (status, error["code"], error["connect_url"]) == (409, "not_connected", "/fullscript/connect")


@pytest.mark.parametrize("patient", ["9", "404"], ids=["not hers", "nobody's"])
def test_links_are_made_for_visible_patients_only(connected: HostUser, patient: str) -> None:
    """A patient whom the user may not see looks like one who is not there."""
    status, error = refusal_of(connected, f"/fullscript/patients/{patient}/links")

    assert (status, error["code"]) == (404, "patient_not_found")
    assert connected.host.sandbox.calls() == []


@pytest.mark.parametrize("path", [LINKS, "/fullscript/links", "/fullscript/patients/7/plans/x/links"])
def test_a_link_needs_a_session_and_its_token(connected: HostUser, path: str) -> None:
    """Neither another site nor a session that is over gets one."""
    token = connected.csrf_token
    forged = connected.posts(path, token="invented")
    connected.signs_out()

    assert (forged.status_code, connected.posts(path, token=token).status_code) == (400, 401)


def test_access_that_was_revoked_asks_to_connect_again(connected: HostUser) -> None:
    """The tokens are refused in the middle of things: the connection is to be made anew."""
    host = connected.host
    assert Partner(host.sandbox, host.registered).revokes(str(host.connection().access_token)).ok
    status, error = refusal_of(connected)

    assert (status, error["code"]) == (409, "reconnect_required")


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        pytest.param({"status": 503, "times": 9}, 502, "upstream_unreachable", id="down"),
        pytest.param({"drop": True, "times": 9}, 502, "upstream_unreachable", id="cut off"),
        pytest.param({"status": 403, "body": {"error": "no"}}, 502, "refused", id="refusing"),
        pytest.param({"status": 200, "body": {"redirect_url": ""}}, 502, "refused", id="no address"),
        pytest.param(
            {"status": 200, "body": {"redirect_url": "javascript:alert(1)"}}, 502, "refused", id="no web page"
        ),
    ],
)
def test_every_failure_of_fullscript_has_a_code(
    connected: HostUser, fault: dict[str, Any], status: int, code: str
) -> None:
    """No link is made up, and none is written down."""
    connected.host.sandbox.fault(DRAFTS, **fault)
    answered, error = refusal_of(connected, "/fullscript/links")

    assert (answered, error["code"]) == (status, code)
    assert trail(connected.host) == []


def test_each_link_is_written_down_without_anybody_s_name(connected: HostUser) -> None:
    """Who opened what for whom, by ids."""
    link_of(connected)
    [entry] = trail(connected.host)

    assert (entry.user_id, entry.patient_id, entry.details["kind"]) == ("maya", "7", "draft")
    assert "Burton" not in str(entry.details)


def test_links_are_not_kept_by_the_browser(connected: HostUser) -> None:
    """They open a patient's record."""
    assert connected.posts(LINKS, {}).headers["Cache-Control"] == "no-store"


def test_labs_are_refused_in_canada(sandbox: Sandbox, host_config: dict[str, str]) -> None:
    """Labs are sold in the United States only; the catalog opens there too."""
    registered = sandbox.create_app(
        environment="ca-snd", redirect_uris=["http://localhost/fullscript/callback/local-ca"]
    )
    config = {**host_config, **settings_for(sandbox, registered, "local-ca")}
    app = create_host({**config, "FULLSCRIPT_ENVIRONMENTS": "local-ca"})
    with Host(sandbox, registered, app) as host:
        host.make_tables()
        elise = host.user("elise")
        elise.connects()

        assert refusal_of(elise, entrypoint="labs")[1]["code"] == "refused"
        assert link_of(elise)["kind"] == "draft"


def test_macros_hide_what_needs_a_connection_if_the_host_says_so(
    sandbox: Sandbox, partner_app: SandboxApp, host_config: dict[str, str]
) -> None:
    """The button is there for who is connected, also when Fullscript refused the connection since."""
    config = {**host_config, "FULLSCRIPT_WITHOUT_CONNECTION": "hide"}
    with Host(sandbox, partner_app, create_host(config)) as host:
        host.make_tables()
        maya = host.user("maya")
        before = maya.browser.get("/patients/7").text
        maya.connects()

        assert "data-fullscript-recommend" not in before
        assert "data-fullscript-recommend" in maya.browser.get("/patients/7").text


def carries_our_id(user: HostUser, email: str) -> None:
    """Put our id of patient 7 into the metadata of Fullscript's patient with that address."""

    def mark(client: FullscriptClient) -> None:
        found = client.patients.search(email).first()
        assert found is not None
        client.patients.update(found.id, metadata_id="7")

    user.host.asks(lambda: call(user.host.connection().id, mark, now=datetime.now(UTC)))


def sent_plan(user: HostUser) -> str:
    """One of Priya's plans, kept here after Fullscript was asked, on patient 7's chart."""
    link_to(user.host, PRIYA)
    assert user.posts("/fullscript/patients/7/plans/check").status_code == 200
    return next(plan.id for plan in plans_of(user) if plan.state == "active")


def test_a_clinics_own_connection_asks_whose_plan_it_is(
    sandbox: Sandbox, host_config: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the tokens of a whole clinic (apps made before 2021-08-26) the host may say who somebody is."""
    registered = sandbox.create_app(redirect_uris=[REDIRECT_URI], level="clinic")
    with Host(sandbox, registered, create_host({**host_config, **settings_for(sandbox, registered)})) as host:
        host.make_tables()
        maya = host.user("maya")
        maya.connects()
        asked = maya.posts(LINKS, {}).get_json()["questions"]["practitioners"]
        me = next(one["id"] for one in asked if one["name"] == "Maya Chen")
        monkeypatch.setitem(USERS, "maya", replace(USERS["maya"], fullscript_user_id=me))

        assert link_of(maya)["kind"] == "draft"
