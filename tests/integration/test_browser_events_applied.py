"""What comes of an event: links, plans, names, signals (the guide: Events; field notes, P17 and P34)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import update

from fullscript_embed import connections, inbox, treatment_plan_activated
from fullscript_embed import patient_selected as patient_selected_signal
from fullscript_embed.clock import utcnow
from fullscript_embed.models import InboxEvent, Name
from fullscript_embed.testing import Sandbox
from tests.partner_host import (
    JUNIPER,
    Host,
    HostUser,
    activated,
    at_once,
    events_of,
    plans_of,
    selected,
)


def test_a_chosen_patient_is_linked(connected: HostUser) -> None:
    """The Fullscript id is kept for this clinic."""
    connected.reports(selected(connected))
    extension = connected.host.extension
    link = connected.host.asks(lambda: extension.patient_link("7", environment="local", clinic_id=JUNIPER))

    assert link is not None
    assert link.fullscript_patient_id == "fullscript-amelia"


def test_an_older_choice_that_comes_later_does_not_win(connected: HostUser) -> None:
    """Events may come out of order; the vendor's clock decides."""
    patient = {"patient": {"id": "older"}}
    connected.reports(selected(connected, createdAt="2026-11-20T12:00:00.000Z"))
    connected.reports(
        selected(connected, id="event-older", createdAt="2026-11-20T11:00:00.000Z", data=patient)
    )
    answer = connected.opens_fullscript("7")

    assert answer.get_json()["patient"] == {"id": "fullscript-amelia"}


def test_a_plan_is_kept_with_all_that_it_says(connected: HostUser) -> None:
    """Dosage, labs, message, state and time, in one spelling."""
    connected.reports(activated(connected))
    (plan,) = plans_of(connected)
    (line,), (lab,) = plan.recommendations, plan.lab_recommendations

    assert (plan.id, plan.state, plan.personal_message) == ("plan-1", "active", "Take care.")
    assert plan.created_at.isoformat() == "2026-11-20T10:00:00+00:00"
    assert line.dosage == "2 capsules, twice per day, morning, for 30 days, with food, with water"
    assert (line.units_to_purchase, line.refill) == (2, True)
    assert (lab.name, lab.tests, lab.requires_fasting) == ("Thyroid panel", ("TSH",), True)


def test_a_plan_links_its_patient_too(connected: HostUser) -> None:
    """Should `patient.selected` be lost, the plan says who it is for."""
    connected.reports(activated(connected))

    assert connected.opens_fullscript("7").get_json()["patient"] == {"id": "fullscript-amelia"}


def test_both_spellings_of_every_field_are_understood(connected: HostUser) -> None:
    """The same plan in the words of the vendor's page gives the same record."""
    connected.reports(activated(connected))
    connected.reports(in_the_pages_words(activated(connected)))
    first, second = plans_of(connected)

    assert first.recommendations == second.recommendations
    assert first.lab_recommendations == second.lab_recommendations


def test_two_events_of_one_patient_at_once_are_both_applied(connected: HostUser) -> None:
    """A choice and a plan that arrive in the same moment both make the link; neither is left for later."""
    users = [connected.host.user("maya") for _ in range(2)]
    tokens = [user.csrf_token for user in users]
    events = [selected(connected), activated(connected)]
    bodies = [{"patient_id": "7", "environment": "local", "event": event} for event in events]
    at_once(2, lambda n: users[n].posts("/fullscript/events", bodies[n], token=tokens[n]))

    assert [bool(event.applied_at) for event in events_of(connected)] == [True, True]
    assert len(plans_of(connected)) == 1


def test_products_and_practitioners_get_their_names(connected: HostUser, sandbox: Sandbox) -> None:
    """Ids are looked up once; the second plan asks for nothing."""
    variant, practitioner = someone_and_something(connected)
    event = activated(connected)
    event["data"]["treatmentPlan"]["recommendations"][0]["variantId"] = variant
    event["data"]["treatmentPlan"]["practitioner"]["id"] = practitioner
    connected.reports(event)
    second = json.loads(json.dumps(event))
    second["id"], second["data"]["treatmentPlan"]["id"] = "event-second", "plan-2"
    sandbox.clear_calls()
    connected.reports(second)
    plans = plans_of(connected)

    assert all(plan.recommendations[0].product_name for plan in plans)
    assert {plan.practitioner_name for plan in plans} == {"Maya Chen"}
    assert sandbox.calls("/api/*") == []


def test_a_name_that_cannot_be_had_is_asked_for_again(connected: HostUser, sandbox: Sandbox) -> None:
    """The plan is shown without it, and a later sweep completes it."""
    variant, _practitioner = someone_and_something(connected)
    sandbox.fault("/api/catalog/variants/*", status=500, times=4)
    event = activated(connected)
    event["data"]["treatmentPlan"]["recommendations"][0]["variantId"] = variant
    before = connected.reports(event).status_code, plans_of(connected)[0].recommendations[0].product_name
    sandbox.clear_faults()
    forget_pauses(connected.host)
    connected.host.runs("sweep")

    assert before == (202, None)
    assert plans_of(connected)[0].recommendations[0].product_name


def test_a_lost_answer_of_the_catalog_does_not_hold_up_a_plan(connected: HostUser, sandbox: Sandbox) -> None:
    """When Fullscript is away the names wait, and the rest of them is not even asked for."""
    sandbox.fault("/api/catalog/variants/*", drop=True, times=9)
    event = activated(connected)
    line = event["data"]["treatmentPlan"]["recommendations"][0]
    event["data"]["treatmentPlan"]["recommendations"] = [{**line, "variantId": f"v{n}"} for n in range(9)]
    sandbox.clear_calls()
    answer = connected.reports(event)

    assert (answer.status_code, len(plans_of(connected)[0].recommendations)) == (202, 9)
    assert len(sandbox.calls("/api/catalog/variants/*")) <= 2


