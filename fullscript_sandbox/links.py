"""The addresses that answers, messages and events carry.

Within a request they start with the address that the caller used, so that a link works for whoever asked;
outside of one, with the address that the sandbox was started on.
"""

from __future__ import annotations

import base64
from urllib.parse import urlencode

from flask import current_app, has_request_context, request

from fullscript_sandbox.models import (
    App,
    Clinic,
    DataToken,
    LabResult,
    Patient,
    Resource,
    TreatmentPlan,
    Variant,
)


def base_url() -> str:
    """Scheme, host and port of this sandbox, without a slash at the end."""
    if has_request_context():
        return request.host_url.rstrip("/")
    settings = current_app.config["SANDBOX"]
    return f"http://{settings.host}:{settings.port}"


def dispensary_url(clinic: Clinic) -> str:
    """Where the clinic's patients sign in (field notes, 1.4)."""
    return f"{base_url()}/login/{clinic.slug}"


def invitation_url(plan: TreatmentPlan) -> str:
    """The link that the patient gets with a plan (field notes, 1.8)."""
    return f"{base_url()}/welcome/{plan.clinic.slug}/{plan.invitation_code}"


def checkout_url(patient: Patient) -> str:
    """Where the patient's cart is paid for (field notes, 1.14)."""
    return f"{base_url()}/o/patients/{patient.number}/checkout"


def attachment_url(resource: Resource) -> str:
    """Where a resource's file can be downloaded (guide: treatment plan webhooks)."""
    kind = "practitioner_resource" if resource.practitioner_id else "fullscript_resource"
    return f"{base_url()}/api/clinic/resources/{resource.id}/download?type={kind}"


def image_url(variant: Variant, size: str) -> str:
    """A picture of a product: small, medium or large."""
    return f"{base_url()}/images/variants/{variant.id}/{size}.svg"


def new_plan_url(app: App) -> str:
    """The redirect link without a plan of its own."""
    return f"{base_url()}/o/treatment_plans/new?{urlencode({'client_id': app.client_id})}"


def edit_plan_url(plan: TreatmentPlan, entrypoint: str | None = None) -> str:
    """The redirect link of one plan; it carries the plan's number as base64 (field notes, 1.13)."""
    code = base64.urlsafe_b64encode(f"TreatmentPlan-{plan.number}".encode()).decode()
    query = "?entrypoint=labs" if entrypoint == "labs" else ""
    return f"{base_url()}/o/treatment_plans/{code}/edit{query}"


def gateway_url(token: DataToken) -> str:
    """The redirect link that opens the matching of patients; it carries no patient's data."""
    return f"{base_url()}/o/gateway/treatment_plans/{token.token}"


def result_url(result: LabResult) -> str:
    """Where a lab result's PDF can be downloaded."""
    return f"{base_url()}/api/clinic/labs/results/{result.id}/download"
