"""The OAuth state: one use, ten minutes, a few at once, and only own paths."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fullscript_embed.states import (
    KEY,
    LIFETIME,
    MOST_WAITING,
    Pending,
    StateExpired,
    StateUnknown,
    StateUsed,
    begin,
    is_own_path,
    take,
)

NOW = datetime(2026, 11, 20, 10, 0, 0, tzinfo=UTC)
PENDING = Pending("local", "maya", "/patients/7")


def test_a_state_gives_back_what_was_begun() -> None:
    """Environment, user and path come back as they were."""
    session: dict[str, Any] = {}

    assert take(session, begin(session, PENDING, now=NOW), now=NOW) == PENDING


def test_a_state_is_used_up() -> None:
    """The second use is told from an invented state."""
    session: dict[str, Any] = {}
    state = begin(session, PENDING, now=NOW)
    take(session, state, now=NOW)

    with pytest.raises(StateUsed):
        take(session, state, now=NOW)


def test_a_state_of_another_session_is_unknown() -> None:
    """It is bound to the browser that began."""
    state = begin({}, PENDING, now=NOW)

    with pytest.raises(StateUnknown):
        take({}, state, now=NOW)


def test_a_state_lives_ten_minutes() -> None:
    """At its end it works, a second later it does not."""
    session: dict[str, Any] = {}
    states = [begin(session, PENDING, now=NOW) for _ in range(2)]

    assert take(session, states[0], now=NOW + LIFETIME) == PENDING
    with pytest.raises(StateExpired):
        take(session, states[1], now=NOW + LIFETIME + timedelta(seconds=1))


def test_only_the_newest_states_are_kept() -> None:
    """The session is a cookie; the oldest tab has to start again, the newest do not."""
    session: dict[str, Any] = {}
    states = [begin(session, PENDING, now=NOW + timedelta(seconds=n)) for n in range(MOST_WAITING + 1)]

    assert len(session[KEY]) == MOST_WAITING
    assert take(session, states[-1], now=NOW) == PENDING
    with pytest.raises(StateUnknown):
        take(session, states[0], now=NOW)


@pytest.mark.parametrize(
    "path", ["/", "/patients/7", "/patients/7?fullscript=open", "/a:b", "/a%2F%2Fb", "/?u=//x"]
)
def test_own_paths_are_followed(path: str) -> None:
    """Query strings and colons inside are fine."""
    assert is_own_path(path)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "patients",
        "//x",
        "///x",
        "/\\x",
        "\\/x",
        "https://x",
        "/\x00",
        "/a b",
        "/\r\nSet-Cookie: a=b",
        "/" * 401,
    ],
)
def test_other_addresses_are_not_followed(path: str) -> None:
    """Nothing that a browser could read as an address elsewhere."""
    assert not is_own_path(path)
