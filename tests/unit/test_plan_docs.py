"""docs/plans.md and docs/orders.md know what the code knows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fullscript_embed import adherence
from fullscript_embed.ordering import Ordering
from fullscript_embed.treatment_plans import TreatmentPlans

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "fullscript_embed/templates/fullscript_embed"
# Parts that the others are made of.
INNER = {"plan_state", "plan_dialog", "money"}


@pytest.mark.parametrize(
    ("page", "kind", "template"),
    [("plans", TreatmentPlans, "plan_macros.html"), ("orders", Ordering, "order_macros.html")],
)
def test_every_method_and_macro_is_documented(page: str, kind: type, template: str) -> None:
    """Each that a host may use, by its name."""
    text = (ROOT / f"docs/{page}.md").read_text(encoding="utf-8")
    macros = set(re.findall(r"macro ([a-z_]+)\(", (TEMPLATES / template).read_text(encoding="utf-8"))) - INNER
    methods = {name for name in vars(kind) if not name.startswith("_")}

    assert [name for name in sorted(macros | methods) if f"`{name}(" not in text] == []


def test_every_state_of_a_refill_is_documented() -> None:
    """In the table of docs/orders.md."""
    text = (ROOT / "docs/orders.md").read_text(encoding="utf-8")
    states = (adherence.DUE, adherence.LATER, adherence.UNKNOWN, adherence.NOT_PLANNED, adherence.NOT_ORDERED)

    assert [state for state in states if f"| `{state}` |" not in text] == []
