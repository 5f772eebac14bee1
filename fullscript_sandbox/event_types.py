"""The kinds of events there are, and which scope lets an app know of each."""

from __future__ import annotations

from typing import NamedTuple


class EventType(NamedTuple):
    """One kind of event. `category` is the list of the API that it stands in, `about` says when it comes."""

    name: str
    category: str
    label: str
    about: str


TYPES = (
    EventType("patient.created", "patients", "Patient created", "A patient was added in Fullscript's pages"),
    EventType("patient.updated", "patients", "Patient updated", "Anything about a patient but the metadata"),
    EventType("patient.emancipated", "patients", "Patient emancipated", "A dependent is on their own now"),
    EventType(
        "treatment_plan.created",
        "treatment_plans",
        "Treatment plan created",
        "A draft was sent to its patient",
    ),
    EventType("treatment_plan.updated", "treatment_plans", "Treatment plan updated", "A plan was cancelled"),
    EventType(
        "treatment_plan.recommendation.updated",
        "treatment_plans",
        "Treatment plan recommendation updated",
        "What an active plan recommends changed",
    ),
    EventType("order.placed", "orders", "Order placed", "A patient bought something"),
    EventType(
        "lab_order.updated", "lab_orders", "Lab order updated", "Results came or were amended, US only"
    ),
    EventType("product.created", "products", "Product created", "A product came into the catalog"),
    EventType("product.updated", "products", "Product updated", "A product's name or dosage changed"),
    EventType(
        "product.description.updated", "products", "Product description updated", "A description changed"
    ),
    EventType("clinic_key.activated", "clinic_keys", "Clinic key activated", "A clinic let your app in"),
    EventType("clinic_key.revoked", "clinic_keys", "Clinic key revoked", "A clinic shut your app out"),
)
NAMES = tuple(one.name for one in TYPES)
CATEGORIES = {one.name: one.category for one in TYPES}
# For a type that Fullscript may add one day: in no list, and told to whoever has a token.
UNKNOWN = "other"

# Which scope a token needs, to read a category or to be told of it (guide: each webhook's "Scopes needed").
SCOPES = {
    "patients": "patients:read",
    "treatment_plans": "patients:treatment_plan_history",
    "orders": "patients:order_history",
    "lab_orders": "patients:order_history",
    "products": "catalog:read",
    "clinic_keys": "clinic:read",
    UNKNOWN: "catalog:read",
}
