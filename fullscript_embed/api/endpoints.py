"""Every endpoint of Fullscript's technical reference, and the client's method for each.

`calls` names the client's methods ("patients.search" is `client.patients.search`); the first is how the
client looks an endpoint up. Scopes follow the guide ("Set app scopes"): the reference itself names them for
the dynamic links alone. A restricted endpoint answers 403 unless Fullscript approved the app for it.
"""

from __future__ import annotations

from dataclasses import dataclass

CATALOG = ("catalog:read",)
CLINIC = ("clinic:read",)
CLINIC_WRITE = ("clinic:write",)
PATIENTS = ("patients:read",)
PATIENTS_WRITE = ("patients:write",)
PLANS = ("patients:read", "patients:treatment_plan_history")
PLANS_WRITE = ("clinic:write", "patients:read")
LINKS = ("clinic:write", "patients:write")
ORDERS = ("patients:order_history",)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One row of the reference."""

    method: str
    path: str
    title: str
    calls: tuple[str, ...]
    scopes: tuple[str, ...] = ()
    restricted: bool = False

    @property
    def route(self) -> str:
        """The method and the path with its parameters unfilled, as logs and metrics name a call."""
        return f"{self.method} {self.path}"


def _row(
    call: str, method: str, path: str, title: str, scopes: tuple[str, ...] = (), *, restricted: bool = False
) -> Endpoint:
    return Endpoint(method, path, title, tuple(call.split()), scopes, restricted)


_PRACTITIONER = "/api/clinic/practitioners/{practitioner_id}"
_PATIENT = "/api/clinic/patients/{patient_id}"
_PLAN = "/api/clinic/treatment_plans/{treatment_plan_id}"
_LINKS = "/api/clinic/dynamic_links"

ENDPOINTS: tuple[Endpoint, ...] = (
    _row("oauth.authorize_url", "GET", "/oauth/authorize", "Request an auth code"),
    _row("oauth.exchange oauth.refresh", "POST", "/api/oauth/token", "Request or refresh an access token"),
    _row("oauth.revoke", "POST", "/api/oauth/revoke", "Revoke an access token"),
    _row(
        "session_grants.create",
        "POST",
        "/api/clinic/embeddable/session_grants",
        "Create a session grant",
        CLINIC_WRITE,
    ),
    _row("clinic.retrieve", "GET", "/api/clinic", "Retrieve a clinic", CLINIC),
    _row("staff.list", "GET", "/api/clinic/staff", "List all staff", CLINIC),
    _row("staff.create", "POST", "/api/clinic/staff", "Create a staff member", CLINIC_WRITE),
    _row("staff.retrieve", "GET", "/api/clinic/staff/{id}", "Retrieve a staff member", CLINIC),
    _row("staff.update", "PATCH", "/api/clinic/staff/{id}", "Update a staff member", CLINIC_WRITE),
    _row("practitioners.list", "GET", "/api/clinic/practitioners", "List all practitioners", CLINIC),
    _row("practitioners.create", "POST", "/api/clinic/practitioners", "Create a practitioner", CLINIC_WRITE),
    _row(
        "practitioners.retrieve", "GET", "/api/clinic/practitioners/{id}", "Retrieve a practitioner", CLINIC
    ),
    _row(
        "practitioners.update",
        "PATCH",
        "/api/clinic/practitioners/{id}",
        "Update a practitioner",
        CLINIC_WRITE,
    ),
    _row(
        "practitioner_types.list",
        "GET",
        "/api/catalog/practitioner_types",
        "List all practitioner types",
        CATALOG,
    ),
    _row(
        "protocols.list_fullscript",
        "GET",
        "/api/clinic/fullscript_protocols",
        "List all Fullscript protocols",
        CLINIC,
    ),
    _row("protocols.list", "GET", f"{_PRACTITIONER}/protocols", "List all practitioner protocols", CLINIC),
    _row("protocols.retrieve", "GET", "/api/clinic/protocols/{id}", "Retrieve a protocol", CLINIC),
    _row("templates.list", "GET", f"{_PRACTITIONER}/templates", "List all practitioner templates", CLINIC),
    _row("templates.retrieve", "GET", "/api/clinic/templates/{id}", "Retrieve a template", CLINIC),
    _row("lab_orders.list", "GET", "/api/clinic/labs/orders", "List all lab orders", ORDERS),
    _row("lab_orders.retrieve", "GET", "/api/clinic/labs/orders/{id}", "Retrieve a lab order", ORDERS),
    _row("lab_tests.retrieve", "GET", "/api/clinic/labs/tests/{id}", "Retrieve a lab test", CATALOG),
    _row("resources.list", "GET", f"{_PRACTITIONER}/resources", "List all practitioner resources", CLINIC),
    _row("resources.create", "POST", f"{_PRACTITIONER}/resources", "Create a resource", CLINIC_WRITE),
    _row(
        "resources.retrieve",
        "GET",
        f"{_PRACTITIONER}/resources/{{id}}",
        "Retrieve a practitioner's resource",
        CLINIC,
    ),
    _row("resources.update", "PUT", f"{_PRACTITIONER}/resources/{{id}}", "Update a resource", CLINIC_WRITE),
    _row(
        "resources.delete", "DELETE", f"{_PRACTITIONER}/resources/{{id}}", "Delete a resource", CLINIC_WRITE
    ),
    _row(
        "resources.list_fullscript",
        "GET",
        "/api/clinic/fullscript_resources",
        "List All Fullscript Resources",
        CLINIC,
    ),
    _row("metadata.find", "GET", "/api/clinic/metadata", "Find objects", CATALOG),
    _row("patients.dependents", "GET", f"{_PATIENT}/dependents", "List all dependents", PATIENTS),
    _row("patients.list", "GET", "/api/clinic/patients", "List all patients", PATIENTS),
    _row("patients.create", "POST", "/api/clinic/patients", "Create a patient", PATIENTS_WRITE),
    _row("patients.retrieve", "GET", "/api/clinic/patients/{id}", "Retrieve a patient", PATIENTS),
    _row("patients.update", "PATCH", "/api/clinic/patients/{id}", "Update a patient", PATIENTS_WRITE),
    _row("patients.search", "GET", "/api/clinic/search/patients", "Search for patients", PATIENTS),
    _row("patients.addresses", "GET", f"{_PATIENT}/addresses", "List All Patient Addresses", PATIENTS),
    _row("orders.list", "GET", "/api/clinic/orders", "List all orders", ORDERS),
    _row("orders.retrieve", "GET", "/api/clinic/orders/{id}", "Retrieve an Order", ORDERS),
    _row("patients.orders", "GET", f"{_PATIENT}/orders", "List all patient orders", ORDERS),
    _row(
        "treatment_plans.activate",
        "PATCH",
        f"{_PLAN}/activate",
        "Activate a treatment plan",
        PLANS_WRITE,
        restricted=True,
    ),
    _row("treatment_plans.cancel", "PATCH", f"{_PLAN}/cancel", "Cancel a treatment plan", PLANS_WRITE),
    _row(
        "patients.treatment_plans",
        "GET",
        f"{_PATIENT}/treatment_plans",
        "List all patient treatment plans",
        PLANS,
    ),
    _row(
        "treatment_plans.create",
        "POST",
        f"{_PATIENT}/treatment_plans",
        "Create a patient treatment plan",
        PLANS_WRITE,
        restricted=True,
    ),
    _row(
        "treatment_plans.retrieve",
        "GET",
        "/api/clinic/treatment_plans/{id}",
        "Retrieve a treatment plan",
        PLANS,
    ),
    _row(
        "treatment_plans.update",
        "PATCH",
        "/api/clinic/treatment_plans/{id}",
        "Update a treatment plan",
        PLANS_WRITE,
    ),
    _row(
        "treatment_plans.in_office_checkout",
        "POST",
        f"{_PLAN}/in_office_checkout",
        "Create an in-office checkout",
        PLANS_WRITE,
    ),
    _row(
        "dynamic_links.create_matching",
        "POST",
        f"{_LINKS}/gateway/treatment_plans",
        "Create a Draft Treatment Plan Link with Patient Matching UI",
        LINKS,
    ),
    _row(
        "dynamic_links.new",
        "GET",
        f"{_LINKS}/treatment_plans",
        "Retrieve a new Treatment Plan link",
        CLINIC_WRITE,
    ),
    _row(
        "dynamic_links.create_draft",
        "POST",
        f"{_LINKS}/treatment_plans",
        "Create a Draft Treatment Plan Link",
        LINKS,
    ),
    _row(
        "dynamic_links.retrieve",
        "GET",
        f"{_LINKS}/treatment_plans/{{id}}",
        "Retrieve a Treatment Plan Link",
        CLINIC_WRITE,
    ),
    _row("products.list", "GET", "/api/catalog/products", "List all products", CATALOG, restricted=True),
    _row("products.retrieve", "GET", "/api/catalog/products/{id}", "Retrieve a product", CATALOG),
    _row(
        "products.similar",
        "GET",
        "/api/catalog/products/{product_id}/similar",
        "List similar products",
        CATALOG,
        restricted=True,
    ),
    _row(
        "categories.products",
        "GET",
        "/api/clinic/categories/{category_id}/products",
        "List all category products",
        CATALOG,
    ),
    _row("categories.retrieve", "GET", "/api/clinic/categories/{id}", "Retrieve a Category", CATALOG),
    _row("categories.list", "GET", "/api/clinic/categories", "List all categories", CATALOG),
    _row(
        "products.search",
        "GET",
        "/api/catalog/search/products",
        "Search for products",
        CATALOG,
        restricted=True,
    ),
    _row("allergens.list", "GET", "/api/catalog/allergens", "List all allergens", CATALOG),
    _row("allergens.retrieve", "GET", "/api/catalog/allergens/{id}", "Retrieve an allergen", CATALOG),
    _row("brands.list", "GET", "/api/catalog/brands", "List all brands", CATALOG),
    _row("brands.retrieve", "GET", "/api/catalog/brands/{id}", "Retrieve a brand", CATALOG),
    _row("ingredients.list", "GET", "/api/catalog/ingredients", "List all Ingredients", CATALOG),
    _row("ingredients.retrieve", "GET", "/api/catalog/ingredients/{id}", "Retrieve an ingredient", CATALOG),
    _row(
        "supplement_types.list", "GET", "/api/catalog/supplement_types", "List all supplement types", CATALOG
    ),
    _row(
        "supplement_types.retrieve",
        "GET",
        "/api/catalog/supplement_types/{id}",
        "Retrieve a supplement type",
        CATALOG,
    ),
    _row(
        "third_party_certifications.list",
        "GET",
        "/api/catalog/third_party_certifications",
        "List all third party certifications",
        CATALOG,
    ),
    _row(
        "third_party_certifications.retrieve",
        "GET",
        "/api/catalog/third_party_certifications/{id}",
        "Retrieve a third party certification",
        CATALOG,
    ),
    _row("variants.retrieve", "GET", "/api/catalog/variants/{id}", "Retrieve a variant", CATALOG),
    _row("webhook_deliveries.list", "GET", "/api/webhooks/deliveries", "List All Webhook Deliveries", CLINIC),
    _row("events.clinic_keys", "GET", "/api/events/clinic_keys", "List All ClinicKey Events", CLINIC),
    _row("events.retrieve", "GET", "/api/events/{id}", "Retrieve an Event"),
    _row("events.lab_orders", "GET", "/api/events/lab_orders", "List All Lab Order updated Events", ORDERS),
    _row("events.orders", "GET", "/api/events/orders", "List All Order Events", ORDERS),
    _row("events.patients", "GET", "/api/events/patients", "List All Patient Events", PATIENTS),
    _row("events.products", "GET", "/api/events/products", "List All Product Events", CATALOG),
    _row(
        "events.treatment_plans",
        "GET",
        "/api/events/treatment_plans",
        "List All TreatmentPlan Events",
        ("patients:treatment_plan_history",),
    ),
)

BY_CALL: dict[str, Endpoint] = {call: row for row in ENDPOINTS for call in row.calls}
