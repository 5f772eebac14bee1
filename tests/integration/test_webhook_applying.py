"""What comes of the events that Fullscript tells: records, states, and what the host hears."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from celery import Celery
from sqlalchemy import update
from sqlalchemy.event import listen, remove
from sqlalchemy.exc import OperationalError

import fullscript_embed
from fullscript_embed import connections, inbox, patients
from fullscript_embed.clock import utcnow
from fullscript_embed.envelope import DEEPEST
from fullscript_embed.fates import FIRST_PAUSE, MOST_ATTEMPTS
from fullscript_embed.models import ClinicKey, Connection, InboxEvent, Name, TreatmentPlan, Witness
from fullscript_embed.plans import PlanView
from fullscript_embed.testing import Sandbox, SandboxApp
from fullscript_embed.told import read_head
from tests.partner_host import HARBORLIGHT, JUNIPER, Host, HostUser, at_once, create_host, plan_activated
from tests.webhook_sender import Sender, event, plan

AMELIA = "fullscript-amelia"
ONE_O_CLOCK, TWO_O_CLOCK = "2026-11-20T13:00:00.000Z", "2026-11-20T14:00:00.000Z"


@pytest.fixture
def sender(connected: HostUser) -> Sender:
    """Fullscript, telling a host that is connected and knows that patient 7 is Amelia."""
    link(connected.host, "7")
    return Sender(connected.host)


def link(host: Host, patient_id: str, fullscript_patient_id: str = AMELIA, *, shared: bool = False) -> None:
    """Say who a patient of the host is."""
    names = {"environment": "local", "clinic_id": JUNIPER, "fullscript_patient_id": fullscript_patient_id}
    host.asks(lambda: host.extension.link_patient(patient_id, **names, shared=shared))


def plans_of(host: Host, patient: str = "7") -> list[PlanView]:
    """What the host is told of a patient's plans."""
    return host.asks(lambda: host.extension.treatment_plans(patient))


def rows(host: Host, kind: Any = InboxEvent) -> list[Any]:
    """All rows of a table, the inbox by default."""
    return host.asks(lambda: host.extension.db.session.query(kind).order_by(kind.id).all())


def states(host: Host) -> list[str]:
    """The states of all events, the first to arrive first."""
    return [one.state for one in rows(host)]


def test_a_plan_that_was_made_elsewhere_is_in_the_chart(sender: Sender) -> None:
    """Whoever is linked to its Fullscript patient has it."""
    sender.tells(plan())
    (shown,) = plans_of(sender.host)

    assert (shown.id, shown.state, shown.is_shared) == ("plan-1", "active", False)
    assert states(sender.host) == ["applied"]


def test_a_patient_who_is_linked_later_has_the_plan_from_then_on(connected: HostUser) -> None:
    """A link is all that was missing; the plan need not come again."""
    Sender(connected.host).tells(plan())
    before = plans_of(connected.host)
    link(connected.host, "7")

    assert (before, len(plans_of(connected.host))) == ([], 1)


def test_a_shared_account_is_said_to_be_shared(sender: Sender) -> None:
    """A family has one address: the plan is in each chart, with a word of caution."""
    link(sender.host, "8", shared=True)
    sender.tells(plan())
    page = sender.host.user("maya").sees_plans("8").text

    assert [one.is_shared for one in (*plans_of(sender.host), *plans_of(sender.host, "8"))] == [True, True]
    assert "It may be for another of them." in page


def test_a_cancelled_plan_is_shown_as_that(sender: Sender) -> None:
    """The page that polls hears of it, and keeps what was recommended."""
    sender.tells(plan())
    maya = sender.host.user("maya")
    version = maya.sees_plans().text.partition('data-version="')[2].partition('"')[0]
    sender.tells(plan("updated", at=ONE_O_CLOCK, recommendations=[]))
    page = maya.sees_plans(seen=version)

    assert (page.status_code, "Cancelled" in page.text) == (200, True)
    assert "cancelled <time" in page.text
    assert "Product name not known yet" in page.text


def test_a_cancellation_that_comes_first_is_not_undone(sender: Sender) -> None:
    """The order of arrival is not that of the events."""
    sender.tells(plan("updated", at=ONE_O_CLOCK), plan())

    assert [one.state for one in plans_of(sender.host)] == ["cancelled"]


