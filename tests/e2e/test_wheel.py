"""The wheel alone, in an empty virtual environment, with the application that docs/embed.md begins with."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from fullscript_embed.testing import PASSWORD, Sandbox
from tests.e2e.people import RECOMMEND, Frame
from tests.e2e.servers import ROOT, end, free_port, hosts, run, start, wait_for

MAYA = "maya.chen@juniper.example"
EXAMPLE = re.compile(r"```python\n(# clinic\.py\n.*?)```", re.DOTALL)
MOST_LINES = 20


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the wheel in it, and this one's packages beneath."""
    folder = tmp_path_factory.mktemp("wheel")
    run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT],
        dict(os.environ),
    )
    venv.create(folder / "venv", with_pip=False)
    python = folder / "venv" / "bin" / "python"
    [wheel] = folder.glob("*.whl")
    run(
        [sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index", wheel],
        dict(os.environ),
    )
    [packages] = (folder / "venv").glob("lib/python*/site-packages")
    (packages / "beneath.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder


@pytest.fixture
def clinic(installed: Path, sandbox: Sandbox) -> Iterator[str]:
    """The address of the example, running."""
    port = free_port()
    url = f"http://localhost:{port}"
    app = sandbox.create_app(
        name="Twenty lines", redirect_uris=[f"{url}/fullscript/callback/local"], origin_uris=[url]
    )
    settings = app.settings("local") | hosts("local", sandbox.url.replace("//localhost", "//127.0.0.1"))
    environ = os.environ | settings | {"FULLSCRIPT_ENVIRONMENTS": "local", "SECRET_KEY": os.urandom(32).hex()}
    (installed / "clinic.py").write_text(example())
    flask = [installed / "venv" / "bin" / "python", "-m", "flask", "--app", "clinic"]
    run([*flask, "fullscript", "upgrade"], environ, cwd=installed)
    log = installed / "clinic.log"
    process = start([*flask, "run", "--port", port], environ, log, cwd=installed)
    try:
        wait_for(f"{url}/patients/7", process, log)
        yield url
    finally:
        end(process)


def test_the_example_completes_the_main_job(page: Page, clinic: str) -> None:
    """From an empty environment to a plan on the patient's page, by nothing but the wheel and the docs."""
    page.goto(f"{clinic}/patients/7")
    page.get_by_role("link", name=RECOMMEND).click()
    page.get_by_label("E-mail").fill(MAYA)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("button", name="Authorize", exact=True).click()
    frame = Frame(page)
    frame.picks_practitioner("Maya Chen")
    frame.picks_patient("Amelia Burton")
    product = frame.recommends()

    expect(page.get_by_role("article", name="Treatment plan")).to_contain_text(product)


def test_the_example_runs_the_installed_package(installed: Path) -> None:
    """What the example imports comes out of the wheel, and not out of this checkout."""
    python = installed / "venv" / "bin" / "python"
    command = [python, "-c", "import fullscript_embed, fullscript_sandbox; print(fullscript_embed.__file__)"]
    found = subprocess.run(command, cwd=installed, capture_output=True, text=True, check=True).stdout

    assert found.startswith(str(installed / "venv"))


def test_the_example_is_as_short_as_it_says() -> None:
    """Twenty lines are twenty lines; blank ones separate, and do not count."""
    lines = [line for line in example().splitlines() if line.strip() and not line.startswith("#")]

    assert len(lines) <= MOST_LINES


def example() -> str:
    """The application as it stands in the docs."""
    found = EXAMPLE.search((ROOT / "docs" / "embed.md").read_text())
    assert found, "docs/embed.md has no example"
    return found.group(1)
