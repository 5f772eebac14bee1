"""docs/people.md knows what the code knows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fullscript_embed.known_people import KnownPeople
from fullscript_embed.patient_side import PatientSide

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "people.md").read_text(encoding="utf-8")
SOURCE = (ROOT / "fullscript_embed" / "known_people.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", [KnownPeople, PatientSide])
def test_every_method_has_its_row(kind: type) -> None:
    """What a host can call is in a table."""
    methods = [name for name, value in vars(kind).items() if callable(value) and not name.startswith("_")]

    assert [name for name in methods if f"| `{name}(" not in PAGE] == []


def test_every_form_is_named() -> None:
    """What a page can do, as `submit` reads it."""
    forms = re.findall(r'^ +"([a-z]+)": self\._', SOURCE, re.MULTILINE)

    assert forms
    assert [form for form in forms if f"`{form}`" not in PAGE] == []


def test_every_entry_of_the_audit_trail_is_named() -> None:
    """So that a host can say it in its own words."""
    actions = set(re.findall(r'_audit\(\s*"([a-z._]+)"', SOURCE))

    assert actions
    assert [action for action in actions if f"`{action}`" not in PAGE] == []
