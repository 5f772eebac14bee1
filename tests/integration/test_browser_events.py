"""POST /fullscript/events: what is taken in, and what is refused (the guide: Events; field notes, 1.25)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from celery import Celery

from fullscript_embed.testing import Sandbox, SandboxApp
from tests.partner_host import (
    JUNIPER,
    Host,
    HostUser,
    activated,
    at_once,
    create_host,
    events_of,
    plans_of,
    selected,
)


def test_an_event_is_stored_as_it_came(connected: HostUser) -> None:
    """The raw payload stays, whatever we read out of it."""
    event = selected(connected, somethingNew={"from": "a later library"})
    answer = connected.reports(event)
    (stored,) = events_of(connected)

    assert (answer.status_code, answer.get_json()) == (202, {"id": stored.id, "duplicate": False})
    assert stored.payload == event
    assert (stored.user_id, stored.patient_id, stored.clinic_id) == ("maya", "7", JUNIPER)


def test_the_same_event_again_changes_nothing(connected: HostUser) -> None:
    """A page that could not hear the answer posts again, and is told that it was there."""
    connected.reports(activated(connected))
    answer = connected.reports(activated(connected))

    assert (answer.status_code, answer.get_json()["duplicate"]) == (202, True)
    assert (len(events_of(connected)), len(plans_of(connected))) == (1, 1)


def test_the_same_event_from_many_at_once_is_one(connected: HostUser) -> None:
    """Ten posts in the same moment store and apply it once."""
    users = [connected.host.user("maya") for _ in range(10)]
    tokens = [user.csrf_token for user in users]
    body = {"patient_id": "7", "environment": "local", "event": activated(connected)}
    answers = at_once(10, lambda n: users[n].posts("/fullscript/events", body, token=tokens[n]))

    assert {answer.status_code for answer in answers} == {202}
    assert [answer.get_json()["duplicate"] for answer in answers].count(False) == 1
    assert len(plans_of(connected)) == 1


@pytest.mark.parametrize(("user", "patient"), [("maya", "8"), ("sam", "7")], ids=["patient", "user"])
def test_an_id_that_was_reported_otherwise_is_refused(connected: HostUser, user: str, patient: str) -> None:
    """An event belongs to who reported it and to the patient whose page it was."""
    connected.host.user("sam").connects()
    connected.reports(selected(connected))
    answer = connected.host.user(user).reports(selected(connected), patient=patient)

    assert (answer.status_code, answer.get_json()["error"]["code"]) == (409, "event_conflict")


def damaged(user: HostUser, *path: str | int, value: Any) -> dict[str, Any]:
    """A plan's event with one thing in it replaced, or taken out when *value* is KeyError."""
    event: Any = json.loads(json.dumps(activated(user)))
    inner = event
    for step in path[:-1]:
        inner = inner[step]
    if value is KeyError:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return dict(event)


PLAN = ("data", "treatmentPlan")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        pytest.param(("id",), KeyError, id="no id"),
        pytest.param(("id",), "", id="an empty id"),
        pytest.param(("id",), 7, id="an id that is a number"),
        pytest.param(("id",), "x" * 65, id="an id that is too long"),
        pytest.param(("type",), "order.placed", id="an unknown type"),
        pytest.param(("clinicId",), KeyError, id="no clinic"),
        pytest.param(("data",), [], id="data that is a list"),
        pytest.param(("data",), {}, id="no plan"),
        pytest.param((*PLAN, "id"), KeyError, id="a plan without an id"),
        pytest.param((*PLAN, "recommendations"), "none", id="recommendations that are text"),
        pytest.param((*PLAN, "recommendations", 0, "variantId"), KeyError, id="no variant"),
        pytest.param((*PLAN, "recommendations", 0, "dosage"), "2 a day", id="a dosage that is text"),
        pytest.param((*PLAN, "labRecommendations", 0, "id"), None, id="a lab without an id"),
        pytest.param((*PLAN, "patient"), {"firstName": "Amelia"}, id="a patient without an id"),
    ],
)
def test_what_the_library_never_sends_is_refused(connected: HostUser, path: Any, value: Any) -> None:
    """The answer says which part is wrong and quotes nothing of it, and nothing is stored."""
    answer = connected.reports(damaged(connected, *path, value=value))
    error = answer.get_json()["error"]

    assert (answer.status_code, error["code"]) == (422, "invalid_event")
    assert error["message"].startswith("event")
    assert "Amelia" not in error["message"]
    assert events_of(connected) == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param([], 400, id="a list"),
        pytest.param({"environment": "local", "event": {}}, 422, id="no patient"),
        pytest.param({"patient_id": "7", "event": {}}, 422, id="no environment"),
        pytest.param({"patient_id": "7", "environment": "local"}, 422, id="no event"),
        pytest.param({"patient_id": 7, "environment": "local", "event": {}}, 422, id="a number"),
    ],
)
def test_a_body_of_another_shape_is_refused(connected: HostUser, body: Any, status: int) -> None:
    """Each with a message in the one shape."""
    headers = {"X-CSRFToken": connected.csrf_token}
    answer = connected.browser.post("/fullscript/events", json=body, headers=headers)

    assert (answer.status_code, bool(answer.get_json()["error"]["message"])) == (status, True)


