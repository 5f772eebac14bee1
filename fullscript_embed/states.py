"""The `state` of OAuth: random, kept in the browser's session, good once and for ten minutes.

Several may wait at once, one for each tab. A used one is remembered for as long, so that a replay can be told
from an answer that was never asked for.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import MutableMapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from fullscript_embed.errors import EmbedError

KEY = "fullscript_states"
# As long as an authorization code lives (the guide: Request an auth code).
LIFETIME = timedelta(minutes=10)
# The session is a cookie of 4 KB, so neither many states nor long paths fit in.
MOST_WAITING = 6
LONGEST_PATH = 400
_CONTROL = re.compile(r"[\x00-\x20\x7f\\]")


@dataclass(frozen=True, slots=True)
class Pending:
    """One authorization that was begun: where, by whom, and where to go afterwards."""

    environment: str
    user_id: str
    next: str


class StateUnknown(EmbedError):
    """This browser's session did not begin that authorization."""


class StateUsed(EmbedError):
    """The authorization was finished already."""


class StateExpired(EmbedError):
    """The authorization was begun too long ago."""


def begin(session: MutableMapping[str, Any], pending: Pending, *, now: datetime) -> str:
    """Remember *pending* in the browser's session and give the state to send along."""
    state = secrets.token_urlsafe(24)
    entry = [pending.environment, pending.user_id, pending.next, now.timestamp(), 0]
    newest_last = sorted((session.get(KEY) or {}).items(), key=lambda item: float(item[1][3]))
    session[KEY] = dict([*newest_last[-(MOST_WAITING - 1) :], (state, entry)])
    return state


def take(session: MutableMapping[str, Any], state: str, *, now: datetime) -> Pending:
    """Use *state* up. Raises StateUnknown, StateUsed or StateExpired."""
    states = dict(session.get(KEY) or {})
    if state not in states:
        raise StateUnknown("this browser did not begin that authorization")
    environment, user_id, path, begun_at, used = states[state]
    if used:
        raise StateUsed("that authorization was finished already")
    session[KEY] = {**states, state: [environment, user_id, path, begun_at, 1]}
    if now.timestamp() > begun_at + LIFETIME.total_seconds():
        raise StateExpired("that authorization was begun more than ten minutes ago")
    return Pending(environment, user_id, path)


def is_own_path(path: str) -> bool:
    """True for a path of this application, which no browser can read as an address elsewhere."""
    if not path.startswith("/") or path.startswith("//") or len(path) > LONGEST_PATH or _CONTROL.search(path):
        return False
    parts = urlsplit(path)
    return not parts.scheme and not parts.netloc
