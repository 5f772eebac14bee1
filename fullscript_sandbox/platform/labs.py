"""Labs as the platform's pages browse them, in the United States only."""

from __future__ import annotations

from typing import Any

from flask import request

from fullscript_sandbox import catalog
from fullscript_sandbox.database import db
from fullscript_sandbox.models import Lab
from fullscript_sandbox.platform import bp, cards
from fullscript_sandbox.platform.visits import current, visit_required
from fullscript_sandbox.refusals import NotFound

PAGE_SIZE = 20


@bp.get("/labs")
@visit_required
def search_labs() -> dict[str, Any]:
    """Labs that fit `query`, a page at a time; 404 outside the US."""
    _refuse_abroad()
    page = db.paginate(
        catalog.search_labs(request.args.get("query") or None), per_page=PAGE_SIZE, error_out=False
    )
    return {"labs": [cards.lab(one) for one in page.items], "total": page.total, "next_page": page.next_num}


@bp.get("/labs/<lab_id>")
@visit_required
def show_lab(lab_id: str) -> dict[str, Any]:
    """One lab with its tests, sample, fasting, appointment and price."""
    _refuse_abroad()
    lab = db.session.get(Lab, lab_id)
    if lab is None:
        raise NotFound("Lab")
    return {"lab": cards.lab(lab)}


def _refuse_abroad() -> None:
    if not current().has_labs:
        raise NotFound("Lab")
