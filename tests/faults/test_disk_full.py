"""SQLite's disk is full: a clear refusal, nothing half written, and all is well when there is room again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import event as on
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from fullscript_embed import inbox
from fullscript_embed.models import APPLIED
from fullscript_embed.testing import Sandbox
from tests import applied_log
from tests.faults.load import NO_HURRY, Load, order
from tests.faults.verdict import Verdict
from tests.partner_host import (
    REDIRECT_URI,
    Host,
    HostUser,
    create_host,
    events_of,
    selected,
    settings_for,
)

# Pages of 4 KB that are left when the disk is about to be full.
LEFT = 12
UNLIMITED = 1 << 30


class Disk:
    """How much room SQLite has, for every connection of a host."""

    def __init__(self, host: Host) -> None:
        self.host, self.pages = host, UNLIMITED
        self.engine = host.asks(lambda: host.extension.db.engine)
        on.listen(self.engine, "checkout", self._bound)

    def fills_up(self) -> None:
        """Leave room for a few events."""
        with self.engine.connect() as connection:
            used = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        self.pages = int(used) + LEFT

    def is_cleared(self) -> None:
        """Make room again."""
        self.pages = UNLIMITED

    def _bound(self, connection: Any, *_: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {self.pages}")


@pytest.fixture
def host(fault_sandbox: Sandbox, tmp_path: Path) -> Iterator[Host]:
    """A host on a SQLite file, that applies events itself; Maya is connected."""
    app = fault_sandbox.create_app(redirect_uris=[REDIRECT_URI], origin_uris=["http://localhost"])
    config = {"SQLALCHEMY_DATABASE_URI": f"sqlite:///{tmp_path / 'host.db'}"}
    with Host(fault_sandbox, app, create_host(config | settings_for(fault_sandbox, app))) as host:
        host.make_tables()
        host.asks(lambda: applied_log.install(host.extension.db.engine))
        host.user("maya").connects()
        yield host


@pytest.fixture
def url(host: Host) -> Iterator[str]:
    """The host behind a real HTTP server."""
    server = make_server("127.0.0.1", 0, host.app, threaded=True)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def verdict(host: Host, load: Load) -> Verdict:
    """What became of what was promised."""
    return host.asks(lambda: Verdict.of(host.extension.db.session.connection(), load.promised, load.orders))


def test_a_full_disk_is_refused_and_filled_later(host: Host, url: str, chance: Random) -> None:
    """503 and no challenge while there is no room; each event is sent until it is taken, and kept once."""
    load, disk = Load(url, host.registered, chance, total=0, patience=NO_HURRY), Disk(host)
    orders = [order(chance) for _ in range(60)]
    disk.fills_up()
    answers = [load.send_once(one) for one in orders]
    codes = [answer.status_code for answer in answers if answer is not None]
    shown = "".join(answer.text for answer in answers if answer is not None and not answer.ok)
    promised = {
        one["id"] for one, answer in zip(orders, answers, strict=True) if answer is not None and answer.ok
    }
    stored = host.asks(lambda: verdict(host, load).stored)
    disk.is_cleared()
    for one in orders:
        load.send(one)
    host.asks(inbox.replay)

    assert set(codes) == {200, 503}
    assert len(codes) == 60
    assert host.registered.challenge_token not in shown
    assert stored == len(promised)
    assert verdict(host, load).faults == {}


def test_reports_of_the_browser_meet_a_full_disk(host: Host) -> None:
    """202 for what is stored, although it cannot be applied now, and 503 for the rest: the page keeps it."""
    maya, disk = host.user("maya"), Disk(host)
    token = maya.csrf_token
    disk.fills_up()
    answers = [report(maya, number, token) for number in range(40)]
    stored = len(events_of(maya))
    disk.is_cleared()
    again = [report(maya, number, token) for number in range(40)]
    host.runs("replay")
    states = [one.state for one in events_of(maya)]

    assert {answer.status_code for answer in answers} == {202, 503}
    assert stored == [answer.status_code for answer in answers].count(202)
    assert {answer.status_code for answer in again} == {202}
    assert states == [APPLIED] * 40


def report(maya: HostUser, number: int, token: str) -> TestResponse:
    """Maya's page reports a chosen patient, and much that the library may say beside."""
    told = selected(maya, id=f"report-{number}", note="x" * 500)
    return maya.posts(
        "/fullscript/events", {"patient_id": "7", "environment": "local", "event": told}, token=token
    )
