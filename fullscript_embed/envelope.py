"""What the browser library reports, checked and brought into one spelling.

The vendor's types and pages spell the same fields in different ways (field notes, 1.25 and P17): camelCase
and snake_case, `recommendedAmount` and `amount`, labs inside the plan or beside it. All are understood,
whatever is not known is left alone, and the raw payload is what is stored.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match

from fullscript_embed.api.parsing import read_moment, read_text
from fullscript_embed.errors import EventRefused

BROWSER, WEBHOOK, POLL = "browser", "webhook", "poll"
PATIENT_SELECTED, PLAN_ACTIVATED = "patient.selected", "treatmentPlan.activated"
TYPES = (PATIENT_SELECTED, PLAN_ACTIVATED)
# Deeper than any payload of the vendor's; beyond it somebody tries something.
DEEPEST = 12

_ID = {"type": "string", "minLength": 1, "maxLength": 64}
_TEXT = {"type": ["string", "null"]}
_FLAG = {"type": ["boolean", "string", "integer", "null"]}
_OBJECTS = {"type": ["array", "null"], "maxItems": 500, "items": {"type": "object"}}
_LAB = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": _ID,
        "name": _TEXT,
        "requires_fasting": _FLAG,
        "instructions": _TEXT,
        "tests": _OBJECTS,
    },
}
_RECOMMENDATION = {
    "type": "object",
    "required": ["variant_id"],
    "properties": {
        "variant_id": _ID,
        "refill": _FLAG,
        "units_to_purchase": {"type": ["integer", "string", "null"]},
        "dosage": {"type": ["object", "null"]},
    },
}
_PERSON = {"type": "object", "required": ["id"], "properties": {"id": _ID}}
_PLAN = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": _ID,
        "state": _TEXT,
        "patient": {"anyOf": [_PERSON, {"type": "null"}]},
        "practitioner": {"anyOf": [_PERSON, {"type": "null"}]},
        "recommendations": {**_OBJECTS, "items": _RECOMMENDATION},
        "lab_recommendations": {**_OBJECTS, "items": _LAB},
    },
}
SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "An event of Fullscript Embed, its keys brought to snake_case",
    "type": "object",
    "required": ["id", "type", "data", "clinic_id"],
    "properties": {
        "id": _ID,
        "type": {"enum": list(TYPES)},
        "clinic_id": _ID,
        "created_at": _TEXT,
        "oauth": {"type": ["object", "null"], "properties": {"client_id": _TEXT}},
        "data": {"type": "object"},
    },
    "allOf": [
        {
            "if": {"properties": {"type": {"const": PATIENT_SELECTED}}},
            "then": {"properties": {"data": {"required": ["patient"], "properties": {"patient": _PERSON}}}},
        },
        {
            "if": {"properties": {"type": {"const": PLAN_ACTIVATED}}},
            "then": {
                "properties": {
                    "data": {
                        "required": ["treatment_plan"],
                        "properties": {
                            "treatment_plan": _PLAN,
                            "lab_recommendations": {**_OBJECTS, "items": _LAB},
                        },
                    }
                }
            },
        },
    ],
}
_VALIDATOR = Draft202012Validator(SCHEMA)
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Envelope:
    """One event in one shape, by whichever door it came.

    *happened_at* is by the vendor's clock, None when it does not say. *data* is in one spelling, with labs
    inside the plan. *clinic_id* is None where no clinic is named, as for products; *client_id* is named by
    the browser library alone.
    """

    id: str
    type: str
    clinic_id: str | None
    client_id: str | None
    happened_at: datetime | None
    data: dict[str, Any] = field(default_factory=dict, repr=False)


def read(payload: Any) -> Envelope:
    """Check the raw *payload* and read it. Raises EventRefused, whose message quotes nothing of it."""
    event = tidy(one_spelling(payload))
    error = best_match(_VALIDATOR.iter_errors(event))
    if error is not None:
        raise EventRefused(_told(error))
    return Envelope(
        id=event["id"],
        type=event["type"],
        clinic_id=event["clinic_id"],
        client_id=read_text((event.get("oauth") or {}).get("client_id")),
        happened_at=read_moment(event.get("created_at")),
        data=event["data"],
    )


def one_spelling(value: Any, *, depth: int = 0) -> Any:
    """A copy of JSON with all keys in snake_case; of two spellings of one key the one that says something."""
    if depth > DEEPEST:
        raise EventRefused(f"The event is nested deeper than {DEEPEST} levels.")
    if isinstance(value, list):
        return [one_spelling(item, depth=depth + 1) for item in value]
    if not isinstance(value, dict):
        return value
    tidied: dict[str, Any] = {}
    for key, item in value.items():
        name = _HUMP.sub("_", str(key)).lower()
        if tidied.get(name) in (None, "", [], {}):
            tidied[name] = one_spelling(item, depth=depth + 1)
    return tidied


def tidy(event: Any) -> Any:
    """Put what the vendor's page and types place differently where the other has it."""
    data = event.get("data") if isinstance(event, dict) else None
    plan = data.get("treatment_plan") if isinstance(data, dict) else None
    if isinstance(plan, list) and len(plan) == 1:
        plan = plan[0]
    if not isinstance(data, dict) or not isinstance(plan, dict):
        return event
    plan = dict(plan)
    if not plan.get("lab_recommendations") and data.get("lab_recommendations"):
        plan["lab_recommendations"] = data["lab_recommendations"]
    if isinstance(plan.get("recommendations"), dict):
        plan["recommendations"] = [plan["recommendations"]]
    return {**event, "data": {**data, "treatment_plan": plan}}


def _told(error: ValidationError) -> str:
    """What is wrong where; the sentence of jsonschema would quote the value, which may be a patient's."""
    where = ".".join(["event", *(str(part) for part in error.absolute_path)])
    wanted: Any = error.validator_value
    match error.validator:
        case "required":
            found: Any = error.instance
            return f"{where} lacks {', '.join(name for name in wanted if name not in found)}."
        case "type":
            return f"{where} has to be {' or '.join([wanted] if isinstance(wanted, str) else wanted)}."
        case "enum":
            return f"{where} has to be one of {', '.join(wanted)}."
        case _:
            return f"{where} is not as Fullscript Embed sends it ({error.validator})."
