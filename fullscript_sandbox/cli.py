"""The command `fullscript-sandbox`: serve, print an app's credentials, start afresh."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sqlalchemy import NullPool, create_engine, select
from sqlalchemy.orm import Session

from fullscript_sandbox import store
from fullscript_sandbox.models import App
from fullscript_sandbox.settings import Settings, SettingsInvalid

DEMO_APP = "Demo practice app"
COMMANDS = ("serve", "env", "reset")


class AppUnknown(ValueError):
    """No registered app has the name that was asked for; the message lists those there are."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. 0 when all went well, 1 with one line on standard error when not."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if not given or given[0] not in (*COMMANDS, "-h", "--help"):
        given.insert(0, "serve")
    options = parser().parse_args(given)
    try:
        options.run(options)
    except (SettingsInvalid, AppUnknown, OSError) as error:
        print(f"fullscript-sandbox: {error}", file=sys.stderr)
        return 1
    return 0


def parser() -> argparse.ArgumentParser:
    """All commands and their options; options left out come from the environment, then from defaults."""
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--data-dir", type=Path, help="where the data is kept (SANDBOX_DATA_DIR)")
    shared.add_argument("--seed", type=int, help="the number that the data is made from (SANDBOX_SEED)")
    whole = argparse.ArgumentParser(prog="fullscript-sandbox", description="Fullscript on your own machine.")
    commands = whole.add_subparsers(metavar="command", required=True)
    _serve_options(commands.add_parser("serve", help="serve until Ctrl-C (the default)", parents=[shared]))
    _env_options(
        commands.add_parser("env", help="print an app's credentials as NAME=value", parents=[shared])
    )
    reset = commands.add_parser("reset", help="put the data back to what the seed gives", parents=[shared])
    reset.set_defaults(run=_reset)
    return whole


def _serve_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--host", help="the address to listen on (SANDBOX_HOST)")
    command.add_argument("--port", type=int, help="the port to listen on, 0 for any free one (SANDBOX_PORT)")
    command.add_argument(
        "--allow-remote",
        action="store_true",
        default=None,
        help="listen on an address that other machines can reach (SANDBOX_ALLOW_REMOTE=1)",
    )
    command.add_argument(
        "--watch-stdin", action="store_true", help="end when standard input ends, for test runners"
    )
    command.set_defaults(run=_serve)


def _env_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--app", default=DEMO_APP, help=f"the app's name (default: {DEMO_APP})")
    command.add_argument("--prefix", default="FULLSCRIPT_LOCAL", help="what the names begin with")
    command.set_defaults(run=_env)


def _settings(options: argparse.Namespace) -> Settings:
    names = ("host", "port", "data_dir", "allow_remote", "seed")
    given = {name: getattr(options, name, None) for name in names}
    return replace(Settings.from_env(), **{name: value for name, value in given.items() if value is not None})


def _serve(options: argparse.Namespace) -> None:
    from fullscript_sandbox.server import serve  # noqa: PLC0415 -- the other commands need no server

    serve(_settings(options), watch_stdin=options.watch_stdin)


def _env(options: argparse.Namespace) -> None:
    settings = _settings(options)
    store.open_or_make(settings)
    engine = create_engine(f"sqlite:///{settings.database_file}", poolclass=NullPool)
    with Session(engine) as session:
        apps = {app.name: app for app in session.scalars(select(App).order_by(App.name))}
    if options.app not in apps:
        raise AppUnknown(f"there is no app called {options.app!r}; there are: {', '.join(apps)}")
    for name, value in credentials(apps[options.app]).items():
        print(f"{options.prefix}_{name}={value}")


def credentials(app: App) -> dict[str, str]:
    """What a developer copies from the dashboard into the settings of an integration."""
    return {
        "CLIENT_ID": app.client_id,
        "CLIENT_SECRET": app.client_secret,
        "PUBLIC_KEY": app.public_key,
        "WEBHOOK_CHALLENGE": app.challenge_token,
        "WEBHOOK_SIGNATURE_KEYS": app.signature_key,
    }


def _reset(options: argparse.Namespace) -> None:
    settings = _settings(options)
    store.reset(settings)
    print(f"The data in {settings.data_dir} is what seed {settings.seed} gives.")
