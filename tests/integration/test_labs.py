"""Labs in a partner's application: asked for, kept, told of, and asked for again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import event as sql_event

import fullscript_embed
from fullscript_embed import clinics, lab_agenda, lab_checks
from fullscript_embed.lab_checks import LabRound
from fullscript_embed.lab_models import LabResult
from fullscript_embed.models import LabOrder
from fullscript_embed.testing import Sandbox, SandboxApp
from tests.lab_actors import Lab, buy_lab, choose_lab, process_lab
from tests.partner_host import Host, HostUser, create_host, settings_for
from tests.webhook_sender import Sender, event, plan

LISTED = "/api/clinic/labs/orders"


@pytest.fixture
def bought(connected: HostUser) -> Lab:
    """A lab that was bought just now; nobody asked about it."""
    return buy_lab(connected)


@pytest.fixture
def processed(connected: HostUser) -> Lab:
    """A lab whose sample is at the laboratory; the sandbox's journal is empty again."""
    lab = process_lab(connected)
    connected.host.sandbox.clear_calls()
    return lab


def current_step(lab: Lab) -> str:
    """The key of the step that the page marks."""
    [step] = [one.key for one in lab.shown.steps if one.status == "current"]
    return step


def rounds(host: Host, *, later: timedelta = timedelta()) -> list[LabRound]:
    """What the job does when it is so much later."""
    now = datetime.now(UTC) + later

    def ask() -> list[LabRound]:
        return [lab_checks.check_clinic(*place, now=now) for place in lab_agenda.places_due(now=now)]

    return host.asks(ask)


@contextmanager
def hears_results(host: Host, *, failing: int = 0) -> Iterator[list[dict[str, Any]]]:
    """What the host's receiver is told of results; it raises the first few times."""
    heard: list[dict[str, Any]] = []

    def hear(_app: object, **facts: Any) -> None:
        heard.append(facts)
        if len(heard) <= failing:
            raise RuntimeError

    with fullscript_embed.lab_results_ready.connected_to(hear, sender=host.app):
        yield heard


def test_a_lab_is_followed_from_purchase_to_sharing(connected: HostUser) -> None:
    """Each press of the button shows where it is; most of it no event tells of."""
    lab = choose_lab(connected, "schedule_appointment")
    seen = []
    lab.checks()
    seen.append(current_step(lab))
    for state in ("upcoming_appointment", "processing"):
        lab.moves(state)
        lab.checks()
        seen.append(current_step(lab))
    lab.sandbox.push_lab_results(lab.id)
    lab.checks()
    seen.append(current_step(lab))
    if lab.shown.state != "interpretation_shared":
        lab.moves("interpretation_ready", "interpretation_shared")
        lab.checks()
    seen.append(current_step(lab))

    assert seen == ["appointment", "appointment", "processing", "results", "shared"]


def test_an_event_brings_the_results(processed: Lab) -> None:
    """It says that there are some; the next turn of the job asks which."""
    told_by = processed.sandbox.push_lab_results(processed.id, complete=False)
    processed.host.runs("poll")
    states = [processed.shown.state, len(processed.results)]
    printed = processed.host.runs("check-labs")

    assert states == ["partial_results", 0]
    assert [one.id for one in processed.results] == [one["id"] for one in told_by["results"]]
    assert printed == (0, "1 patients' labs were asked for in 1 clinics.\n")


def test_an_amended_result_says_what_it_replaces(processed: Lab) -> None:
    """The one before it is not current any more."""
    processed.sandbox.push_lab_results(processed.id)
    processed.checks()
    [before] = processed.results
    processed.sandbox.amend_lab_result(processed.id)
    processed.checks()
    now, then = processed.results

    assert (now.is_amendment, [one.id for one in now.replaces], now.is_current) == (True, [before.id], True)
    assert (then.id, then.is_current, then.is_amendment) == (before.id, False, False)
    assert processed.shown.words == "Results amended"


def test_the_host_is_told_of_results(processed: Lab) -> None:
    """With ids and no payload; again when the receiver raised, and then no more."""
    pushed = processed.sandbox.push_lab_results(processed.id)
    with hears_results(processed.host, failing=1) as heard:
        for _ in range(3):
            processed.checks()

    told, again = heard
    assert told == again
    assert told["result_ids"] == [one["id"] for one in pushed["results"]]
    assert (told["patient_id"], told["lab_order_id"]) == ("7", processed.id)


def test_a_patient_is_asked_about_when_they_are_linked(bought: Lab) -> None:
    """Once, by the job; nobody has to press anything."""
    first, second = rounds(bought.host), rounds(bought.host)

    assert ([one.asked for one in first], second) == ([1], [])
    assert (bought.shown.words, len(bought.shown.tests) > 1) == ("Purchased", True)


def test_labs_under_way_are_asked_about_in_turn(bought: Lab) -> None:
    """After an hour again, and not before."""
    bought.checks()
    bought.sandbox.clear_calls()
    early = rounds(bought.host, later=timedelta(minutes=50))
    late = rounds(bought.host, later=timedelta(minutes=61))

    assert (early, [one.asked for one in late]) == ([], [1])
    assert bought.host.calls(LISTED) == [200]


