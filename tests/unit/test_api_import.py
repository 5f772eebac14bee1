"""The client can be used where there is no Flask."""

from __future__ import annotations

import subprocess
import sys

import pytest

import fullscript_embed

# What a script that only calls the API must not need.
ABSENT = (
    "flask",
    "flask_sqlalchemy",
    "flask_wtf",
    "sqlalchemy",
    "alembic",
    "authlib",
    "celery",
    "cryptography",
)
PROGRAM = f"""
import sys
sys.modules.update(dict.fromkeys({ABSENT!r}))
from fullscript_embed.api import FullscriptClient
print(FullscriptClient("us-snd", "t"))
"""


def test_the_client_needs_no_flask() -> None:
    """With Flask, SQLAlchemy and the rest uninstalled, the client is imported and made."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=120, check=False
    )

    assert (done.stdout.strip(), done.stderr) == ("FullscriptClient('https://api-us-snd.fullscript.io')", "")


def test_the_packages_public_names_come_when_they_are_asked_for() -> None:
    """A name that is not public is an AttributeError, as in any module."""
    assert set(fullscript_embed.__all__) <= set(dir(fullscript_embed))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = fullscript_embed.nothing
