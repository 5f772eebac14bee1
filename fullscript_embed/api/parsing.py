"""From JSON to records, tolerant of everything that a later Fullscript may send.

A key that is missing, null or of a kind that we cannot read becomes None (or nothing, in a list); a key that
we do not know stays in the record's `raw`. Nothing here raises, whatever the JSON (property tests hold that).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from cattrs import Converter

R = TypeVar("R")

# More digits than any count or amount has; beyond it int() and Decimal arithmetic become a way to hang us.
MOST_DIGITS = 18
_TRUE, _FALSE = {"true", "1", "yes"}, {"false", "0", "no"}
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def read_text(value: Any) -> str | None:
    """A string, or a number or truth value as JSON would write it; None for null, lists and objects."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | float() | Decimal():
            return str(value)
        case _:
            return None


def read_flag(value: Any) -> bool | None:
    """True and false however they are spelled: true, "true", 1, "1" (field notes, 1.5 and 1.18)."""
    text = (read_text(value) or "").strip().lower()
    return True if text in _TRUE else False if text in _FALSE else None


def read_decimal(value: Any) -> Decimal | None:
    """An exact number from a string ("19.99") or a JSON number; None when it is neither, or not finite."""
    text = read_text(value)
    if text is None or isinstance(value, bool):
        return None
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) <= MOST_DIGITS else None


def read_count(value: Any) -> int | None:
    """A whole number; "2" and 2.0 count as 2."""
    number = read_decimal(value)
    return int(number) if number is not None and number == number.to_integral_value() else None


def read_moment(value: Any) -> datetime | None:
    """An aware moment from ISO 8601. One without an offset is taken as UTC, which Fullscript's are."""
    try:
        moment = datetime.fromisoformat(value)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        moment.astimezone(UTC)  # the first and last hours of the calendar may not be in it
    except (OverflowError, TypeError, ValueError):
        return None
    return moment


def read_day(value: Any) -> date | None:
    """A day from `yyyy-mm-dd`, also when a time follows it (`available_at` in events; field notes, 1)."""
    found = _DATE.match(value) if isinstance(value, str) else None
    try:
        return date.fromisoformat(found[0]) if found else None
    except ValueError:
        return None


def read_object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Record:
    """Base of everything that Fullscript answers: frozen, and with the answer itself in `raw`.

    The repr names the kind and the id and nothing else, so that a record in a log tells nothing about a
    patient.
    """

    raw: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @property
    def extra(self) -> dict[str, Any]:
        """What the answer holds beyond the fields that this version of the client knows."""
        known = {known.name for known in fields(self)} | self.also_known()
        return {key: value for key, value in self.raw.items() if key not in known}

    @classmethod
    def also_known(cls) -> set[str]:
        """Keys that are read into a field of another name."""
        return set()

    @classmethod
    def tidy(cls, data: dict[str, Any]) -> dict[str, Any]:
        """Bring other spellings of an answer to the names of the fields, before it is read."""
        return data

    def __repr__(self) -> str:
        identity = getattr(self, "id", None)
        return f"{type(self).__name__}(id={identity!r})" if identity else f"{type(self).__name__}(…)"


def _scalar(read: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
    return lambda value, _type: read(value)


converter = Converter()
converter.register_structure_hook(str, _scalar(read_text))
converter.register_structure_hook(bool, _scalar(read_flag))
converter.register_structure_hook(int, _scalar(read_count))
converter.register_structure_hook(Decimal, _scalar(read_decimal))
converter.register_structure_hook(datetime, _scalar(read_moment))
converter.register_structure_hook(date, _scalar(read_day))


def _is_record(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Record)


def _is_list(kind: Any) -> bool:
    return get_origin(kind) is tuple


def _is_object(kind: Any) -> bool:
    return get_origin(kind) is dict


converter.register_structure_hook_func(_is_object, _scalar(read_object))


@converter.register_structure_hook_factory(_is_list)
def _list_reader(kind: Any) -> Callable[[Any, Any], Any]:
    """Reads a JSON list into a tuple without its unreadable members; a lone value counts as a list of one."""
    member = get_args(kind)[0]

    def read(value: Any, _type: Any) -> tuple[Any, ...]:
        values = value if isinstance(value, list) else [] if value in (None, "") else [value]
        if _is_record(member):
            values = [item for item in values if isinstance(item, dict)]
        found = (converter.structure(item, member) for item in values)
        return tuple(item for item in found if item is not None)

    return read


@converter.register_structure_hook_factory(_is_record)
def _record_reader(kind: Any) -> Callable[[Any, Any], Any]:
    """Reads an object into a record; for anything but an object, None."""
    hints = get_type_hints(kind)
    names = [(known.name, hints[known.name]) for known in fields(kind) if known.name != "raw"]

    def read(value: Any, _type: Any) -> Any:
        if not isinstance(value, dict):
            return None
        data = kind.tidy(value)
        known = {
            name: converter.structure(data[name], hint) for name, hint in names if data.get(name) is not None
        }
        # A field whose value could not be read keeps its default, like one that was not sent.
        return kind(raw=value, **{name: found for name, found in known.items() if found is not None})

    return read


def parse(kind: type[R], value: Any) -> R:
    """Read the JSON object *value* as a record of *kind*. What is not an object is read as an empty one."""
    return converter.structure(read_object(value), kind)
