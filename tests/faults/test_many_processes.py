"""Two web processes, two workers and the schedule on one PostgreSQL and Redis, started as Procfile says."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from celery import Celery

from fullscript_embed.testing import Sandbox
from tests import applied_log
from tests.faults.site import JUNIPER, MAYA, Site
from tests.waiting import LONG, until
from tests.webhook_sender import deliver

PASSWORD = "practice-demo"  # of the demo's accounts
CSRF_FIELD = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
NOON = "2026-11-20T12:00:00.000Z"
ORDERS, PLANS, TIMES = 8, 4, 2
WITNESSES = """
SELECT event.event_id, event.door FROM fullscript_event AS event UNION ALL
SELECT event.event_id, witness.door FROM fullscript_witness AS witness
JOIN fullscript_event AS event ON event.id = witness.number
"""


class Page:
    """Maya's browser, with a chart open."""

    def __init__(self, site: Site) -> None:
        self.site, self.http = site, requests.Session()
        form = {"email": MAYA, "password": PASSWORD, "csrf_token": self._csrf(self._get("/sign-in"))}
        landing = self.http.post(f"{site.url}/sign-in", data=form, timeout=LONG)
        self._token = self._csrf(landing)
        self._patient = str(site.rows("SELECT min(id) FROM patient")[0][0])

    def reports(self, event_id: str, plan_id: str) -> int:
        """Post what the library says about an activated plan; the status."""
        told = {
            "id": event_id,
            "type": "treatmentPlan.activated",
            "createdAt": NOON,
            "clinicId": JUNIPER,
            "oauth": {"clientId": self.site.app.client_id},
            "data": {"treatmentPlan": {"id": plan_id, "state": "active", "patient": {"id": "patient-1"}}},
        }
        body = {"patient_id": self._patient, "environment": "local", "event": told}
        headers = {"X-CSRFToken": self._token}
        url = f"{self.site.url}/fullscript/events"
        return self.http.post(url, json=body, headers=headers, timeout=LONG).status_code

    def _get(self, path: str) -> requests.Response:
        return self.http.get(f"{self.site.url}{path}", timeout=LONG)

    def _csrf(self, page: requests.Response) -> str:
        found = CSRF_FIELD.search(page.text)
        assert found is not None
        return found[1]


@pytest.fixture
def sandbox(large_site: Site) -> Iterator[Sandbox]:
    """The sandbox, which knows where this installation is, and sends nothing by itself."""
    sandbox = large_site.sandbox
    sandbox.hold_webhooks()
    sandbox.change_app(large_site.app, webhook_url=f"{large_site.url}/fullscript/webhooks/local")
    yield sandbox
    sandbox.change_app(large_site.app, webhook_url="")
    sandbox.drop_webhooks()
    sandbox.release_webhooks()


def happen(sandbox: Sandbox) -> tuple[list[str], dict[str, str]]:
    """Let patients order and practitioners send plans; the events of both, with the plans' own ids."""
    orders = [
        sandbox.emit("order.placed", clinic_id=JUNIPER, data={"id": f"order-{n}", "patient_id": "patient-1"})
        for n in range(ORDERS)
    ]
    told = {"state": "active", "patient": {"id": "patient-1"}, "recommendations": []}
    plans = {f"plan-{n}": {"treatment_plan": {**told, "id": f"plan-{n}"}} for n in range(PLANS)}
    return [one["id"] for one in orders], {
        sandbox.emit("treatment_plan.created", clinic_id=JUNIPER, data=data)["id"]: name
        for name, data in plans.items()
    }


def witnesses(site: Site) -> dict[str, list[str]]:
    """By which doors each event came, each as often as it is kept."""
    doors = defaultdict(list)
    for row in site.rows(WITNESSES):
        doors[row.event_id].append(row.door)
    return {event_id: sorted(some) for event_id, some in doors.items()}


def test_three_doors_of_a_whole_installation(large_site: Site, sandbox: Sandbox) -> None:
    """Each event comes by every door that has it, several times and at once: kept once, applied once."""
    orders, plans = happen(sandbox)
    page, sent = Page(large_site), [*orders, *plans] * TIMES
    large_site.start_beat()
    with Celery("polls", broker=large_site.broker_url, set_as_current=False) as celery:
        for _ in range(TIMES):
            celery.send_task("fullscript.poll_clinic", args=["local", JUNIPER, True])
    with ThreadPoolExecutor(8) as threads:
        reported = threads.map(lambda one: page.reports(*one), list(plans.items()) * TIMES)
        delivered = threads.map(lambda one: deliver(sandbox, one, large_site.app), sent)
        statuses = {*reported, *delivered}
    expected = {one: [*(["browser"] if one in plans else []), "poll", "webhook"] for one in sent}
    until(lambda: expected.items() <= witnesses(large_site).items(), within=LONG, what="every witness")
    large_site.settle()
    large_site.stop_beat()
    applied = applied_times(large_site, expected)

    assert statuses == {200, 202}
    assert {event_id: witnesses(large_site)[event_id] for event_id in expected} == expected
    assert [applied[one] for one in orders] == [1] * ORDERS
    # Of a browser and Fullscript each knows something of a plan that the other does not.
    assert {applied[one] for one in plans} <= {1, 2}


def applied_times(site: Site, expected: dict[str, Any]) -> dict[str, int]:
    """How often the database saw each event applied."""
    with site.engine.connect() as connection:
        times = applied_log.times_applied(connection)
    return {event_id: times[event_id] for event_id in expected}
