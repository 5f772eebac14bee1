"""What administrators see of events, and playing them again, against a running sandbox."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from ehr.database import db
from fullscript_embed.testing import Sandbox, SandboxApp, sign_webhook
from tests.practice_host import Visitor, words
from tests.webhook_receiver import Receiver

JUNIPER = "1f6a0c52-9b0e-4a57-8d4b-3c2e7d90a101"
HARBOR_LIGHT = "1f6a0c52-9b0e-4a57-8d4b-3c2e7d90a102"
Tell = Callable[..., str]


@pytest.fixture
def admin(connect: Callable[[str], Visitor], connected_app: Flask) -> Visitor:
    """The administrator of Juniper, where a practitioner has connected."""
    connect("practitioner")
    return Visitor(connected_app).signs_in_as("administrator")


@pytest.fixture
def tell(connected_app: Flask, registered: SandboxApp) -> Tell:
    """Let Fullscript tell the practice app of an event by webhook; its id."""

    def tells(kind: str = "patient.updated", clinic_id: str | None = JUNIPER, **data: Any) -> str:
        data = data or {"patient": {"id": "patient-1"}, "order": {"id": "order-1"}}
        event = {"id": str(uuid.uuid4()), "type": kind, "created_at": "2026-11-02T10:00:00Z", "data": data}
        body = json.dumps({"event": {**event, "clinic_id": clinic_id}}).encode()
        headers = sign_webhook(body, registered.signature_key)
        answer = connected_app.test_client().post(
            "/fullscript/webhooks/local", data=body, headers=headers, buffered=True
        )
        assert answer.status_code == 200, answer.text
        return str(event["id"])

    return tells


@pytest.fixture
def fail(connected_app: Flask) -> Callable[[], None]:
    """Make every event that is there one that could not be applied."""

    def fails() -> None:
        dead = (
            "UPDATE fullscript_event"
            " SET state = 'dead', applied_at = NULL, attempts = 3, last_error = 'LookupError'"
        )
        with connected_app.app_context(), db.engine.begin() as connection:
            connection.exec_driver_sql(dead)

    return fails


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """An endpoint for webhooks that is not the practice app's."""
    with Receiver() as receiver:
        yield receiver


def shown(visitor: Visitor, query: str = "") -> list[str]:
    """The types of the events on the page, in its order."""
    page = visitor.opens(f"/admin/activity{query}").text
    return re.findall(r'class="row-link"[^>]*>([^<]+)<', page)


def numbers(visitor: Visitor) -> list[int]:
    """Our numbers of the events on the page."""
    page = visitor.opens("/admin/activity").text
    return [int(one) for one in re.findall(r'/admin/activity/events/(\d+)"', page)]


def test_nobody_connected_means_nothing_to_see(practice_app: Flask) -> None:
    """The page says how events will come to it."""
    page = words(Visitor(practice_app).signs_in_as("administrator").opens("/admin/activity"))

    assert "Nobody is connected yet" in page


def test_an_empty_inbox_says_what_will_be_in_it(admin: Visitor) -> None:
    """Connected, and nothing happened so far."""
    assert "No events yet" in words(admin.opens("/admin/activity"))


def test_events_are_listed_newest_first(admin: Visitor, tell: Tell) -> None:
    """The last one to arrive stands on top, with its state, door and clinic."""
    tell("patient.updated")
    tell("order.placed")

    page = words(admin.opens("/admin/activity"))

    assert shown(admin) == ["order.placed", "patient.updated"]
    assert "Applied Webhook Juniper Integrative Health" in page


@pytest.mark.parametrize(
    ("query", "types"),
    [
        pytest.param("?type=order.placed", ["order.placed"], id="type"),
        pytest.param("?door=webhook", ["order.placed", "patient.updated"], id="door"),
        pytest.param("?door=poll", [], id="another door"),
        pytest.param("?state=applied", ["order.placed", "patient.updated"], id="state"),
        pytest.param("?state=dead", [], id="another state"),
        pytest.param(f"?clinic=local+{JUNIPER}", ["order.placed", "patient.updated"], id="clinic"),
        pytest.param("?since=2100-01-01", [], id="since"),
        pytest.param("?until=2020-01-01", [], id="until"),
        pytest.param("?since=then&before=x", ["order.placed", "patient.updated"], id="nonsense"),
    ],
)
def test_a_filter_narrows_the_inbox(admin: Visitor, tell: Tell, query: str, types: list[str]) -> None:
    """Door, type, clinic, state and days; what makes no sense is left aside."""
    tell("patient.updated")
    tell("order.placed")

    assert shown(admin, query) == types


def test_a_part_of_a_type_finds_nothing_and_says_why(admin: Visitor, tell: Tell) -> None:
    """Who types a word instead of choosing from the list learns how types are looked for."""
    tell("order.placed")

    page = words(admin.opens("/admin/activity?type=order"))

    assert "A type is looked for as a whole, such as order.placed." in page


