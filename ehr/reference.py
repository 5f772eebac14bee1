"""Writes what people read about the settings: `python -m ehr.reference` renews both files.

.env.example as a whole, docs/configuration.md between its two marks. A test fails when they are old.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import MISSING, Field
from itertools import groupby
from pathlib import Path
from typing import Any

from ehr.declaring import PER_ENVIRONMENT, PerEnvironment
from ehr.settings import ROOT, declared

BEGIN, END = "<!-- settings: made by python -m ehr.reference -->", "<!-- end of settings -->"
EXAMPLE_FILE, PAGE_FILE = ".env.example", "docs/configuration.md"
# The environment that the example file spells out; any other is written in the same way.
EXAMPLE_ENVIRONMENT = "us-snd"
EXAMPLE_HEAD = """\
# Settings of the practice app. Copy this file to .env and fill in what is asked for; a line that begins with
# a name is needed, one that begins with # shows a default. docs/configuration.md has all of it as a table.
"""


def main(root: Path = ROOT) -> None:
    """Write both files below *root*."""
    page = root / PAGE_FILE
    (root / EXAMPLE_FILE).write_text(example(), encoding="utf-8")
    page.write_text(renewed(page.read_text(encoding="utf-8")), encoding="utf-8")


def renewed(page: str) -> str:
    """The page of settings with what stands between its marks made anew."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{tables()}\n{END}{after}"


def tables() -> str:
    """A table for each group of settings, and one for those of each Fullscript environment."""
    parts = [f"### {group}\n\n{_table(map(_row, items))}" for group, items in _groups()]
    each = [f"| `FULLSCRIPT_<NAME>_{one.suffix}` | {one.text} | {_need_of(one)} |" for one in PER_ENVIRONMENT]
    return "\n".join([*parts, f"### Each Fullscript environment\n\n{_table(each)}"])


def example() -> str:
    """The text of .env.example."""
    lines = [EXAMPLE_HEAD]
    for group, items in _groups():
        lines += [f"# --- {group}", *(_example_lines(item) for item in items), ""]
    lines.append(f"# --- The Fullscript environment {EXAMPLE_ENVIRONMENT}")
    for one in PER_ENVIRONMENT:
        lines += [f"# {one.text}", f"{'' if one.required else '#'}{one.name(EXAMPLE_ENVIRONMENT)}="]
    return "\n".join(lines) + "\n"


def default_of(item: Field[Any]) -> str:
    """The default as it would be written into the environment; empty where words have to say it."""
    if item.default is MISSING or item.metadata["shown"]:
        return ""
    return str(int(item.default)) if isinstance(item.default, bool) else str(item.default)


def _need_of(one: PerEnvironment) -> str:
    """What the table says where other settings have their default."""
    if one.required:
        return "**needed**"
    return "needed in production" if one.in_production else "–"


def _groups() -> Iterator[tuple[str, list[Field[Any]]]]:
    for group, items in groupby(declared(), key=lambda item: item.metadata["group"]):
        yield group, list(items)


def _table(rows: Any) -> str:
    return "\n".join(["| variable | what it is for | default |", "| --- | --- | --- |", *rows]) + "\n"


def _row(item: Field[Any]) -> str:
    default = item.metadata["shown"] or f"`{default_of(item)}`"
    shown = "**needed**" if item.default is MISSING else default
    return f"| `{item.metadata['env']}` | {item.metadata['about']} | {shown} |"


def _example_lines(item: Field[Any]) -> str:
    mark = "" if item.default is MISSING else "#"
    note = f" Default: {item.metadata['shown']}." if item.metadata["shown"] else ""
    return f"# {item.metadata['about']}{note}\n{mark}{item.metadata['env']}={default_of(item)}"


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else ROOT)
