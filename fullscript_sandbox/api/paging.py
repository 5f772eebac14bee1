"""Pages of lists: `page[number]` from 1, `page[size]` up to 100, and the `meta` that goes with them.

The reference gives the largest size; 20 as the default is its example. It says nothing of nonsense, which
is read as Rails' pagers read it: a page that is no number is the first, a size that is none the default,
a greater one than 100 is 100, and a page behind the last is empty.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from flask import request
from sqlalchemy import Select, func, select
from sqlalchemy.orm import InstrumentedAttribute
from typing_extensions import TypedDict

from fullscript_sandbox.database import db

Row = TypeVar("Row")

DEFAULT_SIZE = 20
LARGEST_SIZE = 100
# SQLite's largest number; nobody has so many records.
_LARGEST_NUMBER = 2**62 // LARGEST_SIZE


class Meta(TypedDict):
    """Where in a list a page is."""

    current_page: int
    next_page: int | None
    prev_page: int | None
    total_pages: int
    total_count: int


def paginate(
    chosen: Select[Row], *, position: InstrumentedAttribute[int] | None = None, few: bool = False
) -> tuple[Sequence[Row], Meta]:
    """The asked-for page of *chosen*, and its meta.

    With *position*, a column that counts the chosen rows from 1 without gaps in their order, a deep page
    costs what the first one costs. Where finding the rows is the work, and they are few, they are counted
    as they are found.
    """
    number, size = asked_page()
    start = (number - 1) * size
    if few:
        rows, total = _found_and_counted(chosen, size, start)
        return rows, meta_of(number, size, total)
    if position is None:
        total = count(chosen)
        page = chosen.limit(size).offset(start)
    else:
        total = db.session.scalar(chosen.with_only_columns(func.max(position)).order_by(None)) or 0
        page = chosen.where(position > start, position <= start + size)
    rows = db.session.scalars(page).all() if start < total else []
    return rows, meta_of(number, size, total)


def _found_and_counted(chosen: Select[Any], size: int, start: int) -> tuple[Sequence[Any], int]:
    counted = chosen.add_columns(func.count().over())
    found = db.session.execute(counted.limit(size).offset(start)).all()
    if not found and start:
        return [], count(chosen)
    return [row[0] for row in found], found[0][1] if found else 0


def count(chosen: Select[Any]) -> int:
    """How many rows *chosen* has, exactly."""
    counted = select(func.count()).select_from(chosen.order_by(None).options().subquery())
    return db.session.scalar(counted) or 0


def asked_page() -> tuple[int, int]:
    """Number and size of the page that the query string asks for."""
    number = _number(request.args.get("page[number]"), 1, _LARGEST_NUMBER)
    return number, _number(request.args.get("page[size]"), DEFAULT_SIZE, LARGEST_SIZE)


def meta_of(number: int, size: int, total: int) -> Meta:
    """What is said of page *number* of a list of *total*. An empty list has no pages."""
    pages = -(-total // size)
    return {
        "current_page": number,
        "next_page": number + 1 if number < pages else None,
        "prev_page": number - 1 if 1 < number <= pages else None,
        "total_pages": pages,
        "total_count": total,
    }


def _number(text: str | None, default: int, largest: int) -> int:
    digits = (text or "").strip()
    if not digits.isascii() or not digits.isdecimal() or int(digits[:20]) < 1:
        return default
    return min(int(digits[:20]), largest)
