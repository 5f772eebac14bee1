"""Jobs: what is due when, tokens kept alive, what is forgotten, and what is counted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest
from celery import Celery
from kombu.exceptions import OperationalError
from sqlalchemy import text

from fullscript_embed import accepted, call_counts, heartbeats, jobs, pruning
from fullscript_embed.errors import SettingsInvalid
from fullscript_embed.keep_alive import keep_alive
from fullscript_embed.models import InboxEvent
from fullscript_embed.state import current
from fullscript_embed.testing import Sandbox, SandboxApp
from tests.partner_host import Host, HostUser, at_once, create_host, selected, settings_for
from tests.waiting import until

# Of kombu's own tables, under a newer SQLAlchemy.
pytestmark = pytest.mark.filterwarnings("ignore:The ``noload`` loader:DeprecationWarning")
SCHEDULE = {
    "fullscript.sweep": 20,
    "fullscript.poll": 15 * 60,
    "fullscript.keep_alive": 30 * 60,
    "fullscript.prune": 60 * 60,
    "fullscript.check_labs": 60,
}


@pytest.fixture
def celery(tmp_path: Path) -> Iterator[Celery]:
    """A host's Celery application, with its queue in a file."""
    celery = Celery("host", broker=f"sqla+sqlite:///{tmp_path / 'broker.db'}", set_as_current=False)
    yield celery
    celery.close()


@pytest.fixture
def with_celery(
    sandbox: Sandbox, partner_app: SandboxApp, host_config: dict[str, str], celery: Celery
) -> Iterator[HostUser]:
    """A practitioner who is connected, in a host whose worker does not run."""
    with Host(sandbox, partner_app, create_host(host_config, celery=celery)) as host:
        host.make_tables()
        maya = host.user("maya")
        maya.connects()
        yield maya


@pytest.fixture
def on_each_engine(sandbox: Sandbox, partner_app: SandboxApp, engine_url: str) -> Iterator[HostUser]:
    """A practitioner who is connected, in a host on each engine."""
    config = {"SQLALCHEMY_DATABASE_URI": engine_url, **settings_for(sandbox, partner_app)}
    with Host(sandbox, partner_app, create_host(config)) as host:
        host.make_tables()
        maya = host.user("maya")
        maya.connects()
        yield maya


def ends_in(user: HostUser, **time: float) -> None:
    """Let the user's access token end in that time."""
    user.host.change_connection(user.name, token_expires_at=datetime.now(UTC) + timedelta(**time))


def keeps_alive(user: HostUser) -> tuple[int, int]:
    """How many clinics have a token then, and how many have none."""
    alive, without = user.host.asks(lambda: keep_alive(now=datetime.now(UTC)))
    return alive, len(without)


def grows_old(user: HostUser, **time: float) -> None:
    """Let all events have arrived that long ago."""
    session = user.host.extension.db.session
    with user.host.app.app_context():
        session.query(InboxEvent).update({"received_at": datetime.now(UTC) - timedelta(**time)})
        session.commit()


def metric(user: HostUser, name: str) -> float:
    """The value of a metric, with its labels in braces."""
    text = user.host.asks(user.host.extension.metrics).decode()
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else 0.0


@pytest.mark.usefixtures("with_celery")
def test_the_schedule_comes_with_the_extension(celery: Celery) -> None:
    """A host starts beat, and needs to know no more."""
    assert {name: entry["schedule"] for name, entry in celery.conf.beat_schedule.items()} == SCHEDULE
    assert all(entry["options"]["expires"] for entry in celery.conf.beat_schedule.values())


def test_every_task_of_the_schedule_can_be_done(with_celery: HostUser, celery: Celery) -> None:
    """And each tells that a worker works."""
    for name in SCHEDULE:
        celery.tasks[name]()

    assert with_celery.host.asks(lambda: heartbeats.last(heartbeats.WORKER)) is not None


@pytest.mark.usefixtures("with_celery")
def test_a_task_is_acknowledged_when_it_is_done(celery: Celery) -> None:
    """A worker that is killed leaves its message to another; none works on one for ever."""
    task = celery.tasks["fullscript.apply_events"]

    assert (task.acks_late, task.time_limit) == (True, 600)


