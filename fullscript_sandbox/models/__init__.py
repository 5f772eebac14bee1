"""What the sandbox remembers, a module for each part of Fullscript."""

from fullscript_sandbox.models import order_index, patient_index  # noqa: F401 -- their triggers
from fullscript_sandbox.models.accounts import Clinic, User
from fullscript_sandbox.models.catalog import (
    Allergen,
    Brand,
    Category,
    Certification,
    CustomDosage,
    Ingredient,
    PractitionerType,
    Product,
    SupplementType,
    Variant,
)
from fullscript_sandbox.models.developer import (
    App,
    AuthorizationCode,
    DataToken,
    FrameSession,
    SessionGrant,
    Token,
)
from fullscript_sandbox.models.events import Event, OutboxMessage, QueuedWebhook, WebhookDelivery
from fullscript_sandbox.models.labs import Lab, LabOrder, LabResult, LabTest
from fullscript_sandbox.models.orders import CartItem, LineItem, Order
from fullscript_sandbox.models.patient_accounts import PatientAccount
from fullscript_sandbox.models.patients import Address, Patient
from fullscript_sandbox.models.plans import (
    LabRecommendation,
    PlanNumber,
    Protocol,
    ProtocolRecommendation,
    Recommendation,
    Resource,
    TreatmentPlan,
)

__all__ = [
    "Address",
    "Allergen",
    "App",
    "AuthorizationCode",
    "Brand",
    "CartItem",
    "Category",
    "Certification",
    "Clinic",
    "CustomDosage",
    "DataToken",
    "Event",
    "FrameSession",
    "Ingredient",
    "Lab",
    "LabOrder",
    "LabRecommendation",
    "LabResult",
    "LabTest",
    "LineItem",
    "Order",
    "OutboxMessage",
    "Patient",
    "PatientAccount",
    "PlanNumber",
    "PractitionerType",
    "Product",
    "Protocol",
    "ProtocolRecommendation",
    "QueuedWebhook",
    "Recommendation",
    "Resource",
    "SessionGrant",
    "SupplementType",
    "Token",
    "TreatmentPlan",
    "User",
    "Variant",
    "WebhookDelivery",
]
