"""Treatment plans, what they are made from, and the links that open them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from fullscript_embed.api.parsing import Record, read_flag
from fullscript_embed.api.records.base import Metadata, Reference, record
from fullscript_embed.api.records.labs import LabRecommendation
from fullscript_embed.api.records.patients import Patient

# Where one of our fields hides under other names (field notes, 1.9): products, events and Embed say
# recommended_amount or recommendedAmount, protocols and templates dosage_amount.
_DOSAGE_SPELLINGS = {
    "amount": ("recommended_amount", "dosage_amount", "recommendedAmount"),
    "frequency": ("recommended_frequency", "dosage_frequency", "recommendedFrequency"),
    "duration": ("recommended_duration", "dosage_duration", "recommendedDuration"),
    "format": ("dosage_format",),
    "additional_info": ("dosage_permutations", "additionalInfo"),
    "time_of_day": ("timeOfDay",),
}
_RECOMMENDATION_SPELLINGS = {
    "variant_id": ("variantId",),
    "units_to_purchase": ("quantity_recommended", "unitsToPurchase"),
    "take_with": ("takeWith",),
}


def _renamed(data: dict[str, Any], spellings: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    renamed = dict(data)
    for name, others in spellings.items():
        found = [data[key] for key in (name, *others) if data.get(key) is not None]
        if found:
            renamed[name] = found[0]
    return renamed


@record
class Dosage(Record):
    """How to take something.

    `amount` is a number, a range or a fraction: "1", "1-2", "1/2". `frequency`: once per day, twice per day,
    three times per day, four times per day, every morning, every night. `duration`: days ("120"), as needed,
    until symptoms resolve, ongoing. `format`: capsule, chewable, gel, liquid, lozenge, packet, pellet, drops,
    powder, strip, suppository, tablet. Other values pass through as they are.
    """

    amount: str | None = None
    frequency: str | None = None
    duration: str | None = None
    format: str | None = None
    additional_info: str | None = None
    time_of_day: tuple[str, ...] = ()

    @classmethod
    def tidy(cls, data: dict[str, Any]) -> dict[str, Any]:
        return _renamed(data, _DOSAGE_SPELLINGS)

    @classmethod
    def also_known(cls) -> set[str]:
        return {other for others in _DOSAGE_SPELLINGS.values() for other in others}


@record
class Recommendation(Record):
    """One variant of a product in a plan, protocol or template.

    It carries no name: retrieve the variant for that. Made by hand, it is what `treatment_plans.create` and
    `update` take; one unit is sent when it says none.
    """

    variant_id: str = ""
    units_to_purchase: int | None = None
    refill: bool | None = None
    take_with: str | None = None
    dosage: Dosage | None = None

    @classmethod
    def tidy(cls, data: dict[str, Any]) -> dict[str, Any]:
        """Gathers the flat dosage keys of protocols and templates into one dosage."""
        tidied = _renamed(data, _RECOMMENDATION_SPELLINGS)
        flat = {key: value for key, value in data.items() if key in Dosage.also_known()}
        if flat and not tidied.get("dosage"):
            tidied["dosage"] = flat
        return tidied

    @classmethod
    def also_known(cls) -> set[str]:
        others = (name for names in _RECOMMENDATION_SPELLINGS.values() for name in names)
        return {*others, *Dosage.also_known()}


@record
class Resource(Record):
    """A document for patients.

    `type`: Guide, Handout, Infographic, Meal plan, Workbook. `category`: Nutrition, Lifestyle, Physical
    activity, Supplements, Health conditions.
    """

    id: str = ""
    name: str | None = None
    type: str | None = None
    category: str | None = None
    attachment_url: str | None = None


@record
class TreatmentPlan(Record):
    """What a practitioner recommends to a patient.

    `state`: draft, active, cancelled. Lists answer without recommendations, invitation link and metadata
    (field notes, 1.8). `invitation_url` is the link that the patient gets by e-mail: treat it like a
    password.
    """

    id: str = ""
    state: str | None = None
    patient: Reference | None = None
    practitioner: Reference | None = None
    available_at: date | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    invitation_url: str | None = None
    checkout_url: str | None = None
    practitioner_pay_url: str | None = None
    treatment_plan_text: str | None = None
    lab_checkout_status: str | None = None
    source: str | None = None
    personal_message: str | None = None
    recommendations: tuple[Recommendation, ...] = ()
    lab_recommendations: tuple[LabRecommendation, ...] = ()
    resources: tuple[Resource, ...] = ()
    patient_lab_fields_needed: tuple[str, ...] = ()
    metadata: Metadata = Metadata()

    @classmethod
    def tidy(cls, data: dict[str, Any]) -> dict[str, Any]:
        """Some payloads say `"active": "true"` in place of the state (field notes, 1.18).

        Embed says labRecommendations.
        """
        tidied = _renamed(
            data, {"lab_recommendations": ("labRecommendations",), "available_at": ("availableAt",)}
        )
        if tidied.get("state") is None and read_flag(data.get("active")):
            tidied["state"] = "active"
        return tidied

    @classmethod
    def also_known(cls) -> set[str]:
        return {"active", "labRecommendations", "availableAt"}


@record
class Protocol(Record):
    """Recommendations that a practitioner, or Fullscript, keeps for reuse.

    `current_state`: active, draft, cancelled. `ownership_type`: owned, shared. Lists answer without
    recommendations.
    """

    id: str = ""
    name: str | None = None
    current_state: str | None = None
    ownership_type: str | None = None
    practitioner_id: str | None = None
    personal_message: str | None = None
    recommendations: tuple[Recommendation, ...] = ()

    @classmethod
    def tidy(cls, data: dict[str, Any]) -> dict[str, Any]:
        """A protocol nests its practitioner's id, a template has it flat (field notes, 1.12)."""
        nested = data.get("practitioner")
        if data.get("practitioner_id") is None and isinstance(nested, dict):
            return {**data, "practitioner_id": nested.get("id")}
        return data

    @classmethod
    def also_known(cls) -> set[str]:
        return {"practitioner"}


@record
class Template(Protocol):
    """The older kind of protocol."""


@record
class DynamicLink(Record):
    """A link that opens Fullscript's plan editor.

    It does not expire and opens one plan: send it to its user alone.
    """

    redirect_url: str | None = None
    treatment_plan: TreatmentPlan | None = None
    patient: Patient | None = None


@record
class Checkout(Record):
    """Where a practitioner pays for a patient's plan on Fullscript."""

    url: str | None = None
