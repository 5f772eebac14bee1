"""The signature of a webhook (guide: Checking the Fullscript-Signature header)."""

from __future__ import annotations

import hashlib
import hmac

HEADER = "Fullscript-Signature"


def header(body: bytes, key: str, timestamp: int) -> str:
    """What the header says of *body*, which was sent at *timestamp* (Unix seconds of the wall clock)."""
    return f"t={timestamp},v1={signature(body, key, timestamp)}"


def signature(body: bytes, key: str, timestamp: int) -> str:
    """64 hex digits: HMAC-SHA256 with *key* over the timestamp, a dot and the raw body."""
    return hmac.new(key.encode(), b"%d." % timestamp + body, hashlib.sha256).hexdigest()
