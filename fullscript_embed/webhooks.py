"""What Fullscript's webhooks have to show, and what they are answered (the guide: Webhooks).

Every event is sent in two calls: an empty one, which is answered with the challenge token and leaves no
trace, and one with the signed event, which is stored and answered with the challenge again. Nothing else
happens here: no call of Fullscript's API, and no look at what the event says.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from datetime import datetime, timedelta
from typing import Any, NoReturn

from fullscript_embed import inbox, told
from fullscript_embed.envelope import WEBHOOK
from fullscript_embed.environments import Environment
from fullscript_embed.errors import EventRefused, WebhookRefused
from fullscript_embed.inbox import Stored

HEADER = "Fullscript-Signature"
# Of a body, in bytes. A plan with a hundred recommendations has about 40 KB.
LARGEST = 1024 * 1024
# Between the sender's clock and ours, on either side (the guide: "5 minutes is usually a good default").
TOLERANCE = timedelta(minutes=5)

_TIME, _HASH = re.compile(r"[0-9]{1,12}"), re.compile(r"[0-9a-f]{64}")
# A header has one time and one hash; while a key is rolled perhaps a hash for each.
_MOST_PARTS = 10


def challenge_of(environment: Environment) -> str:
    """What proves that it was we who answered. Raises WebhookRefused while one of the secrets is missing."""
    if not environment.webhook_challenge or not environment.webhook_signature_keys:
        raise WebhookRefused(
            f"Webhooks of {environment.name!r} are not configured: this application needs both the "
            "challenge token and the signature key of Fullscript's API dashboard.",
            code="not_configured",
        )
    return environment.webhook_challenge


def accept(environment: Environment, body: bytes, signature: str | None, *, now: datetime) -> Stored | None:
    """Store the event in *body* once; None for an empty body. Commits.

    Raises WebhookRefused for whatever cannot be believed or read, and stores nothing of it.
    """
    challenge_of(environment)
    if not body:
        return None
    check(body, signature, environment.webhook_signature_keys, now=now)
    payload = read_json(body)
    try:
        head = told.read_head(payload)
    except EventRefused as error:
        raise WebhookRefused(error.message, status=400, code="no_event") from None
    return inbox.store(head, payload, environment=environment.name, door=WEBHOOK)


def check(body: bytes, header: str | None, keys: tuple[str, ...], *, now: datetime) -> None:
    """Raise WebhookRefused unless one of *keys* signed *body* close to *now*.

    All keys are tried, in a time that does not tell which of them fits.
    """
    sent_at, hashes = _parts(header)
    signed = sent_at.encode() + b"." + body
    fits = False
    for key in keys:
        ours = hmac.new(key.encode(), signed, hashlib.sha256).hexdigest()
        for theirs in hashes:
            fits |= hmac.compare_digest(ours, theirs)
    if not fits:
        raise WebhookRefused("The signature is not that of this body and this key.", code="wrong_signature")
    away = int(sent_at) - now.timestamp()
    if abs(away) > TOLERANCE.total_seconds():
        side = "ahead of" if away > 0 else "behind"
        raise WebhookRefused(
            f"The signature's time is more than five minutes {side} our clock.",
            code="too_early" if away > 0 else "too_late",
        )


def read_json(body: bytes) -> Any:
    """The JSON in *body*. Raises WebhookRefused, also for what Python takes for JSON and databases do not."""
    try:
        return json.loads(body.decode(), parse_constant=_no_number, parse_float=_finite)
    except (ValueError, RecursionError):
        raise WebhookRefused("The body is no JSON in UTF-8.", status=400, code="no_json") from None


def _parts(header: str | None) -> tuple[str, list[str]]:
    """The time and the hashes of `t=<unix time>,v1=<hash>`; parts of other schemes are left aside."""
    if not header:
        raise WebhookRefused(f"There is no {HEADER} header.", code="no_signature")
    parts = [part.strip().partition("=") for part in header.split(",")]
    times = [value for name, _, value in parts if name == "t"]
    hashes = [value for name, _, value in parts if name == "v1"]
    good = len(parts) <= _MOST_PARTS and len(times) == 1 and hashes
    if not good or not _TIME.fullmatch(times[0]) or not all(map(_HASH.fullmatch, hashes)):
        raise WebhookRefused(f"The {HEADER} header is not t=<unix time>,v1=<hash>.", code="bad_signature")
    return times[0], hashes


def _no_number(_name: str) -> NoReturn:
    """NaN and Infinity are no JSON."""
    raise ValueError


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError
    return number
