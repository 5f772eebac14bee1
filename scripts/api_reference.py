"""Write docs/client-methods.md from the table of endpoints and the methods' own docstrings.

    python scripts/api_reference.py

A test holds the page to what this makes.
"""

from __future__ import annotations

import inspect
import sys
from itertools import groupby
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from fullscript_embed.api import FullscriptClient  # noqa: E402  # the path has to be set first
from fullscript_embed.api.endpoints import BY_CALL  # noqa: E402

PAGE = ROOT / "docs" / "client-methods.md"
HEAD = """# The client's methods

Written by `python scripts/api_reference.py` from the code: change the docstrings, not this page. How the
client is used is in [client.md](client.md).

Lists are [lazy](client.md#lists). Scopes are those that the app needs on Fullscript's API dashboard.
"""


def method_section(call: str, client: FullscriptClient) -> str:
    """One method: how it is called, what it does, what it asks for."""
    group, _, name = call.partition(".")
    method = getattr(getattr(client, group), name)
    endpoint = BY_CALL[call]
    notes = [f"`{endpoint.route}`"]
    notes += [f"scopes {', '.join(f'`{scope}`' for scope in endpoint.scopes)}"] if endpoint.scopes else []
    notes += ["restricted: Fullscript has to approve the app"] if endpoint.restricted else []
    return f"### `{call}{_signature(method)}`\n\n{inspect.getdoc(method)}\n\n{' · '.join(notes)}\n"


def _signature(method: object) -> str:
    """The arguments by name, without the types, which the editor shows."""
    parameters = inspect.signature(method).parameters.values()  # type: ignore[arg-type]
    words, starred = [], False
    for one in parameters:
        if one.kind is one.KEYWORD_ONLY and not starred:
            words.append("*")
            starred = True
        prefix = "**" if one.kind is one.VAR_KEYWORD else ""
        words.append(prefix + one.name + ("" if one.default is one.empty else "=…"))
    return f"({', '.join(words)})"


def page() -> str:
    """The whole page."""
    client = FullscriptClient("local")
    calls = sorted(BY_CALL, key=lambda call: list(vars(client)).index(call.partition(".")[0]))
    parts = [HEAD]
    for group, names in groupby(calls, key=lambda call: call.partition(".")[0]):
        about = inspect.getdoc(getattr(client, group)) or ""
        parts.append(f"## client.{group}\n\n{about}\n")
        parts += [method_section(name, client) for name in names]
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page())
