"""How a dosage is written, and the reading of recommendations as callers send them.

The words are those of the reference ("Create a treatment plan") and of field notes 1.9. Callers type
nearly everything as text (`units_to_purchase: "2"`, `refill: "true"`), so both forms are read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

FREQUENCIES = (
    "once per day",
    "twice per day",
    "three times per day",
    "four times per day",
    "every morning",
    "every night",
)
# Besides a number of days, such as "30".
DURATIONS = ("as needed", "until symptoms resolve", "ongoing")
FORMATS = (
    "capsule",
    "chewable",
    "drops",
    "gel",
    "liquid",
    "lozenge",
    "packet",
    "pellet",
    "powder",
    "strip",
    "suppository",
    "tablet",
)
# No list of these two is published: the pages offer these words, callers of the API may send others.
TIMES_OF_DAY = ("morning", "afternoon", "evening", "bedtime")
TAKE_WITH = ("food", "water", "an empty stomach")

_FORMATS_READ = {*FORMATS, "drop"}  # the catalog says "drop" (field notes, 1.9)
_AMOUNT = re.compile(r"\d{1,5}([.,]\d{1,3})?([-/ ]\d{1,5}([./]\d{1,5})?)?")
_DAYS = re.compile(r"[1-9]\d{0,3}")
_WORDS = {True: {"true", "1", "yes", "on"}, False: {"false", "0", "no", "off"}}
MAX_UNITS = 99
MAX_TEXT = 500
MAX_WORD = 40


@dataclass
class Reader:
    """Reads the fields of one recommendation and collects what is wrong with them."""

    place: str
    messages: list[str] = field(default_factory=list)

    def refuse(self, name: str, wanted: str) -> None:
        self.messages.append(f"{self.place}: {name} {wanted}")

    def text(self, source: Mapping[str, Any], name: str, label: str, *, limit: int = MAX_TEXT) -> str | None:
        value = source.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str | int | float) or isinstance(value, bool):
            self.refuse(label, "must be text")
            return None
        if len(str(value)) > limit:
            self.refuse(label, f"is too long (maximum is {limit} characters)")
            return None
        return str(value).strip()

    def word(self, source: Mapping[str, Any], name: str, label: str, words: set[str]) -> str | None:
        value = self.text(source, name, label)
        if value is not None and value not in words:
            self.refuse(label, f"{value[:40]!r} is not one of: {', '.join(sorted(words))}")
        return value

    def amount(self, source: Mapping[str, Any]) -> str | None:
        value = self.text(source, "amount", "dosage amount")
        if value is not None and not _AMOUNT.fullmatch(value):
            self.refuse(
                "dosage amount", f'{value[:40]!r} is not a number, a range ("1-2") or a fraction ("1/2")'
            )
        return value

    def duration(self, source: Mapping[str, Any]) -> str | None:
        value = self.text(source, "duration", "dosage duration")
        if value is not None and value not in DURATIONS and not _DAYS.fullmatch(value):
            wanted = f"is not a number of days nor one of: {', '.join(DURATIONS)}"
            self.refuse("dosage duration", f"{value[:40]!r} {wanted}")
        return value

    def flag(self, source: Mapping[str, Any], name: str, label: str) -> bool:
        value = source.get(name)
        if value is None or value == "":
            return False
        for meaning, words in _WORDS.items():
            if str(value).lower() in words:
                return meaning
        self.refuse(label, "must be true or false")
        return False

    def units(self, source: Mapping[str, Any]) -> int:
        value = source.get("units_to_purchase")
        if value is None or value == "":
            self.refuse("units to purchase", "can't be blank")
        elif isinstance(value, bool) or not re.fullmatch(r"\d{1,4}", str(value)):
            self.refuse("units to purchase", "is not a whole number")
        elif not 1 <= int(value) <= MAX_UNITS:
            self.refuse("units to purchase", f"must be between 1 and {MAX_UNITS}")
        else:
            return int(value)
        return 1

    def times_of_day(self, source: Mapping[str, Any]) -> list[str]:
        """Several, or one as text: the reference types it as a string, webhooks show a list."""
        value = source.get("time_of_day")
        if value is None or value == "":
            return []
        several = [value] if isinstance(value, str) else value
        if not isinstance(several, list) or not all(
            isinstance(one, str) and len(one) <= MAX_WORD for one in several
        ):
            self.refuse("dosage time of day", "must be a list of short texts")
            return []
        return list(dict.fromkeys(several))


def read(source: Any, place: str) -> tuple[dict[str, Any], list[str]]:
    """The columns of one recommendation and what is wrong with it, from the reference's key names.

    `variant_id` is read but not looked up.
    """
    reader = Reader(place)
    if not isinstance(source, Mapping):
        reader.refuse("it", "must be an object with variant_id, units_to_purchase and dosage")
        return {}, reader.messages
    dosage = source.get("dosage") or {}
    if not isinstance(dosage, Mapping):
        reader.refuse("dosage", "must be an object")
        dosage = {}
    columns = {
        "variant_id": reader.text(source, "variant_id", "variant", limit=36),
        "units_to_purchase": reader.units(source),
        "refill": reader.flag(source, "refill", "refill"),
        "take_with": reader.text(source, "take_with", "take with", limit=MAX_WORD),
        "amount": reader.amount(dosage),
        "frequency": reader.word(dosage, "frequency", "dosage frequency", set(FREQUENCIES)),
        "duration": reader.duration(dosage),
        "format": reader.word(dosage, "format", "dosage format", _FORMATS_READ),
        "time_of_day": reader.times_of_day(dosage),
        "additional_info": reader.text(dosage, "additional_info", "dosage additional info"),
    }
    return columns, reader.messages
