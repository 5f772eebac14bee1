"""The vendor's reference as the tests know it: a row for each of its endpoints.

Written from the reference and not from the sandbox's code, so that one can be held against the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.sandbox_rest import PDF, Api

READ_CATALOG = ("catalog:read",)
READ_CLINIC = ("clinic:read",)
WRITE_CLINIC = ("clinic:write",)
READ_PATIENTS = ("patients:read",)
WRITE_PATIENTS = ("patients:write",)
WRITE_PLANS = ("clinic:write", "patients:read")
ORDERS = ("patients:order_history",)
PLANS = ("patients:treatment_plan_history",)


@dataclass(frozen=True)
class Row:
    """An endpoint: what to send, what comes back under which key, and which scopes it takes."""

    method: str
    path: str
    key: str | None = None
    scopes: tuple[str, ...] = ()
    status: int = 200
    names: Mapping[str, str] = field(default_factory=dict)
    body: Callable[[Api], Mapping[str, Any]] | None = None
    restricted: str | None = None

    @property
    def id(self) -> str:
        return f"{self.method} {self.path.removeprefix('/api')}"

    @property
    def is_list(self) -> bool:
        return self.method == "GET" and (self.key or "").startswith("[")

    @property
    def wrapper(self) -> str | None:
        return self.key.strip("[]") if self.key else None

    def path_with(self, ids: Mapping[str, str]) -> str:
        return self.path.format(**ids)

    def ids(self, api: Api) -> dict[str, str]:
        """One record for each name in the path."""
        return {name: getattr(api, kind) for name, kind in self.names.items()}

    def request(self, api: Api) -> dict[str, Any]:
        """What is sent besides method and path."""
        return dict(self.body(api)) if self.body else {}


def _json(**fields: Any) -> Callable[[Api], Mapping[str, Any]]:
    return lambda _api: {"json": fields}


def _person(api: Api) -> Mapping[str, Any]:
    return {"json": {"email": api.email, "first_name": "New", "last_name": "Person"}}


def _practitioner(api: Api) -> Mapping[str, Any]:
    return {"json": {**_person(api)["json"], "practitioner_type_id": api.practitioner_type}}


def _plan(api: Api) -> Mapping[str, Any]:
    return {"json": {"state": "draft", "recommendations": [api.recommendation]}}


def _link(api: Api) -> Mapping[str, Any]:
    return {"json": {"treatment_plan": {"practitioner_id": api.practitioner}}}


def _upload(_api: Api) -> Mapping[str, Any]:
    return {"data": {"name": "Plan", "save_to_library": "true"}, "files": {"attachment": PDF}}


_ONE_PATIENT = {"patient_id": "patient"}
_ONE_PRACTITIONER = {"practitioner_id": "practitioner"}

ROWS = (
    Row("GET", "/oauth/authorize"),
    Row("POST", "/api/oauth/token"),
    Row("POST", "/api/oauth/revoke"),
    Row("POST", "/api/clinic/embeddable/session_grants", "secret_token", WRITE_CLINIC),
    Row("GET", "/api/clinic", "clinic", READ_CLINIC),
    Row("GET", "/api/clinic/staff", "[staff]", READ_CLINIC),
    Row("POST", "/api/clinic/staff", "staff", WRITE_CLINIC, 201, body=_person),
    Row("GET", "/api/clinic/staff/{id}", "staff", READ_CLINIC, names={"id": "staff"}),
    Row(
        "PATCH",
        "/api/clinic/staff/{id}",
        "staff",
        WRITE_CLINIC,
        names={"id": "staff"},
        body=_json(last_name="B"),
    ),
    Row("GET", "/api/clinic/practitioners", "[practitioners]", READ_CLINIC),
    Row("POST", "/api/clinic/practitioners", "practitioner", WRITE_CLINIC, 201, body=_practitioner),
    Row("GET", "/api/clinic/practitioners/{id}", "practitioner", READ_CLINIC, names={"id": "practitioner"}),
    Row(
        "PATCH",
        "/api/clinic/practitioners/{id}",
        "practitioner",
        WRITE_CLINIC,
        names={"id": "practitioner"},
        body=_json(metadata={"id": "dr-1"}),
    ),
    Row("GET", "/api/catalog/practitioner_types", "[practitioner_types]", READ_CATALOG),
    Row("GET", "/api/clinic/fullscript_protocols", "[fullscript_protocols]", READ_CLINIC),
    Row(
        "GET",
        "/api/clinic/practitioners/{practitioner_id}/protocols",
        "[protocols]",
        READ_CLINIC,
        names=_ONE_PRACTITIONER,
    ),
    Row("GET", "/api/clinic/protocols/{id}", "protocol", READ_CLINIC, names={"id": "protocol"}),
    Row(
        "GET",
        "/api/clinic/practitioners/{practitioner_id}/templates",
        "[templates]",
        READ_CLINIC,
        names=_ONE_PRACTITIONER,
    ),
    Row("GET", "/api/clinic/templates/{id}", "template", READ_CLINIC, names={"id": "template"}),
    Row("GET", "/api/clinic/labs/orders", "[orders]", ORDERS),
    Row("GET", "/api/clinic/labs/orders/{id}", "order", ORDERS, names={"id": "lab_order"}),
    Row("GET", "/api/clinic/labs/tests/{id}", "test", READ_CATALOG, names={"id": "lab_test"}),
    Row(
        "GET",
        "/api/clinic/practitioners/{practitioner_id}/resources",
        "[resources]",
        READ_CLINIC,
        names=_ONE_PRACTITIONER,
    ),
    Row(
        "POST",
        "/api/clinic/practitioners/{practitioner_id}/resources",
        "resource",
        WRITE_CLINIC,
        names=_ONE_PRACTITIONER,
        body=_upload,
    ),
    Row(
        "GET",
        "/api/clinic/practitioners/{practitioner_id}/resources/{id}",
        "resource",
        READ_CLINIC,
        names={**_ONE_PRACTITIONER, "id": "resource"},
    ),
    Row(
        "PUT",
        "/api/clinic/practitioners/{practitioner_id}/resources/{id}",
        "resource",
        WRITE_CLINIC,
        names={**_ONE_PRACTITIONER, "id": "resource"},
        body=_json(name="Renamed"),
    ),
    Row(
        "DELETE",
        "/api/clinic/practitioners/{practitioner_id}/resources/{id}",
        None,
        WRITE_CLINIC,
        204,
        names={**_ONE_PRACTITIONER, "id": "resource"},
    ),
    Row("GET", "/api/clinic/fullscript_resources", "[fullscript_resources]", READ_CLINIC),
    Row("GET", "/api/clinic/metadata", "[metadata]", READ_CATALOG),
    Row(
        "GET", "/api/clinic/patients/{patient_id}/dependents", "[patients]", READ_PATIENTS, names=_ONE_PATIENT
    ),
    Row("GET", "/api/clinic/patients", "[patients]", READ_PATIENTS),
    Row("POST", "/api/clinic/patients", "patient", WRITE_PATIENTS, 201, body=_person),
    Row("GET", "/api/clinic/patients/{id}", "patient", READ_PATIENTS, names={"id": "patient"}),
    Row(
        "PATCH",
        "/api/clinic/patients/{id}",
        "patient",
        WRITE_PATIENTS,
        names={"id": "patient"},
        body=_json(discount="5"),
    ),
    Row("GET", "/api/clinic/search/patients", "[patients]", READ_PATIENTS),
    Row(
        "GET", "/api/clinic/patients/{patient_id}/addresses", "[addresses]", READ_PATIENTS, names=_ONE_PATIENT
    ),
    Row("GET", "/api/clinic/orders", "[orders]", ORDERS),
    Row("GET", "/api/clinic/orders/{id}", "order", ORDERS, names={"id": "order"}),
    Row("GET", "/api/clinic/patients/{patient_id}/orders", "[orders]", ORDERS, names=_ONE_PATIENT),
    Row(
        "PATCH",
        "/api/clinic/treatment_plans/{treatment_plan_id}/activate",
        "treatment_plan",
        WRITE_PLANS,
        names={"treatment_plan_id": "draft_plan"},
        restricted="treatment_plans.activate",
    ),
    Row(
        "PATCH",
        "/api/clinic/treatment_plans/{treatment_plan_id}/cancel",
        "treatment_plan",
        WRITE_PLANS,
        names={"treatment_plan_id": "active_plan"},
    ),
    Row(
        "GET",
        "/api/clinic/patients/{patient_id}/treatment_plans",
        "[treatment_plans]",
        (),
        names=_ONE_PATIENT,
    ),
    Row(
        "POST",
        "/api/clinic/patients/{patient_id}/treatment_plans",
        "treatment_plan",
        WRITE_PLANS,
        201,
        names=_ONE_PATIENT,
        body=_plan,
        restricted="treatment_plans.create",
    ),
    Row("GET", "/api/clinic/treatment_plans/{id}", "treatment_plan", (), names={"id": "draft_plan"}),
    Row(
        "PATCH",
        "/api/clinic/treatment_plans/{id}",
        "treatment_plan",
        WRITE_PLANS,
        names={"id": "draft_plan"},
        body=_json(personal_message="Take care"),
    ),
    Row(
        "POST",
        "/api/clinic/treatment_plans/{treatment_plan_id}/in_office_checkout",
        "in_office_checkout",
        WRITE_PLANS,
        201,
        names={"treatment_plan_id": "active_plan"},
    ),
    Row(
        "POST",
        "/api/clinic/dynamic_links/gateway/treatment_plans",
        "dynamic_links",
        WRITE_CLINIC,
        body=_json(patient={"email": "amelia.burton@mail.example"}),
    ),
    Row("GET", "/api/clinic/dynamic_links/treatment_plans", "redirect_url", WRITE_CLINIC),
    Row("POST", "/api/clinic/dynamic_links/treatment_plans", "dynamic_links", WRITE_CLINIC, body=_link),
    Row(
        "GET",
        "/api/clinic/dynamic_links/treatment_plans/{id}",
        "dynamic_links",
        WRITE_CLINIC,
        names={"id": "draft_plan"},
    ),
    Row("GET", "/api/catalog/products", "[products]", READ_CATALOG, restricted="products.list"),
    Row("GET", "/api/catalog/products/{id}", "product", READ_CATALOG, names={"id": "product"}),
    Row(
        "GET",
        "/api/catalog/products/{product_id}/similar",
        "[products]",
        READ_CATALOG,
        names={"product_id": "product"},
        restricted="products.similar",
    ),
    Row(
        "GET",
        "/api/clinic/categories/{category_id}/products",
        "[products]",
        READ_CATALOG,
        names={"category_id": "category"},
    ),
    Row("GET", "/api/clinic/categories/{id}", "category", READ_CATALOG, names={"id": "category"}),
    Row("GET", "/api/clinic/categories", "[categories]", READ_CATALOG),
    Row("GET", "/api/catalog/search/products", "[products]", READ_CATALOG, restricted="products.search"),
    Row("GET", "/api/catalog/allergens", "[allergens]", READ_CATALOG),
    Row("GET", "/api/catalog/allergens/{id}", "allergen", READ_CATALOG, names={"id": "allergen"}),
    Row("GET", "/api/catalog/brands", "[brands]", READ_CATALOG),
    Row("GET", "/api/catalog/brands/{id}", "brand", READ_CATALOG, names={"id": "brand"}),
    Row("GET", "/api/catalog/ingredients", "[ingredients]", READ_CATALOG),
    Row("GET", "/api/catalog/ingredients/{id}", "ingredient", READ_CATALOG, names={"id": "ingredient"}),
    Row("GET", "/api/catalog/supplement_types", "[supplement_types]", READ_CATALOG),
    Row(
        "GET",
        "/api/catalog/supplement_types/{id}",
        "supplement_type",
        READ_CATALOG,
        names={"id": "supplement_type"},
    ),
    Row("GET", "/api/catalog/third_party_certifications", "[third_party_certifications]", READ_CATALOG),
    Row(
        "GET",
        "/api/catalog/third_party_certifications/{id}",
        "third_party_certification",
        READ_CATALOG,
        names={"id": "certification"},
    ),
    Row("GET", "/api/catalog/variants/{id}", "variant", READ_CATALOG, names={"id": "variant"}),
    Row("GET", "/api/webhooks/deliveries", "[webhook_deliveries]", READ_CLINIC),
    Row("GET", "/api/events/clinic_keys", "[events]", READ_CLINIC),
    Row("GET", "/api/events/{id}", "event", (), names={"id": "event"}),
    Row("GET", "/api/events/lab_orders", "[events]", ORDERS),
    Row("GET", "/api/events/orders", "[events]", ORDERS),
    Row("GET", "/api/events/patients", "[events]", READ_PATIENTS),
    Row("GET", "/api/events/products", "[events]", READ_CATALOG),
    Row("GET", "/api/events/treatment_plans", "[events]", PLANS),
)

# The rooms of OAuth have tests of their own.
REST = tuple(row for row in ROWS if "/oauth/" not in row.path)
LISTS = tuple(row for row in REST if row.is_list)
# Records that belong to a clinic; the catalog's belong to everybody.
OWNED = tuple(
    row
    for row in REST
    if row.names and "/catalog/" not in row.path and not {"category", "lab_test"} & set(row.names.values())
)
