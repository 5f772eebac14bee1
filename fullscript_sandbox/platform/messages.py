"""What a frame tells the page around it, built here so that the page in the frame cannot get it wrong.

The envelope is the one that the library's types declare. Where those types and the guide spell a field
differently, both spellings are sent (field notes, 1.25 and P17): firstName and firstNane, gender and
biologicalSex, labRecommendations in the plan and lab_recommendations beside it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fullscript_sandbox.clock import iso, now
from fullscript_sandbox.database import new_id
from fullscript_sandbox.models import App, Event, LabRecommendation, Patient, Recommendation, TreatmentPlan


def patient_selected(patient: Patient, app: App) -> dict[str, Any]:
    """The event that a patient was chosen or created. Its id is its own: nothing else tells of it."""
    data = {"patient": _patient(patient)}
    return _message("patient.selected", new_id(), now(), patient.clinic_id, app, data)


def treatment_plan_activated(plan: TreatmentPlan, event: Event, app: App) -> dict[str, Any]:
    """The event that a plan was sent, with the id of the `treatment_plan.created` event of the same fact."""
    data = {
        "treatmentPlan": _plan(plan),
        "lab_recommendations": [_lab_as_in_guide(one) for one in plan.lab_recommendations],
    }
    return _message("treatmentPlan.activated", event.id, event.created_at, plan.clinic_id, app, data)


def _message(
    kind: str, event_id: str, moment: datetime, clinic_id: str, app: App, data: dict[str, Any]
) -> dict[str, Any]:
    return {
        "id": event_id,
        "type": kind,
        "data": data,
        "createdAt": iso(moment),
        "clinicId": clinic_id,
        "oauth": {"clientId": app.client_id},
    }


def _patient(patient: Patient) -> dict[str, Any]:
    return {
        **_patient_in_plan(patient),
        "dateOfBirth": patient.date_of_birth.isoformat() if patient.date_of_birth else None,
        "gender": patient.gender,
        "biologicalSex": patient.gender,
        "discount": patient.discount,
        "totalDiscount": patient.total_discount,
        "mobileNumber": patient.mobile_number,
        "textMessageNotification": patient.text_message_notification,
    }


def _patient_in_plan(patient: Patient) -> dict[str, Any]:
    return {
        "id": patient.id,
        "firstName": patient.first_name,
        "firstNane": patient.first_name,
        "lastName": patient.last_name,
        "email": patient.email,
    }


def _plan(plan: TreatmentPlan) -> dict[str, Any]:
    return {
        "id": plan.id,
        "state": plan.state,
        "patient": _patient_in_plan(plan.patient) if plan.patient else None,
        "practitioner": {"id": plan.practitioner_id},
        "availableAt": plan.available_at.isoformat() if plan.available_at else None,
        "recommendations": [_recommendation(one) for one in plan.recommendations],
        "labRecommendations": [_lab(one) for one in plan.lab_recommendations],
    }


def _recommendation(recommendation: Recommendation) -> dict[str, Any]:
    return {
        "variantId": recommendation.variant_id,
        "refill": recommendation.refill,
        "unitsToPurchase": recommendation.units_to_purchase,
        "takeWith": recommendation.take_with,
        "dosage": {
            "recommendedAmount": recommendation.amount,
            "recommendedFrequency": recommendation.frequency,
            "recommendedDuration": recommendation.duration,
            "format": recommendation.format,
            "additionalInfo": recommendation.additional_info,
            "timeOfDay": recommendation.time_of_day,
        },
    }


def _lab(recommendation: LabRecommendation) -> dict[str, Any]:
    lab = recommendation.lab
    return {
        "id": lab.id,
        "name": lab.name,
        "instructions": lab.instructions,
        "requiresFasting": lab.requires_fasting,
        "tests": [{"id": test.id, "name": test.name} for test in lab.tests],
    }


def _lab_as_in_guide(recommendation: LabRecommendation) -> dict[str, Any]:
    lab = _lab(recommendation)
    lab["requires_fasting"] = lab.pop("requiresFasting")
    return lab
