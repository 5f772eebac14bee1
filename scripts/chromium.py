"""Find a Chromium for the browser tests, and install one where there is none.

In this order: the one that CHROMIUM names, one on PATH, Playwright's own, Debian's package.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def ensure() -> str | None:
    """Return the path of a Chromium, or None where Playwright starts its own. Installs one if need be.

    Ends the program with what to do when none can be had.
    """
    return os.environ.get("CHROMIUM") or on_path() or playwrights_own() or debians() or give_up()


def on_path() -> str | None:
    return next(filter(None, map(shutil.which, NAMES)), None)


def playwrights_own() -> str | None:
    """The browser that Playwright manages, downloaded if it is not there yet."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 -- starting it takes a moment

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    if not Path(path).exists():
        print("Installing Playwright's Chromium", flush=True)
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    return path if Path(path).exists() else None


def debians() -> str | None:
    """Debian's package, where this is Debian and we may install."""
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return None
    print("Installing Debian's Chromium", flush=True)
    subprocess.run(["apt-get", "update", "-qq"], check=False)
    subprocess.run(["apt-get", "install", "-y", "-qq", "chromium"], check=False, stdout=subprocess.DEVNULL)
    return on_path()


def give_up() -> None:
    raise SystemExit(
        "test: no Chromium was found and none could be installed. Install one (apt-get install chromium, or "
        "python -m playwright install chromium), or set CHROMIUM to the path of yours."
    )
