"""Labs that practitioners in the United States can recommend, and the tests in each."""

from __future__ import annotations

from decimal import Decimal

from fullscript_sandbox.models import Lab, LabTest
from fullscript_sandbox.seed.source import Row, Rows, Seed, listed, read_table

WHERE = {
    "yes": "Book a visit at a collection site of {company} and bring the requisition that you get by e-mail.",
    "no": "{company} sends a kit to your home. Collect the sample in the morning and post it that day.",
}
FASTING = " Eat and drink nothing but water for ten hours before."


def grow(seed: Seed) -> Rows:
    """Labs with their tests."""
    facts = read_table("labs")
    labs = [_lab(seed, row) for row in facts]
    tests = [
        {
            "id": seed.id("lab test", row["name"], name),
            "lab_id": seed.id("lab", row["name"]),
            "position": position,
            "name": name,
            "description": f"{name}, measured in {row['sample'].lower().replace(';', ' and ')}.",
        }
        for row in facts
        for position, name in enumerate(listed(row["tests"]))
    ]
    return {Lab: labs, LabTest: tests}


def _lab(seed: Seed, row: dict[str, str]) -> Row:
    names = listed(row["tests"])
    fasting = row["fasting"] == "yes"
    return {
        "id": seed.id("lab", row["name"]),
        "variant_id": seed.id("lab variant", row["name"]),
        "name": row["name"],
        "company": row["company"],
        "description": f"{row['name']} by {row['company']}: {', '.join(names)}.",
        "instructions": WHERE[row["appointment"]].format(company=row["company"])
        + (FASTING if fasting else ""),
        "sample_type": row["sample"].replace(";", " and "),
        "requires_fasting": fasting,
        "requires_appointment": row["appointment"] == "yes",
        "turnaround_days": int(row["days"]),
        "price": Decimal(row["price"]),
    }