def test_each_clinic_is_polled_by_a_task_of_its_own(with_celery: HostUser, celery: Celery) -> None:
    """One that is slow is in nobody's way."""
    clinic_id = with_celery.host.connection().clinic_id
    celery.tasks["fullscript.poll"]()
    with celery.connection_for_read() as connection:
        message = connection.SimpleQueue("celery").get(timeout=60)

    assert message.payload[0] == ["local", clinic_id]


def test_a_worker_outlives_a_broker_that_goes_while_it_starts(
    sandbox: Sandbox, partner_app: SandboxApp, host_config: dict[str, str], tmp_path: Path
) -> None:
    """What it orders then cannot be sent; the schedule orders it again."""
    celery = Celery("host", broker=f"sqla+sqlite:///{tmp_path / 'gone' / 'broker.db'}", set_as_current=False)
    with Host(sandbox, partner_app, create_host(host_config, celery=celery)), celery:
        (step,) = celery.steps["consumer"]
        step(None).start(None)
        with pytest.raises(OperationalError):
            celery.send_task("fullscript.sweep", retry=False)


@pytest.mark.usefixtures("with_celery")
def test_the_queue_in_a_file_forgets_what_was_delivered(celery: Celery) -> None:
    """kombu leaves those messages there for ever."""
    celery.tasks["fullscript.poll"]()
    with celery.connection_for_read() as connection:
        connection.SimpleQueue("celery").get(timeout=60).ack()

    assert [pruning.prune_queue(celery) for _ in range(2)] == [1, 0]


def test_a_token_that_ends_soon_is_refreshed(connected: HostUser) -> None:
    """So that the next poll finds one."""
    ends_in(connected, minutes=50)
    before = connected.host.connection().access_token
    found = keeps_alive(connected)

    assert found == (1, 0)
    assert connected.host.connection().access_token != before


def test_a_token_that_lasts_is_left_alone(connected: HostUser) -> None:
    """Nobody is asked for anything."""
    found = keeps_alive(connected)

    assert (found, connected.host.calls("/api/oauth/token")) == ((1, 0), [])


def test_one_token_of_a_clinic_is_enough(connected: HostUser) -> None:
    """A colleague's token that ends stays as it is."""
    sam = connected.host.user("sam")
    sam.connects()
    ends_in(connected, minutes=1)
    connected.host.sandbox.clear_calls()
    found = keeps_alive(connected)

    assert (found, connected.host.calls("/api/oauth/token")) == ((1, 0), [])


def test_a_clinic_that_ended_its_access_has_no_token(connected: HostUser) -> None:
    """And is shown as such, also to Prometheus."""
    ends_in(connected, minutes=1)
    connected.host.change_connection(refresh_token="of-no-use")
    found = keeps_alive(connected)

    assert (found, metric(connected, "fullscript_clinics_without_token")) == ((0, 1), 1.0)


def test_old_events_are_forgotten_and_stay_counted(on_each_engine: HostUser) -> None:
    """Their number in the metrics does not go back."""
    on_each_engine.reports(selected(on_each_engine))
    name = 'fullscript_events_accepted_total{door="browser",environment="local"}'
    young = on_each_engine.host.asks(jobs.prune)
    grows_old(on_each_engine, days=91)
    old = on_each_engine.host.asks(jobs.prune)

    assert (young, old) == (0, 1)
    assert metric(on_each_engine, name) == 1.0


def test_what_is_not_applied_is_not_forgotten(connected: HostUser) -> None:
    """However old it is."""
    connected.reports(selected(connected))
    session = connected.host.extension.db.session
    with connected.host.app.app_context():
        session.query(InboxEvent).update({"state": "dead"})
        session.commit()
    grows_old(connected, days=91)

    assert connected.host.asks(jobs.prune) == 0
    assert metric(connected, 'fullscript_events_failed{state="dead"}') == 1.0


def test_events_are_counted_once_however_many_count(on_each_engine: HostUser) -> None:
    """Several workers add up in the same moment."""
    for number in range(3):
        on_each_engine.reports(selected(on_each_engine, id=f"event-{number}"))
    grows_old(on_each_engine, hours=1)

    def count(_number: int) -> None:
        on_each_engine.host.asks(lambda: accepted.advance(now=datetime.now(UTC)))

    at_once(4, count)
    on_each_engine.reports(selected(on_each_engine, id="event-new"))

    assert sum(on_each_engine.host.asks(accepted.counts).values()) == 4


