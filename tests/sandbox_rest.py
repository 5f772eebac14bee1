"""The sandbox's REST API as a partner's server meets it: plain HTTP, one caller for each token."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import requests

from fullscript_embed.testing import Sandbox, SandboxApp
from tests.sandbox_actors import MAYA, SAM, TIMEOUT, http

GRACE = "grace.lindqvist@harborlight.example"
ELISE = "elise.tremblay@cedarstone.example"
SCOPES = (
    "catalog:read",
    "clinic:read",
    "clinic:write",
    "patients:read",
    "patients:write",
    "patients:treatment_plan_history",
    "patients:order_history",
)
RESTRICTED = (
    "treatment_plans.create",
    "treatment_plans.activate",
    "products.list",
    "products.similar",
    "products.search",
)
NOBODY = "00000000-0000-4000-8000-000000000000"
PDF = ("plan.pdf", b"%PDF-1.4\n%%EOF\n", "application/pdf")

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Caller:
    """Somebody with an access token."""

    url: str
    http: requests.Session
    token: str | None

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return self.http.request(method, self.url + path, headers=headers, timeout=TIMEOUT, **options)

    def get(self, path: str, **query: Any) -> requests.Response:
        return self.call("GET", path, params=query)

    def post(self, path: str, **body: Any) -> requests.Response:
        return self.call("POST", path, json=body)

    def patch(self, path: str, **body: Any) -> requests.Response:
        return self.call("PATCH", path, json=body)


class Api:
    """A sandbox in the state of its seed, who calls it, and one record of each kind."""

    def __init__(self, sandbox: Sandbox) -> None:
        sandbox.reset()
        self.sandbox, self._http = sandbox, http()
        self._callers: dict[tuple[Any, ...], Caller] = {}

    @cached_property
    def maya(self) -> Caller:
        """The owner of Juniper, whose app may do everything."""
        return self.caller()

    @cached_property
    def grace(self) -> Caller:
        """The owner of another clinic, whose app may do everything."""
        return self.caller(email=GRACE)

    @property
    def stranger(self) -> Caller:
        """Somebody without a token."""
        return Caller(self.sandbox.url, self._http, None)

    def caller(
        self,
        scopes: tuple[str, ...] = SCOPES,
        email: str = MAYA,
        grants: tuple[str, ...] = RESTRICTED,
        **options: Any,
    ) -> Caller:
        """A caller of an app with these scopes; the same one for the same wishes."""
        wishes = (scopes, email, grants, tuple(options.items()))
        if wishes not in self._callers:
            options.setdefault("environment", "ca-snd" if email == ELISE else "us-snd")
            app = self.sandbox.create_app(scopes=list(scopes), restricted_grants=list(grants), **options)
            self._callers[wishes] = self.with_app(app, email)
        return self._callers[wishes]

    def with_app(self, app: SandboxApp, email: str = MAYA) -> Caller:
        """A caller with a fresh token of this app."""
        token = self.sandbox.token(app, email)["oauth"]["access_token"]
        return Caller(self.sandbox.url, self._http, token)

    def lacking(self, scope: str) -> Caller:
        """A caller whose app was given every scope but this one. `catalog:read` cannot be refused."""
        return self.caller(scopes=tuple(one for one in SCOPES if one != scope))

    @property
    def email(self) -> str:
        """An address that nobody has yet."""
        return f"somebody.{next(_numbers)}@unused.example"

    def first(self, path: str, **query: Any) -> str:
        """The id of the first record of a list."""
        answer = self.maya.get(path, **query).json()
        rows = next(value for key, value in answer.items() if key != "meta")
        return str(rows[0]["id"])

    def new_patient(self, **fields: Any) -> dict[str, Any]:
        """A patient who was not there before."""
        wanted = {"first_name": "New", "last_name": "Patient", "email": self.email, **fields}
        patient: dict[str, Any] = self.maya.post("/api/clinic/patients", **wanted).json()["patient"]
        return patient

    def new_plan(self, state: str = "draft", patient_id: str | None = None, **fields: Any) -> dict[str, Any]:
        """A treatment plan with one recommendation."""
        path = f"/api/clinic/patients/{patient_id or self.patient}/treatment_plans"
        plan: dict[str, Any] = self.maya.post(
            path, state=state, recommendations=[self.recommendation], **fields
        ).json()["treatment_plan"]
        return plan

    def new_resource(self) -> str:
        """The id of a document that was uploaded just now."""
        form = {"name": "Plan", "save_to_library": "true"}
        path = f"/api/clinic/practitioners/{self.practitioner}/resources"
        answer = self.maya.call("POST", path, data=form, files={"attachment": PDF}).json()
        return str(answer["resource"]["id"])

    @property
    def recommendation(self) -> dict[str, Any]:
        return {"variant_id": self.variant, "units_to_purchase": "2"}

    @cached_property
    def patient(self) -> str:
        return self.first("/api/clinic/search/patients", query="amelia.burton@mail.example")

    @cached_property
    def practitioner(self) -> str:
        people = self.maya.get("/api/clinic/practitioners").json()["practitioners"]
        return next(str(one["id"]) for one in people if one["email"] == MAYA)

    @cached_property
    def staff(self) -> str:
        people = self.maya.get("/api/clinic/staff").json()["staff"]
        return next(str(one["id"]) for one in people if one["email"] == SAM)

    @cached_property
    def practitioner_type(self) -> str:
        return self.first("/api/catalog/practitioner_types")

    @cached_property
    def variant(self) -> str:
        rows = self.maya.get("/api/catalog/products").json()["products"]
        return str(rows[0]["primary_variant"]["id"])

    @cached_property
    def product(self) -> str:
        return self.first("/api/catalog/products")

    @cached_property
    def category(self) -> str:
        return self.first("/api/clinic/categories")

    @cached_property
    def order(self) -> str:
        return self.first("/api/clinic/orders")

    @cached_property
    def protocol(self) -> str:
        return self.first(f"/api/clinic/practitioners/{self.practitioner}/protocols")

    @cached_property
    def template(self) -> str:
        return self.first(f"/api/clinic/practitioners/{self.practitioner}/templates")

    @cached_property
    def lab_order(self) -> str:
        return self.first("/api/clinic/labs/orders")

    @cached_property
    def lab_test(self) -> str:
        order = self.maya.get(f"/api/clinic/labs/orders/{self.lab_order}").json()["order"]
        return str(order["tests"][0]["id"])

    @cached_property
    def event(self) -> str:
        """The event of a patient whom a redirect link made."""
        patient = {"first_name": "Linked", "last_name": "Patient", "email": self.email}
        plan = {"practitioner_id": self.practitioner}
        self.maya.post("/api/clinic/dynamic_links/treatment_plans", treatment_plan=plan, patient=patient)
        return self.first("/api/events/patients", order_by="DESC")

    @property
    def draft_plan(self) -> str:
        return str(self.new_plan("draft")["id"])

    @property
    def active_plan(self) -> str:
        return str(self.new_plan("active")["id"])

    @property
    def resource(self) -> str:
        return self.new_resource()

    @cached_property
    def allergen(self) -> str:
        return self.first("/api/catalog/allergens")

    @cached_property
    def brand(self) -> str:
        return self.first("/api/catalog/brands")

    @cached_property
    def ingredient(self) -> str:
        return self.first("/api/catalog/ingredients")

    @cached_property
    def supplement_type(self) -> str:
        return self.first("/api/catalog/supplement_types")

    @cached_property
    def certification(self) -> str:
        return self.first("/api/catalog/third_party_certifications")