def test_nobody_is_asked_about_who_is_no_patient_of_the_host(connected: HostUser) -> None:
    """Events tell of the whole clinic; whom the host does not know is none of its business."""
    Sender(connected.host).tells(
        event("lab_order.updated", {"lab_order": {"id": "lab-1", "patient_id": "stranger", "status": "x"}})
    )

    assert (rounds(connected.host), connected.host.calls("*")) == ([], [])


def test_what_may_mean_a_lab_order_has_it_asked_for(processed: Lab) -> None:
    """A purchase, a plan with labs and results do, at once; a purchase of supplements does not."""
    sender, mine = Sender(processed.host), processed.patient_id
    lab = {"id": "lab-1", "name": "Thyroid", "tests": []}
    order = {"patient_id": mine, "line_items": [{"type": "labs"}]}
    supplements = {"id": "order-2", "patient_id": mine, "line_items": [{"type": "supplement"}]}
    asked = []
    for told in (
        event("order.placed", {"id": "order-1", **order}),
        plan(patient={"id": mine}, lab_recommendations=[lab]),
        event("lab_order.updated", {"lab_order": {"id": "lab-1", "patient_id": mine, "status": "x"}}),
        event("order.placed", supplements),
    ):
        sender.tells(told)
        asked.append([one.asked for one in rounds(processed.host)])

    assert asked == [[1], [1], [1], []]


def test_what_was_heard_meanwhile_is_not_undone(processed: Lab) -> None:
    """An event that comes while Fullscript answers is newer than the answer; it is asked once more."""
    host, key = processed.host, (*processed.place, processed.patient_id)
    lab = {"id": processed.id, "patient_id": processed.patient_id, "status": "results_amended"}
    now = datetime.now(UTC)

    def ask(do: Any) -> Any:
        found = clinics.call(clinics.find(*processed.place), do, now=now)
        Sender(host).tells(event("lab_order.updated", {"lab_order": lab}, created_at=now.isoformat()))
        return found

    host.asks(partial(lab_checks.check, key, ask, now=now))

    assert processed.shown.state == "results_amended"
    assert [one.asked for one in rounds(host)] == [1]


def test_fullscript_away_is_said_and_nothing_is_lost(processed: Lab) -> None:
    """The page comes back with the mark, and a program is told; the next answer takes the mark away."""
    orders = processed.all().orders
    processed.sandbox.fault(LISTED, status=503, times=9)
    page, program = processed.checks(), processed.checks(Accept="application/json")
    away = processed.all()
    processed.sandbox.clear_faults()
    processed.checks()
    marks = [one.check and (one.check.has_failed, one.check.failure) for one in (away, processed.all())]

    assert (page.status_code, away.orders) == (303, orders)
    assert (program.status_code, program.get_json()["error"]["code"]) == (502, "upstream_unreachable")
    assert marks == [(True, "server_failed"), (False, None)]


def test_a_round_ends_where_all_would_fail(processed: Lab) -> None:
    """One call finds out that Fullscript is away; the others' turn comes later."""
    host, stranger = processed.host, choose_lab(processed.user, "not_purchased").patient_id
    processed.links("7", processed.patient_id)
    processed.links("8", stranger)
    host.sandbox.clear_calls()
    host.sandbox.fault(LISTED, status=429, headers={"Retry-After": "3600"}, times=5)
    [failed] = rounds(host, later=timedelta(days=1))

    assert (failed.asked, failed.error) == (0, "rate_limited")
    assert host.calls(LISTED) == [429]


def test_a_clinic_that_nobody_can_speak_for_waits(bought: Lab) -> None:
    """Until somebody connects it again."""
    bought.host.change_connection(status="reconnect_required", access_token=None)
    bought.sandbox.clear_calls()
    [found] = rounds(bought.host)

    assert (found.error, bought.host.calls("*")) == ("not_connected", [])


def test_labs_are_kept_on_each_engine(sandbox: Sandbox, partner_app: SandboxApp, engine_url: str) -> None:
    """By the job, and by what events say; asked again, nothing is kept twice."""
    config = {"SQLALCHEMY_DATABASE_URI": engine_url, **settings_for(sandbox, partner_app)}
    with Host(sandbox, partner_app, create_host(config)) as host:
        host.make_tables()
        maya = host.user("maya")
        maya.connects()
        lab = process_lab(maya)
        pushed = sandbox.push_lab_results(lab.id)
        host.runs("poll")
        asked = [rounds(host), rounds(host)]
        lab.checks()

        assert [[one.asked for one in some] for some in asked] == [[1], []]
        assert [one.id for one in lab.results] == [one["id"] for one in pushed["results"]]
        assert lab.opens(lab.results[0].id).status_code == 200
        assert lab.shown.unopened == 0


