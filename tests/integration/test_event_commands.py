"""flask fullscript events, replay, poll and keep-alive: the inbox and the jobs without a page."""

from __future__ import annotations

import json
import re

import pytest

from fullscript_embed.models import InboxEvent
from tests.partner_host import JUNIPER, HostUser, activated, events_of, selected


@pytest.fixture
def with_events(connected: HostUser) -> HostUser:
    """A practitioner who chose a patient and sent a plan; Fullscript had something to tell too."""
    connected.reports(selected(connected))
    connected.reports(activated(connected))
    connected.host.runs("poll")
    return connected


def fails(user: HostUser, event_id: str, state: str = "dead") -> int:
    """Let an event have failed, for good or until it is tried again; its number."""
    session = user.host.extension.db.session
    with user.host.app.app_context():
        event = session.query(InboxEvent).filter_by(event_id=event_id).one()
        event.state, event.last_error, event.applied_at = state, "ValueError", None
        session.commit()
        return int(event.id)


def lines(printed: str) -> list[str]:
    return [line for line in printed.splitlines() if line.strip()]


@pytest.mark.parametrize(
    ("options", "types"),
    [
        pytest.param([], {"patient.selected", "treatmentPlan.activated", "clinic_key.activated"}, id="all"),
        pytest.param(["--door", "poll"], {"clinic_key.activated"}, id="a door"),
        pytest.param(["--type", "patient.selected"], {"patient.selected"}, id="a type"),
        pytest.param(["--state", "dead"], set(), id="a state"),
        pytest.param(["--since", "2999-01-01"], set(), id="from a moment on"),
        pytest.param(["--until", "2001-01-01"], set(), id="up to a moment"),
        pytest.param(["--clinic", "of-nobody"], set(), id="a clinic"),
        pytest.param(["--limit", "1"], {"clinic_key.activated"}, id="the newest"),
    ],
)
def test_the_inbox_is_listed(with_events: HostUser, options: list[str], types: set[str]) -> None:
    """Filtered by whatever is named."""
    exit_code, printed = with_events.host.runs("events", *options)

    assert exit_code == 0
    assert {line.split()[3] for line in lines(printed)} == types


def test_one_event_is_shown_without_what_it_says(with_events: HostUser) -> None:
    """Patients' names come only when they are asked for."""
    number = str(events_of(with_events)[0].id)
    printed = with_events.host.runs("events", number)[1]

    assert "by browser" in printed
    assert re.search(r"^  applied 20\S+, 1 attempt$", printed, re.MULTILINE)
    assert "Burton" not in printed


@pytest.mark.parametrize(("state", "is_tried_again"), [("dead", False), ("waiting", True)])
def test_an_event_that_failed_says_how_often_and_when_it_is_tried_again(
    with_events: HostUser, state: str, is_tried_again: bool
) -> None:
    """An administrator without a page sees as much as one with it; what is dead waits for a replay."""
    number = fails(with_events, "event-selected", state)
    printed = with_events.host.runs("events", str(number))[1]

    assert "ValueError" in printed
    assert "  not applied, 1 attempt" in printed
    assert (", again at 20" in printed) == is_tried_again


def test_a_payload_that_is_shown_is_audited(with_events: HostUser) -> None:
    """It holds what Fullscript said about a patient."""
    number = events_of(with_events)[0].id
    printed = with_events.host.runs("events", str(number), "--payload")[1]
    trail = with_events.host.asks(lambda: with_events.host.extension.audit_trail(1))

    assert json.loads(printed[printed.index("{") :])["data"]["patient"]["lastName"] == "Burton"
    assert (trail[0].action, trail[0].details["event"]) == ("event.read", str(number))


@pytest.mark.parametrize("command", ["events", "replay"])
def test_an_event_that_is_not_there_is_said_so(connected: HostUser, command: str) -> None:
    """And nothing else happens."""
    assert connected.host.runs(command, "12345") == (1, "Error: There is no event 12345.\n")


def test_a_dry_run_changes_nothing(with_events: HostUser) -> None:
    """It lists what would be taken up."""
    number = fails(with_events, "event-selected")
    exit_code, printed = with_events.host.runs("replay", "--failed", "--dry-run")
    state = next(one.state for one in events_of(with_events) if one.id == number)

    assert (exit_code, state) == (0, "dead")
    assert "ValueError" in printed
    assert lines(printed)[-1] == "1 event would be taken up."


@pytest.mark.parametrize("options", [[], ["--failed"]], ids=["all that is open", "what failed"])
def test_what_is_dead_can_be_replayed(with_events: HostUser, options: list[str]) -> None:
    """It is applied then."""
    number = fails(with_events, "event-selected")
    answer = with_events.host.runs("replay", *options)
    state = next(one.state for one in events_of(with_events) if one.id == number)

    assert (answer, state) == ((0, "1 event done, 0 not.\n"), "applied")


def test_the_poll_says_what_it_found(connected: HostUser) -> None:
    """For each clinic."""
    first, second = connected.host.runs("poll"), connected.host.runs("poll")

    assert first == (0, f"local  clinic {JUNIPER}: 1 new event\n")
    assert second == (0, f"local  clinic {JUNIPER}: 0 new events\n")


def test_the_states_of_the_polls_are_shown(connected: HostUser) -> None:
    """Each category with when it was polled, and why not."""
    connected.host.sandbox.fault("/api/events/orders", status=403, times=9)
    connected.host.runs("poll")
    printed = connected.host.runs("poll", "--states")[1]

    assert f"local  clinic {JUNIPER}" in printed
    assert "orders           polled never  found 0  " in printed


def test_a_clinic_that_nobody_connected_is_said_so(connected: HostUser) -> None:
    """Instead of polling nothing."""
    exit_code, printed = connected.host.runs("poll", "--clinic", "of-nobody")

    assert (exit_code, "No connected clinic fits" in printed) == (1, True)


def test_keep_alive_names_who_has_no_token(connected: HostUser) -> None:
    """With an exit code for cron."""
    good = connected.host.runs("keep-alive")
    connected.host.let_token_end()
    connected.host.change_connection(refresh_token="of-no-use")
    bad = connected.host.runs("keep-alive")

    assert good == (0, "1 clinics have a valid token, 0 have none.\n")
    assert (bad[0], f"local  clinic {JUNIPER}: somebody has to connect again" in bad[1]) == (1, True)


def test_prune_says_how_much_it_forgot(connected: HostUser) -> None:
    """Nothing that is young."""
    connected.reports(selected(connected))

    assert connected.host.runs("prune") == (0, "0 events forgotten.\n")
