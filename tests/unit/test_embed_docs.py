"""docs/embed.md knows what the browser modules, the macros and the style sheet know."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "fullscript_embed"
DOCS = (PACKAGE.parent / "docs" / "embed.md").read_text()
STATIC = PACKAGE / "static"
MODULES = "\n".join(path.read_text() for path in sorted(STATIC.glob("*.js")))
MACROS = (PACKAGE / "templates" / "fullscript_embed" / "macros.html").read_text()

CODES = re.findall(r'^  "?(\w+)"?: \[$', (STATIC / "advice.js").read_text(), re.MULTILINE)
EVENTS = {
    *re.findall(r'announce\([\w.]+, "([\w-]+)"', MODULES),
    *re.findall(r'"(?:patient\.selected|treatmentPlan\.activated)": "([\w-]+)"', MODULES),
    *re.findall(r'(?:tell|finish)\(entry, "([\w-]+)"', MODULES),
}
PROPERTIES = set(re.findall(r"--fullscript(-[\w-]+)", (STATIC / "embed.css").read_text()))
SIGNATURES = [one.replace(" -", "") for one in re.findall(r"{% macro (\w+\(.*?\)) -%}", MACROS)]


@pytest.mark.parametrize("code", [code for code in CODES if code != "unknown"])
def test_every_error_code_is_explained(code: str) -> None:
    """What a page can say has a row in the table of errors."""
    assert f"`{code}`" in DOCS


@pytest.mark.parametrize("event", sorted(EVENTS))
def test_every_event_is_listed(event: str) -> None:
    """What a page can listen to has a row in the table of events."""
    assert f"`fullscript:{event}`" in DOCS


@pytest.mark.parametrize("name", sorted(PROPERTIES))
def test_every_custom_property_is_named(name: str) -> None:
    """A host can find every colour and size that it may set."""
    assert f"`{name}`" in DOCS or f"--fullscript{name}" in DOCS


@pytest.mark.parametrize("signature", SIGNATURES)
def test_every_macro_is_shown_with_its_arguments(signature: str) -> None:
    """The table of macros repeats their signatures to the letter."""
    assert f"`{signature}`" in DOCS


def test_the_lists_were_found() -> None:
    """The patterns above still match what they look for."""
    assert min(map(len, (CODES, EVENTS, PROPERTIES, SIGNATURES))) > 3
