"""Which pages may hold an app's frame: the Origin URI list of the dashboard."""

from __future__ import annotations

from urllib.parse import urlsplit

from fullscript_sandbox.models import App

_DEFAULT_PORTS = {"http": 80, "https": 443}


def origin_of(uri: str) -> str | None:
    """The origin of a URI, as a browser writes it, or None where there is none.

    Takes origins, full addresses, and either with `/*` behind it (guide: "Get your app's public key").
    """
    try:
        parts = urlsplit(uri.strip())
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or "*" in parts.netloc or "@" in parts.netloc:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    shown = "" if port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{port}"
    return f"{parts.scheme}://{host}{shown}"


def allowed_origins(app: App) -> list[str]:
    """The origins that may hold the app's frame, in the order of the list, each once.

    The port counts exactly: `http://localhost/*` is port 80 (guide: Error handling). `http` counts in
    the sandbox environments only.
    """
    found = [origin_of(uri) for uri in app.origin_uris.split()]
    secure_only = not app.environment.endswith("-snd")
    return list(
        dict.fromkeys(
            origin for origin in found if origin and not (secure_only and origin.startswith("http:"))
        )
    )


def frame_ancestors(app: App | None, target_origin: str) -> str:
    """The frame-ancestors directive: the app's list, or 'none' for a wrong key or an unlisted page."""
    allowed = allowed_origins(app) if app else []
    return " ".join(allowed) if origin_of(target_origin) in allowed else "'none'"
