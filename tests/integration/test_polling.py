"""Polling: what no webhook brought is asked for, once, clinic by clinic."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fullscript_embed import clinics, jobs
from fullscript_embed.api.resources.events import CATEGORIES
from fullscript_embed.events import MOST_IN_A_ROW, MOST_NAMED, Poll
from fullscript_embed.models import InboxEvent, TreatmentPlan, Witness
from fullscript_embed.testing import Sandbox, SandboxApp
from tests.partner_host import HARBORLIGHT, JUNIPER, Host, HostUser, create_host, events_of, settings_for

A_DAY = 24 * 60 * 60


@pytest.fixture
def on_each_engine(sandbox: Sandbox, partner_app: SandboxApp, engine_url: str) -> Iterator[HostUser]:
    """A practitioner who is connected, in a host on each engine, with migrated tables."""
    config = {"SQLALCHEMY_DATABASE_URI": engine_url, **settings_for(sandbox, partner_app)}
    with Host(sandbox, partner_app, create_host(config)) as host:
        host.runs("upgrade")
        maya = host.user("maya")
        maya.connects()
        polls(maya)
        sandbox.clear_calls()
        yield maya


def polls(user: HostUser, clinic_id: str = JUNIPER, *, everything: bool = False) -> Poll:
    """Poll a clinic as a worker does."""
    return user.host.asks(lambda: jobs.poll(clinics.find("local", clinic_id), everything=everything))


def happens(user: HostUser, kind: str = "patient.updated", clinic_id: str = JUNIPER) -> str:
    """Something happens in Fullscript; the id of the event."""
    return str(user.host.sandbox.emit(kind, clinic_id=clinic_id)["id"])


def stored(user: HostUser, event_id: str) -> InboxEvent | None:
    """That event in the inbox."""
    return next((one for one in events_of(user) if one.event_id == event_id), None)


def details_asked(user: HostUser) -> int:
    """How often a single event was asked for."""
    calls = user.host.sandbox.calls("/api/events/*")
    return sum(call["path"].count("-") == 4 for call in calls)


def test_a_poll_brings_and_applies_what_happened(on_each_engine: HostUser) -> None:
    """What happened in Fullscript is in the inbox with its data, by the door of the poll, and is applied."""
    event_id = happens(on_each_engine, "treatment_plan.created")
    done = polls(on_each_engine)
    event = stored(on_each_engine, event_id)
    plans = on_each_engine.host.asks(
        lambda: on_each_engine.host.extension.db.session.query(TreatmentPlan).count()
    )

    assert (done.errors, len(done.numbers)) == ([], 1)
    assert event is not None
    assert (event.door, event.state, plans) == ("poll", "applied", 1)


def test_what_is_known_is_not_asked_for_again(on_each_engine: HostUser) -> None:
    """A second poll lists, and asks for no event."""
    happens(on_each_engine)
    polls(on_each_engine)
    before = details_asked(on_each_engine)
    done = polls(on_each_engine)

    assert (before, details_asked(on_each_engine), done.numbers) == (1, 1, [])


def test_an_event_that_a_webhook_brought_gets_a_witness(connected: HostUser) -> None:
    """The poll says that it saw it too, and asks for nothing."""
    polls(connected)
    event_id = happens(connected)
    polls(connected)
    connected.host.sandbox.clear_calls()
    connected.host.asks(lambda: _pretend_webhook(connected, event_id))
    polls(connected)
    doors = connected.host.asks(
        lambda: [one.door for one in connected.host.extension.db.session.query(Witness)]
    )

    assert (doors, details_asked(connected)) == (["poll"], 0)


def _pretend_webhook(user: HostUser, event_id: str) -> None:
    session = user.host.extension.db.session
    session.query(InboxEvent).filter_by(event_id=event_id).update({"door": "webhook"})
    session.commit()


def test_every_category_is_polled(connected: HostUser) -> None:
    """One list for each, and the deliveries that failed."""
    polls(connected)
    connected.host.sandbox.clear_calls()
    done = polls(connected)
    asked = {call["path"] for call in connected.host.sandbox.calls("/api/events/*")}

    assert asked == {f"/api/events/{name}" for name in CATEGORIES}
    assert [walk.category for walk in done.walks] == ["deliveries", *CATEGORIES]


def test_a_poll_goes_on_where_the_last_one_ended(connected: HostUser) -> None:
    """After an outage of a week it lists from a day before what it last saw, and misses nothing."""
    happens(connected)
    connected.host.sandbox.advance(20 * A_DAY)
    first = happens(connected)
    polls(connected)
    connected.host.sandbox.advance(6 * A_DAY)
    missed = happens(connected)
    done = polls(connected)

    assert [stored(connected, one) is not None for one in (first, missed)] == [True, True]
    assert len(done.numbers) == 1


def test_clinics_do_not_mix(host: Host) -> None:
    """Each clinic is asked by its own token and hears of its own events."""
    maya, grace = host.user("maya"), host.user("grace")
    maya.connects()
    grace.connects()
    hers = happens(grace, clinic_id=HARBORLIGHT)
    polls(maya)
    before = stored(grace, hers)
    polls(grace, HARBORLIGHT)
    event = stored(grace, hers)

    assert before is None
    assert event is not None
    assert event.clinic_id == HARBORLIGHT


def test_the_second_connection_speaks_when_the_first_is_refused(connected: HostUser) -> None:
    """One valid token of the clinic is enough."""
    sam = connected.host.user("sam")
    sam.connects()
    for name in ("access_token", "refresh_token"):
        connected.host.change_connection("sam", **{name: "of-no-use"})
    event_id = happens(connected)
    done = polls(connected)

    assert (done.errors, stored(connected, event_id) is not None) == ([], True)
    assert connected.host.connection("sam").status == "reconnect_required"


def test_a_clinic_without_a_token_is_shown_as_such(connected: HostUser) -> None:
    """When everybody's access was ended there, the poll says so and the clinic has no token."""
    for name in ("access_token", "refresh_token"):
        connected.host.change_connection(**{name: "of-no-use"})
    done = polls(connected)
    [state] = connected.host.asks(connected.host.extension.poll_states)

    assert (state.has_token, len(done.errors)) == (False, 1)
    assert "connect again" in state.errors[0]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        pytest.param({"status": 500, "times": 9}, "server_failed", id="500"),
        pytest.param({"drop": True, "times": 9}, "unreachable", id="cut in the middle of the answer"),
        pytest.param(
            {"status": 429, "headers": {"Retry-After": "120"}, "times": 9}, "rate_limited", id="429"
        ),
    ],
)
def test_a_poll_that_is_refused_is_tried_again(
    connected: HostUser, fault: dict[str, object], reason: str
) -> None:
    """It ends at once, says why, says when to come back, and the next one brings everything."""
    event_id = happens(connected)
    connected.host.sandbox.fault("/api/events/*", **fault)
    refused = polls(connected)
    connected.host.sandbox.clear_faults()
    polls(connected)

    assert [one.partition(": ")[2] for one in refused.errors] == [reason]
    assert refused.retry_after == (120 if reason == "rate_limited" else 0)
    assert stored(connected, event_id) is not None


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        pytest.param({"status": 500}, "server_failed", id="500"),
        pytest.param({"status": 403}, "forbidden", id="403"),
        pytest.param({"status": 404}, "not_found", id="404"),
        pytest.param({"status": 422}, "invalid", id="422"),
        pytest.param({"malformed": True}, "unreadable_answer", id="half of its JSON"),
        pytest.param({"status": 200, "body": "<p>Soon</p>"}, "unreadable_answer", id="a page"),
        pytest.param({"status": 200, "body": {"event": {"id": 5}}}, "unreadable_answer", id="another event"),
        pytest.param({"status": 200, "body": {"event": {"id": "{id}"}}}, "unreadable_answer", id="no type"),
    ],
)
def test_one_event_that_is_not_given_is_not_in_the_way(
    connected: HostUser, fault: dict[str, Any], reason: str
) -> None:
    """It is named, the others come in, and polls go on to ask for it, also after a week."""
    bad, good = happens(connected), happens(connected)
    fault = json.loads(json.dumps(fault).replace("{id}", bad))
    connected.host.sandbox.fault(f"/api/events/{bad}", times=99, **fault)
    first = polls(connected)
    connected.host.sandbox.advance(7 * A_DAY)
    later = happens(connected)
    second = polls(connected)
    before = [stored(connected, one) is not None for one in (bad, good, later)]
    connected.host.sandbox.clear_faults()
    third = polls(connected)

    assert first.errors == second.errors == [f"patients: event {bad}: {reason}"]
    assert (before, first.retry_after) == ([False, True, True], None)
    assert (third.errors, stored(connected, bad) is not None) == ([], True)


