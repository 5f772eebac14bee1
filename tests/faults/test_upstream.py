"""Fullscript's API is slow, broken or busy while events wait for what only it knows."""

from __future__ import annotations

from random import Random
from typing import Any

from tests.faults.load import JUNIPER, NO_HURRY, Load, plan
from tests.faults.site import Site
from tests.waiting import LONG, until

FAULTS: dict[str, dict[str, Any]] = {
    "slow": {"delay_seconds": 2},
    "broken": {"status": 500, "times": 20},
    "busy for an hour": {"status": 429, "headers": {"Retry-After": "3600"}, "times": 20},
    "busy for a second": {"status": 429, "headers": {"Retry-After": "1"}},
    "cut": {"drop": True, "times": 20},
    "half of its JSON": {"malformed": True, "times": 20},
}
LASTING = {"broken", "busy for an hour", "cut", "half of its JSON"}
# The events that tell of these plans, and what became of the plans.
STORY = (
    "SELECT event.event_id, event.state, event.last_error, plan.fullscript_patient_id"
    " FROM fullscript_event AS event LEFT JOIN fullscript_treatment_plan AS plan"
    " ON plan.fullscript_id = :plan WHERE event.event_id = :event"
)


def test_events_wait_for_an_upstream_that_fails(small_site: Site, chance: Random) -> None:
    """What passes by itself is waited for, the rest keeps its error; afterwards all are applied, once."""
    sandbox = small_site.sandbox
    load = Load(small_site.url, small_site.app, chance, total=len(FAULTS), patience=NO_HURRY)
    stories, patients = {}, {}
    for name, fault in FAULTS.items():
        real = sandbox.emit("treatment_plan.created", clinic_id=JUNIPER)["data"]["treatment_plan"]
        sandbox.fault(f"/api/clinic/treatment_plans/{real['id']}", **fault)
        told = plan(chance, patient_id=None, plan_id=real["id"])
        stories[name], patients[name] = {"plan": real["id"], "event": told["id"]}, real["patient"]["id"]
        load.send(told)
    until(
        lambda: all(_is_told(small_site, story) for story in stories.values()),
        within=LONG,
        what="every first attempt",
    )
    failed = {name for name, story in stories.items() if small_site.rows(STORY, **story)[0].last_error}
    sandbox.clear_faults()
    small_site.settle()
    found = {
        name: small_site.rows(STORY, **story)[0].fullscript_patient_id for name, story in stories.items()
    }

    assert failed == LASTING
    assert found == patients
    assert small_site.verdict(load.promised).faults == {}


def _is_told(site: Site, story: dict[str, str]) -> bool:
    """True when a worker has tried it, well or not."""
    (row,) = site.rows(STORY, **story)
    return row.state != "waiting" or row.last_error is not None