def test_a_body_that_is_no_json_is_refused(connected: HostUser) -> None:
    """Also one that is not even UTF-8."""
    headers = {"X-CSRFToken": connected.csrf_token, "Content-Type": "application/json"}
    answer = connected.browser.post("/fullscript/events", data=b"\xff\xfe{", headers=headers)

    assert (answer.status_code, answer.get_json()["error"]["code"]) == (400, "invalid_request")


def test_a_body_that_is_too_large_is_refused(connected: HostUser) -> None:
    """More than 256 KB is no event."""
    answer = connected.reports(selected(connected, padding="x" * 300_000))

    assert (answer.status_code, answer.get_json()["error"]["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"clinicId": "another-clinic"}, "wrong_clinic", id="clinic"),
        pytest.param({"oauth": {"clientId": "another-app"}}, "wrong_application", id="application"),
    ],
)
def test_events_of_others_are_refused(connected: HostUser, changes: dict[str, Any], code: str) -> None:
    """An event has to come from the clinic that the user connected, through this application."""
    answer = connected.reports(selected(connected, **changes))

    assert (answer.status_code, answer.get_json()["error"]["code"]) == (409, code)
    assert events_of(connected) == []


def test_an_event_for_a_patient_who_is_not_visible_is_refused(connected: HostUser) -> None:
    """What is written to a chart needs the right to see it."""
    assert connected.reports(selected(connected), patient="9").status_code == 404


def test_an_event_of_an_environment_without_a_connection_is_refused(connected: HostUser) -> None:
    """There is nothing to compare its clinic with."""
    assert connected.reports(selected(connected), environment="us").status_code == 409


def test_an_event_that_was_on_its_way_when_the_user_disconnected_is_kept(connected: HostUser) -> None:
    """What was done in the frame was done."""
    connected.submits("/fullscript/disconnect")

    assert connected.reports(activated(connected)).status_code == 202
    assert len(plans_of(connected)) == 1


def test_an_event_needs_a_session(connected: HostUser) -> None:
    """The page keeps it and posts it after signing in again."""
    token = connected.csrf_token
    connected.signs_out()
    body = {"patient_id": "7", "environment": "local", "event": selected(connected)}

    assert connected.posts("/fullscript/events", body, token=token).status_code == 401


def queue_without_a_broker() -> Celery:
    """A Celery application whose broker is gone: nothing listens on port 1."""
    return Celery("broken", broker="redis://127.0.0.1:1/0", set_as_current=False)


def test_an_event_is_accepted_without_the_queue(
    sandbox: Sandbox, partner_app: SandboxApp, host_config: dict[str, str]
) -> None:
    """The queue is only a wake-up: the event is stored, and a replay applies it."""
    app = create_host(host_config, celery=queue_without_a_broker())
    with Host(sandbox, partner_app, app) as host:
        host.make_tables()
        maya = host.user("maya")
        maya.connects()
        answer = maya.reports(activated(maya))
        before, printed, after = plans_of(maya), host.runs("replay")[1], plans_of(maya)

    assert (answer.status_code, before, len(after)) == (202, [], 1)
    assert printed == "1 event done, 0 not.\n"
