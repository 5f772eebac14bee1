"""The extension in a partner's application: what a page shows, which checks it leaves to the host."""

from __future__ import annotations

import re
from typing import Any

import pytest
from celery import Celery
from flask import Flask, session
from flask_login import LoginManager
from flask_sqlalchemy import SQLAlchemy

import fullscript_embed
from fullscript_embed import FullscriptEmbed, SettingsInvalid
from fullscript_embed.testing import Sandbox, SandboxApp
from tests.partner_host import Host, HostUser, create_host, find_patient, plan_activated


def test_the_public_names_are_these_and_no_others() -> None:
    """What a host may import is listed, in order."""
    assert sorted(fullscript_embed.__all__) == fullscript_embed.__all__
    assert all(hasattr(fullscript_embed, name) for name in fullscript_embed.__all__)


def test_a_page_offers_to_connect_first(maya: HostUser) -> None:
    """The button is a link that comes back to this page and opens the feature."""
    page = maya.browser.get("/patients/7").text

    assert 'href="/fullscript/connect?next=/patients/7?fullscript%3Dopen"' in page


def test_a_page_holds_neither_token_nor_patient(connected: HostUser) -> None:
    """Both are asked for when the practitioner wants to open the feature, and not earlier."""
    page = connected.browser.get("/patients/7").text
    kept = connected.host.connection()

    assert "data-fullscript-open" in page
    assert not [one for one in (kept.access_token, kept.refresh_token, "Burton", "1984") if str(one) in page]
    assert connected.host.calls("*") == []


def test_a_page_shows_the_plans_that_are_there(connected: HostUser) -> None:
    """Without waiting for the first poll."""
    connected.reports(plan_activated(connected.host.registered.client_id))

    assert "Thyroid panel" in connected.browser.get("/patients/7").text


def test_a_host_with_its_own_csrf_protection_works_the_same(
    sandbox: Sandbox, partner_app: SandboxApp, host_config: dict[str, str]
) -> None:
    """Good tokens pass both checks; bad ones are refused in our shape."""
    with Host(sandbox, partner_app, create_host(host_config, own_csrf=True)) as host:
        host.make_tables()
        maya = host.user("maya")
        maya.connects()
        good = maya.opens_fullscript()
        bad = maya.posts("/fullscript/patients/7/session-grants", token="bad")
        token = maya.csrf_token
        maya.signs_out()
        out = maya.posts("/fullscript/patients/7/session-grants", token=token)

    assert good.status_code == 200
    assert (bad.status_code, bad.get_json()["error"]["code"]) == (400, "csrf")
    assert (out.status_code, out.get_json()["error"]["code"]) == (401, "signed_out")


def test_a_second_registration_is_refused(host: Host) -> None:
    """The message says what to do."""
    with pytest.raises(RuntimeError, match="register it once"):
        host.extension.init_app(host.app)


def test_an_application_without_the_extension_is_named(host: Host) -> None:
    """Using it where init_app was not called says so."""
    bare = Flask("bare")
    with bare.app_context(), pytest.raises(fullscript_embed.EmbedError, match="call init_app"):
        host.extension.connections()


def test_everything_that_is_missing_is_named_at_once() -> None:
    """One start is enough to see all of it."""
    app = Flask("host")
    app.config.update(FULLSCRIPT_ENVIRONMENTS="us-snd, ca", SQLALCHEMY_DATABASE_URI="sqlite://")
    with pytest.raises(SettingsInvalid) as raised:
        FullscriptEmbed(app, db=SQLAlchemy(app), current_user=lambda: None, find_patient=find_patient)

    assert len(raised.value.faults) == 7
    assert "FULLSCRIPT_US_SND_CLIENT_ID is missing" in str(raised.value)


def test_a_page_may_load_and_frame_fullscript_and_nothing_else(connected: HostUser) -> None:
    """The policy names the one origin of the user's environment."""
    host = connected.host
    with host.app.test_request_context():
        signed_out = host.extension.content_security_policy()
    policy = policy_of(connected)

    assert host.sandbox.url in policy["frame-src"]
    assert host.sandbox.url in policy["connect-src"]
    assert host.sandbox.url not in str(signed_out)
    assert not re.search("unsafe", str(policy))


