"""Every endpoint of the reference, called by the client over HTTP and answered by the sandbox."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from fullscript_embed.api import Listing
from fullscript_embed.api.endpoints import BY_CALL, Endpoint
from fullscript_embed.api.parsing import Record
from tests.api_client import PDF, World, matches, misread
from tests.sandbox_actors import Partner, Person

Case = Callable[[World], Callable[[], Any]]


def listing(group: str, name: str = "list", /, **options: Any) -> Case:
    """Walks a list that needs no id."""
    return lambda world: lambda: getattr(getattr(world.client, group), name)(**options)


def of(group: str, name: str, record: str, /, **options: Any) -> Case:
    """Calls a method with the id of *record*; the id is looked up before."""

    def case(world: World) -> Callable[[], Any]:
        record_id = getattr(world, record)
        return lambda: getattr(getattr(world.client, group), name)(record_id, **options)

    return case


def named(group: str) -> Case:
    """Retrieves the first record of a list of names."""

    def case(world: World) -> Callable[[], Any]:
        names = getattr(world.client, group)
        first = names.list().first()
        return lambda: names.retrieve(first.id)

    return case


def new_practitioner(world: World) -> Callable[[], Any]:
    kind = world.practitioner_type
    return lambda: world.client.practitioners.create(
        practitioner_type_id=kind, email="new@juniper.example", first_name="Ada", last_name="Berg"
    )


def new_resource(world: World) -> Callable[[], Any]:
    practitioner = world.practitioner
    return lambda: world.client.resources.create(
        practitioner,
        name="Sleep well",
        attachment=io.BytesIO(PDF),
        file_name="sleep.pdf",
        save_to_library=True,
    )


def on_resource(name: str, /, **options: Any) -> Case:
    def case(world: World) -> Callable[[], Any]:
        ids = (world.practitioner, world.resource)
        return lambda: getattr(world.client.resources, name)(*ids, **options)

    return case


def new_plan(world: World) -> Callable[[], Any]:
    assert world.patient
    assert world.variant
    return lambda: world.new_plan("draft")


def draft_link(name: str) -> Case:
    def case(world: World) -> Callable[[], Any]:
        practitioner = world.practitioner
        return lambda: getattr(world.client.dynamic_links, name)(practitioner_id=practitioner)

    return case


def exchange(world: World) -> Callable[[], Any]:
    code = Partner(world.sandbox, world.app).gets_code()
    return lambda: world.client.oauth.exchange(code)


def refresh(world: World) -> Callable[[], Any]:
    pair = Partner(world.sandbox, world.app).gets_pair()
    return lambda: world.client.oauth.refresh(pair["refresh_token"])


def revoke(world: World) -> Callable[[], Any]:
    pair = Partner(world.sandbox, world.app).gets_pair()
    return lambda: world.client.oauth.revoke(pair["access_token"])


def find(world: World) -> Callable[[], Any]:
    world.client.patients.update(world.patient, metadata_id="p-1")
    return lambda: world.client.metadata.find("p-1", record_type="patient")


def patient_events(world: World) -> Callable[[], Any]:
    assert world.event
    return lambda: world.client.events.patients(event_type="patient.created")


def one_event(world: World) -> Callable[[], Any]:
    event = world.event
    return lambda: world.client.events.retrieve(event)


CASES: dict[str, Case] = {
    "oauth.exchange": exchange,
    "oauth.refresh": refresh,
    "oauth.revoke": revoke,
    "session_grants.create": listing("session_grants", "create"),
    "clinic.retrieve": listing("clinic", "retrieve"),
    "staff.list": listing("staff"),
    "staff.create": listing(
        "staff", "create", email="new@juniper.example", first_name="Ada", last_name="Berg", metadata_id="s-1"
    ),
    "staff.retrieve": of("staff", "retrieve", "staff"),
    "staff.update": of("staff", "update", "staff", first_name="Ada", metadata_id="s-2"),
    "practitioners.list": listing("practitioners"),
    "practitioners.create": new_practitioner,
    "practitioners.retrieve": of("practitioners", "retrieve", "practitioner"),
    "practitioners.update": of(
        "practitioners", "update", "practitioner", last_name="Berg", metadata_id="p-2"
    ),
    "practitioner_types.list": listing("practitioner_types"),
    "protocols.list_fullscript": listing("protocols", "list_fullscript", sort_by="name", order_by="DESC"),
    "protocols.list": of("protocols", "list", "practitioner", ownership_type="all", current_state="active"),
    "protocols.retrieve": of("protocols", "retrieve", "protocol"),
    "templates.list": of("templates", "list", "practitioner"),
    "templates.retrieve": of("templates", "retrieve", "template"),
    "lab_orders.list": listing("lab_orders"),
    "lab_orders.retrieve": of("lab_orders", "retrieve", "lab_order"),
    "lab_tests.retrieve": of("lab_tests", "retrieve", "lab_test"),
    "resources.list": of("resources", "list", "practitioner"),
    "resources.create": new_resource,
    "resources.retrieve": on_resource("retrieve"),
    "resources.update": on_resource("update", name="Sleep better"),
    "resources.delete": on_resource("delete"),
    "resources.list_fullscript": listing("resources", "list_fullscript"),
    "metadata.find": find,
    "patients.dependents": of("patients", "dependents", "guardian"),
    "patients.list": listing("patients", patient_type="all"),
    "patients.create": listing(
        "patients", "create", email="ada@mail.example", first_name="Ada", last_name="Berg", metadata_id="p-1"
    ),
    "patients.retrieve": of("patients", "retrieve", "patient"),
    "patients.update": of("patients", "update", "patient", first_name="Ada", metadata_id="p-1"),
    "patients.search": listing("patients", "search", query="burton", patient_type="all"),
    "patients.addresses": of("patients", "addresses", "buyer"),
    "orders.list": listing("orders", order_type="all", sort_by="completed_at", order_by="DESC"),
    "orders.retrieve": of("orders", "retrieve", "order"),
    "patients.orders": of("patients", "orders", "buyer"),
    "treatment_plans.activate": of("treatment_plans", "activate", "draft"),
    "treatment_plans.cancel": of("treatment_plans", "cancel", "active"),
    "patients.treatment_plans": of("patients", "treatment_plans", "buyer", sort_by="updated_at"),
    "treatment_plans.create": new_plan,
    "treatment_plans.retrieve": of("treatment_plans", "retrieve", "active"),
    "treatment_plans.update": of("treatment_plans", "update", "draft", personal_message="Sleep well."),
    "treatment_plans.in_office_checkout": of("treatment_plans", "in_office_checkout", "active"),
    "dynamic_links.create_matching": draft_link("create_matching"),
    "dynamic_links.new": listing("dynamic_links", "new"),
    "dynamic_links.create_draft": draft_link("create_draft"),
    "dynamic_links.retrieve": of("dynamic_links", "retrieve", "draft", entrypoint="labs"),
    "products.list": listing("products"),
    "products.retrieve": of("products", "retrieve", "product"),
    "products.similar": of("products", "similar", "product"),
    "categories.products": of("categories", "products", "category", sort_by="name", order_by="DESC"),
    "categories.retrieve": of("categories", "retrieve", "category"),
    "categories.list": listing("categories"),
    "products.search": listing("products", "search", query="magnesium"),
    "allergens.list": listing("allergens"),
    "allergens.retrieve": named("allergens"),
    "brands.list": listing("brands", available=True, clinic_permitted=True),
    "brands.retrieve": of("brands", "retrieve", "brand"),
    "ingredients.list": listing("ingredients"),
    "ingredients.retrieve": named("ingredients"),
    "supplement_types.list": listing("supplement_types"),
    "supplement_types.retrieve": named("supplement_types"),
    "third_party_certifications.list": listing("third_party_certifications"),
    "third_party_certifications.retrieve": named("third_party_certifications"),
    "variants.retrieve": of("variants", "retrieve", "variant"),
    "webhook_deliveries.list": listing("webhook_deliveries", successfully_delivered=True),
    "events.clinic_keys": listing("events", "clinic_keys"),
    "events.retrieve": one_event,
    "events.lab_orders": listing("events", "lab_orders", sort_by="created_at"),
    "events.orders": listing("events", "orders", event_type="order.placed"),
    "events.patients": patient_events,
    "events.products": listing("events", "products"),
    "events.treatment_plans": listing("events", "treatment_plans"),
}


# What only patients, a webhook or Fullscript itself bring about: these lists are empty in the seed.
EMPTY = {
    "events.lab_orders",
    "events.orders",
    "events.products",
    "events.treatment_plans",
    "webhook_deliveries.list",
}


def read(result: Any) -> list[Record]:
    """The records in what a method gave back."""
    if isinstance(result, Listing):
        return list(result)
    return [result] if isinstance(result, Record) else []


def answered(call: dict[str, Any], endpoint: Endpoint) -> bool:
    """True when a call of the sandbox's journal is a good one to that endpoint."""
    reached = call["method"] == endpoint.method and matches(call["path"], endpoint.path)
    return reached and 200 <= call["status"] < 300


def test_each_method_of_the_client_has_a_case() -> None:
    """No endpoint is left out below, but for the one that a browser visits."""
    missing = set(BY_CALL) - set(CASES)

    assert missing == {"oauth.authorize_url"}


@pytest.mark.parametrize("name", CASES)
def test_the_client_and_the_sandbox_understand_each_other(world: World, name: str) -> None:
    """Each method reaches its endpoint, is answered well, and leaves nothing of the answer unread."""
    call = CASES[name](world)
    world.sandbox.clear_calls()
    result = call()
    records = read(result)
    calls = world.sandbox.calls()

    assert all(answered(one, BY_CALL[name]) for one in calls)
    assert bool(records) is not (result is None or name in EMPTY)
    assert [problem for record in records for problem in misread(record)] == []


def test_the_authorize_page_is_where_the_client_says(world: World) -> None:
    """The address for the browser leads to a page of Fullscript's, with the state to hand back."""
    address = world.client.oauth.authorize_url(state="s-1")
    page = Person(world.sandbox).opens(address)

    assert urlsplit(address).path == BY_CALL["oauth.authorize_url"].path
    assert page.status_code == 200