def test_a_long_inbox_has_pages(admin: Visitor, tell: Tell) -> None:
    """Fifty at a time; the way to the older ones leads to all that are left."""
    for _ in range(52):
        tell("new.kind")

    page = admin.opens("/admin/activity").text
    older = re.search(r'href="(/admin/activity\?before=\d+)"', page)

    assert len(shown(admin)) == 50
    assert older is not None
    assert len(shown(admin, older.group(1).removeprefix("/admin/activity"))) == 2


def test_one_event_shows_all_that_is_known_of_it(admin: Visitor, tell: Tell) -> None:
    """Its raw payload, who brought it, its attempts, and Fullscript's own id."""
    event_id = tell("patient.updated", patient={"id": "p-1", "first_name": "Planted"})

    page = words(admin.opens(f"/admin/activity/events/{numbers(admin)[0]}"))

    assert event_id in page
    assert '"first_name": "Planted"' in page
    assert "Attempts 1" in page
    assert "Who brought it" in page


def test_who_opened_an_event_is_written_down(admin: Visitor, tell: Tell) -> None:
    """A payload holds patients' data, so looking at it is an entry of the trail."""
    tell()
    number = numbers(admin)[0]
    admin.opens(f"/admin/activity/events/{number}")

    assert f"Opened an event event {number}" in words(admin.opens("/admin/audit"))


def test_another_practice_does_not_see_an_event(
    admin: Visitor, tell: Tell, connect: Callable[[str], Visitor], connected_app: Flask
) -> None:
    """Neither in its list nor by its number, and it cannot replay it."""
    tell()
    connect("foreign practitioner")
    stranger = Visitor(connected_app).signs_in_as("foreign administrator")
    address = f"/admin/activity/events/{numbers(admin)[0]}"

    assert shown(stranger) == []
    assert stranger.opens(address).status_code == 404
    assert stranger.submits(f"{address}/replay").status_code == 404


def test_an_event_of_no_clinic_is_seen_by_all(admin: Visitor, tell: Tell) -> None:
    """A product's event belongs to nobody in particular."""
    tell("product.updated", clinic_id=None, product={"id": "product-1"})

    assert "Applied Webhook No clinic" in words(admin.opens("/admin/activity"))


def test_one_event_is_replayed(admin: Visitor, tell: Tell, fail: Callable[[], None]) -> None:
    """Replay applies it, and says so."""
    tell()
    fail()

    answer = admin.submits(f"/admin/activity/events/{numbers(admin)[0]}/replay", follow_redirects=True)

    assert "The event was applied again." in words(answer)
    assert "State Applied" in words(answer)


def test_a_failed_event_shows_its_error(admin: Visitor, tell: Tell, fail: Callable[[], None]) -> None:
    """The list and the event's own page say why."""
    tell()
    fail()

    assert "Failed after 3 attempts: LookupError" in words(
        admin.opens(f"/admin/activity/events/{numbers(admin)[0]}")
    )
    assert "0 waiting, 0 parked, 1 failed" in words(admin.opens("/admin/activity"))


def test_replaying_everything_shows_first_what_it_would_do(
    admin: Visitor, tell: Tell, fail: Callable[[], None]
) -> None:
    """The page before it changes nothing."""
    tell()
    tell()
    fail()

    page = words(admin.opens("/admin/activity/replay"))

    assert "These 2 events would be applied again. Nothing has been changed so far." in page
    assert "2 failed" in words(admin.opens("/admin/activity"))


def test_what_would_be_replayed_names_all_its_doors(
    admin: Visitor, tell: Tell, fail: Callable[[], None], connected_app: Flask
) -> None:
    """As the inbox does."""
    tell()
    fail()
    columns, values = "number, door, at", "id, 'poll', received_at"
    polled = f"INSERT INTO fullscript_witness ({columns}) SELECT {values} FROM fullscript_event"
    with connected_app.app_context(), db.engine.begin() as connection:
        connection.exec_driver_sql(polled)

    assert "Webhook, Polling" in words(admin.opens("/admin/activity/replay"))


def test_more_than_is_taken_up_at_once_is_said_to_be_more(
    admin: Visitor, tell: Tell, fail: Callable[[], None], connected_app: Flask
) -> None:
    """Who has replayed five thousand events comes back for the others."""
    tell()
    columns = "environment, type, clinic_id, door, payload, state, received_at, due_at, attempts, announced"
    copies = (
        "WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 5000)"
        f" INSERT INTO fullscript_event (event_id, {columns})"
        f" SELECT n, {columns} FROM fullscript_event, number"
    )
    with connected_app.app_context(), db.engine.begin() as connection:
        connection.exec_driver_sql(copies)
    fail()

    page = words(admin.opens("/admin/activity/replay"))

    assert "These 5000 events would be applied again." in page
    assert "More have failed than are taken up at once" in page


