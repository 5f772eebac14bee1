"""One event by the browser, by webhook and by polling, in the same moment: one row, and applied once.

The doors are real: an HTTP server takes the browser's posts and the sandbox's webhooks, and the poller asks
the sandbox's API.
"""

from __future__ import annotations

import socket
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from multiprocessing import get_context
from threading import Thread
from typing import Any

import pytest
import requests
from celery import Celery
from celery.contrib.testing.worker import start_worker
from sqlalchemy import func, select
from werkzeug.serving import make_server

from fullscript_embed import clinics, inbox, jobs, signals, told
from fullscript_embed.models import APPLIED, InboxEvent, Order, TreatmentPlan, Witness
from fullscript_embed.testing import Sandbox, SandboxApp
from tests import applied_log
from tests.partner_host import (
    JUNIPER,
    Host,
    HostUser,
    activated,
    apply_and_replay_in_another_process,
    apply_in_another_process,
    at_once,
    create_host,
    settings_for,
)
from tests.waiting import until
from tests.webhook_sender import Sender, deliver, event

REDIS = "127.0.0.1", 6379
# Of Redis' sixteen databases one that nothing else here uses.
REDIS_DATABASE = 14
TIMES = 4  # that each door brings the event


class Doors:
    """A host behind a real HTTP server, and the ways by which an event comes to it."""

    def __init__(self, maya: HostUser, url: str) -> None:
        self.maya, self.host, self.url = maya, maya.host, url
        self._token = maya.csrf_token  # it is in the session, and the session in the cookie
        cookie = maya.browser.get_cookie("session")
        assert cookie is not None
        self._cookies = {"session": cookie.value}

    def browser(self, told: dict[str, Any]) -> int:
        """Maya's page reports an event; the status."""
        answer = requests.post(
            f"{self.url}/fullscript/events",
            json={"patient_id": "7", "environment": "local", "event": told},
            cookies=self._cookies,
            headers={"X-CSRFToken": self._token},
            timeout=60,
        )
        return answer.status_code

    def webhook(self, event_id: str) -> int:
        """The sandbox sends it, in its two calls; the status of the second."""
        return deliver(self.host.sandbox, event_id, self.host.registered)

    def poll(self) -> list[str | None]:
        """We ask for all that happened; what went wrong."""
        done = self.host.asks(lambda: jobs.poll(clinics.find("local", JUNIPER), everything=True))
        return [walk.error for walk in done.walks if walk.error]

    def settle(self) -> None:
        """Wait until all that came is applied and told of: a webhook's answer goes out before that."""
        session = self.host.extension.db.session
        open_events = select(func.count(InboxEvent.id)).where(
            (InboxEvent.state != APPLIED) | InboxEvent.announced.is_(False)
        )
        until(lambda: self.host.asks(lambda: session.scalar(open_events)) == 0, what="the end of all events")


@pytest.fixture
def doors(sandbox: Sandbox, partner_app: SandboxApp, engine_url: str) -> Iterator[Doors]:
    """A host on each engine, connected, with every door open and no webhook that comes by itself."""
    sandbox.hold_webhooks()
    config = {"SQLALCHEMY_DATABASE_URI": engine_url, **settings_for(sandbox, partner_app)}
    with Host(sandbox, partner_app, create_host(config)) as host, served(host) as url:
        host.make_tables()
        host.asks(lambda: applied_log.install(host.extension.db.engine))
        host.registered = sandbox.change_app(partner_app, webhook_url=f"{url}/fullscript/webhooks/local")
        maya = host.user("maya")
        assert maya.connects().status_code == 302
        yield Doors(maya, url)


class served:  # noqa: N801 -- reads as a word: `with served(host) as url`
    """A host behind a threaded HTTP server on a free port."""

    def __init__(self, host: Host) -> None:
        self._server = make_server("127.0.0.1", 0, host.app, threaded=True)
        # Events are applied when the answer has gone out: closing the server waits for that, too.
        self._server.daemon_threads = False  # type: ignore[attr-defined]  # a threaded server has it
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    def __enter__(self) -> str:
        self._thread.start()
        return f"http://127.0.0.1:{self._server.server_port}"

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def happens(doors: Doors, kind: str, data: dict[str, Any]) -> str:
    """Let something happen at Fullscript; the event's id."""
    return str(doors.host.sandbox.emit(kind, clinic_id=JUNIPER, data=data)["id"])


def at_every_door(*ways: Callable[[], Any]) -> list[Any]:
    """Come by each of *ways* several times, all in the same moment."""
    return at_once(TIMES * len(ways), lambda number: ways[number % len(ways)]())


