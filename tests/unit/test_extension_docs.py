"""docs/extension.md, and docs/events.md for the webhook's refusals, know what the code knows."""

from __future__ import annotations

import re
from pathlib import Path

from fullscript_embed import cli, errors, settings
from fullscript_embed.views import answers

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs/extension.md").read_text(encoding="utf-8")
EVENTS = (ROOT / "docs/events.md").read_text(encoding="utf-8")
SOURCES = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "fullscript_embed").rglob("*.py"))


def test_every_command_is_documented() -> None:
    """Each of `flask fullscript`, by its name."""
    missing = [name for name in cli.group.commands if f"flask fullscript {name}" not in TEXT]

    assert missing == []


def test_every_setting_is_documented() -> None:
    """Each that the settings read, general or of an environment."""
    general = re.findall(r'"(FULLSCRIPT_[A-Z_]+)"', Path(settings.__file__).read_text(encoding="utf-8"))
    general += [f"FULLSCRIPT_{name.upper()}" for name in settings.JOB_SETTINGS]
    each = [f"_{name}`" for name in (*settings.REQUIRED, *settings.URL_SETTINGS)]
    missing = [name for name in (*general, *each) if name not in TEXT]

    assert missing == []


def test_every_code_is_documented() -> None:
    """Each that a page can be answered with."""
    kinds = [kind for kind in vars(errors).values() if hasattr(kind, "code")]
    codes = {kind.code for kind in kinds} | {code for _kind, (_status, code, _text) in answers.UPSTREAM}
    codes |= set(re.findall(r'code="([a-z_]+)"', SOURCES))
    missing = [code for code in codes - {"not_allowed"} if f"`{code}`" not in TEXT + EVENTS]

    assert missing == []
