"""Filters that several lists share: dates, and the direction of sorting."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Select, UnaryExpression
from sqlalchemy.orm import InstrumentedAttribute

from fullscript_sandbox.refusals import Invalid

Row = TypeVar("Row")

_DAY = r"\d{4}-\d{2}-\d{2}"
_DATES = re.compile(rf"(?P<less><)?(?P<more>>)?(?P<first>{_DAY})(\.\.(?P<last>{_DAY}))?")


def on_dates(
    chosen: Select[Row], moment: InstrumentedAttribute[Any], name: str, text: str | None
) -> Select[Row]:
    """Narrow *chosen* to dates as the reference writes them: `d`, `<d`, `>d` or `d..d`, in UTC.

    A range has both its ends in it; `>d` begins the day after. Raises Invalid for anything else.
    """
    if text is None:
        return chosen
    start, end = _span(name, text)
    if start is not None:
        chosen = chosen.where(moment >= start)
    return chosen if end is None else chosen.where(moment < end)


def _span(name: str, text: str) -> tuple[datetime | None, datetime | None]:
    found = _DATES.fullmatch(text.strip())
    if found is None or ((found["less"] or found["more"]) and found["last"]):
        raise Invalid([_wanted(name)])
    try:
        first, last = _midnight(found["first"]), _midnight(found["last"] or found["first"])
        after_first, after_last = first + timedelta(days=1), last + timedelta(days=1)
    except (ValueError, OverflowError) as error:
        raise Invalid([_wanted(name)]) from error
    if found["less"]:
        return None, first
    return (after_first, None) if found["more"] else (first, after_last)


def _midnight(text: str) -> datetime:
    return datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)


def _wanted(name: str) -> str:
    label = name.replace("_", " ").capitalize()
    return f"{label} must be yyyy-mm-dd, <yyyy-mm-dd, >yyyy-mm-dd or yyyy-mm-dd..yyyy-mm-dd"


def in_order(
    wanted: InstrumentedAttribute[Any], order_by: str, *then: InstrumentedAttribute[Any]
) -> list[UnaryExpression[Any]]:
    """What to sort by: the column asked for, then the others, so that no two pages overlap."""
    return [column.desc() if order_by == "DESC" else column.asc() for column in (wanted, *then)]
