"""What practitioners and Fullscript keep for reuse: protocols, templates, resources, dosages of their own."""

from __future__ import annotations

from collections.abc import Iterator

from fullscript_sandbox.models import Product, Protocol, ProtocolRecommendation, Resource, User, Variant
from fullscript_sandbox.models.catalog import CustomDosage
from fullscript_sandbox.seed.paper import pdf
from fullscript_sandbox.seed.source import Row, Rows, Seed

# Name and what its products have in their names.
PROTOCOLS = (
    ("Restful Sleep", "Magnesium Sleep Melatonin Valerian Theanine"),
    ("Gut Repair", "Glutamine Probiotic Enzyme GI Fiber"),
    ("Winter Immunity", "Vitamin Zinc Elderberry Echinacea D3"),
    ("Iron Repletion", "Iron C B12"),
    ("Adrenal Balance", "Ashwagandha Rhodiola Adrenal Adaptogen B"),
    ("Cardiometabolic Basics", "Omega Berberine CoQ10 Fish"),
    ("Prenatal Foundation", "Prenatal DHA Choline Methylfolate"),
)
# Every practitioner keeps some under their own name; Fullscript publishes all of them.
OWN = ("First Visit", "Follow-Up at Six Weeks", "Travel Kit", "Retired: Spring Cleanse")
STATES = ("active", "active", "draft", "cancelled")

# Name, type, category (field notes, 1.22).
RESOURCES = (
    ("Eating for Steady Energy", "Guide", "Nutrition"),
    ("A Week of Anti-Inflammatory Meals", "Meal plan", "Nutrition"),
    ("Sleep Hygiene", "Handout", "Lifestyle"),
    ("Walking After Meals", "Infographic", "Physical activity"),
    ("How to Take Your Supplements", "Handout", "Supplements"),
    ("Understanding Thyroid Labs", "Guide", "Health conditions"),
    ("Stress Diary", "Workbook", "Lifestyle"),
    ("Fiber in Ordinary Foods", "Infographic", "Nutrition"),
)


def grow(seed: Seed, world: Rows) -> Rows:
    """Protocols and templates with recommendations, resources with their files, custom dosages."""
    protocols = [*_published(seed), *_own(seed, world)]
    recommended = [one for protocol in protocols for one in _recommendations(seed, world, protocol)]
    resources = [
        *_resources(seed, None),
        *(one for user in _practitioners(world) for one in _resources(seed, user)),
    ]
    return {
        Protocol: protocols,
        ProtocolRecommendation: recommended,
        Resource: resources,
        CustomDosage: list(_custom_dosages(world)),
    }


def _practitioners(world: Rows) -> list[Row]:
    return [user for user in world[User] if user["type"] == "Practitioner"]


def _published(seed: Seed) -> Iterator[Row]:
    for name, _ in PROTOCOLS:
        yield _protocol(seed, None, f"Fullscript: {name}", "protocol", "active")


def _own(seed: Seed, world: Rows) -> Iterator[Row]:
    for user in _practitioners(world):
        for name, state in zip(OWN, STATES, strict=True):
            yield _protocol(seed, user, name, "protocol", state)
            yield _protocol(seed, user, f"{name} (template)", "template", state)
        yield _protocol(seed, user, "Clinic Standard", "protocol", "active") | {"shared": True}


def _protocol(seed: Seed, user: Row | None, name: str, kind: str, state: str) -> Row:
    owner = user["id"] if user else None
    chance = seed.random("protocol", owner, name)
    return {
        "id": seed.id("protocol", owner, name),
        "kind": kind,
        "clinic_id": user["clinic_id"] if user else None,
        "practitioner_id": owner,
        "name": name,
        "current_state": state,
        "shared": False,
        "personal_message": chance.choice((None, "Take these for six weeks, then we measure again.")),
        "created_at": seed.ago(chance.randint(60, 900)),
    }


def _recommendations(seed: Seed, world: Rows, protocol: Row) -> Iterator[Row]:
    words = next((words for name, words in PROTOCOLS if protocol["name"].endswith(name)), "").split()
    sold = [one for one in world[Product] if one["country"] is None and one["status"] == "available"]
    fitting = [one for one in sold if not words or set(words) & set(one["name"].split())]
    chosen = seed.random("protocol products", protocol["id"]).sample(fitting, k=min(3, len(fitting)))
    primary = {one["product_id"]: one["id"] for one in world[Variant] if one["primary"]}
    for position, product in enumerate(chosen):
        yield {
            "id": seed.id("protocol recommendation", protocol["id"], position),
            "protocol_id": protocol["id"],
            "position": position,
            "variant_id": primary[product["id"]],
            "refill": position == 0,
            "quantity_recommended": 1,
            "dosage_amount": product["recommended_amount"],
            "dosage_frequency": product["recommended_frequency"],
            "dosage_duration": product["recommended_duration"],
            "dosage_permutations": None,
            "dosage_format": product["dosage_format"],
        }


def _resources(seed: Seed, user: Row | None) -> Iterator[Row]:
    owner = user["id"] if user else None
    for position, (name, kind, category) in enumerate(RESOURCES if user is None else RESOURCES[1:4]):
        own_name = f"{name}, by {user['first_name']} {user['last_name']}" if user else name
        created_at = seed.ago(300 - 11 * position)
        yield {
            "id": seed.id("resource", owner, name),
            "clinic_id": user["clinic_id"] if user else None,
            "practitioner_id": owner,
            "name": own_name,
            "type": kind,
            "category": category,
            "file_name": f"{name.lower().replace(' ', '-')}.pdf",
            "content_type": "application/pdf",
            "content": pdf(own_name, [f"{kind} about {category.lower()}.", "Invented for the sandbox."]),
            "created_at": created_at,
            "updated_at": created_at,
        }


def _custom_dosages(world: Rows) -> Iterator[Row]:
    """Owners have one product in ten taken otherwise than its label says."""
    for user in (user for user in world[User] if user["is_owner"]):
        for product in world[Product][::10]:
            yield {
                "product_id": product["id"],
                "practitioner_id": user["id"],
                "recommended_amount": "1-2",
                "recommended_frequency": "twice per day",
                "recommended_duration": "60",
                "dosage_format": product["dosage_format"],
                "additional_info": "Begin with one.",
            }
