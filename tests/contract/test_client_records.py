"""What the client reads and writes is what the sandbox holds."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from fullscript_embed.api import (
    Dosage,
    FullscriptClient,
    LinkPatient,
    Recommendation,
    RecordNotFound,
    RequestInvalid,
)
from fullscript_embed.api.records.patients import Patient
from fullscript_embed.api.records.plans import TreatmentPlan
from fullscript_embed.testing import Sandbox
from tests.api_client import World

ADA = {
    "email": "ada@mail.example",
    "first_name": "Ada",
    "last_name": "Berg",
}


def test_a_patient_comes_back_as_it_was_created(client: FullscriptClient) -> None:
    """Every field that is sent is read again, with its Python type."""
    created = client.patients.create(
        **ADA,
        date_of_birth=date(1984, 3, 12),
        gender="x",
        mobile_number="+15035550123",
        discount=Decimal(10),
        send_welcome_email=False,
        metadata_id="ehr-1",
    )
    patient = client.patients.retrieve(created.id)

    assert patient == created
    assert (patient.date_of_birth, patient.gender, patient.discount) == (date(1984, 3, 12), "x", Decimal(10))
    assert (patient.mobile_number, patient.metadata.id) == ("+15035550123", "ehr-1")


def test_an_update_changes_what_it_names(client: FullscriptClient) -> None:
    """Fields that are not named stay; None empties one."""
    created = client.patients.create(**ADA, mobile_number="+15035550123", metadata_id="ehr-1")
    changed = client.patients.update(created.id, last_name="Birch", mobile_number=None)

    assert (changed.last_name, changed.first_name, changed.metadata.id) == ("Birch", "Ada", "ehr-1")
    assert not changed.mobile_number


def test_a_second_patient_with_the_same_address_is_refused(client: FullscriptClient) -> None:
    """E-mail addresses are unique in a clinic."""
    client.patients.create(**ADA)

    with pytest.raises(RequestInvalid):
        client.patients.create(**ADA)


def test_a_record_is_found_by_our_own_id(client: FullscriptClient) -> None:
    """A search by metadata gives the whole record."""
    created = client.patients.create(**ADA, metadata_id="ehr-1")
    match = client.metadata.find("ehr-1").first()

    assert match is not None
    assert match.type == "patient"
    assert match.subject == created
    assert isinstance(match.subject, Patient)


def test_a_plan_comes_back_as_it_was_created(world: World) -> None:
    """Recommendations keep their numbers, truths and dosage."""
    plan = world.client.treatment_plans.retrieve(world.new_plan("draft").id)
    recommendation = plan.recommendations[0]

    assert (plan.state, plan.personal_message) == ("draft", "Rest well.")
    assert (recommendation.units_to_purchase, recommendation.refill, recommendation.take_with) == (
        2,
        True,
        "food",
    )
    assert recommendation.dosage == Dosage(
        amount="1-2",
        frequency="once per day",
        duration="30",
        format="capsule",
        additional_info="with a glass of water",
        time_of_day=("morning",),
    )


def test_recommendations_can_be_read_and_sent_back(world: World) -> None:
    """What was read from one plan is what another can be given."""
    plans = world.client.treatment_plans
    read = world.new_plan("draft").recommendations
    changed = plans.update(
        world.draft, recommendations=[*read, Recommendation(variant_id=read[0].variant_id)]
    )

    assert changed.recommendations[: len(read)] == read
    assert changed.recommendations[-1].units_to_purchase == 1


def test_a_plan_goes_through_its_states(world: World) -> None:
    """A draft is activated, an active plan is cancelled."""
    plans = world.client.treatment_plans
    plan = world.new_plan("draft").id
    states = [plans.activate(plan).state, plans.cancel(plan).state, plans.retrieve(plan).state]

    assert states == ["active", "cancelled", "cancelled"]


def test_a_wrong_moment_is_refused(world: World) -> None:
    """A cancelled plan does not become active again."""
    plan = world.active
    world.client.treatment_plans.cancel(plan)

    with pytest.raises(RequestInvalid):
        world.client.treatment_plans.activate(plan)


def test_lists_of_plans_know_less(world: World) -> None:
    """A list tells the state; recommendations need a retrieval."""
    plan = world.active
    listed = {one.id: one for one in world.client.patients.treatment_plans(world.patient)}

    assert listed[plan].state == "active"
    assert listed[plan].recommendations == ()
    assert isinstance(listed[plan], TreatmentPlan)


def test_a_link_finds_its_patient_or_makes_one(world: World) -> None:
    """A draft link carries the draft and the patient, created if need be."""
    patient = LinkPatient(**ADA, date_of_birth=date(1984, 3, 12), send_welcome_email=False)
    link = world.client.dynamic_links.create_draft(practitioner_id=world.practitioner, patient=patient)

    assert link.patient is not None
    assert link.treatment_plan is not None
    assert world.client.patients.retrieve(link.patient.id).email == "ada@mail.example"
    assert world.client.treatment_plans.retrieve(link.treatment_plan.id).state == "draft"


def test_every_link_leads_to_fullscript(world: World) -> None:
    """Wrapped or bare, an answer about a link has its address."""
    links = world.client.dynamic_links
    found = [
        links.new(),
        links.create_matching(practitioner_id=world.practitioner, patient=LinkPatient(external_id="ehr-1")),
        links.retrieve(world.draft, entrypoint="labs"),
    ]

    assert all((link.redirect_url or "").startswith(world.sandbox.url) for link in found)


def test_there_is_no_link_to_a_cancelled_plan(world: World) -> None:
    """Only drafts and active plans can be opened."""
    plan = world.active
    world.client.treatment_plans.cancel(plan)

    with pytest.raises(RecordNotFound):
        world.client.dynamic_links.retrieve(plan)


def test_a_checkout_has_an_address(world: World) -> None:
    """In-office checkout answers with the page to pay on."""
    checkout = world.client.treatment_plans.in_office_checkout(world.active)

    assert (checkout.url or "").startswith(world.sandbox.url)


def test_an_order_has_exact_totals(world: World) -> None:
    """Money is decimal, moments are aware, and the lines name their variants."""
    order = world.client.orders.retrieve(world.order)

    assert isinstance(order.payment_total, Decimal)
    assert order.completed_at is not None
    assert order.completed_at.tzinfo is not None
    assert all(line.variant_id for line in order.line_items)


def test_a_grant_ends_after_two_minutes(sandbox: Sandbox, client: FullscriptClient) -> None:
    """The end is an aware moment that can be compared with a clock."""
    now = datetime.fromisoformat(sandbox.advance(0))
    grant = client.session_grants.create()

    assert grant.expires_at is not None
    assert not grant.has_ended(now=now)
    assert grant.has_ended(now=now + timedelta(seconds=125))


def test_an_event_tells_what_it_is_about(world: World) -> None:
    """The subject of an event is a record of its kind."""
    event = world.client.events.retrieve(world.event)

    assert event.type == "patient.created"
    assert isinstance(event.subject, Patient)
    assert event.created_at is not None
    assert event.created_at.astimezone(UTC) <= datetime.now(UTC) + timedelta(minutes=1)


def test_a_protocol_recommends_like_a_plan(world: World) -> None:
    """The flat dosage of protocols and templates is read into the same record."""
    protocol = world.client.protocols.retrieve(world.protocol)
    template = world.client.templates.retrieve(world.template)

    assert protocol.practitioner_id == template.practitioner_id == world.practitioner
    assert all(
        one.dosage and one.dosage.amount for one in (*protocol.recommendations, *template.recommendations)
    )


def test_a_variant_names_its_product(world: World) -> None:
    """Recommendations carry no names; the variant does."""
    variant = world.client.variants.retrieve(world.variant)

    assert variant.product is not None
    assert variant.product.id == world.product
    assert isinstance(variant.msrp, Decimal)
