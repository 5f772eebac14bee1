"""fullscript_embed.testing, as a partner's test suite uses it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

import fullscript_embed.testing
from fullscript_embed.testing import Sandbox, SandboxApp, SandboxError, start_sandbox
from tests.sandbox_actors import ELISE, MAYA, Partner

SUITE = '''
"""A partner's tests."""

import pytest


@pytest.mark.parametrize("number", range(2))
def test_each_test_has_the_sandbox_in_the_state_of_its_seed(fullscript_sandbox, number):
    """What one test does, the next does not see."""
    assert len(fullscript_sandbox.apps()) == 2
    fullscript_sandbox.create_app("Left behind")
'''


def test_a_partner_needs_one_line_in_conftest(tmp_path: Path) -> None:
    """The plugin brings the fixture, and the fixture brings a sandbox."""
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["fullscript_embed.testing"]\n')
    (tmp_path / "test_partner.py").write_text(SUITE)
    root = Path(fullscript_embed.testing.__file__).parents[1]
    arguments = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--rootdir={tmp_path}"]
    options = ["-o", f"pythonpath={root}", "-W", "error", str(tmp_path)]
    ended = subprocess.run([*arguments, *options], capture_output=True, text=True, cwd=root, check=False)

    assert "2 passed" in ended.stdout, ended.stdout + ended.stderr


def test_the_helpers_do_not_import_the_sandbox() -> None:
    """They speak to a process, so that they work with any version of it."""
    code = "import sys, fullscript_embed.testing; print('fullscript_sandbox' in sys.modules)"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert printed.strip() == "False"


def test_a_sandbox_ends_with_its_block() -> None:
    """And its temporary folder goes with it."""
    with start_sandbox() as sandbox:
        folder = Path(sandbox._folder.name) if sandbox._folder else Path()
        assert folder.is_dir()

    assert not folder.exists()


def test_stopping_twice_changes_nothing() -> None:
    """A test may stop what its fixture stops."""
    with start_sandbox() as sandbox:
        sandbox.stop()


def test_authorize_leads_to_the_redirect_uri(sandbox: Sandbox, sandbox_app: SandboxApp) -> None:
    """With a code, and with the state as it was given."""
    state = "where I was & more"
    address = sandbox.authorize(sandbox_app, MAYA, sandbox_app.redirect_uris[0], state)
    query = parse_qs(urlsplit(address).query)

    assert address.startswith(sandbox_app.redirect_uris[0])
    assert query["state"] == [state]
    assert Partner(sandbox, sandbox_app).exchanges(query["code"][0]).status_code == 200


@pytest.mark.parametrize(
    ("email", "redirect_uri", "password"),
    [
        pytest.param(
            MAYA, "http://localhost:8000/elsewhere", "fullscript-sandbox", id="another redirect_uri"
        ),
        pytest.param(MAYA, None, "wrong", id="a wrong password"),
        pytest.param("nobody@juniper.example", None, "fullscript-sandbox", id="nobody"),
        pytest.param(ELISE, None, "fullscript-sandbox", id="another country"),
    ],
)
def test_authorize_says_where_it_got_stuck(
    sandbox: Sandbox, sandbox_app: SandboxApp, email: str, redirect_uri: str | None, password: str
) -> None:
    """The page's title is in the error; what was typed is not."""
    uri = redirect_uri or sandbox_app.redirect_uris[0]

    with pytest.raises(SandboxError, match="the pages led to") as caught:
        sandbox.authorize(sandbox_app, email, uri, password=password)
    assert password not in str(caught.value).replace("Fullscript sandbox", "")


def test_a_refusal_is_an_error_with_the_sandboxs_words(sandbox: Sandbox) -> None:
    """Nobody has to guess what was wrong with an order."""
    with pytest.raises(SandboxError, match="times: Input should be greater"):
        sandbox.fault("/api/clinic", times=0)


def test_settings_are_named_after_the_environment(sandbox_app: SandboxApp) -> None:
    """As the extension reads them."""
    settings = sandbox_app.settings("local-ca")

    assert settings["FULLSCRIPT_LOCAL_CA_CLIENT_ID"] == sandbox_app.client_id
    assert len(settings) == 5


def test_secrets_stay_out_of_the_representation(sandbox_app: SandboxApp) -> None:
    """What pytest prints of a failed assert holds none."""
    shown = repr(sandbox_app)

    assert sandbox_app.client_id in shown
    assert sandbox_app.client_secret not in shown
    assert sandbox_app.signature_key not in shown