def witnesses(doors: Doors, event_id: str) -> list[str]:
    """By which doors an event came, each as often as it is kept."""
    session = doors.host.extension.db.session
    (first,) = session.scalars(select(InboxEvent).filter_by(event_id=event_id)).all()
    later = session.scalars(select(Witness.door).filter_by(number=first.id)).all()
    assert first.state == APPLIED
    return sorted([first.door, *later])


def applied(doors: Doors, event_id: str) -> int:
    """How often the database saw it applied."""
    return applied_log.times_applied(doors.host.extension.db.session.connection())[event_id]


def count(doors: Doors, record: type[Order | TreatmentPlan]) -> int:
    return doors.host.asks(lambda: doors.host.extension.db.session.scalar(select(func.count(record.id)))) or 0


ORDER = {
    "id": "order-1",
    "order_number": "R1",
    "completed_at": "2026-11-20T12:00:00.000Z",
    "patient_id": "fullscript-amelia",
    "line_items": [{"variant_id": "variant-1", "quantity": 2}],
}
PLAN = {
    "treatment_plan": {
        "id": "plan-1",
        "state": "active",
        "patient": {"id": "fullscript-amelia"},
        "practitioner": {"id": "practitioner-1"},
        "recommendations": [{"variant_id": "variant-1", "units_to_purchase": 2, "refill": True}],
    }
}


def test_webhook_and_poll_at_once_are_one_event(doors: Doors) -> None:
    """Both tell the same, so that it is applied once, whoever was first."""
    event_id = happens(doors, "order.placed", ORDER)
    answers = at_every_door(lambda: doors.webhook(event_id), doors.poll)
    doors.settle()

    assert answers == [200, []] * TIMES
    assert doors.host.asks(lambda: witnesses(doors, event_id)) == ["poll", "webhook"]
    assert (doors.host.asks(lambda: applied(doors, event_id)), count(doors, Order)) == (1, 1)


def test_all_three_doors_at_once_are_one_event(doors: Doors) -> None:
    """The browser knows on whose page it was, and Fullscript the rest: each is learned once."""
    event_id = happens(doors, "treatment_plan.created", PLAN)
    report = activated(doors.maya, id=event_id)
    answers = at_every_door(lambda: doors.browser(report), lambda: doors.webhook(event_id), doors.poll)
    doors.settle()
    (plan,) = doors.host.asks(lambda: doors.host.extension.treatment_plans("7"))

    assert answers == [202, 200, []] * TIMES
    assert doors.host.asks(lambda: witnesses(doors, event_id)) == ["browser", "poll", "webhook"]
    assert plan.state == "active"
    assert (count(doors, TreatmentPlan), doors.host.asks(lambda: applied(doors, event_id))) in {
        (1, 1),
        (1, 2),
    }


@pytest.mark.parametrize("order", ["browser first", "browser last"])
def test_what_the_host_hears_does_not_depend_on_the_first_door(doors: Doors, order: str) -> None:
    """A plan is there once, and it is known on whose page it was made."""
    event_id = happens(doors, "treatment_plan.created", PLAN)
    ways = [lambda: doors.browser(activated(doors.maya, id=event_id)), lambda: doors.webhook(event_id)]
    heard: list[Any] = []

    def hear(_app: object, **said: Any) -> None:
        heard.append((said["treatment_plan_id"], said["patient_id"]))

    with signals.treatment_plan_activated.connected_to(hear, doors.host.app):
        answers = [way() for way in (ways if order == "browser first" else ways[::-1])]
        doors.settle()

    assert sorted(answers) == [200, 202]
    assert heard[-1] == ("plan-1", "7")
    assert len(heard) <= 2
    assert count(doors, TreatmentPlan) == 1


def test_different_events_at_once_are_all_kept(doors: Doors) -> None:
    """Doors that are busy lose nothing, and mix nothing up."""
    sent = [happens(doors, "order.placed", {**ORDER, "id": f"order-{number}"}) for number in range(12)]
    answers = at_once(12, lambda number: doors.webhook(sent[number]))
    doors.poll()
    doors.settle()

    assert answers == [200] * 12
    assert [doors.host.asks(lambda one=one: applied(doors, one)) for one in sent] == [1] * 12
    assert count(doors, Order) == 12


def test_two_workers_with_the_same_events_apply_each_once(
    sandbox: Sandbox, partner_app: SandboxApp, engine_url: str
) -> None:
    """Processes that were sent the same numbers, as after a message that was delivered twice."""
    config = {"SQLALCHEMY_DATABASE_URI": engine_url, **settings_for(sandbox, partner_app)}
    with Host(sandbox, partner_app, create_host(config)) as host:
        host.make_tables()
        host.asks(lambda: applied_log.install(host.extension.db.engine))
        host.user("maya").connects()
        numbers = host.asks(lambda: store_orders(30))
        with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as processes:
            ran = [processes.submit(apply_in_another_process, config, numbers) for _ in range(2)]
            done = [one.result(timeout=60) for one in ran]
        times = host.asks(lambda: applied_log.times_applied(host.extension.db.session.connection()))
        states = host.asks(lambda: set(host.extension.db.session.scalars(select(InboxEvent.state))))

    assert sum(done) >= 30
    assert (sorted(times.values()), states) == ([1] * 30, {APPLIED})


