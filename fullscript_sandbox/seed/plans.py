"""Treatment plans of the past, so that charts and lists are not empty."""

from __future__ import annotations

from random import Random

from fullscript_sandbox.models import (
    Clinic,
    Lab,
    LabRecommendation,
    Patient,
    PlanNumber,
    Product,
    Recommendation,
    TreatmentPlan,
    User,
    Variant,
)
from fullscript_sandbox.seed.patients import CAST, patient_id
from fullscript_sandbox.seed.people import practitioner_ids
from fullscript_sandbox.seed.source import Row, Rows, Seed

# Of the cast only these have a past: tests count what the others get.
CAST_WITH_PLANS = {"Raman", "Dietrich"}
SHARE_WITH_PLANS = 0.7
STATES = (("active", "draft", "cancelled"), (7, 2, 1))
MESSAGES = (
    None,
    "Start with half the dose for the first three days.",
    "Take these with breakfast. We talk about it at your next visit.",
    "As discussed today. Write to me if anything does not agree with you.",
    "Please get the labs done before our follow-up.",
)
FIRST_NUMBER = 4100


def grow(seed: Seed, world: Rows) -> Rows:
    """Plans with recommendations, and labs where there are any (United States only)."""
    countries = {clinic["id"]: clinic["country"] for clinic in world[Clinic]}
    registered = {user["id"] for user in world[User] if user["labs_registered_at"]}
    shelves = {country: _shelf(world, country) for country in set(countries.values())}
    rows: Rows = {PlanNumber: [], TreatmentPlan: [], Recommendation: [], LabRecommendation: []}
    for patient in _with_plans(seed, world):
        country = countries[patient["clinic_id"]]
        labs = world[Lab] if country == "US" else []
        chance = seed.random("plans", patient["id"])
        for number in range(chance.randint(1, 3)):
            plan = _plan(seed, patient, number, chance)
            rows[TreatmentPlan].append(plan)
            rows[Recommendation] += _recommendations(seed, plan, shelves[country], chance)
            recommended = _lab_recommendations(seed, plan, labs, chance)
            rows[LabRecommendation] += recommended if plan["practitioner_id"] in registered else []
    for number, plan in enumerate(sorted(rows[TreatmentPlan], key=_age), FIRST_NUMBER):
        plan["number"] = number
        rows[PlanNumber].append({"number": number})
    return rows


def _with_plans(seed: Seed, world: Rows) -> list[Row]:
    cast = {patient_id(seed, person): person.last_name in CAST_WITH_PLANS for person in CAST}
    return [
        patient
        for patient in world[Patient]
        if cast.get(patient["id"], seed.random("has plans", patient["id"]).random() < SHARE_WITH_PLANS)
    ]


def _shelf(world: Rows, country: str) -> list[tuple[Row, Row]]:
    """Products sold in *country* with their primary variants, those in stock only."""
    primary = {
        one["product_id"]: one for one in world[Variant] if one["primary"] and one["status"] == "available"
    }
    sold = (one for one in world[Product] if one["country"] in {None, country})
    return [(product, primary[product["id"]]) for product in sold if product["id"] in primary]


def _age(plan: Row) -> tuple[object, str]:
    return plan["created_at"], plan["id"]


def _plan(seed: Seed, patient: Row, number: int, chance: Random) -> Row:
    created_at = seed.ago(chance.uniform(3, 240))
    state = "active" if number == 0 else chance.choices(*STATES)[0]
    return {
        "id": seed.id("plan", patient["id"], number),
        "number": 0,
        "clinic_id": patient["clinic_id"],
        "patient_id": patient["id"],
        "practitioner_id": chance.choice(practitioner_ids(seed, patient["clinic_id"])),
        "state": state,
        "available_at": None if state == "draft" else created_at.date(),
        "personal_message": chance.choice(MESSAGES),
        "invitation_code": f"{chance.getrandbits(40):010x}",
        "created_at": created_at,
        "updated_at": created_at,
    }


def _recommendations(seed: Seed, plan: Row, shelf: list[tuple[Row, Row]], chance: Random) -> list[Row]:
    chosen = chance.sample(shelf, k=chance.randint(1, 4))
    return [
        {
            "id": seed.id("recommendation", plan["id"], position),
            "treatment_plan_id": plan["id"],
            "position": position,
            "variant_id": variant["id"],
            "refill": chance.choice((True, False)),
            "units_to_purchase": chance.choice((1, 1, 1, 2)),
            "amount": product["recommended_amount"],
            "frequency": product["recommended_frequency"],
            "duration": product["recommended_duration"],
            "format": product["dosage_format"],
            "time_of_day": ["morning"] if product["recommended_frequency"] == "every morning" else [],
            "take_with": chance.choice(("food", None)),
            "additional_info": product["additional_info"],
        }
        for position, (product, variant) in enumerate(chosen)
    ]


def _lab_recommendations(seed: Seed, plan: Row, labs: list[Row], chance: Random) -> list[Row]:
    chosen = chance.sample(labs, k=chance.choice((0, 0, 1, 2))) if labs else []
    return [
        {
            "id": seed.id("lab recommendation", plan["id"], position),
            "treatment_plan_id": plan["id"],
            "position": position,
            "lab_id": lab["id"],
        }
        for position, lab in enumerate(chosen)
    ]
