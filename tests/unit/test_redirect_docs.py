"""docs/redirect.md knows what the macros, the links and their refusals are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fullscript_embed import errors, redirect_patients, redirect_ways

ROOT = Path(__file__).parents[2]
DOCS = (ROOT / "docs" / "redirect.md").read_text(encoding="utf-8")
TEMPLATES = ROOT / "fullscript_embed" / "templates" / "fullscript_embed"
MACROS = "".join((TEMPLATES / name).read_text() for name in ("redirect.html", "connecting.html"))
# What the others are made of is nobody's to call.
SIGNATURES = [
    one.replace(" -", "")
    for one in re.findall(r"{% macro (\w+\(.*?\)) -%}", MACROS)
    if not one.startswith("redirect_button")
]
KINDS = (redirect_ways.DRAFT, redirect_ways.MATCHING, redirect_ways.NEW, redirect_ways.EDIT)
REFUSALS = (errors.PatientIncomplete, errors.PractitionerNeeded, errors.PlanNotOpen, errors.SwitchedOff)


@pytest.mark.parametrize("signature", SIGNATURES)
def test_every_macro_is_shown_with_its_arguments(signature: str) -> None:
    """The table of macros repeats their signatures to the letter."""
    assert f"`{signature}`" in DOCS


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_link_has_a_row(kind: str) -> None:
    """When it is made, and what it opens."""
    assert f"| `{kind}` |" in DOCS


@pytest.mark.parametrize("refusal", REFUSALS)
def test_every_refusal_has_a_row(refusal: type[errors.Refusal]) -> None:
    """What happened, and what the page offers."""
    assert f"| `{refusal.code}` |" in DOCS


@pytest.mark.parametrize("field", sorted(redirect_patients.FIELDS.values()))
def test_every_field_is_named(field: str) -> None:
    """A host can find each place that it may put beside its own field."""
    assert f"`{field}`" in DOCS


def test_the_macros_were_found() -> None:
    """The pattern above still matches what it looks for."""
    assert len(SIGNATURES) == 6
