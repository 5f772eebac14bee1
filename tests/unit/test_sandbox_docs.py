"""docs/sandbox.md knows what the sandbox and its test helpers know."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import pytest

from fullscript_embed.testing import Sandbox
from fullscript_sandbox import lab_orders
from fullscript_sandbox.cli import parser
from fullscript_sandbox.control.faults import FaultOrder
from fullscript_sandbox.seed.people import CLINICS, OWNERS, PEOPLE, email_of

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "sandbox.md").read_text()


def commands() -> dict[str, argparse.ArgumentParser]:
    """The commands of `fullscript-sandbox`, by name."""
    choices = next(action.choices for action in parser()._actions if isinstance(action.choices, dict))
    return dict(choices)


def options() -> set[str]:
    """Every option of every command but --help."""
    actions = [action for command in commands().values() for action in command._actions]
    return {name for action in actions for name in action.option_strings} - {"-h", "--help"}


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_command_is_documented(name: str) -> None:
    """In the table of commands."""
    assert f"`fullscript-sandbox {name}`" in TEXT


@pytest.mark.parametrize("option", sorted(options()))
def test_every_option_is_documented(option: str) -> None:
    """In the table of options."""
    assert f"`{option}`" in TEXT


def test_every_setting_is_documented() -> None:
    """Every SANDBOX_ name that the code reads."""
    code = (ROOT / "fullscript_sandbox" / "settings.py").read_text()
    names = set(re.findall(r'"(SANDBOX_[A-Z_]+)"', code))

    assert {name for name in names if f"`{name}" not in TEXT} == set()


@pytest.mark.parametrize("name", sorted(name for name in vars(Sandbox) if not name.startswith("_")))
def test_every_test_helper_is_documented(name: str) -> None:
    """In the table of helpers."""
    assert f".{name}(" in TEXT


@pytest.mark.parametrize("name", sorted(set(FaultOrder.model_fields)))
def test_every_part_of_a_fault_is_documented(name: str) -> None:
    """Under the control plane."""
    assert f"`{name}`" in TEXT


@pytest.mark.parametrize("state", lab_orders.STATES)
def test_every_state_of_a_lab_order_is_documented(state: str) -> None:
    """In the table of the section Labs."""
    assert f"\n| `{state}` |" in TEXT


@pytest.mark.parametrize("clinic", CLINICS, ids=lambda clinic: clinic.slug)
def test_every_clinic_and_its_people_are_documented(clinic: tuple[str, ...]) -> None:
    """Owners with their whole address, the others by its beginning."""
    row = next(line for line in TEXT.splitlines() if line.startswith(f"| {clinic[1]} "))
    people = [person for person in PEOPLE if person[0] == clinic[0]]
    emails = [email_of(*person[:3]) for person in people]
    owners = [email_of(*person[:3]) for person in people if person[2] in OWNERS]

    assert all(email.partition("@")[0] in row for email in emails)
    assert all(email in row for email in owners)


def test_no_secret_of_the_documentation_is_a_real_one() -> None:
    """The page shows how to print credentials, and none of them."""
    assert not re.search(r"\b[0-9a-f]{43}\b", TEXT)
