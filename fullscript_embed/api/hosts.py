"""Where Fullscript's API and its authorize page are, by environment.

The authorize page is a setting of its own: it is served from another host than the API in the sandboxes
(guide: Request an auth code; field notes, P1).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Hosts:
    """`api_url` is the origin, without the /api that every path begins with."""

    api_url: str
    authorize_url: str


def _fullscript(region: str) -> Hosts:
    api = f"https://api-{region}.fullscript.io"
    site = f"https://{region}.fullscript.io" if region.endswith("-snd") else api
    return Hosts(api, f"{site}/oauth/authorize")


_LOCAL = Hosts("http://localhost:8001", "http://localhost:8001/oauth/authorize")
ENVIRONMENTS = {
    "us": _fullscript("us"),
    "ca": _fullscript("ca"),
    "us-snd": _fullscript("us-snd"),
    "ca-snd": _fullscript("ca-snd"),
    "local": _LOCAL,
    "local-ca": _LOCAL,
}
_LOOPBACK = re.compile(r"localhost|127(\.\d{1,3}){3}|\[?::1\]?")


def is_this_machine(host: str | None) -> bool:
    """True for a host that a token may travel to without TLS, and without a proxy."""
    return bool(host and _LOOPBACK.fullmatch(host))


def hosts_of(environment: str, *, authorize_url: str | None = None) -> Hosts:
    """The hosts of an environment's name, or of an API URL with or without its /api."""
    if environment in ENVIRONMENTS:
        known = ENVIRONMENTS[environment]
        return Hosts(known.api_url, authorize_url or known.authorize_url)
    parts = urlsplit(environment)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        names = ", ".join(ENVIRONMENTS)
        raise ValueError(f"{environment!r} is no environment ({names}) and no URL; give one of them")
    if parts.scheme == "http" and not is_this_machine(parts.hostname):
        raise ValueError(f"{parts.hostname} must be reached by https: tokens and patients travel there")
    api_url = environment.rstrip("/").removesuffix("/api")
    return Hosts(api_url, authorize_url or f"{api_url}/oauth/authorize")
