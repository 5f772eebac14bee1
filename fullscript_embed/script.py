"""The vendor's browser library: which version, from where, and the hash that proves it is unchanged."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path

VERSION = "3.2.0"
# Of dist/fullscript-js.umd.min.js in the npm package of that version; the CDN serves the same bytes.
INTEGRITY = "sha384-9NLLxzeCFDAFj3qKk8OokvsgQ1KpF6nh3nZQUbKSkOR08QqMCPpXaJjquFP/NvV4"
CDN_ORIGIN = "https://public-assets.fullscript.com"
CDN_URL = f"{CDN_ORIGIN}/fullscript.js/{VERSION}/fullscript-js.umd.min.js"
BUNDLED_FILE = "vendor/@fullscript/fullscript-js/dist/fullscript-js.umd.min.js"

_STATIC = Path(__file__).parent / "static"


class ScriptInvalid(RuntimeError):
    """The browser library cannot be served as configured; the message says what was found and what to do."""


@dataclass(frozen=True)
class EmbedScript:
    """One place to load the browser library from. `file` is below the extension's static folder, or None."""

    file: str | None
    cdn_url: str | None
    integrity: str = INTEGRITY

    @property
    def csp_source(self) -> str:
        """What script-src has to allow so that browsers load the library."""
        return CDN_ORIGIN if self.cdn_url else "'self'"


def choose_script(source: str) -> EmbedScript:
    """The library as FULLSCRIPT_EMBED_SCRIPT asks for it: "bundled" (the default) or "cdn".

    Raises ScriptInvalid for any other value, and when the bundled file is absent or was changed, so that
    an application stops at its start and not at a practitioner's first click.
    """
    if source == "cdn":
        return EmbedScript(file=None, cdn_url=CDN_URL)
    if source == "bundled":
        check_bundled(_STATIC / BUNDLED_FILE)
        return EmbedScript(file=BUNDLED_FILE, cdn_url=None)
    raise ScriptInvalid(f'FULLSCRIPT_EMBED_SCRIPT is {source!r}; it has to be "bundled" or "cdn".')


def check_bundled(path: Path) -> None:
    """Raise ScriptInvalid unless *path* holds exactly the pinned version of the library."""
    try:
        found = integrity_of(path.read_bytes())
    except FileNotFoundError:
        raise ScriptInvalid(
            f"The Fullscript Embed library {VERSION} is not at {path}. Run `npm ci`, or set "
            'FULLSCRIPT_EMBED_SCRIPT to "cdn".'
        ) from None
    if found != INTEGRITY:
        raise ScriptInvalid(
            f"{path} is not Fullscript Embed {VERSION} as published: its hash is {found}, "
            f"expected {INTEGRITY}. Run `npm ci` to restore it."
        )


def integrity_of(content: bytes) -> str:
    """The Subresource Integrity value of *content*, by SHA-384."""
    return "sha384-" + base64.b64encode(hashlib.sha384(content).digest()).decode()