@pytest.mark.parametrize("kind", ["created", "updated", "recommendation.updated"])
def test_the_guides_payload_is_understood(sender: Sender, sandbox: Sandbox, kind: str) -> None:
    """It says `"active": "true"` of every plan, and not whose it is: that is asked of Fullscript."""
    patient_id, plan_id = somebodys_plan(sender.host)
    link(sender.host, "8", patient_id)
    told = plan(kind, id=plan_id, active="true")
    for name in ("state", "patient", "practitioner"):
        del told["data"]["treatment_plan"][name]
    sandbox.clear_calls()
    sender.tells(told)
    (shown,) = plans_of(sender.host, "8")

    assert shown.state == ("cancelled" if kind == "updated" else "active")
    assert shown.practitioner_id is not None
    assert sender.host.calls(f"/api/clinic/treatment_plans/{plan_id}") == [200]


def test_an_event_waits_while_fullscript_cannot_be_asked(sender: Sender, sandbox: Sandbox) -> None:
    """It is tried again later, and loses nothing."""
    patient_id, plan_id = somebodys_plan(sender.host)
    link(sender.host, "8", patient_id)
    told = plan(id=plan_id, patient=None)
    sandbox.fault("/api/clinic/treatment_plans/*", status=503, times=9)
    sender.tells(told)
    (waiting,) = rows(sender.host)
    sandbox.clear_faults()
    too_early = sender.host.asks(inbox.sweep)
    let_it_be_due(sender.host)
    swept = sender.host.asks(inbox.sweep)

    assert (waiting.state, waiting.attempts, waiting.last_error) == (
        "waiting",
        1,
        "Fullscript: server_failed",
    )
    assert waiting.due_at > utcnow() - timedelta(seconds=30)
    assert (too_early, swept, len(plans_of(sender.host, "8"))) == (0, 1, 1)


def test_a_plan_that_fullscript_does_not_know_is_kept_all_the_same(sender: Sender) -> None:
    """Nobody's chart shows it, and the event is done: asking again would not help."""
    sender.tells(plan(patient=None))

    assert states(sender.host) == ["applied"]
    assert [one.fullscript_patient_id for one in rows(sender.host, TreatmentPlan)] == [None]


def test_an_event_of_a_clinic_that_nobody_connected_is_parked(maya: HostUser) -> None:
    """And applied when somebody connects it."""
    link(maya.host, "7")
    Sender(maya.host).tells(plan())
    before, error = states(maya.host), rows(maya.host)[0].last_error
    maya.connects()

    assert (before, error) == (["parked"], "Nobody has connected this clinic.")
    assert (states(maya.host), len(plans_of(maya.host))) == (["applied"], 1)


def test_a_connection_elsewhere_unparks_nothing(connected: HostUser) -> None:
    """Each clinic waits for its own people."""
    Sender(connected.host).tells({**plan(), "clinic_id": HARBORLIGHT})
    connected.host.runs("sweep")
    before = states(connected.host)
    connected.host.user("grace").connects()

    assert (before, states(connected.host)) == (["parked"], ["applied"])


def test_clinics_never_mix(sender: Sender) -> None:
    """Another clinic's event with the same ids is about another plan."""
    sender.host.user("grace").connects()
    sender.tells(plan(), {**plan("updated", at=ONE_O_CLOCK), "clinic_id": HARBORLIGHT})

    assert [(one.clinic_id, one.state) for one in rows(sender.host, TreatmentPlan)] == [
        (JUNIPER, "active"),
        (HARBORLIGHT, "cancelled"),
    ]
    assert [one.state for one in plans_of(sender.host)] == ["active"]


def test_an_event_without_a_clinic_is_nobodys(sender: Sender) -> None:
    """It is kept with what is wrong, and changes no record."""
    sender.tells({**plan(), "clinic_id": None})
    (dead,) = rows(sender.host)

    assert (dead.state, dead.last_error) == (
        "dead",
        "The event names no clinic, so nobody knows whose it is.",
    )


