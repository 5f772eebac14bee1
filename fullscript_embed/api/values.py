"""From Python values to what Fullscript takes in bodies and filters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Final

from fullscript_embed.api.errors import RequestInvalid
from fullscript_embed.api.records.plans import Dosage, Recommendation


class Unchanged(Enum):
    """The type of UNCHANGED, the default of arguments of `update`: leave the field as it is.

    None empties it.
    """

    UNCHANGED = "unchanged"


UNCHANGED: Final = Unchanged.UNCHANGED


@dataclass(frozen=True, slots=True)
class DateFilter:
    """A filter by day. Make one with `on`, `before`, `after` or `between`."""

    expression: str

    def __str__(self) -> str:
        return self.expression


def _day(moment: date) -> date:
    """The day of *moment*; that of a time is counted in UTC, which Fullscript's timestamps are in."""
    if not isinstance(moment, datetime):
        return moment
    return (moment.astimezone(UTC) if moment.tzinfo else moment).date()


def on(day: date) -> DateFilter:
    """That day. A date by itself means the same."""
    return DateFilter(f"{_day(day)}")


def before(day: date) -> DateFilter:
    """Earlier days, without *day* itself."""
    return DateFilter(f"<{_day(day)}")


def after(day: date) -> DateFilter:
    """Later days, without *day* itself."""
    return DateFilter(f">{_day(day)}")


def between(first: date, last: date) -> DateFilter:
    """The days from *first* to *last*, both included."""
    start, end = _day(first), _day(last)
    if end < start:
        raise RequestInvalid(f"The range ends on {end}, before it begins on {start}")
    return DateFilter(f"{start}..{end}")


def day_filter(value: date | DateFilter | None) -> str | None:
    """A filter as the query says it: `d`, `<d`, `>d`, `d..d`."""
    return str(on(value)) if isinstance(value, date) else None if value is None else str(value)


def encode(value: Any) -> Any:
    """*value* as the reference documents bodies: scalars are strings, "true", "2", "2026-11-20".

    Answers hold numbers and truth values in the same places (field notes, 1). Keys whose value is UNCHANGED
    are left out; None becomes null.
    """
    if isinstance(value, Mapping):
        return {key: encode(item) for key, item in value.items() if item is not UNCHANGED}
    if isinstance(value, (Recommendation, Dosage)):
        return encode(_recommendation(value) if isinstance(value, Recommendation) else _dosage(value))
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        return [encode(item) for item in value]
    return _scalar(value)


def _scalar(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return _day(value).isoformat()
    if isinstance(value, (int, float, Decimal)):
        return format(value, "f") if isinstance(value, Decimal) else str(value)
    raise RequestInvalid(f"A {type(value).__name__} cannot be sent; give text, a number or a date")


def given(**fields: Any) -> dict[str, Any]:
    """The fields that are not None, encoded: the body of a `create`, where null would be refused."""
    return {key: encode(value) for key, value in fields.items() if value is not None}


def changed(**fields: Any) -> dict[str, Any]:
    """The fields that are not UNCHANGED, encoded: the body of an `update`."""
    body: dict[str, Any] = encode(fields)
    return body


def metadata_body(metadata_id: str | Unchanged | None) -> dict[str, str | None] | Unchanged | None:
    """Your own id as the API nests it. UNCHANGED stays so; None empties it."""
    return metadata_id if isinstance(metadata_id, Unchanged) else {"id": metadata_id}


def _recommendation(wanted: Recommendation) -> dict[str, Any]:
    fields = ("variant_id", "units_to_purchase", "refill", "take_with", "dosage")
    body = {name: getattr(wanted, name) for name in fields if getattr(wanted, name) is not None}
    return {"units_to_purchase": 1, **body}


def _dosage(wanted: Dosage) -> dict[str, Any]:
    """A request takes `time_of_day` as one string, answers list them: one is sent bare, several listed."""
    fields = ("amount", "frequency", "duration", "format", "additional_info")
    body = {name: getattr(wanted, name) for name in fields if getattr(wanted, name) is not None}
    times = wanted.time_of_day
    return body | ({"time_of_day": times[0] if len(times) == 1 else list(times)} if times else {})
