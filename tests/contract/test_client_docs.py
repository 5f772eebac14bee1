"""docs/client.md says what is so: its prompt is run, its lists are held to the code."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

from fullscript_embed.api import errors
from scripts import api_reference

DOCS = Path(__file__).parents[2] / "docs"
CLIENT = (DOCS / "client.md").read_text()
PROMPT = re.compile(r"```pycon\n(.*?)```", re.DOTALL)
PYTHON = re.compile(r"```python\n(.*?)```", re.DOTALL)
ERROR = re.compile(r"^\| `(\w+)` \|", re.MULTILINE)


def test_the_tutorial_runs_as_it_is_printed() -> None:
    """Each line at the prompt, with a sandbox that it starts itself, gives the output that is shown."""
    lines = "\n".join(PROMPT.findall(CLIENT))
    tutorial = doctest.DocTestParser().get_doctest(lines, {}, "client.md", "docs/client.md", 0)
    told: list[str] = []
    results = doctest.DocTestRunner().run(tutorial, out=told.append)

    assert "".join(told) == ""
    assert results.attempted > 20


@pytest.mark.parametrize("snippet", PYTHON.findall(CLIENT), ids=lambda snippet: snippet.split("\n")[0])
def test_the_other_snippets_are_python(snippet: str) -> None:
    """What is shown without a prompt can be typed."""
    code = compile(snippet, "docs/client.md", "exec")

    assert code.co_code


def test_the_table_of_errors_lists_every_error() -> None:
    """Each error of the client stands in the table, in the order of the tree, and no other."""
    tree = [
        kind.__name__
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.FullscriptError)
    ]

    assert ERROR.findall(CLIENT) == [name for name in tree if name != "FullscriptError"]


def test_the_list_of_methods_is_that_of_the_code() -> None:
    """docs/client-methods.md is what scripts/api_reference.py writes today."""
    assert api_reference.PAGE.read_text() == api_reference.page()
