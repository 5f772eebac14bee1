"""Dosages in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# Of the formats that can be counted (field notes, 1.9).
PLURALS = {
    **{
        one: f"{one}s"
        for one in ("capsule", "chewable", "drop", "lozenge", "packet", "pellet", "strip", "tablet")
    },
    "suppository": "suppositories",
}
SINGULARS = {several: one for one, several in PLURALS.items()}  # some of Fullscript's formats are plurals


def in_words(dosage: Mapping[str, Any]) -> str:
    """A dosage as a sentence: "1-2 capsules, twice per day, for 30 days, with food"."""
    amount, form = str(dosage.get("amount") or ""), str(dosage.get("format") or "")
    frequency = str(dosage.get("frequency") or "")
    several = amount not in {"", "1"} and "/" not in amount
    duration = str(dosage.get("duration") or "")
    form = PLURALS.get(form, form) if several else SINGULARS.get(form, form)
    parts = [
        f"{amount} {form}".strip(),
        frequency,
        ", ".join(one for one in dosage.get("time_of_day") or () if one not in frequency),
        f"for {duration} days" if duration.isdigit() else duration,
        f"with {dosage['take_with']}" if dosage.get("take_with") else None,
        dosage.get("additional_info"),
    ]
    return ", ".join(str(part) for part in parts if part)