def test_an_event_that_is_never_given_is_over_with_its_thirty_days(connected: HostUser) -> None:
    """Then nobody can have it, and a poll goes on from the newest event again."""
    bad = happens(connected)
    connected.host.sandbox.fault(f"/api/events/{bad}", status=403, times=99)
    polls(connected)
    connected.host.sandbox.advance(29 * A_DAY)
    held = [polls(connected).errors, newest_at(connected)]
    connected.host.sandbox.advance(2 * A_DAY)
    happens(connected)
    done = polls(connected)

    assert held == [[f"patients: event {bad}: forbidden"], None]
    assert done.errors == []
    assert (newest_at(connected) or datetime.now(UTC)) > datetime.now(UTC) + timedelta(days=30)


def test_an_event_that_grows_too_old_meanwhile_is_no_error(connected: HostUser) -> None:
    """It was listed in its last hours, and gone when it was asked for."""
    long_ago = (datetime.now(UTC) - timedelta(days=29, hours=12)).isoformat()
    sandbox = connected.host.sandbox
    old = sandbox.emit("patient.updated", clinic_id=JUNIPER, data={"patient": {}}, created_at=long_ago)["id"]
    sandbox.fault(f"/api/events/{old}", status=404)
    done = polls(connected)

    assert (done.errors, sandbox.calls(f"/api/events/{old}")[0]["status"]) == ([], 404)