def test_everything_that_failed_is_replayed(admin: Visitor, tell: Tell, fail: Callable[[], None]) -> None:
    """Afterwards nothing is left of it."""
    tell()
    tell()
    fail()

    answer = words(admin.submits("/admin/activity/replay", follow_redirects=True))

    assert "2 events are being applied again." in answer
    assert "0 waiting, 0 parked, 0 failed." in answer


def test_refused_webhooks_are_counted_by_reason(admin: Visitor, connected_app: Flask) -> None:
    """Who wonders why nothing arrives finds the reason in words."""
    for _ in range(2):
        connected_app.test_client().post("/fullscript/webhooks/local", data=b"{}")

    assert "The signature was missing local 2 calls" in words(admin.opens("/admin/activity/webhooks"))


def test_deliveries_are_compared_with_the_inbox(
    admin: Visitor, sandbox: Sandbox, registered: SandboxApp, receiver: Receiver
) -> None:
    """What Fullscript delivered elsewhere is marked as missing here."""
    receiver.serves(sandbox, registered)
    sandbox.emit("patient.updated", clinic_id=JUNIPER)
    assert sandbox.webhooks_idle()

    page = words(admin.opens(f"/admin/activity/webhooks?clinic=local+{JUNIPER}"))

    assert "1 difference" in page
    assert "Not in our inbox" in page


def test_a_comparison_that_fullscript_refuses_says_why(admin: Visitor, sandbox: Sandbox) -> None:
    """The rest of the page is there, and what to do."""
    sandbox.fault("/api/webhooks/deliveries", status=500, times=10)

    page = words(admin.opens(f"/admin/activity/webhooks?clinic=local+{JUNIPER}"))

    assert "Fullscript cannot be reached at the moment" in page
    assert "No webhook was refused." in page


def test_what_was_missed_is_brought_back(admin: Visitor, sandbox: Sandbox) -> None:
    """One press asks for all that Fullscript still has, and the page says how much that was."""
    event = sandbox.emit("patient.updated", clinic_id=JUNIPER)

    answer = words(
        admin.submits("/admin/activity/polling", {"clinic": f"local {JUNIPER}"}, follow_redirects=True)
    )

    assert "missing and" in answer
    assert event["type"] in shown(admin)
    assert "Up to date" in answer


def test_a_poll_that_failed_says_why_in_words(admin: Visitor, sandbox: Sandbox) -> None:
    """And the badge does not say that all is well."""
    sandbox.fault("/api/events/*", status=503, times=10)
    admin.submits("/admin/activity/polling", {"clinic": f"local {JUNIPER}"})

    page = words(admin.opens("/admin/activity/polling"))

    assert "Last poll failed" in page
    assert "Fullscript failed" in page


def test_a_clinic_that_nobody_can_speak_for_is_shown_as_such(admin: Visitor, connected_app: Flask) -> None:
    """Polling says that somebody has to connect again."""
    lost = "UPDATE fullscript_connection SET status = 'reconnect_required'"
    with connected_app.app_context(), db.engine.begin() as connection:
        connection.exec_driver_sql(lost)

    assert "No valid token" in words(admin.opens("/admin/activity/polling"))


def test_another_practice_s_clinic_cannot_be_polled(admin: Visitor) -> None:
    """Its id in the form is as good as none."""
    assert admin.submits("/admin/activity/polling", {"clinic": f"local {HARBOR_LIGHT}"}).status_code == 404


def test_the_list_of_patients_shows_the_newest_plan(connect: Callable[[str], Visitor], tell: Tell) -> None:
    """A plan made elsewhere for a linked patient stands in the list, and the version changes with it."""
    maya = connect("practitioner")
    priya = maya.patient("Priya Raman")
    address = f"/patients/updates?ids={priya}"
    before = re.search(r'data-version="(\w+)"', maya.opens(address).text)
    assert before is not None
    unchanged = maya.opens(f"{address}&seen={before.group(1)}")
    plan = {"id": "plan-1", "state": "active", "patient": {"id": "5f0c2b1e-7c1d-4b57-9d0f-3c6c3f2a9e11"}}
    tell("treatment_plan.created", treatment_plan=plan)

    changed = maya.opens(f"{address}&seen={before.group(1)}")

    assert (unchanged.status_code, changed.status_code) == (204, 200)
    assert "Plan sent" in words(changed)


def test_updates_of_other_practices_patients_are_not_told(connect: Callable[[str], Visitor]) -> None:
    """An id that is not theirs is as one that is not there."""
    maya = connect("practitioner")
    theirs = maya.patient("Amelia Burton", "Harbor Light Wellness")

    assert "patient-status" not in maya.opens(f"/patients/updates?ids={theirs},0,x").text
