"""docs/labs.md knows what the code knows of labs."""

from __future__ import annotations

from pathlib import Path

import pytest

from fullscript_embed import lab_agenda, lab_pdf, lab_states
from fullscript_embed.api.records.labs import STATE_OF_STATUS
from fullscript_embed.labs import Labs

TEXT = (Path(__file__).resolve().parents[2] / "docs/labs.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("state", lab_states.STATES)
def test_every_state_has_a_row(state: str) -> None:
    """With its step, its words and its pace."""
    step, words, pace = lab_states.STATES[state]
    again = f"after {pace.seconds // 3600} h" if pace else "never"

    assert f"| `{state}` | {lab_states.STEPS[step]} | {words} | {again} |" in TEXT


@pytest.mark.parametrize(("said", "state"), STATE_OF_STATUS.items())
def test_every_word_of_webhooks_is_explained(said: str, state: str) -> None:
    """By the state that it stands for."""
    assert f"`{said}` is `{state}`" in TEXT.replace("\n", " ")


@pytest.mark.parametrize("name", [name for name in vars(Labs) if not name.startswith("_")])
def test_every_method_has_a_row(name: str) -> None:
    """Whatever a host may call."""
    assert f"| `{name}(" in TEXT


def test_the_numbers_are_those_of_the_code() -> None:
    """Sizes, times and counts."""
    megabytes, days = lab_pdf.LARGEST_BYTES // 2**20, lab_states.STILL_AFTER.days
    said = [
        f"at most {megabytes} MB",
        f"more than {megabytes} MB",
        f"at most {lab_pdf.MOST_REDIRECTS} redirects",
        f"after {days} days",
        f"after {lab_states.GIVEN_UP_AFTER.days} days",
        f"at most {lab_agenda.MOST_AT_ONCE} patients",
    ]
    text = " ".join(TEXT.split())

    assert [one for one in said if one not in text] == []