def test_a_recommendation_is_where_it_begins(connected: HostUser) -> None:
    """A plan's labs are shown before Fullscript tells of an order."""
    host = connected.host
    lab = {"id": "lab-1", "name": "Thyroid", "tests": [{"id": "t", "name": "TSH"}]}
    host.asks(
        lambda: host.extension.link_patient(
            "7", environment="local", clinic_id=host.connection().clinic_id or "", fullscript_patient_id="p"
        )
    )
    Sender(host).tells(plan(patient={"id": "p"}, lab_recommendations=[lab]))
    [shown] = Lab(connected, {"id": "", "patient_id": "p"}).all().orders

    assert (shown.id, shown.title, shown.tests) == ("", "Thyroid", ("TSH",))
    assert [one.key for one in shown.steps if one.status == "current"] == ["recommended"]


def test_a_recommendation_that_was_bought_is_shown_once(processed: Lab) -> None:
    """Its order has taken its place."""
    order = processed.shown
    labs = [{"id": "lab-1", "name": order.name, "tests": []}]
    told = plan(id=order.treatment_plan_id, patient={"id": processed.patient_id}, lab_recommendations=labs)
    Sender(processed.host).tells(told)

    assert [one for one in processed.all().orders if not one.id] == []


def test_who_may_not_ask(processed: Lab) -> None:
    """Nothing is asked of Fullscript for them."""
    sam, grace = processed.host.user("sam"), processed.host.user("grace")
    grace.connects()
    processed.sandbox.clear_calls()
    asked = {
        "not connected": sam.submits("/fullscript/patients/7/labs/check"),
        "of another clinic": grace.submits("/fullscript/patients/7/labs/check"),
        "not theirs": processed.user.submits("/fullscript/patients/9/labs/check"),
        "not linked": processed.user.submits("/fullscript/patients/8/labs/check"),
        "without the form": processed.user.browser.post("/fullscript/patients/7/labs/check"),
    }

    assert [one.status_code for one in asked.values()] == [409, 409, 404, 409, 400]
    assert "Nobody has said yet who this patient is" in asked["not linked"].text
    assert processed.host.calls(LISTED) == []


def test_there_are_no_labs_in_canada(sandbox: Sandbox, host_config: dict[str, str]) -> None:
    """Not shown, not asked for, and not part of any job."""
    registered = sandbox.create_app(
        environment="ca-snd", redirect_uris=["http://localhost/fullscript/callback/local-ca"]
    )
    config = {**host_config, **settings_for(sandbox, registered, "local-ca")}
    app = create_host({**config, "FULLSCRIPT_ENVIRONMENTS": "local-ca"})
    with Host(sandbox, registered, app) as host:
        host.make_tables()
        elise = host.user("elise")
        elise.connects()
        lab = Lab.__new__(Lab)
        lab.user, lab.host, lab.place = elise, host, ("local-ca", host.connection("elise").clinic_id or "")
        lab.links("7", "somebody")
        asked = lab.checks()

        assert (asked.status_code, "United States only" in asked.text) == (422, True)
        assert rounds(host) == []


def test_the_fragment_is_sent_when_it_is_news(processed: Lab) -> None:
    """A page that has it all is told so in no words."""
    path = "/fullscript/patients/7/labs"
    first = processed.user.browser.get(path)
    version = processed.all().version
    same = processed.user.browser.get(path, query_string={"seen": version})
    processed.sandbox.push_lab_results(processed.id)
    processed.checks()
    news = processed.user.browser.get(path, query_string={"seen": version})

    assert (first.status_code, same.status_code, news.status_code) == (200, 204, 200)
    assert "Open PDF" in news.text


def test_many_labs_cost_as_many_queries_as_one(processed: Lab) -> None:
    """Fifty orders with two results each."""
    few, before = queries_of(processed), processed.all().unopened
    environment, clinic_id = processed.place
    with processed.host.app.app_context():
        session = processed.host.extension.db.session
        for number in range(50):
            place = {"environment": environment, "clinic_id": clinic_id}
            order = LabOrder(**place, fullscript_id=f"lab-{number}", state="results_ready", stamps={})
            order.fullscript_patient_id, order.happened_at = processed.patient_id, datetime.now(UTC)
            order.practitioner_id = f"practitioner-{number % 3}"
            session.add(order)
            for result in ("a", "b"):
                ids = {"lab_order_id": f"lab-{number}", "fullscript_id": f"{result}-{number}"}
                session.add(LabResult(**place, **ids, heard_at=datetime.now(UTC)))
        session.commit()

    counted = processed.host.asks(lambda: processed.host.extension.labs.unopened(["7", "8"]))
    assert (queries_of(processed), len(processed.all().orders) > 50) == (few, True)
    assert counted == {"7": before + 100, "8": 0}


def queries_of(lab: Lab) -> int:
    """How many statements all that the page shows needs."""
    made: list[str] = []

    def count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        made.append(statement)

    with lab.host.app.app_context():
        engine = lab.host.extension.db.engine
    sql_event.listen(engine, "before_cursor_execute", count)
    lab.all()
    sql_event.remove(engine, "before_cursor_execute", count)
    return len(made)
