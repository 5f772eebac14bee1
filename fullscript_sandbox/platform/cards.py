"""What the platform's pages show of people, products, labs and plans, as JSON."""

from __future__ import annotations

from typing import Any

from fullscript_sandbox.clock import iso
from fullscript_sandbox.models import Lab, Patient, Product, Recommendation, TreatmentPlan, User, Variant
from fullscript_sandbox.models.catalog import CustomDosage


def practitioner(user: User) -> dict[str, Any]:
    return {"id": user.id, "name": user.name, "email": user.email}


def patient(person: Patient) -> dict[str, Any]:
    return {
        "id": person.id,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "name": person.name,
        "email": person.email,
        "date_of_birth": person.date_of_birth.isoformat() if person.date_of_birth else None,
        "gender": person.gender,
        "mobile_number": person.mobile_number,
        "discount": person.discount,
        "total_discount": person.total_discount,
        "is_dependent": person.is_dependent,
        "guardian": person.guardian.name if person.guardian else None,
    }


def variant(size: Variant) -> dict[str, Any]:
    return {
        "id": size.id,
        "size": size.size,
        "sku": size.sku,
        "image": f"/images/variants/{size.id}/medium.svg",
        "primary": size.primary,
        "price": f"{size.msrp:.2f}",
        "availability": size.availability,
        "available": size.status == "available",
    }


def product_row(product: Product) -> dict[str, Any]:
    """A product in a list, with the size that is recommended unless another is chosen."""
    return {
        "id": product.id,
        "name": product.name,
        "brand": product.brand.name,
        "format": product.dosage_format,
        "variant": variant(product.primary_variant),
        "sizes": len(product.variants),
    }


def product_page(product: Product, custom: CustomDosage | None = None) -> dict[str, Any]:
    """Everything that a product's page shows; a practitioner's own dosage goes before the brand's."""
    return {
        **product_row(product),
        "dosage": dosage_defaults(custom or product),
        "description_html": product.description_html,
        "variants": [variant(size) for size in product.variants],
        "categories": [one.name for one in product.categories],
        "supplement_types": [one.name for one in product.supplement_types],
        "ingredients": [one.name for one in product.ingredients],
        "certifications": [one.name for one in product.certifications],
        "allergens": [one.name for one in product.allergens],
    }


def dosage_defaults(source: Product | CustomDosage) -> dict[str, Any]:
    """How it is usually taken, in the words that a plan uses."""
    return {
        "amount": source.recommended_amount,
        "frequency": source.recommended_frequency,
        "duration": source.recommended_duration,
        "format": source.dosage_format,
        "additional_info": source.additional_info,
        "time_of_day": [],
    }


def lab(item: Lab) -> dict[str, Any]:
    return {
        "id": item.id,
        "name": item.name,
        "company": item.company,
        "description": item.description,
        "instructions": item.instructions,
        "sample_type": item.sample_type,
        "requires_fasting": item.requires_fasting,
        "requires_appointment": item.requires_appointment,
        "turnaround_days": item.turnaround_days,
        "price": f"{item.price:.2f}",
        "tests": [{"id": test.id, "name": test.name, "description": test.description} for test in item.tests],
    }


def plan_row(plan: TreatmentPlan) -> dict[str, Any]:
    """A plan in a list of drafts."""
    return {
        "id": plan.id,
        "state": plan.state,
        "practitioner": practitioner(plan.practitioner),
        "updated_at": iso(plan.updated_at),
        "products": [one.variant.product.name for one in plan.recommendations],
        "labs": [one.lab.name for one in plan.lab_recommendations],
    }


def plan_page(plan: TreatmentPlan) -> dict[str, Any]:
    """Everything that the plan builder needs to go on with a plan."""
    return {
        **plan_row(plan),
        "patient": patient(plan.patient) if plan.patient else None,
        "personal_message": plan.personal_message or "",
        "recommendations": [recommendation(one) for one in plan.recommendations],
        "lab_recommendations": [lab(one.lab) for one in plan.lab_recommendations],
    }


def recommendation(row: Recommendation) -> dict[str, Any]:
    """One recommendation with the reference's key names, and the product that it is of."""
    return {
        "product": product_page(row.variant.product),
        "variant_id": row.variant_id,
        "units_to_purchase": row.units_to_purchase,
        "refill": row.refill,
        "take_with": row.take_with,
        "dosage": {
            "amount": row.amount,
            "frequency": row.frequency,
            "duration": row.duration,
            "format": row.format,
            "additional_info": row.additional_info,
            "time_of_day": row.time_of_day,
        },
    }
