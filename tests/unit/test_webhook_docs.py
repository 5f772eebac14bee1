"""docs/webhooks.md knows what the sandbox sends, and what can be ordered of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from fullscript_sandbox.control.happenings import EventOrder
from fullscript_sandbox.control.webhooks import DeliveryOrder
from fullscript_sandbox.event_types import SCOPES, TYPES, EventType

TEXT = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text()


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.name)
def test_every_type_is_documented_with_its_scope(kind: EventType) -> None:
    """In the table of events."""
    row = next(line for line in TEXT.splitlines() if f"`{kind.name}`" in line)

    assert f"`{SCOPES[kind.category]}`" in row


@pytest.mark.parametrize("name", sorted({*EventOrder.model_fields, *DeliveryOrder.model_fields} - {"type"}))
def test_every_part_of_an_order_is_documented(name: str) -> None:
    """As a word of its own or as an argument."""
    assert f"`{name}`" in TEXT or f"{name}=" in TEXT or f"({name}" in TEXT