def test_the_page_hears_of_a_plan_once_and_then_nothing_new(connected: HostUser) -> None:
    """Polling is a 204 until something changes."""
    empty = connected.sees_plans()
    version = empty.text.partition('data-version="')[2].partition('"')[0]
    quiet = connected.sees_plans(seen=version)
    connected.reports(activated(connected))
    news = connected.sees_plans(seen=version)

    assert (empty.status_code, quiet.status_code, quiet.text) == (200, 204, "")
    assert (news.status_code, "Thyroid panel" in news.text) == (200, True)


@pytest.mark.parametrize("patient", ["9", "404"], ids=["not hers", "nobody's"])
def test_plans_of_invisible_patients_are_not_shown(connected: HostUser, patient: str) -> None:
    """The fragment asks the host like every other route."""
    assert connected.sees_plans(patient).status_code == 404


@pytest.fixture
def heard() -> Iterator[list[dict[str, Any]]]:
    """What a receiver of the host was told."""
    told: list[dict[str, Any]] = []

    def receive(_app: Any, **facts: Any) -> None:
        told.append(facts)

    patient_selected_signal.connect(receive)
    treatment_plan_activated.connect(receive)
    yield told
    patient_selected_signal.disconnect(receive)
    treatment_plan_activated.disconnect(receive)


def test_the_host_hears_of_what_happened(connected: HostUser, heard: list[dict[str, Any]]) -> None:
    """One signal for each event, with ids only."""
    connected.reports(selected(connected))
    connected.reports(activated(connected))

    assert heard[0]["fullscript_patient_id"] == "fullscript-amelia"
    assert (heard[1]["treatment_plan_id"], heard[1]["patient_id"]) == ("plan-1", "7")
    assert len(heard) == 2


def test_a_receiver_that_raises_loses_nothing(connected: HostUser, heard: list[dict[str, Any]]) -> None:
    """The plan is there, and a replay tells the receivers again."""

    def breaks(_app: Any, **_facts: Any) -> None:
        raise RuntimeError("the host's own fault")

    treatment_plan_activated.connect(breaks)
    status = connected.reports(activated(connected)).status_code
    treatment_plan_activated.disconnect(breaks)
    exit_code, _printed = connected.host.runs("replay")

    assert (status, exit_code, len(plans_of(connected))) == (202, 0, 1)
    assert [facts["treatment_plan_id"] for facts in heard] == ["plan-1", "plan-1"]


def test_an_event_that_could_not_be_applied_is_replayed(connected: HostUser) -> None:
    """It keeps its error and its attempts, and is done when the cause is gone."""
    host = connected.host
    connected.reports(selected(connected))
    spoil(host)
    number = events_of(connected)[0].id
    failed = host.asks(lambda: inbox.apply(number))
    kept = events_of(connected)[0]
    listed = host.runs("status")[1]
    repair(host, selected(connected))

    assert (failed, kept.applied_at, kept.attempts) == (False, None, 2)
    assert kept.last_error
    assert kept.last_error in listed
    assert host.runs("replay", str(number)) == (0, "1 event done, 0 not.\n")


def someone_and_something(user: HostUser) -> tuple[str, str]:
    """A variant of the sandbox's catalog, and Maya's Fullscript id."""
    connection = user.host.connection()
    product = user.host.asks(
        lambda: connections.call(
            connection.id, lambda client: next(iter(client.products.search("magnesium"))), now=utcnow()
        )
    )
    assert product.primary_variant is not None
    return product.primary_variant.id, str(connection.fullscript_user_id)


def forget_pauses(host: Host) -> None:
    """Let names be asked for again now, as they are after the pause."""
    with host.app.app_context():
        host.extension.db.session.execute(update(Name).values(try_again_at=None))
        host.extension.db.session.commit()


def spoil(host: Host) -> None:
    """Make the stored event one that cannot be read, and not applied."""
    repair(host, {"id": "event-selected", "type": "of a later version"})


def repair(host: Host, payload: dict[str, Any]) -> None:
    """Put *payload* into the one stored event and mark it as not applied."""
    with host.app.app_context():
        event = host.extension.db.session.query(InboxEvent).one()
        event.payload, event.applied_at, event.announced = payload, None, False
        host.extension.db.session.commit()


def in_the_pages_words(event: dict[str, Any]) -> dict[str, Any]:
    """The same plan as the vendor's page spells it: snake_case, labs beside the plan, REST dosage."""
    plan = event["data"]["treatmentPlan"]
    line, lab = plan["recommendations"][0], plan.pop("labRecommendations")[0]
    dosage = line["dosage"]
    plan["id"] = "plan-2"
    plan["recommendations"] = [
        {
            "variant_id": line["variantId"],
            "refill": "true",
            "units_to_purchase": "2",
            "take_with": line["takeWith"],
            "dosage": {
                "amount": dosage["recommendedAmount"],
                "frequency": dosage["recommendedFrequency"],
                "duration": dosage["recommendedDuration"],
                "time_of_day": dosage["timeOfDay"],
                "format": dosage["format"],
                "additional_info": dosage["additionalInfo"],
            },
        }
    ]
    labs = [{**lab, "requires_fasting": lab["requiresFasting"]}]
    return {**event, "id": "event-page", "data": {"treatment_plan": plan, "lab_recommendations": labs}}
