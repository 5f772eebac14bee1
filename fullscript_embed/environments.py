"""us, ca, us-snd, ca-snd and local: the hosts of each, and what an application has to know to use one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

NAMES = ("us", "ca", "us-snd", "ca-snd", "local", "local-ca")
LOCAL_SANDBOX = "http://localhost:8001"


@dataclass(frozen=True, slots=True)
class Hosts:
    """Where one environment lives. Three settings, because the vendor serves them from three hosts.

    *authorize_url* is where the browser goes; *api_url* ends in /api; *embed_origin* has no path.
    """

    authorize_url: str
    api_url: str
    embed_origin: str


def _vendor(region: str, *, sandbox: bool) -> Hosts:
    """The documented hosts (the guide: OAuth, Go live; field notes, P1 and P3)."""
    name = f"{region}-snd" if sandbox else region
    site = f"https://{name}.fullscript.io" if sandbox else f"https://{name}.fullscript.com"
    authorize = site if sandbox else f"https://api-{name}.fullscript.io"
    return Hosts(f"{authorize}/oauth/authorize", f"https://api-{name}.fullscript.io/api", site)


_LOCAL = Hosts(f"{LOCAL_SANDBOX}/oauth/authorize", f"{LOCAL_SANDBOX}/api", LOCAL_SANDBOX)

DEFAULT_HOSTS: Mapping[str, Hosts] = MappingProxyType(
    {
        "us": _vendor("us", sandbox=False),
        "ca": _vendor("ca", sandbox=False),
        "us-snd": _vendor("us", sandbox=True),
        "ca-snd": _vendor("ca", sandbox=True),
        "local": _LOCAL,
        "local-ca": _LOCAL,
    }
)


@dataclass(frozen=True, slots=True)
class Environment:
    """One configured Fullscript environment, with the credentials of the application registered there."""

    name: str
    hosts: Hosts
    client_id: str
    client_secret: str = field(repr=False)
    public_key: str
    webhook_challenge: str | None = field(default=None, repr=False)
    webhook_signature_keys: tuple[str, ...] = field(default=(), repr=False)
    redirect_uri: str | None = None
    # Where results of labs may be fetched from; empty for the hosts of the API and of Embed.
    result_hosts: tuple[str, ...] = ()

    @property
    def is_canadian(self) -> bool:
        """True for Canada, where labs are not sold (the guide: entrypoint)."""
        return self.name in {"ca", "ca-snd", "local-ca"}

    @property
    def is_local(self) -> bool:
        """True for the sandbox on this machine, which is served without TLS."""
        return self.name in {"local", "local-ca"}

    @property
    def is_production(self) -> bool:
        """True where real patients live."""
        return self.name in {"us", "ca"}

    @property
    def library_name(self) -> str:
        """What the vendor's browser library calls this environment; it knows nothing of a local one."""
        return {"local": "us-snd", "local-ca": "ca-snd"}.get(self.name, self.name)

    @property
    def token_url(self) -> str:
        """Tokens are only answered below /api (field notes, P2)."""
        return f"{self.hosts.api_url}/oauth/token"

    @property
    def revoke_url(self) -> str:
        return f"{self.hosts.api_url}/oauth/revoke"
