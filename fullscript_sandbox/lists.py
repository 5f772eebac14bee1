"""Lists that people read a page at a time: `?page=` from 1. Those of the API are paged by api/paging.py."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_sqlalchemy.pagination import Pagination
from sqlalchemy import Select

from fullscript_sandbox.database import db

# SQLite cannot count as far as an address can; nobody has so many pages.
_LARGEST_NUMBER = 10**12


def page_of(chosen: Select[Any], size: int, *, lenient: bool = False) -> Pagination:
    """The asked-for page of *chosen*. One that is none or lies behind the last is not found.

    When *lenient*, it is the first then, or empty: scripts that scroll on ask for such pages.
    """
    page = request.args.get("page", 0, type=_number) if "page" in request.args else 1
    return db.paginate(chosen, page=page, per_page=size, max_per_page=size, error_out=not lenient)


def _number(text: str) -> int:
    return min(int(text), _LARGEST_NUMBER)
