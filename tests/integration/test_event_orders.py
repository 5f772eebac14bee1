"""The same events give the same records, in any order, by any doors, any number of times."""

from __future__ import annotations

import copy
import itertools
import os
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fullscript_embed import envelope, inbox, told
from fullscript_embed.envelope import BROWSER, POLL, WEBHOOK
from fullscript_embed.models import (
    DISCONNECTED,
    Base,
    Connection,
    LabOrder,
    Order,
    PatientFacts,
    PatientLink,
    TreatmentPlan,
)
from tests.partner_host import JUNIPER, create_host, plan_activated
from tests.webhook_sender import event, plan

# HYPOTHESIS_PROFILE=long tries ten times as many orders.
EXAMPLES = 200 if os.environ.get("HYPOTHESIS_PROFILE") == "long" else 20
numbers = itertools.count()


@pytest.fixture(scope="module")
def app() -> Iterator[Flask]:
    """A host that somebody of Juniper had connected; nobody can be asked for names."""
    nowhere = {f"FULLSCRIPT_LOCAL_{key}": "x" for key in ("CLIENT_ID", "CLIENT_SECRET", "PUBLIC_KEY")}
    app = create_host({"SQLALCHEMY_DATABASE_URI": "sqlite://", **nowhere})
    with app.app_context():
        db = app.extensions["fullscript"].db
        Base.metadata.create_all(db.engine)
        ours = {"user_id": "maya", "environment": "local", "clinic_id": JUNIPER}
        db.session.add(Connection(**ours, status=DISCONNECTED))
        db.session.commit()
        yield app
        db.session.remove()
        db.engine.dispose()


def life_of_a_plan(number: str) -> list[tuple[str, dict[str, Any]]]:
    """All that happens to one plan, as each door tells it; a moment has more than one event."""
    mine = {"id": f"plan-{number}", "patient": {"id": f"patient-{number}"}}
    sent = {"id": f"sent-{number}"}
    by_browser = copy.deepcopy(plan_activated("x", **sent, createdAt="2026-11-20T12:00:00.000Z"))
    by_browser["data"]["treatmentPlan"] |= mine
    created = plan("created", **mine) | sent
    changed = [
        plan("recommendation.updated", at=f"2026-11-20T12:0{minute}:00.000Z", **mine, recommendations=[line])
        | {"id": f"changed-{line['variant_id']}-{number}"}
        for minute, line in (
            (1, {"variant_id": "second"}),
            (1, {"variant_id": "third"}),
            (0, {"variant_id": "1st"}),
        )
    ]
    cancelled = plan("updated", at="2026-11-20T12:02:00.000Z", **mine, recommendations=[])
    late_word = plan("updated", at="2026-11-20T12:02:00.000Z", **mine, personal_message="Sorry.")
    return [
        (BROWSER, by_browser),
        (WEBHOOK, {"event": created}),
        (POLL, created),
        *((WEBHOOK, {"event": one}) for one in changed),
        (POLL, changed[0]),
        (WEBHOOK, {"event": cancelled | {"id": f"cancelled-{number}"}}),
        (POLL, late_word | {"id": f"late-{number}"}),
    ]


def life_of_others(number: str) -> list[tuple[str, dict[str, Any]]]:
    """An order, a lab and a patient, told more than once and differently."""
    lab, person = {"id": f"lab-{number}", "patient_id": "p"}, {"id": f"patient-{number}"}
    told_of = [
        event("order.placed", {"id": f"order-{number}", "order_number": "R1", "line_items": []}),
        event("lab_order.updated", {"lab_order": {**lab, "status": "results_received"}}),
        event(
            "lab_order.updated",
            {"lab_order": {**lab, "status": "all_results_received"}},
            created_at="2026-11-20T13:00:00.000Z",
        ),
        event("patient.created", {"patient": {**person, "email": "a@mail.example", "discount": 5}}),
        event("patient.updated", {"patient": {**person, "email": "b@mail.example"}}),
        event("patient.emancipated", {"patient": {**person, "is_dependent": "false"}}),
    ]
    fixed = [one | {"id": f"{position}-{number}"} for position, one in enumerate(told_of)]
    return [(door, one) for one in fixed for door in (WEBHOOK, POLL)]


def bring(door: str, payload: dict[str, Any]) -> None:
    """Let one door bring one event, and apply it as a worker would."""
    on_page = {"user_id": "maya", "patient_id": "7"} if door == BROWSER else {}
    read = envelope.read(payload) if door == BROWSER else told.read_head(payload)
    stored = inbox.store(read, payload, environment="local", door=door, **on_page)
    inbox.apply(stored.id)


def records_of(app: Flask, number: str) -> list[str]:
    """All that is known of the number's records, with the number taken out."""
    session = app.extensions["fullscript"].db.session
    found: list[Any] = [
        row
        for kind in (TreatmentPlan, Order, LabOrder, PatientFacts)
        for row in session.query(kind).filter(kind.fullscript_id.endswith(f"-{number}"))
    ]
    found += session.query(PatientLink).filter_by(fullscript_patient_id=f"patient-{number}").all()
    said = [repr(facts_of(row)).replace(f"-{number}", "-N") for row in found]
    session.query(PatientLink).delete()
    session.commit()
    return sorted(said)


def facts_of(row: Any) -> dict[str, Any]:
    """What a row says, without what only counts."""
    names = [column.name for column in row.__table__.columns]
    facts = {name: getattr(row, name) for name in names if name not in {"id", "revision", "names_missing"}}
    if "stamps" in facts:
        facts["stamps"] = dict(sorted(facts["stamps"].items()))
    return facts


def outcome(app: Flask, life: Any, order: list[int]) -> list[str]:
    """The records after the steps of a *life* in that *order*."""
    number = f"n{next(numbers):06}"
    steps = life(number)
    for position in order:
        bring(*steps[position])
    return records_of(app, number)


def orders_of(life: Any) -> st.SearchStrategy[list[int]]:
    """Every step at least once, in any order, some of them again."""
    positions = list(range(len(life("0"))))
    again = st.lists(st.sampled_from(positions), max_size=4)
    return st.tuples(st.permutations(positions), again).flatmap(
        lambda both: st.permutations([*both[0], *both[1]])
    )


@pytest.mark.parametrize("life", [life_of_a_plan, life_of_others], ids=["a plan", "others"])
def test_every_order_gives_the_same_record(app: Flask, life: Any) -> None:
    """Newest by the vendor's clock wins, whatever came first, and nothing counts twice."""
    expected = outcome(app, life, list(range(len(life("0")))))

    @settings(deadline=None, max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow])
    @given(orders_of(life))
    def holds(order: list[int]) -> None:
        assert outcome(app, life, order) == expected

    holds()


def test_the_life_of_a_plan_ends_cancelled(app: Flask) -> None:
    """What all orders agree on is what happened."""
    number = f"n{next(numbers):06}"
    for door, payload in reversed(life_of_a_plan(number)):
        bring(door, payload)
    found = app.extensions["fullscript"].db.session.query(TreatmentPlan)
    kept = found.filter_by(fullscript_id=f"plan-{number}").one()

    assert (kept.state, kept.patient_id, kept.user_id) == ("cancelled", "7", "maya")
    assert kept.recommendations[0]["variant_id"] == "variant-1"
    assert kept.happened_at.isoformat() == "2026-11-20T12:00:00+00:00"
