"""The pages about the settings know what the code knows."""

from __future__ import annotations

from pathlib import Path

import pytest
from dotenv import dotenv_values

from ehr import reference
from ehr.declaring import PER_ENVIRONMENT
from ehr.settings import ROOT, declared

PAGE = ROOT / reference.PAGE_FILE
EXAMPLE = ROOT / reference.EXAMPLE_FILE
STALE = "run: python -m ehr.reference"


def test_the_page_of_settings_is_what_the_declarations_say() -> None:
    """docs/configuration.md has the tables that its generator makes today."""
    page = PAGE.read_text(encoding="utf-8")

    assert page == reference.renewed(page), STALE


def test_the_example_file_is_what_the_declarations_say() -> None:
    """.env.example is what its generator makes today."""
    assert EXAMPLE.read_text(encoding="utf-8") == reference.example(), STALE


@pytest.mark.parametrize("path", [PAGE, EXAMPLE], ids=["page", "example"])
def test_every_setting_is_named(path: Path) -> None:
    """Each variable that the app reads stands in the page and in the example file."""
    text = path.read_text(encoding="utf-8")
    names = [item.metadata["env"] for item in declared()] + [one.suffix for one in PER_ENVIRONMENT]

    assert [name for name in names if name not in text] == []


def test_the_example_file_sets_exactly_what_has_no_default() -> None:
    """A copy of .env.example asks for what is needed, and leaves every default alone."""
    asked = dotenv_values(EXAMPLE)

    assert sorted(asked) == [
        "FULLSCRIPT_ENCRYPTION_KEYS",
        "FULLSCRIPT_ENVIRONMENTS",
        "FULLSCRIPT_US_SND_CLIENT_ID",
        "FULLSCRIPT_US_SND_CLIENT_SECRET",
        "FULLSCRIPT_US_SND_PUBLIC_KEY",
        "SECRET_KEY",
    ]


def test_the_generator_writes_both_files(tmp_path: Path) -> None:
    """Run on a folder with an old page, it leaves both files as they are in the project."""
    (tmp_path / "docs").mkdir()
    (tmp_path / reference.PAGE_FILE).write_text(
        PAGE.read_text(encoding="utf-8").replace("| `PORT`", "| `OLD`")
    )

    reference.main(tmp_path)

    assert (tmp_path / reference.PAGE_FILE).read_text(encoding="utf-8") == PAGE.read_text(encoding="utf-8")
    assert (tmp_path / reference.EXAMPLE_FILE).read_text(encoding="utf-8") == reference.example()
