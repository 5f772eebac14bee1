"""What the routes that compare with Fullscript have in common: how fresh, and how it went."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import request

from fullscript_embed.checks import Check

# Seconds; a page that is content with an older check than this does not mean it.
LONGEST_AGE = 3600


def max_age() -> timedelta:
    """How old a check may be that the page is content with: {"max_age": seconds}, else none at all."""
    body = request.get_json(silent=True)
    seconds = body.get("max_age") if isinstance(body, dict) else None
    return timedelta(seconds=min(max(seconds, 0), LONGEST_AGE) if isinstance(seconds, int) else 0)


def as_json(check: Check) -> dict[str, Any]:
    """A check, as the browser modules read it."""
    return {
        "linked": check.is_linked,
        "checked_at": check.checked_at.isoformat() if check.checked_at else None,
        "complete": check.is_complete,
        "changed": check.changed,
    }
