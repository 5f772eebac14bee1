"""The REST client in tests: who it acts for, what one of each record is, what it left unread."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from functools import cached_property
from typing import Any

from fullscript_embed.api import (
    AppCredentials,
    Dosage,
    FullscriptClient,
    LinkPatient,
    RateLimit,
    Recommendation,
    Retries,
    Transport,
)
from fullscript_embed.api.parsing import Record
from fullscript_embed.api.records.plans import TreatmentPlan
from fullscript_embed.testing import Sandbox, SandboxApp
from tests.sandbox_actors import MAYA

RESTRICTED = [
    "treatment_plans.create",
    "treatment_plans.activate",
    "products.list",
    "products.similar",
    "products.search",
]
REDIRECT_URI = "http://localhost:8000/fullscript/callback/local"
PDF = b"%PDF-1.4\n%%EOF\n"
# As patient as the client is by default, in a hundredth of the time.
QUICK = Retries(wait_initial=0.002, wait_max=0.05, wait_jitter=0.005, total=5.0)


def approved_app(sandbox: Sandbox) -> SandboxApp:
    """An app with every scope, approved for every restricted endpoint."""
    return sandbox.create_app("Approved app", redirect_uris=[REDIRECT_URI], restricted_grants=RESTRICTED)


def access_token(sandbox: Sandbox, app: SandboxApp, email: str = MAYA) -> str:
    """An access token of that user."""
    token: str = sandbox.token(app, email)["oauth"]["access_token"]
    return token


@contextmanager
def connected(
    sandbox: Sandbox, app: SandboxApp, email: str = MAYA, **transport: Any
) -> Iterator[FullscriptClient]:
    """A client that acts for that user, and closes its connections in the end."""
    options = {"retries": QUICK, "rate_limit": RateLimit(), **transport}
    credentials = AppCredentials(app.client_id, app.client_secret, app.redirect_uris[0])
    token = access_token(sandbox, app, email)
    with FullscriptClient(sandbox.url, token, app=credentials, transport=Transport(**options)) as client:
        yield client


class World:
    """One of each record of the sandbox's seed, found through the client."""

    def __init__(self, sandbox: Sandbox, app: SandboxApp, client: FullscriptClient) -> None:
        self.sandbox, self.app, self.client = sandbox, app, client

    @cached_property
    def patient(self) -> str:
        return self._id(self.client.patients.search("amelia.burton@mail.example"))

    @cached_property
    def guardian(self) -> str:
        return self._id(self.client.patients.list(patient_type="guardian"))

    @cached_property
    def practitioner(self) -> str:
        by_email = {person.email: person.id for person in self.client.practitioners.list()}
        return by_email[MAYA]

    @cached_property
    def staff(self) -> str:
        return self._id(self.client.staff.list())

    @cached_property
    def practitioner_type(self) -> str:
        return self._id(self.client.practitioner_types.list())

    @cached_property
    def product(self) -> str:
        return self._id(self.client.products.search(page_size=1))

    @cached_property
    def variant(self) -> str:
        return self.client.products.retrieve(self.product).variants[0].id

    @cached_property
    def brand(self) -> str:
        return self._id(self.client.brands.list())

    @cached_property
    def category(self) -> str:
        return self._id(self.client.categories.list())

    @cached_property
    def order(self) -> str:
        return self._id(self.client.orders.list())

    @cached_property
    def buyer(self) -> str:
        return self.client.orders.retrieve(self.order).patient_id or ""

    @cached_property
    def lab_order(self) -> str:
        return self._id(self.client.lab_orders.list())

    @cached_property
    def lab_test(self) -> str:
        return self.client.lab_orders.retrieve(self.lab_order).tests[0].id

    @cached_property
    def protocol(self) -> str:
        return self._id(self.client.protocols.list(self.practitioner))

    @cached_property
    def template(self) -> str:
        return self._id(self.client.templates.list(self.practitioner))

    @cached_property
    def draft(self) -> str:
        return self.new_plan("draft").id

    @cached_property
    def active(self) -> str:
        return self.new_plan("active").id

    @cached_property
    def resource(self) -> str:
        return self.new_resource()

    @cached_property
    def event(self) -> str:
        """That a patient was created: what links do counts as done in Fullscript's own pages."""
        patient = LinkPatient(email="ada@mail.example", first_name="Ada", last_name="Berg")
        self.client.dynamic_links.create_draft(practitioner_id=self.practitioner, patient=patient)
        return self._id(self.client.events.patients())

    def new_plan(self, state: str) -> TreatmentPlan:
        recommendation = Recommendation(
            variant_id=self.variant,
            units_to_purchase=2,
            refill=True,
            take_with="food",
            dosage=Dosage(
                amount="1-2",
                frequency="once per day",
                duration="30",
                format="capsule",
                additional_info="with a glass of water",
                time_of_day=("morning",),
            ),
        )
        return self.client.treatment_plans.create(
            self.patient, recommendations=[recommendation], state=state, personal_message="Rest well."
        )

    def new_resource(self) -> str:
        resource = self.client.resources.create(
            self.practitioner,
            name="Sleep well",
            attachment=io.BytesIO(PDF),
            file_name="sleep.pdf",
            save_to_library=True,
            resource_type="Handout",
            category="Lifestyle",
        )
        return resource.id

    @staticmethod
    def _id(records: Any) -> str:
        first = records.first()
        assert first is not None, "the sandbox's seed has none of these"
        return str(first.id)


def misread(record: Record, path: str = "") -> list[str]:
    """Keys of the answer that the record does not know, or knows and has no value for."""
    where = path or type(record).__name__
    wrong = [f"{where}.{key} is not known" for key in record.extra]
    for field in fields(record):
        value, sent = getattr(record, field.name), record.raw.get(field.name)
        if value is None and sent is not None:
            wrong.append(f"{where}.{field.name} was {sent!r}")
        for item in value if isinstance(value, tuple) else [value]:
            if isinstance(item, Record) and item.raw:
                wrong += misread(item, f"{where}.{field.name}")
    return wrong


def matches(path: str, template: str) -> bool:
    """True when *path* is *template* with its parameters filled in."""
    return re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path) is not None
