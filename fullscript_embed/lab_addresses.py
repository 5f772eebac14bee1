"""Which addresses may be asked for the file of a lab result."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

from fullscript_embed.environments import Environment

# Anything else in an address is read differently by different programs.
_PLAIN = re.compile(r"[!-\[\]-~]+")


def allowed_hosts(environment: Environment) -> tuple[str, ...]:
    """Where results of an environment may be fetched from: what is set, else the hosts of API and Embed."""
    urls = (environment.hosts.api_url, environment.hosts.embed_origin)
    own = tuple(dict.fromkeys(urlsplit(url).netloc.lower() for url in urls))
    return tuple(host.lower() for host in environment.result_hosts) or own


def is_allowed(url: str, environment: Environment) -> bool:
    """True for an address that may be asked for a result: https on an allowed host, or the local sandbox."""
    parts = _split(url)
    if parts is None:
        return False
    if parts.scheme == "https":
        return _place(parts, 443) in allowed_hosts(environment)
    own = {_origin(environment.hosts.api_url), _origin(environment.hosts.embed_origin)}
    return environment.is_local and parts.scheme == "http" and _origin(url) in own


def is_api(url: str, environment: Environment) -> bool:
    """True for an address of the API, which alone may be given a token."""
    return _origin(url) == _origin(environment.hosts.api_url)


def host_of(url: str) -> str | None:
    """The host in an address, for the log; None where it cannot be told."""
    parts = _split(url)
    return parts.hostname if parts else None


def _split(url: str) -> SplitResult | None:
    """The parts of a plain address without a user in it, or None."""
    try:
        parts = urlsplit(url)
        is_plain = bool(parts.hostname and _PLAIN.fullmatch(url) and (parts.port is None or parts.port > 0))
    except ValueError:
        return None
    return parts if is_plain and "@" not in parts.netloc else None


def _place(parts: SplitResult, usual: int) -> str:
    port = parts.port
    return (parts.hostname or "") + ("" if port in {None, usual} else f":{port}")


def _origin(url: str) -> str | None:
    parts = _split(url)
    return f"{parts.scheme}://{_place(parts, 443 if parts.scheme == 'https' else 80)}" if parts else None
