"""When a patient runs out of what they bought. Values in, values out: it knows no database and no clock.

Nothing is guessed: what cannot be counted, a spoonful of an unnamed size or "as needed", is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

# The guide's words for how often; every other one is unknown.
PER_DAY = {
    "once per day": 1,
    "every morning": 1,
    "every night": 1,
    "twice per day": 2,
    "three times per day": 3,
    "four times per day": 4,
}
# So many days before the end a refill is due, to arrive in time.
AHEAD = timedelta(days=7)
# Longer than anybody's bottle lasts; beyond it a date is of no use and may not exist.
LONGEST = 3650
_NUMBER = re.compile(r"\d{1,4}(?:/\d{1,3}|\.\d{1,3})?")


@dataclass(frozen=True, slots=True)
class Bought:
    """So many packages, on that day; *quantity* is None where it is not known."""

    on: date
    quantity: int | None


def daily_dose(dosage: Mapping[str, Any]) -> Fraction | None:
    """How many a day. Of "1-2" the larger: who takes it runs out first."""
    times = PER_DAY.get(str(dosage.get("frequency") or ""))
    amounts = [_number(part) for part in str(dosage.get("amount") or "").split("-")]
    known = [amount for amount in amounts if amount]
    return max(known) * times if times and known and len(known) == len(amounts) else None


def is_same_form(form: str | None, unit: str | None) -> bool:
    """True when doses and packages are counted in the same thing: a "capsule" out of "120 capsules"."""
    return bool(form and unit) and _stem(form or "") == _stem(unit or "")


def runs_out_on(
    bought: Iterable[Bought], dosage: Mapping[str, Any], units: int | None, unit: str | None
) -> date | None:
    """The day after which nothing is left, if it is taken as recommended; None when that is unknown.

    What is bought before the last package is empty is added to it.
    """
    dose = daily_dose(dosage)
    if not dose or not units or not is_same_form(dosage.get("format"), unit):
        return None
    end: date | None = None
    for one in sorted(bought, key=lambda package: package.on):
        if one.quantity is None:
            return None
        days = min(int(one.quantity * units / dose), LONGEST)
        end = max(end or one.on, one.on) + timedelta(days=days)
    return end


def is_due(end: date | None, *, today: date) -> bool:
    """True from a week before the end, and after it."""
    return end is not None and today >= end - AHEAD


def _number(text: str) -> Fraction | None:
    cleaned = text.strip()
    if not _NUMBER.fullmatch(cleaned) or cleaned.endswith("/0"):
        return None
    return Fraction(cleaned)


def _stem(word: str) -> str:
    lower = word.strip().lower()
    return {"suppositories": "suppository"}.get(lower, lower.removesuffix("s"))