@pytest.mark.parametrize(
    "data",
    [
        pytest.param({}, id="nothing"),
        pytest.param([], id="a list"),
        pytest.param({"treatment_plan": "plan-1"}, id="a text"),
        pytest.param({"treatment_plan": {"state": "active"}}, id="no id"),
        pytest.param({"treatment_plan": {"id": "x" * 65}}, id="an id that is too long"),
    ],
)
def test_what_cannot_be_applied_is_dead_at_once(sender: Sender, data: Any) -> None:
    """It keeps its error, is not tried for ever, and a replay takes it up again."""
    sender.tells(event("treatment_plan.created", data))
    (dead,) = rows(sender.host)
    replayed = sender.host.runs("replay")

    assert (dead.state, dead.attempts, dead.last_error[:32]) == (
        "dead",
        1,
        "The event names no treatment_pla",
    )
    assert replayed == (1, "0 events done, 1 not.\n")


def test_an_unknown_type_is_applied_and_told(sender: Sender, heard: list[dict[str, Any]]) -> None:
    """A later Fullscript's event does no harm; the host may do something with it."""
    sender.tells(event("fulfillment.shipment.shipped", {"fulfillment_shipment": {"order_id": "o"}}))

    assert states(sender.host) == ["applied"]
    assert [(facts["signal"], facts["type"]) for facts in heard] == [
        ("event_applied", "fulfillment.shipment.shipped")
    ]


def test_an_order_is_kept(sender: Sender) -> None:
    """Its data is flat, and says what was bought from which plans."""
    lines = [{"variant_id": "v1", "quantity": 2, "type": "supplement"}, {"variant_id": "v2", "type": "labs"}]
    order = {
        "id": "order-1",
        "order_number": "R000000001",
        "completed_at": "2026-11-20T07:00:00.000-05:00",
        "treatment_plan_ids": ["plan-1"],
        "patient_id": AMELIA,
        "line_items": lines,
    }
    sender.tells(event("order.placed", order))
    (kept,) = sender.host.asks(lambda: sender.host.extension.orders("7"))

    assert (kept.id, kept.order_number, kept.treatment_plan_ids) == ("order-1", "R000000001", ("plan-1",))
    assert kept.completed_at is not None
    assert kept.completed_at.isoformat() == "2026-11-20T12:00:00+00:00"
    assert [(line.variant_id, line.quantity, line.is_lab) for line in kept.line_items] == [
        ("v1", 2, False),
        ("v2", None, True),
    ]


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("results_received", "partial_results"),
        ("all_results_received", "results_ready"),
        ("results_amended", "results_amended"),
        ("a later word", "a later word"),
    ],
)
def test_a_lab_order_is_kept_in_the_apis_words(sender: Sender, status: str, state: str) -> None:
    """Events call the states otherwise (field notes, P38); what is not known passes."""
    lab = {"id": "lab-order-1", "patient_id": AMELIA, "practitioner_id": "practitioner-1", "status": status}
    sender.tells(event("lab_order.updated", {"lab_order": lab}))
    (kept,) = sender.host.asks(lambda: sender.host.extension.lab_orders("7"))

    assert (kept.id, kept.state, kept.practitioner_id) == ("lab-order-1", state, "practitioner-1")


def test_a_patients_facts_are_kept(sender: Sender) -> None:
    """What an event does not speak of stays as it was."""
    created = {"id": AMELIA, "first_name": "Amelia", "email": "old@mail.example", "is_dependent": True}
    changed = {"id": AMELIA, "email": "new@mail.example", "is_dependent": False}
    sender.tells(
        event("patient.emancipated", {"patient": changed}, created_at=ONE_O_CLOCK),
        event("patient.created", {"patient": created}),
    )
    kept = sender.host.asks(lambda: patients.facts_of("local", JUNIPER, AMELIA))

    assert kept is not None
    assert (kept.first_name, kept.email, kept.is_dependent) == ("Amelia", "new@mail.example", False)


@pytest.mark.parametrize("kind", ["product.created", "product.updated", "product.description.updated"])
def test_a_renamed_product_has_its_new_name_in_charts(sender: Sender, kind: str) -> None:
    """Flat or nested; the page that shows it hears of it, and an older event changes nothing."""
    variant_id = something(sender.host)
    sender.tells(plan(recommendations=[{"variant_id": variant_id}]))
    before = sender.host.asks(lambda: sender.host.extension.plans_fragment("7"))
    sender.tells(renamed(kind, variant_id, "Newer", soon()), renamed(kind, variant_id, "Older", ONE_O_CLOCK))
    after = sender.host.asks(lambda: sender.host.extension.plans_fragment("7"))

    assert [one.plans[0].recommendations[0].product_name == "Newer" for one in (before, after)] == [
        False,
        True,
    ]
    assert before.version != after.version