def test_the_age_of_the_oldest_open_event_is_told(connected: HostUser) -> None:
    """In seconds, by state; 0 when there is none."""
    connected.reports(selected(connected))
    session = connected.host.extension.db.session
    with connected.host.app.app_context():
        session.query(InboxEvent).update({"state": "waiting"})
        session.commit()
    grows_old(connected, minutes=10)

    assert 600 <= metric(connected, 'fullscript_oldest_open_event_seconds{state="waiting"}') < 3600
    assert metric(connected, 'fullscript_oldest_open_event_seconds{state="dead"}') == 0


def test_calls_of_all_processes_are_counted_by_status_and_time(
    on_each_engine: HostUser, sandbox: Sandbox, partner_app: SandboxApp
) -> None:
    """Each adds what it did to the database; the token endpoint is among them."""
    other = create_host(on_each_engine.host.app.config)
    with Host(sandbox, partner_app, other) as second:
        sam = second.user("sam")
        sam.connects()
        second.asks(second.extension.metrics)
    route = 'route="POST /api/oauth/token",status="200"'

    assert metric(on_each_engine, f"fullscript_upstream_seconds_count{{{route}}}") == 2.0
    assert metric(on_each_engine, f'fullscript_upstream_seconds_bucket{{le="10.0",{route}}}') == 2.0


def test_calls_without_an_answer_are_counted_by_reason(connected: HostUser) -> None:
    """There is no status then."""
    connected.host.sandbox.fault("/api/clinic/embeddable/session_grants", drop=True, times=2)
    connected.opens_fullscript()
    route = "POST /api/clinic/embeddable/session_grants"

    assert (
        metric(connected, f'fullscript_upstream_seconds_count{{route="{route}",status="unreachable"}}') >= 1
    )


def test_counting_adds_up_within_seconds_by_itself(connected: HostUser) -> None:
    """Nobody has to ask."""

    def counted() -> int:
        counts = connected.host.asks(lambda: call_counts.read(connected.host.extension.db.session()))
        return counts["GET /api/clinic", "200"].count if ("GET /api/clinic", "200") in counts else 0

    until(counted, what="the count of a call")

    assert counted() == 1


def test_a_process_that_refreshes_no_token_counts_too(
    on_each_engine: HostUser, sandbox: Sandbox, partner_app: SandboxApp
) -> None:
    """Counts are written where there is no application context, by whoever made the first call."""
    route = ("POST /api/clinic/embeddable/session_grants", "200")
    with Host(sandbox, partner_app, create_host(on_each_engine.host.app.config)) as second:
        second.user("maya").opens_fullscript()
        writer = Thread(target=second.asks(lambda: current().calls.write))
        writer.start()
        writer.join()
        counts = second.asks(lambda: call_counts.read(second.extension.db.session()))

    assert counts[route].count == 1


def test_counts_outlive_a_database_that_is_away(on_each_engine: HostUser) -> None:
    """They are added when it is back, and none of them twice."""
    name = (
        'fullscript_upstream_seconds_count{route="POST /api/clinic/embeddable/session_grants",status="200"}'
    )
    before = metric(on_each_engine, name)
    engine = on_each_engine.host.asks(lambda: on_each_engine.host.extension.db.engine)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE fullscript_call_count RENAME TO away"))
    on_each_engine.opens_fullscript()
    on_each_engine.host.asks(lambda: current().calls).write()
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE away RENAME TO fullscript_call_count"))
    on_each_engine.opens_fullscript()

    assert (before, metric(on_each_engine, name)) == (0.0, 2.0)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("FULLSCRIPT_POLL_MINUTES", "0", id="polling all the time"),
        pytest.param("FULLSCRIPT_POLL_MINUTES", "often", id="no number"),
        pytest.param("FULLSCRIPT_KEEP_EVENTS_DAYS", "30", id="forgetting what would come in again"),
    ],
)
def test_settings_that_cannot_work_are_named(host_config: dict[str, str], name: str, value: str) -> None:
    """The application does not start."""
    with pytest.raises(SettingsInvalid, match=f"{name} is '{value}'"):
        create_host({**host_config, name: value})
