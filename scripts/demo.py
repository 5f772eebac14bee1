"""`make demo`: the practice app, the sandbox, the worker and its schedule on this machine, until Ctrl-C.

Prepares what is not prepared yet (keys, databases, people), keeps what is there, and starts everything
under honcho. Ports: PORT (8000) and SANDBOX_PORT (8001). Everything it writes is in instance/.
"""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests
from cryptography.fernet import Fernet
from dotenv import dotenv_values
from honcho.manager import Manager

ROOT = Path(__file__).resolve().parent.parent
INSTANCE = ROOT / "instance"
SECRETS = INSTANCE / "demo.env"
# The sandbox's registered apps, and the environment of the practice app that each one is for.
APPS = {"Demo practice app": "local", "Demo practice app (Canada)": "local-ca"}
READY_WITHIN = 60  # seconds; a first start on a slow machine seeds two databases


def main() -> int:
    """Do what the command line asks for; without arguments: prepare and run the demo."""
    os.chdir(ROOT)
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reset", action="store_true", help="forget the demo's data and stop")
    parser.add_argument("--prepare", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--announce", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.prepare:
        return prepare()
    if options.announce:
        return announce()
    ports = {name: port(name, default) for name, default in (("PORT", 8000), ("SANDBOX_PORT", 8001))}
    for name, number in ports.items():
        refuse_taken(name, number)
    return reset() if options.reset else run(ports)


def run(ports: dict[str, int]) -> int:
    """Start all processes and wait for Ctrl-C, or for one of them to end."""
    environment = demo_environment(ports)
    say("Preparing the practice app's database")
    result = subprocess.run([sys.executable, "-m", "scripts.demo", "--prepare"], env=environment, check=False)
    if result.returncode:
        return result.returncode
    say("Starting the sandbox, the practice app and the worker")
    manager = Manager()
    for name, command in commands(ports).items():
        manager.add_process(name, f"exec {command}", env=environment)
    manager.loop()
    # Stopped by Ctrl-C or by SIGTERM is the way it is meant to end.
    return 0 if manager.returncode in {130, 143, -signal.SIGTERM, -signal.SIGINT} else manager.returncode


def commands(ports: dict[str, int]) -> dict[str, str]:
    """The demo's processes by name; all of them listen on loopback only."""
    binaries = Path(sys.executable).parent
    celery = f"{binaries / 'celery'} --quiet --app app:celery_app"  # without its banner
    return {
        "sandbox": f"{sys.executable} -m fullscript_sandbox",
        "web": f"{binaries / 'gunicorn'} --bind 127.0.0.1:{ports['PORT']} 'app:create_app()'",
        "worker": f"{celery} worker --pool threads --loglevel warning",
        # Its own process: a worker with threads runs no schedule.
        "beat": f"{celery} beat --loglevel warning",
        "demo": f"{sys.executable} -m scripts.demo --announce",
    }


def prepare() -> int:
    """Bring the practice app's tables and people up to date. Changes nothing that is there already."""
    from flask_migrate import upgrade  # noqa: PLC0415 -- only this process needs the application

    from app import create_app  # noqa: PLC0415

    app = create_app()
    with app.app_context():
        upgrade()
    for command in (["fullscript", "upgrade"], ["seed"]):
        result = app.test_cli_runner().invoke(args=command)
        if result.exit_code:
            say(f"`flask {' '.join(command)}` failed: {result.output.strip() or result.exception}")
            return 1
    return 0


def announce() -> int:
    """Wait until both sides answer, register the addresses in use, say where to go, and stay."""
    web, sandbox = f"http://localhost:{os.environ['PORT']}", f"http://localhost:{os.environ['SANDBOX_PORT']}"
    for url in (sandbox, web):
        if not answers(f"{url}/healthz"):
            say(f"{url} did not answer within {READY_WITHIN} s; its messages are above")
            return 1
    register_addresses(sandbox, web)
    print(WELCOME.format(web=web, sandbox=sandbox), flush=True)
    signal.pause()
    return 0


WELCOME = """
  The practice app   {web}
      maya.chen@juniper.example    practitioner
      sam.okafor@juniper.example   staff
      admin@juniper.example        administrator
      password: practice-demo

  The sandbox        {sandbox}
      the same names, to sign in to Fullscript when you connect
      password: fullscript-sandbox

  Open the practice app, sign in, open a patient, press "Recommend with Fullscript". Ctrl-C stops all of it.
"""


def demo_environment(ports: dict[str, int]) -> dict[str, str]:
    """This process's environment, with the demo's settings where nothing else was said."""
    sandbox = f"http://localhost:{ports['SANDBOX_PORT']}"
    settings = {
        "DEMO": "1",
        "FULLSCRIPT_ENVIRONMENTS": ",".join(APPS.values()),
        "WEB_CONCURRENCY": "1",  # one person looks; a second process would only delay the first page
        **demo_secrets(),
        **{name: str(number) for name, number in ports.items()},
    }
    prefixes = ["FULLSCRIPT_" + environment.upper().replace("-", "_") for environment in APPS.values()]
    with ThreadPoolExecutor() as pool:
        found = list(pool.map(credentials, APPS, prefixes))
    for prefix, known in zip(prefixes, found, strict=True):
        settings |= known | {
            f"{prefix}_AUTHORIZE_URL": f"{sandbox}/oauth/authorize",
            f"{prefix}_API_URL": f"{sandbox}/api",
            f"{prefix}_EMBED_ORIGIN": sandbox,
        }
    return settings | os.environ


def demo_secrets() -> dict[str, str | None]:
    """Keys made once for this checkout, so that sessions and stored tokens outlive a restart."""
    if not SECRETS.exists():
        say("Making keys for this checkout")
        INSTANCE.mkdir(exist_ok=True)
        SECRETS.touch(mode=0o600)
        SECRETS.write_text(
            f"SECRET_KEY={secrets.token_hex(32)}\n"
            f"FULLSCRIPT_ENCRYPTION_KEYS={Fernet.generate_key().decode()}\n"
        )
    return dict(dotenv_values(SECRETS))


def credentials(app: str, prefix: str) -> dict[str, str]:
    """The settings for an app that the sandbox knows from its seed."""
    command = [sys.executable, "-m", "fullscript_sandbox", "env", "--app", app, "--prefix", prefix]
    result = subprocess.run(command, check=False, capture_output=True, text=True)
    if result.returncode:
        raise SystemExit(f"demo: {result.stderr.strip()} `make reset` forgets all data of the demo.")
    return dict(line.split("=", 1) for line in result.stdout.splitlines() if "=" in line)


def register_addresses(sandbox: str, web: str) -> None:
    """Tell the sandbox where the practice app runs: redirect and Origin URI must match to the letter."""
    for app in requests.get(f"{sandbox}/_sandbox/apps", timeout=10).json()["apps"]:
        if app["name"] in APPS:
            addresses = {
                "redirect_uris": [f"{web}/fullscript/callback/{APPS[app['name']]}"],
                "origin_uris": [web],
                "webhook_url": f"{web}/fullscript/webhooks/{APPS[app['name']]}",
            }
            requests.patch(
                f"{sandbox}/_sandbox/apps/{app['id']}", json=addresses, timeout=10
            ).raise_for_status()


def reset() -> int:
    shutil.rmtree(INSTANCE, ignore_errors=True)
    say("The demo's data is gone; `make demo` starts afresh")
    return 0


def port(name: str, default: int) -> int:
    text = os.environ.get(name, str(default))
    if not text.isdecimal() or not 0 < int(text) < 65536:  # noqa: PLR2004 -- what a port can be
        raise SystemExit(f"demo: {name} is {text!r}; it has to be a port number")
    return int(text)


def refuse_taken(name: str, number: int) -> None:
    """End with one clear line when something listens on the port already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", number))
        except OSError as error:
            raise SystemExit(
                f"demo: port {number} is taken; stop what uses it, "
                f"or choose another: {name}={number + 10} make demo"
            ) from error


def answers(url: str) -> bool:
    """True as soon as the address answers 200; False when it did not in READY_WITHIN seconds."""
    end = time.monotonic() + READY_WITHIN
    while time.monotonic() < end:
        try:
            if requests.get(url, timeout=2).ok:
                return True
        except requests.RequestException:
            time.sleep(0.1)
    return False


def say(text: str) -> None:
    print(f"demo: {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