def test_a_product_that_nobody_asked_for_is_not_kept(sender: Sender) -> None:
    """The catalog stays Fullscript's."""
    sender.tells(renamed("product.created", "variant-9", "New", soon()))

    assert (
        states(sender.host),
        sender.host.asks(lambda: sender.host.extension.db.session.query(Name).count()),
    ) == (
        ["applied"],
        0,
    )


def test_a_revoked_clinic_key_has_the_connection_found_out(sender: Sender) -> None:
    """The next use asks Fullscript first; an activation that happened before changes nothing."""
    sender.tells(
        event("clinic_key.revoked", {"clinic_key": {"clinic_id": JUNIPER}}, created_at=soon()),
        event("clinic_key.activated", {"clinic_key": {"clinic_id": JUNIPER}}),
    )
    connection = sender.host.connection()
    sender.host.sandbox.clear_calls()
    grant = sender.host.user("maya").opens_fullscript().status_code

    assert [one.state for one in rows(sender.host, ClinicKey)] == ["revoked"]
    assert (connection.status, grant) == ("connected", 200)
    assert sender.host.calls("/api/oauth/token") == [200]


@pytest.fixture
def heard() -> Iterator[list[dict[str, Any]]]:
    """What receivers of all signals about events were told."""
    told: list[dict[str, Any]] = []
    names = [name for name in fullscript_embed.__all__ if name not in {"connected", "disconnected"}]
    signals = {name: getattr(fullscript_embed, name) for name in names}
    receivers = {
        name: (lambda _app, _name=name, **facts: told.append({"signal": _name, **facts}))
        for name, signal in signals.items()
        if hasattr(signal, "receivers_for")
    }
    for name, receiver in receivers.items():
        signals[name].connect(receiver)
    yield told
    for name, receiver in receivers.items():
        signals[name].disconnect(receiver)


PATIENT, PRODUCT, KEY = (
    {"patient": {"id": AMELIA}},
    {"product": {"variants": [{"id": "v1"}]}},
    {"clinic_key": {}},
)
WHOSE = {"fullscript_patient_id": AMELIA, "patient_id": "7"}
OF_PLAN = {**WHOSE, "treatment_plan_id": "plan-1"}