def test_a_worker_applies_what_the_request_stored(
    sandbox: Sandbox, partner_app: SandboxApp, host_config: dict[str, str]
) -> None:
    """With Celery the request only stores; the task of the same name does the rest."""
    celery = Celery("host", broker="memory://", set_as_current=False)
    app = create_host(host_config, celery=celery)
    with Host(sandbox, partner_app, app) as host:
        host.make_tables()
        maya = host.user("maya")
        maya.connects()
        number = maya.reports(plan_activated(partner_app.client_id)).get_json()["id"]
        before = host.asks(lambda: host.extension.treatment_plans("7"))
        celery.tasks["fullscript.apply_events"]([number])
        after = host.asks(lambda: host.extension.treatment_plans("7"))
        celery.close()

    assert (len(before), len(after)) == (0, 1)
    assert celery.conf.beat_schedule["fullscript.sweep"]["task"] == "fullscript.sweep"


def test_a_host_links_and_unlinks_its_patients(connected: HostUser) -> None:
    """What a host knows already need not be searched for."""
    extension, ask = connected.host.extension, connected.host.asks
    clinic: dict[str, Any] = {"environment": "local", "clinic_id": connected.host.connection().clinic_id}
    ask(lambda: extension.link_patient("8", **clinic, fullscript_patient_id="known"))
    named = connected.opens_fullscript("8").get_json()["patient"]
    gone = [ask(lambda: extension.unlink_patient("8", **clinic)) for _ in range(2)]

    assert (named, gone) == ({"id": "known"}, [True, False])
    assert connected.opens_fullscript("8").get_json()["patient"] is None


def policy_of(user: HostUser) -> dict[str, list[str]]:
    """The Content-Security-Policy of a page of that user's."""
    with user.host.app.test_request_context():
        session["user"] = user.name
        return user.host.extension.content_security_policy()


@pytest.mark.parametrize(("view", "status"), [("sign_in", 302), (None, 401)], ids=["its page", "none"])
def test_a_host_with_flask_login_signs_people_in_its_own_way(
    sandbox: Sandbox, partner_app: SandboxApp, host_config: dict[str, str], view: str | None, status: int
) -> None:
    """Who is signed out is sent to the host's sign-in page, if it has one."""
    app = create_host(host_config)
    app.add_url_rule("/sign-in", "sign_in", lambda: "")
    manager = LoginManager(app)
    manager.login_view = view
    manager.user_loader(lambda _user_id: None)
    with Host(sandbox, partner_app, app) as host:
        maya = host.user("maya")
        maya.signs_out()
        answer = maya.browser.get("/fullscript/connect?next=/patients/7")

    assert answer.status_code == status
    assert (answer.location or "/sign-in").startswith("/sign-in")


def in_memory(_request: pytest.FixtureRequest) -> str:
    """A database that ends with the process, as partners' own tests use."""
    return "sqlite://"


def on_postgresql(request: pytest.FixtureRequest) -> str:
    """A database on the server of this machine."""
    return str(request.getfixturevalue("postgres_url"))


@pytest.mark.parametrize("engine", [in_memory, on_postgresql], ids=["in memory", "postgresql"])
def test_the_main_job_works_on_other_engines(
    request: pytest.FixtureRequest,
    sandbox: Sandbox,
    partner_app: SandboxApp,
    host_config: dict[str, str],
    engine: Any,
) -> None:
    """Connect, refresh, mint, report, show, disconnect: one code path on every engine."""
    config = {**host_config, "SQLALCHEMY_DATABASE_URI": engine(request)}
    with Host(sandbox, partner_app, create_host(config)) as host:
        host.runs("upgrade")
        maya = host.user("maya")
        maya.connects()
        host.let_token_end()
        grant = maya.opens_fullscript().status_code
        reported = [
            maya.reports(plan_activated(partner_app.client_id)).get_json()["duplicate"] for _ in range(2)
        ]
        shown = "Thyroid panel" in maya.sees_plans().text
        ended = maya.submits("/fullscript/disconnect").status_code

    assert (grant, reported, shown, ended) == (200, [False, True], True, 303)


def test_a_patient_is_known_before_a_worker_has_heard_of_it(
    sandbox: Sandbox, partner_app: SandboxApp, host_config: dict[str, str]
) -> None:
    """Who opens the feature again at once is not asked for the patient again; the worker does the rest."""
    celery = Celery("host", broker="memory://", set_as_current=False)
    with Host(sandbox, partner_app, create_host(host_config, celery=celery)) as host:
        host.make_tables()
        maya = host.user("maya")
        maya.connects()
        number = maya.reports(plan_activated(partner_app.client_id)).get_json()["id"]
        patient = maya.opens_fullscript().get_json()["patient"]
        waiting = host.runs("status")[1]
        celery.tasks["fullscript.apply_events"]([number])
        done = host.runs("status")[1]
        celery.close()

    assert patient == {"id": "fullscript-amelia"}
    assert ("treatmentPlan.activated" in waiting, "treatmentPlan.activated" in done) == (True, False)