def test_replays_that_meet_workers_apply_each_event_once(
    sandbox: Sandbox, partner_app: SandboxApp, engine_url: str
) -> None:
    """An administrator who replays everything in the moment in which it is applied doubles nothing."""
    config = {"SQLALCHEMY_DATABASE_URI": engine_url, **settings_for(sandbox, partner_app)}
    with Host(sandbox, partner_app, create_host(config)) as host:
        host.make_tables()
        host.asks(lambda: applied_log.install(host.extension.db.engine))
        host.user("maya").connects()
        numbers = host.asks(lambda: store_orders(30))
        with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as processes:
            ran = [processes.submit(apply_and_replay_in_another_process, config, numbers) for _ in range(2)]
            for one in ran:
                one.result(timeout=120)
        times = host.asks(lambda: applied_log.times_applied(host.extension.db.session.connection()))
        states = host.asks(lambda: set(host.extension.db.session.scalars(select(InboxEvent.state))))

    assert (sorted(times.values()), states) == ([1] * 30, {APPLIED})


def test_one_event_that_several_people_replay_is_applied_again_and_kept_once(doors: Doors) -> None:
    """Each of them has it applied at most once more, and it is done when they are."""
    event_id = happens(doors, "order.placed", ORDER)
    doors.webhook(event_id)
    doors.settle()
    (number,) = doors.host.asks(lambda: doors.host.extension.db.session.scalars(select(InboxEvent.id)).all())
    at_once(TIMES, lambda _: doors.host.asks(lambda: inbox.replay(number)))
    doors.settle()

    assert doors.host.asks(lambda: witnesses(doors, event_id)) == ["webhook"]
    assert doors.host.asks(lambda: applied(doors, event_id)) in range(2, TIMES + 2)
    assert count(doors, Order) == 1


def store_orders(how_many: int) -> list[int]:
    """Put orders into the inbox, as its webhook door does, without waking anybody; their numbers."""
    numbers = []
    for number in range(how_many):
        payload = {"event": event("order.placed", {**ORDER, "id": f"order-{number}"})}
        stored = inbox.store(told.read_head(payload), payload, environment="local", door="webhook")
        numbers.append(stored.id)
    return numbers


@pytest.fixture
def redis_queue() -> Iterator[Celery]:
    """A Celery application on the Redis of this machine, with a queue of its own; skipped without Redis."""
    with closing(socket.socket()) as probe:
        probe.settimeout(1)
        if probe.connect_ex(REDIS):
            pytest.skip("no Redis at 127.0.0.1:6379")
    broker = f"redis://{REDIS[0]}:{REDIS[1]}/{REDIS_DATABASE}"
    celery = Celery("host", broker=broker, set_as_current=False)
    celery.conf.task_default_queue = f"three-doors-{uuid.uuid4().hex}"
    celery.conf.worker_hijack_root_logger = False
    yield celery
    with celery.connection_for_write() as connection:
        connection.default_channel.queue_delete(celery.conf.task_default_queue)
    celery.close()


def test_a_worker_on_redis_applies_what_a_webhook_brought(
    sandbox: Sandbox, partner_app: SandboxApp, engine_url: str, redis_queue: Celery
) -> None:
    """With another broker by one setting: the request stores, and the worker does the rest, once."""
    config = {"SQLALCHEMY_DATABASE_URI": engine_url, **settings_for(sandbox, partner_app)}
    with Host(sandbox, partner_app, create_host(config, celery=redis_queue)) as host:
        host.make_tables()
        host.asks(lambda: applied_log.install(host.extension.db.engine))
        host.user("maya").connects()
        orders = [event("order.placed", {**ORDER, "id": f"order-{number}"}) for number in range(10)]
        answers = Sender(host).tells(*orders, *orders)
        with start_worker(redis_queue, pool="threads", concurrency=4, perform_ping_check=False) as worker:
            wait_until_applied(host, 10)
        worker.pool.executor.shutdown()  # a worker that ends does not wait for its threads
        times = host.asks(lambda: applied_log.times_applied(host.extension.db.session.connection()))

    assert {answer.status_code for answer in answers} == {200}
    assert sorted(times.values()) == [1] * 10


def wait_until_applied(host: Host, how_many: int) -> None:
    """Return when so many events are done; a worker that does nothing fails the test."""
    done = select(func.count(InboxEvent.id)).filter_by(state=APPLIED)
    until(lambda: host.asks(lambda: host.extension.db.session.scalar(done)) == how_many)
