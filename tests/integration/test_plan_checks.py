"""What is kept of a patient's plans is compared with Fullscript: cheaply, and the newest fact counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fullscript_embed import plan_checks
from fullscript_embed.api import FullscriptClient
from fullscript_embed.checks import Check
from fullscript_embed.testing import Sandbox, SandboxApp
from tests.partner_host import Host, HostUser, create_host, plans_of, settings_for
from tests.plans_elsewhere import CHECK, PRIYA, asks_as, kept, link, sends_a_plan
from tests.webhook_sender import Sender, plan

LIST, ONE = f"/api/clinic/patients/{PRIYA}/treatment_plans", "/api/clinic/treatment_plans/*"


def last_check(user: HostUser) -> Check:
    """How the last check went, as that user is told."""
    return asks_as(user, lambda: user.host.extension.plans.last_check("7"))


def test_the_first_check_brings_all_plans(linked: HostUser, elsewhere: FullscriptClient) -> None:
    """Each with what it recommends, by name."""
    theirs = {one.id: one.state for one in elsewhere.patients.treatment_plans(PRIYA)}

    answer = linked.posts(CHECK)

    assert answer.get_json().items() >= {"linked": True, "complete": True, "changed": len(theirs)}.items()
    assert {one.id: one.state for one in plans_of(linked)} == theirs
    assert all(line.product_name for one in plans_of(linked) for line in one.recommendations)


def test_a_check_without_news_is_one_call(linked: HostUser) -> None:
    """The list says when each plan was changed, so that nothing else is asked for."""
    linked.posts(CHECK)
    linked.host.sandbox.clear_calls()

    answer = linked.posts(CHECK)

    assert answer.get_json()["changed"] == 0
    assert [call["path"] for call in linked.host.sandbox.calls("/api/*")] == [LIST]


def test_what_no_event_tells_of_is_found(linked: HostUser, elsewhere: FullscriptClient) -> None:
    """A plan that another application cancels is cancelled here after the check, with what it said."""
    plan_id = sends_a_plan(elsewhere)
    linked.posts(CHECK)
    elsewhere.treatment_plans.cancel(plan_id)

    assert linked.posts(CHECK).get_json()["changed"] == 1
    assert kept(linked, plan_id).state == "cancelled"
    assert kept(linked, plan_id).recommendations


def test_a_draft_that_was_thrown_away_is_not_kept(linked: HostUser) -> None:
    """No event tells of it; an active plan that is not in the list stays, for it was told of."""
    told = [plan(id=state, state=state, patient={"id": PRIYA}) for state in ("draft", "active")]
    Sender(linked.host).tells(*told)

    linked.posts(CHECK)

    assert {one.id for one in plans_of(linked)} >= {"active"}
    assert "draft" not in {one.id for one in plans_of(linked)}


def test_an_answer_does_not_undo_a_newer_event(linked: HostUser, elsewhere: FullscriptClient) -> None:
    """What an event says later, by Fullscript's clock, stands against an older change in the list."""
    plan_id = sends_a_plan(elsewhere)
    Sender(linked.host).tells(plan("updated", at="2036-01-01T00:00:00Z", id=plan_id, patient={"id": PRIYA}))

    linked.posts(CHECK)

    assert kept(linked, plan_id).state == "cancelled"


def test_a_long_list_is_asked_for_in_parts(
    linked: HostUser, elsewhere: FullscriptClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One check asks for so many plans in full; all are listed at once, and the next check goes on."""
    plan_id = sends_a_plan(elsewhere)
    monkeypatch.setattr(plan_checks, "MOST_IN_FULL", 1)

    first = linked.posts(CHECK).get_json()

    assert not first["complete"]
    assert len(plans_of(linked)) == len(list(elsewhere.patients.treatment_plans(PRIYA)))
    assert kept(linked, plan_id).recommendations


def test_fullscript_s_limit_ends_a_check_early(linked: HostUser) -> None:
    """What was answered before the limit is kept, and the rest is for the next check."""
    linked.host.sandbox.fault(ONE, status=429, headers={"Retry-After": "60"}, times=9)

    first = linked.posts(CHECK).get_json()
    linked.host.sandbox.clear_faults()
    second = linked.posts(CHECK).get_json()

    assert (first["complete"], second["complete"]) == (False, True)


def test_fullscript_away_is_said_and_remembered(linked: HostUser) -> None:
    """The page is told why, and the next page that Fullscript could not be reached, and since when."""
    linked.posts(CHECK)
    linked.host.sandbox.fault(LIST, status=500, times=9)

    answer = linked.posts(CHECK)

    assert (answer.status_code, answer.get_json()["error"]["code"]) == (502, "upstream_unreachable")
    assert last_check(linked).has_failed
    assert plans_of(linked)


def test_a_fresh_check_is_not_repeated(linked: HostUser) -> None:
    """A page that is content with one of the last minute asks Fullscript nothing."""
    linked.posts(CHECK)
    linked.host.sandbox.clear_calls()

    answer = linked.posts(CHECK, {"max_age": 60})

    assert answer.get_json()["checked_at"]
    assert linked.host.sandbox.calls("/api/*") == []


def test_a_patient_who_is_not_linked_is_not_asked_about(connected: HostUser) -> None:
    """There is nobody to ask about, which is no failure."""
    answer = connected.posts(CHECK)

    assert answer.get_json()["linked"] is False
    assert connected.host.sandbox.calls("/api/*") == []


def is_disconnected(user: HostUser) -> None:
    user.host.change_connection(status="disconnected")


def is_revoked(user: HostUser) -> None:
    user.host.sandbox.fault(LIST, status=401, body={"error": "The access token was revoked"}, times=9)


@pytest.mark.parametrize(
    ("happens", "path", "status", "code"),
    [
        pytest.param(is_disconnected, CHECK, 409, "not_connected", id="not connected"),
        pytest.param(is_revoked, CHECK, 409, "reconnect_required", id="access was revoked"),
        pytest.param(HostUser.signs_out, CHECK, 401, "signed_out", id="signed out"),
        pytest.param(
            HostUser.connects, CHECK.replace("7", "9"), 404, "patient_not_found", id="another's patient"
        ),
    ],
)
def test_who_may_not_ask_is_told_why(
    linked: HostUser, happens: Callable[[HostUser], Any], path: str, status: int, code: str
) -> None:
    """Each in the one shape, with its code."""
    token = linked.csrf_token
    happens(linked)

    answer = linked.posts(path, token=token)

    assert (answer.status_code, answer.get_json()["error"]["code"]) == (status, code)


def test_a_check_needs_the_session_s_token(linked: HostUser) -> None:
    """A page elsewhere cannot have us ask."""
    assert linked.posts(CHECK, token="made up").status_code == 400


def test_both_engines(sandbox: Sandbox, partner_app: SandboxApp, engine_url: str) -> None:
    """A check and its repetition on each database that hosts use."""
    config = {"SQLALCHEMY_DATABASE_URI": engine_url, **settings_for(sandbox, partner_app)}
    with Host(sandbox, partner_app, create_host(config)) as host:
        host.runs("upgrade")
        maya = host.user("maya")
        maya.connects()
        link(host)

        changed = [maya.posts(CHECK).get_json()["changed"] for _ in range(2)]

        assert changed[0] > changed[1] == 0
