"""docs/events.md knows what the code knows of events."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from blinker import NamedSignal

from fullscript_embed import deliveries, fates, models, records, signals, tasks, webhooks
from fullscript_embed.announcements import SIGNALS

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs/events.md").read_text(encoding="utf-8")
DOOR = "".join(
    (ROOT / "fullscript_embed" / name).read_text() for name in ("webhooks.py", "views/webhooks.py")
)
REASONS = sorted({*re.findall(r'code="([a-z_]+)"', DOOR), *re.findall(r'"(too_[a-z]+)"', DOOR)})
NAMES = [name for name, value in vars(signals).items() if isinstance(value, NamedSignal)]


METRICS = re.findall(
    r'"(fullscript_[a-z_]+)"', (ROOT / "fullscript_embed/metrics.py").read_text(encoding="utf-8")
)
TASKS = [
    value for value in vars(tasks).values() if isinstance(value, str) and value.startswith("fullscript.")
]


@pytest.mark.parametrize("name", NAMES)
def test_every_signal_is_described(name: str) -> None:
    """Whoever looks for something to listen to finds it."""
    assert f"`{name}`" in TEXT


@pytest.mark.parametrize("reason", REASONS)
def test_every_refusal_has_a_row(reason: str) -> None:
    """What the counter says can be looked up."""
    assert re.search(rf"^\|.*`{reason}`.*\| (400|401|413|503) \|", TEXT, re.MULTILINE)


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_has_a_row(name: str) -> None:
    """Whoever writes an alert finds it."""
    assert re.search(rf"^\|.*`{name}(_total)?[{{`]", TEXT, re.MULTILINE)


@pytest.mark.parametrize("name", TASKS)
def test_every_task_is_described(name: str) -> None:
    """With how often it is due, or what sends it."""
    assert f"`{name}`" in TEXT


@pytest.mark.parametrize("difference", list(deliveries.MEANINGS))
def test_every_difference_has_a_row(difference: str) -> None:
    """Between Fullscript's account and ours."""
    assert f"| `{difference}` |" in TEXT


@pytest.mark.parametrize("state", [models.WAITING, models.APPLIED, models.PARKED, models.DEAD])
def test_every_state_has_a_row(state: str) -> None:
    """With what it means and how it ends."""
    assert f"| `{state}` |" in TEXT


@pytest.mark.parametrize("kind", sorted({*records.KEEPERS, *records.PLAN_KINDS, *SIGNALS}))
def test_every_type_that_means_something_is_listed(kind: str) -> None:
    """With what is kept of it."""
    assert f"`{kind}`" in TEXT


def test_the_numbers_are_those_of_the_code() -> None:
    """How often a failure is repeated, and what is too large."""
    assert f"{fates.MOST_ATTEMPTS} attempts" in TEXT
    assert (webhooks.LARGEST, "more than 1 MB" in TEXT) == (2**20, True)