@pytest.mark.parametrize(
    ("told", "signal", "facts"),
    [
        (event("patient.created", PATIENT), "patient_created", WHOSE),
        (event("patient.updated", PATIENT), "patient_updated", WHOSE),
        (event("patient.emancipated", PATIENT), "patient_emancipated", WHOSE),
        (plan(), "treatment_plan_activated", OF_PLAN),
        (plan("updated"), "treatment_plan_cancelled", OF_PLAN),
        (plan("updated", state="active"), "treatment_plan_changed", OF_PLAN),
        (plan("recommendation.updated"), "treatment_plan_changed", OF_PLAN),
        (
            event("order.placed", {"id": "o1", "patient_id": AMELIA}),
            "order_placed",
            {**WHOSE, "order_id": "o1"},
        ),
        (
            event("lab_order.updated", {"lab_order": {"id": "l1", "status": "results_amended"}}),
            "lab_order_updated",
            {"lab_order_id": "l1", "state": "results_amended", "patient_id": None},
        ),
        (event("product.created", PRODUCT["product"]), "product_created", {"variant_ids": ["v1"]}),
        (event("product.updated", PRODUCT), "product_updated", {"variant_ids": ["v1"]}),
        (event("product.description.updated", PRODUCT), "product_updated", {"variant_ids": ["v1"]}),
        (event("clinic_key.activated", KEY), "clinic_key_activated", {"clinic_id": JUNIPER}),
        (event("clinic_key.revoked", KEY), "clinic_key_revoked", {"clinic_id": JUNIPER}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_host_hears_of_every_kind(
    sender: Sender, heard: list[dict[str, Any]], told: dict[str, Any], signal: str, facts: dict[str, Any]
) -> None:
    """A signal of its own with ids, then the one for all; a payload in neither."""
    sender.tells(told)
    own, general = heard

    assert (own["signal"], general["signal"]) == (signal, "event_applied")
    assert own | facts | {"event_id": told["id"], "type": told["type"]} == own


def test_the_host_hears_once_of_what_the_browser_and_then_fullscript_told(
    connected: HostUser, heard: list[dict[str, Any]]
) -> None:
    """The webhook adds what the browser does not know, and is no second activation."""
    connected.reports(plan_activated(connected.host.registered.client_id))
    told = plan(recommendations=[{"variant_id": "variant-2"}], practitioner={"id": "another"})
    Sender(connected.host).tells({**told, "id": "event-activated", "created_at": "2026-11-20T10:00:00.000Z"})
    (shown,) = plans_of(connected.host)

    assert [facts["signal"] for facts in heard] == ["treatment_plan_activated", "event_applied"]
    assert (shown.recommendations[0].variant_id, shown.personal_message) == ("variant-2", "Take care.")
    assert states(connected.host) == ["applied"]


def test_fullscripts_word_counts_though_a_poll_has_named_the_event_before(connected: HostUser) -> None:
    """A poll's list says that there is such an event, and nothing of what is in it."""
    connected.reports(plan_activated(connected.host.registered.client_id))
    connected.host.asks(lambda: inbox.seen("local", ["event-activated"], door="poll"))
    told = plan(recommendations=[{"variant_id": "variant-2"}])
    Sender(connected.host).tells({**told, "id": "event-activated", "created_at": "2026-11-20T10:00:00.000Z"})
    (shown,) = plans_of(connected.host)

    assert shown.recommendations[0].variant_id == "variant-2"


def test_the_host_hears_again_when_the_browser_says_whose_it_is(
    connected: HostUser, heard: list[dict[str, Any]]
) -> None:
    """Fullscript knows no patient of the host; the page does."""
    told = {**plan(), "id": "event-activated", "created_at": "2026-11-20T10:00:00.000Z"}
    Sender(connected.host).tells(told)
    connected.reports(plan_activated(connected.host.registered.client_id))
    activations = [facts for facts in heard if facts["signal"] == "treatment_plan_activated"]

    assert [facts["patient_id"] for facts in activations] == [None, "7"]
    assert activations[1]["user_id"] == "maya"


def test_many_workers_with_one_event_apply_it_once(sender: Sender, heard: list[dict[str, Any]]) -> None:
    """One of them applies it and tells of it; the others find it done."""
    sender.host.app.extensions["fullscript.state"].wakeups = Nobody()
    sender.tells(plan())
    number = rows(sender.host)[0].id
    at_once(6, lambda _worker: sender.host.asks(lambda: inbox.apply(number)))
    (done,) = rows(sender.host)

    assert (done.state, done.attempts, len(plans_of(sender.host))) == ("applied", 1, 1)
    assert [facts["signal"] for facts in heard] == ["treatment_plan_activated", "event_applied"]


class Nobody:
    """Wakes no worker."""

    def add(self, _number: int) -> None:
        """Do nothing."""


def test_nothing_is_applied_in_the_request(
    sandbox: Sandbox, partner_app: SandboxApp, host_config: dict[str, str]
) -> None:
    """With Celery the request stores, a worker applies, and a sweep finds what no worker heard of."""
    celery = Celery("host", broker="memory://", set_as_current=False)
    with Host(sandbox, partner_app, create_host(host_config, celery=celery)) as host:
        host.make_tables()
        host.user("maya").connects()
        sandbox.clear_calls()
        host.app.extensions["fullscript.state"].wakeups = Nobody()
        Sender(host).tells(plan())
        stored, asked = states(host), sandbox.calls("/api/*")
        let_it_be_due(host)
        host.asks(inbox.sweep)
        swept = states(host)
        celery.close()

    assert (stored, asked, swept) == (["waiting"], [], ["applied"])


def test_sweeps_at_once_take_up_everything_once(sender: Sender, heard: list[dict[str, Any]]) -> None:
    """After an outage several workers find more than one of them takes at a time."""
    sender.host.app.extensions["fullscript.state"].wakeups = Nobody()
    sender.tells(*(plan(id=f"plan-{number}") for number in range(2 * inbox.BATCH + 1)))
    let_it_be_due(sender.host)
    at_once(3, lambda _worker: sender.host.asks(inbox.sweep))
    activations = [facts["event_id"] for facts in heard if facts["signal"] == "treatment_plan_activated"]

    assert set(states(sender.host)) == {"applied"}
    assert len(activations) == len(set(activations)) == 2 * inbox.BATCH + 1


def test_a_receiver_that_raises_is_told_again_by_a_sweep(sender: Sender) -> None:
    """The plan is applied whatever the host's code does."""

    applied_and_not_heard(sender)
    (waiting,) = rows(sender.host)
    printed = sender.host.runs("events", str(waiting.id))[1]
    let_it_be_due(sender.host)
    sender.host.asks(inbox.sweep)

    assert (waiting.state, waiting.applied_at is not None) == ("waiting", True)
    assert re.search(r"^  applied 20\S+, 2 attempts, again at 20", printed, re.MULTILINE)
    assert waiting.last_error == "a receiver of the signal raised RuntimeError"
    assert (states(sender.host), len(plans_of(sender.host))) == (["applied"], 1)


def test_what_a_receiver_wrote_and_no_database_takes_holds_up_nobody(sender: Sender) -> None:
    """It is told again later, as if it had raised; a sweep goes on with the other events."""

    def writes_nonsense(app: Any, **_facts: Any) -> None:
        twin = Connection(user_id="maya", environment="local")
        app.extensions["sqlalchemy"].session.add(twin)

    sender.host.app.extensions["fullscript.state"].wakeups = Nobody()
    sender.tells(plan(), event("order.placed", {"id": "order-1", "patient_id": AMELIA}))
    let_it_be_due(sender.host)
    with fullscript_embed.treatment_plan_activated.connected_to(writes_nonsense):
        swept = sender.host.asks(inbox.sweep)
    waiting, other = rows(sender.host)
    let_it_be_due(sender.host)
    sender.host.asks(inbox.sweep)

    assert (swept, waiting.state, waiting.attempts, other.state) == (2, "waiting", 2, "applied")
    assert waiting.last_error == "what receivers of the signal wrote could not be committed: IntegrityError"
    assert states(sender.host) == ["applied", "applied"]


def breaks(_app: Any, **_facts: Any) -> None:
    """A receiver with a fault of its own."""
    raise RuntimeError("the host's own fault")


def applied_and_not_heard(sender: Sender) -> dict[str, Any]:
    """An event that is applied, and that the receivers have yet to hear of."""
    told = plan()
    with fullscript_embed.treatment_plan_activated.connected_to(breaks):
        sender.tells(told)
    return told


def told_unreadably(host: Host, told: dict[str, Any]) -> None:
    """A second witness says of an event what nobody can read."""
    deep: list[Any] = []
    for _ in range(2 * DEEPEST):
        deep = [deep]
    strange = {"event": {**told, "data": {"treatment_plan": deep}}}
    host.asks(lambda: inbox.store(read_head(strange), strange, environment="local", door="poll"))


def test_an_event_that_cannot_be_told_of_is_dead_and_in_nobodys_way(sender: Sender) -> None:
    """What a second witness said cannot be read however often it is tried; the sweep goes on."""
    told_unreadably(sender.host, applied_and_not_heard(sender))
    sender.host.app.extensions["fullscript.state"].wakeups = Nobody()
    sender.tells(event("order.placed", {"id": "order-1", "patient_id": AMELIA}))
    let_it_be_due(sender.host)
    swept, again = sender.host.asks(inbox.sweep), sender.host.asks(inbox.sweep)
    (dead,) = sender.host.asks(sender.host.extension.failed_events)
    printed = sender.host.runs("events", "--state", "dead")[1]

    assert (swept, again, states(sender.host)) == (2, 0, ["dead", "applied"])
    assert (dead.attempts, dead.error) == (3, f"The event is nested deeper than {DEEPEST} levels.")
    assert printed.rstrip().endswith(f"{dead.event_id}  {dead.error}")


def test_an_event_that_can_be_told_of_after_all_is_replayed(
    sender: Sender, heard: list[dict[str, Any]]
) -> None:
    """As when a later version can read what the witness said."""
    told = applied_and_not_heard(sender)
    told_unreadably(sender.host, told)
    let_it_be_due(sender.host)
    sender.host.asks(inbox.sweep)
    before, unread = states(sender.host), sender.host.runs("replay", "--failed")
    with sender.host.app.app_context():
        sender.host.extension.db.session.execute(update(Witness).values(payload={"event": told}))
        sender.host.extension.db.session.commit()
    heard.clear()
    read = sender.host.runs("replay", "--failed")

    assert (before, unread, read) == (
        ["dead"],
        (1, "0 events done, 1 not.\n"),
        (0, "1 event done, 0 not.\n"),
    )
    assert [facts["signal"] for facts in heard] == ["treatment_plan_activated", "event_applied"]


@pytest.mark.parametrize("table", ["fullscript_witness", "fullscript_patient_link"])
def test_an_event_that_cannot_be_told_of_now_is_told_later(sender: Sender, table: str) -> None:
    """Each failure is an attempt, with a longer pause after it, until it is dead as others are."""
    applied_and_not_heard(sender)
    host, pauses = sender.host, []
    with unreadable(host, table):
        for _ in range(MOST_ATTEMPTS - 2):  # it was applied, and a receiver failed
            let_it_be_due(host)
            host.asks(inbox.sweep)
            (failed,) = rows(host)
            pauses.append(round((failed.due_at - utcnow()) / FIRST_PAUSE))
    host.runs("replay")

    assert (failed.state, failed.attempts, failed.last_error) == ("dead", MOST_ATTEMPTS, "OperationalError")
    assert pauses[:4] == [4, 8, 16, 32]
    assert states(host) == ["applied"]


@contextmanager
def unreadable(host: Host, table: str) -> Iterator[None]:
    """The host's database cannot read one of our tables."""

    def refuse(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.startswith("SELECT") and table in statement:
            raise OperationalError(statement, None, Exception("disk I/O error"))

    engine = host.asks(lambda: host.extension.db.engine)
    listen(engine, "before_cursor_execute", refuse)
    try:
        yield
    finally:
        remove(engine, "before_cursor_execute", refuse)


def test_one_event_may_be_replayed_when_it_is_done(sender: Sender, heard: list[dict[str, Any]]) -> None:
    """The records stay the same, and the host hears of it again."""
    sender.tells(plan())
    printed = sender.host.runs("replay", str(rows(sender.host)[0].id))

    assert printed == (0, "1 event done, 0 not.\n")
    assert [facts["signal"] for facts in heard].count("treatment_plan_activated") == 2
    assert len(plans_of(sender.host)) == 1


def let_it_be_due(host: Host) -> None:
    """Make time pass for the inbox."""
    with host.app.app_context():
        host.extension.db.session.execute(update(InboxEvent).values(due_at=utcnow()))
        host.extension.db.session.commit()


def soon() -> str:
    """A moment after anything that was looked up by now, as events write it."""
    return (utcnow() + timedelta(minutes=5)).isoformat()


def renamed(kind: str, variant_id: str, name: str, at: str) -> dict[str, Any]:
    """A product's event: flat where it is new, else nested."""
    product = {"name": name, "brand": {"name": "Brand"}, "variants": [{"id": variant_id, "units": 60}]}
    return event(kind, product if kind == "product.created" else {"product": product}, created_at=at)


def asked(host: Host, question: Any) -> Any:
    """What Fullscript answers Maya."""
    connection = host.connection()
    return host.asks(lambda: connections.call(connection.id, question, now=utcnow()))


def somebodys_plan(host: Host) -> tuple[str, str]:
    """A patient of the sandbox who has a treatment plan, and the plan."""
    for patient in asked(host, lambda client: list(client.patients.list())):
        found = asked(host, lambda client, one=patient: list(client.patients.treatment_plans(one.id)))
        if found:
            return patient.id, found[0].id
    raise AssertionError("the sandbox's seed has no treatment plan")


def something(host: Host) -> str:
    """A variant of the sandbox's catalog."""
    product = asked(host, lambda client: next(iter(client.products.search("magnesium"))))
    return str(product.primary_variant.id)