@pytest.mark.parametrize(
    ("fault", "words", "retry_after"),
    [
        pytest.param({"status": 429, "headers": {"Retry-After": "120"}}, "rate_limited", 120, id="429"),
        pytest.param({"status": 401}, "connect again", None, id="401"),
        pytest.param({"drop": True}, "unreachable", 0, id="cut in the middle of the answer"),
    ],
)
def test_what_is_not_about_one_event_ends_the_poll(
    connected: HostUser, fault: dict[str, Any], words: str, retry_after: float | None
) -> None:
    """The clinic has to wait, or somebody has to connect again: other events would meet the same."""
    bad = happens(connected)
    happens(connected)
    connected.host.sandbox.fault(f"/api/events/{bad}", times=9, **fault)
    done = polls(connected)

    assert (done.walks[-1].category, done.walks[-1].unread) == ("patients", {})
    assert (words in done.errors[0], done.retry_after) == (True, retry_after)


def test_many_events_that_are_not_given_cost_few_calls(connected: HostUser) -> None:
    """After a row of refusals only the newest of a page is asked for: it is hardly about single events."""
    polls(connected)  # of the clinic's key, too
    connected.host.sandbox.clear_calls()
    sent = [happens(connected) for _ in range(MOST_IN_A_ROW + 4)]
    connected.host.sandbox.fault("/api/events/*-*-*-*-*", status=403, times=99)
    done = polls(connected)

    assert (details_asked(connected), len(done.errors)) == (MOST_IN_A_ROW + 1, 1)
    assert f"event {sent[0]}: forbidden; " in done.errors[0]
    assert done.errors[0].endswith(f"; {MOST_IN_A_ROW + 1 - MOST_NAMED} more; 3 not asked for")


def test_many_events_that_are_not_given_are_not_in_the_way(connected: HostUser) -> None:
    """What is new comes in at once, however many old ones fail."""
    bad, good = [happens(connected) for _ in range(MOST_IN_A_ROW)], [happens(connected) for _ in range(2)]
    for event_id in bad:
        connected.host.sandbox.fault(f"/api/events/{event_id}", status=403)
    polls(connected)

    assert [stored(connected, one) is not None for one in good] == [True, True]


def newest_at(user: HostUser) -> datetime | None:
    """Up to which moment the patients' events of a clinic are known to be in the inbox."""
    (state,) = user.host.asks(user.host.extension.poll_states)
    return next(one.newest_at for one in state.categories if one.category == "patients")


def test_a_missing_scope_stops_only_its_category(
    sandbox: Sandbox, partner_app: SandboxApp, host: Host
) -> None:
    """Without order history there are no orders, and all the rest."""
    scopes = ["clinic:read", "clinic:write", "patients:read", "patients:treatment_plan_history"]
    sandbox.change_app(partner_app, scopes=[*scopes, "catalog:read"])
    maya = host.user("maya")
    maya.connects()
    event_id = happens(maya)
    done = polls(maya)

    assert {one.partition(":")[0] for one in done.errors} <= {"orders", "lab_orders"}
    assert "orders: missing_scope" in done.errors
    assert stored(maya, event_id) is not None


def test_a_clock_ahead_of_ours_hides_nothing(connected: HostUser) -> None:
    """A moment of the vendor's in our future does not narrow what is asked for."""
    connected.host.sandbox.advance(10 * A_DAY)
    first = happens(connected)
    polls(connected)
    newest = newest_at(connected)

    assert stored(connected, first) is not None
    assert newest is not None
    assert newest > datetime.now(UTC) + timedelta(days=9)
