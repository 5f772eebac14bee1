"""The sandbox as a program: how it starts, what stops it, what it keeps."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from fullscript_embed.testing import Sandbox, SandboxError, start_sandbox
from fullscript_sandbox.cli import main
from tests.sandbox_actors import TIMEOUT, Person, http

COMMAND = [sys.executable, "-m", "fullscript_sandbox"]


class Ended(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Callable[..., Ended]:
    """Run a command that ends by itself, on a data folder of its own."""

    def run_command(command: str, *arguments: str) -> Ended:
        code = main([command, "--data-dir", str(tmp_path), *arguments])
        return Ended(code, *capsys.readouterr())

    return run_command


@contextmanager
def serving(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A sandbox that was started from a command line, and the first line that it printed."""
    with subprocess.Popen(
        [*COMMAND, *arguments], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline()
        finally:
            process.kill() if process.poll() is None else None


def credentials(text: str) -> dict[str, str]:
    """What `env` printed, by name."""
    return dict(line.split("=", 1) for line in text.splitlines())


def test_it_prints_its_address_when_it_answers(tmp_path: Path) -> None:
    """Whoever reads the line can call it at once."""
    with serving("--port", "0", "--data-dir", str(tmp_path)) as (_, line):
        url = line.split()[-1]
        answer = http().get(f"{url}/healthz", timeout=TIMEOUT)

    assert line.startswith("Fullscript sandbox ready on http://localhost:")
    assert answer.status_code == 200


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_while_it_answers(tmp_path: Path, sign: signal.Signals) -> None:
    """It does not wait for a call that is answered minutes late."""
    with serving("--port", "0", "--data-dir", str(tmp_path)) as (process, line):
        url = line.split()[-1]
        http().post(f"{url}/_sandbox/faults", json={"path": "/", "delay_seconds": 60}, timeout=TIMEOUT)
        with pytest.raises(OSError, match="timed out"):
            http().get(f"{url}/", timeout=(TIMEOUT, 0.05))
        process.send_signal(sign)

        assert process.wait(TIMEOUT) == 0


def test_it_leaves_no_process_behind(tmp_path: Path) -> None:
    """The port is free again."""
    with serving("--port", "0", "--data-dir", str(tmp_path)) as (process, line):
        port = int(line.rpartition(":")[2])
        process.terminate()
        process.wait(TIMEOUT)
        with socket.socket() as probe:
            refused = probe.connect_ex(("127.0.0.1", port))

    assert refused != 0


def test_it_ends_when_its_test_run_was_killed(tmp_path: Path) -> None:
    """With --watch-stdin it ends with whoever holds the other end of the pipe."""
    arguments = [*COMMAND, "--watch-stdin", "--port", "0", "--data-dir", str(tmp_path)]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.readline()
        process.stdin.close()

        assert process.wait(TIMEOUT) == 0


def test_a_taken_port_is_one_clear_line(run: Callable[..., Ended]) -> None:
    """With what to do about it, and exit code 1."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        ended = run("serve", "--port", str(port))

    assert (ended.code, ended.out, ended.err.count("\n")) == (1, "", 1)
    assert f"Port {port} on 127.0.0.1 is taken" in ended.err


@pytest.mark.parametrize(
    ("arguments", "environ", "words"),
    [
        pytest.param(["--host", "0.0.0.0"], {}, "SANDBOX_ALLOW_REMOTE", id="all addresses"),
        pytest.param(
            [], {"SANDBOX_HOST": "192.0.2.1"}, "SANDBOX_ALLOW_REMOTE", id="another address, by setting"
        ),
        pytest.param(
            ["--host", "192.0.2.1", "--allow-remote"], {}, "Cannot listen", id="not of this machine"
        ),
        pytest.param(["--port", "70000"], {}, "ports go from 0", id="a port beyond ports"),
        pytest.param([], {"SANDBOX_PORT": "eighty"}, "SANDBOX_PORT is 'eighty'", id="a port in words"),
        pytest.param([], {"SANDBOX_SEED": "x"}, "SANDBOX_SEED is 'x'", id="a seed in words"),
    ],
)
def test_a_bad_setting_is_one_clear_line(
    run: Callable[..., Ended],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    environ: dict[str, str],
    words: str,
) -> None:
    """Which setting, what it was, what it has to be."""
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    ended = run("serve", *arguments)

    assert (ended.code, ended.err.count("\n")) == (1, 1)
    assert words in ended.err


def test_data_and_sign_ins_survive_a_restart(tmp_path: Path) -> None:
    """Apps, tokens and the browser's session are as they were."""
    with start_sandbox(tmp_path) as first:
        app = first.create_app("Kept")
        person = Person(first)
        person.signs_in()
    with start_sandbox(tmp_path) as second:
        person.url = second.url

        assert second.apps()[-1] == app
        assert "Maya Chen" in person.opens("/settings/connected-apps").text


def test_several_may_make_the_data_at_once(tmp_path: Path) -> None:
    """As `make demo` does on a fresh machine: each finds the whole of it, and nothing unfinished is left."""
    command = [*COMMAND, "env", "--data-dir", str(tmp_path)]
    together = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    printed = {process.communicate(timeout=60)[0] for process in together}

    assert [process.returncode for process in together] == [0, 0, 0]
    assert len(printed) == 1
    assert list(tmp_path.glob("*.new*")) == []


def test_the_data_of_another_seed_is_not_touched(run: Callable[..., Ended]) -> None:
    """It is refused with what to do."""
    run("reset", "--seed", "7")
    ended = run("env", "--seed", "8")

    assert (ended.code, ended.err.count("\n")) == (1, 1)
    assert "fullscript-sandbox reset" in ended.err


def test_a_start_that_fails_says_why(tmp_path: Path) -> None:
    """The test helpers hand on the sandbox's own words."""
    (tmp_path / "taken").write_text("a file, and no folder")

    with pytest.raises(SandboxError, match="taken"):
        start_sandbox(tmp_path / "taken")


@pytest.mark.parametrize(
    ("arguments", "prefix"),
    [
        pytest.param([], "FULLSCRIPT_LOCAL", id="the demo's own"),
        pytest.param(["--app", "Demo practice app (Canada)", "--prefix", "CANADA"], "CANADA", id="another"),
    ],
)
def test_env_prints_the_credentials_of_an_app(
    run: Callable[..., Ended], arguments: list[str], prefix: str
) -> None:
    """As NAME=value lines, to put in a file of settings."""
    printed = credentials(run("env", *arguments).out)

    assert set(printed) == {
        f"{prefix}_{name}"
        for name in (
            "CLIENT_ID",
            "CLIENT_SECRET",
            "PUBLIC_KEY",
            "WEBHOOK_CHALLENGE",
            "WEBHOOK_SIGNATURE_KEYS",
        )
    }
    assert all(printed.values())


def test_env_knows_what_a_running_sandbox_knows(sandbox: Sandbox, run: Callable[..., Ended]) -> None:
    """The same seed gives the same credentials in any folder."""
    printed = credentials(run("env").out)

    assert printed["FULLSCRIPT_LOCAL_CLIENT_ID"] == sandbox.apps()[0].client_id


def test_env_lists_the_apps_when_it_does_not_know_one(run: Callable[..., Ended]) -> None:
    """So that a misspelled name is quickly put right."""
    ended = run("env", "--app", "Demo")

    assert ended.code == 1
    assert "Demo practice app (Canada)" in ended.err


def test_reset_puts_a_running_sandbox_back(tmp_path: Path, run: Callable[..., Ended]) -> None:
    """From another terminal."""
    with start_sandbox(tmp_path) as sandbox:
        sandbox.create_app("Forgotten")
        ended = run("reset")
        names: list[Any] = [app.name for app in sandbox.apps()]

    assert ended.code == 0
    assert names == ["Demo practice app", "Demo practice app (Canada)"]
