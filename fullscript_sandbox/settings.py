"""What can be set about a sandbox, and where it keeps its data."""

from __future__ import annotations

import ipaddress
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# How many calls a sandbox answers at the same time.
THREADS = 24


class SettingsInvalid(ValueError):
    """A setting has a value that the sandbox cannot run with; the message says which and what to do."""


@dataclass(frozen=True)
class Settings:
    """The settings of one sandbox. Only what is passed in counts; `from_env` reads the environment."""

    host: str = "127.0.0.1"
    port: int = 8001
    data_dir: Path = Path("instance/sandbox")
    allow_remote: bool = False
    seed: int = 0
    rate_limit: int = 5000  # requests of an app in five minutes (guide: Rate limits)

    def __post_init__(self) -> None:
        if not self.allow_remote and not is_loopback(self.host):
            raise SettingsInvalid(
                f"SANDBOX_HOST is {self.host}, which other machines can reach. The sandbox has no real "
                "sign-in and a control plane without a password: use 127.0.0.1, or set "
                "SANDBOX_ALLOW_REMOTE=1 if the network is yours alone."
            )
        if not 0 <= self.port <= 65535:  # noqa: PLR2004 -- the range of TCP ports
            raise SettingsInvalid(f"SANDBOX_PORT is {self.port}; ports go from 0 (any free one) to 65535.")

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """Read SANDBOX_HOST, _PORT, _DATA_DIR, _ALLOW_REMOTE, _SEED and _RATE_LIMIT."""
        return cls(
            host=environ.get("SANDBOX_HOST", cls.host),
            port=_integer(environ, "SANDBOX_PORT", cls.port),
            data_dir=Path(environ.get("SANDBOX_DATA_DIR", str(cls.data_dir))),
            allow_remote=environ.get("SANDBOX_ALLOW_REMOTE", "") == "1",
            seed=_integer(environ, "SANDBOX_SEED", cls.seed),
            rate_limit=_integer(environ, "SANDBOX_RATE_LIMIT", cls.rate_limit),
        )

    @property
    def database_file(self) -> Path:
        return (self.data_dir / "sandbox.db").resolve()

    @property
    def secret_key(self) -> str:
        """Signs the sandbox's cookies. Kept in the data folder, so that sign-ins survive a restart."""
        path = self.data_dir / "secret_key"
        if not path.exists():
            self.data_dir.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_text(secrets.token_hex(32))
        return path.read_text()

    def as_config(self) -> dict[str, Any]:
        """What Flask and its extensions read."""
        return {
            "SANDBOX": self,
            "SECRET_KEY": self.secret_key,
            "SESSION_COOKIE_NAME": "fullscript_sandbox",
            "SESSION_COOKIE_SAMESITE": "Lax",
            # A connection for each thread of the server, so that none waits for another's.
            "SQLALCHEMY_ENGINE_OPTIONS": {"pool_size": THREADS},
            "SQLALCHEMY_DATABASE_URI": f"sqlite:///{self.database_file}",
        }


def is_loopback(host: str) -> bool:
    """True for localhost and loopback addresses, of either kind."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _integer(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name, str(default))
    try:
        return int(text)
    except ValueError as error:
        raise SettingsInvalid(f"{name} is {text!r}; it has to be a whole number.") from error
