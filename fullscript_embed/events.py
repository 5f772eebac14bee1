"""Polling: asking Fullscript for the events that no other door brought (the guide: Events).

Each connected clinic is asked by a token of its own, one category after the other, from a day before the
newest event that was seen there. Filters know days only, so much is listed again; what the inbox knows is not
asked for a second time. A poll that is cut short loses nothing: the next one begins where it did.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from fullscript_embed import clinics, deliveries, inbox, poll_states, told
from fullscript_embed.api import FullscriptClient, FullscriptError, FullscriptUnreachable, RateLimited
from fullscript_embed.api.errors import RecordNotFound, ServerFailed, TokenRefused, UnreadableAnswer
from fullscript_embed.api.records.events import Event
from fullscript_embed.api.resources.events import CATEGORIES
from fullscript_embed.api.values import DateFilter, after
from fullscript_embed.clinics import Clinic
from fullscript_embed.envelope import POLL
from fullscript_embed.errors import EventRefused, NotConnected
from fullscript_embed.logs import say

# Events may be listed a little after they happened, and days begin elsewhere at other times.
OVERLAP = timedelta(days=1)
# New events of one category in one go, so that a job ends in time; the next one goes on.
MOST_NEW = 1000
# Failures that the other categories of the clinic would meet too.
STOPPING = (FullscriptUnreachable, RateLimited, ServerFailed, TokenRefused)


@dataclass(slots=True)
class Walk:
    """What a poll of one category came to. *numbers* are those of the events that are new to the inbox."""

    category: str
    listed: int = 0
    numbers: list[int] = field(default_factory=list)
    newest_at: datetime | None = None
    # Why not all that was listed is in the inbox; None when it is.
    error: str | None = None

    @property
    def is_full(self) -> bool:
        return len(self.numbers) >= MOST_NEW

    def saw(self, moments: Iterable[datetime | None]) -> None:
        """Note how far the vendor's list came."""
        self.newest_at = max((*filter(None, moments), *filter(None, [self.newest_at])), default=None)


@dataclass(slots=True)
class Poll:
    """What a poll of one clinic came to. *retry_after* is in seconds, None when there is no need to hurry."""

    environment: str
    clinic_id: str
    walks: list[Walk] = field(default_factory=list)
    retry_after: float | None = None

    @property
    def numbers(self) -> list[int]:
        """The inbox's numbers of what was found."""
        return [number for walk in self.walks for number in walk.numbers]

    @property
    def errors(self) -> list[str]:
        return [f"{walk.category}: {walk.error}" for walk in self.walks if walk.error]


def poll(clinic: Clinic, *, now: datetime, everything: bool = False) -> Poll:
    """Bring what Fullscript has to tell of a clinic into the inbox. Commits; applies nothing.

    *everything* asks for all that Fullscript still has, thirty days. Never raises for what Fullscript
    answers: errors are in the answer, and in the poll states.
    """
    done = Poll(clinic.environment, clinic.id)
    # Undelivered webhooks come first: a page of them has the data that would else be asked for one by one.
    for category in (deliveries.CATEGORY, *CATEGORIES):
        walk = Walk(category)
        done.walks.append(walk)
        since = None if everything else _since(clinic, category, now=now)
        ends = _poll_category(done, walk, clinic, since, now=now)
        poll_states.remember(clinic, walk.category, walk, now=now)
        if ends:
            break
    return done


def _since(clinic: Clinic, category: str, *, now: datetime) -> DateFilter | None:
    """The days to ask for; None for all that there are. A vendor's clock ahead of ours hides nothing."""
    newest_at = poll_states.newest(clinic, category)
    return after(min(newest_at, now) - OVERLAP - timedelta(days=1)) if newest_at else None


def _poll_category(
    done: Poll, walk: Walk, clinic: Clinic, since: DateFilter | None, *, now: datetime
) -> bool:
    """Walk one list; True when the rest of the clinic has to wait."""
    try:
        clinics.call(clinic, partial(_walk, walk, clinic, since), now=now)
    except NotConnected:
        walk.error = "nobody's connection can be used: somebody has to connect again"
        return True
    except FullscriptError as error:
        walk.error = error.reason
        say(logging.WARNING, "a poll did not end", category=walk.category, reason=error.reason)
        if isinstance(error, STOPPING):
            done.retry_after = getattr(error, "retry_after", None) or 0.0
            return True
    if walk.is_full:
        walk.error = "there is more; the next poll goes on"
        done.retry_after = 0.0
    return False


def _walk(walk: Walk, clinic: Clinic, since: DateFilter | None, client: FullscriptClient) -> None:
    if walk.category == deliveries.CATEGORY:
        for page in deliveries.undelivered(client, since).pages():
            told_in_page = {one.event_payload.id: one.event_payload for one in page if one.event_payload}
            walk.listed += len(page)
            _store(walk, clinic, told_in_page)
            walk.saw(one.attempted_at for one in page)
        return
    for listed in client.events.list(walk.category, created_at=since).pages():
        walk.listed += len(listed)
        _store(walk, clinic, {one.id: one for one in listed}, client)
        if walk.is_full:
            return
        walk.saw(one.created_at for one in listed)


def _store(
    walk: Walk, clinic: Clinic, events: dict[str, Event], client: FullscriptClient | None = None
) -> None:
    """Keep those that the inbox does not know; lists have no data, so *client* is asked for each."""
    news = inbox.seen(clinic.environment, events, door=POLL)
    for event_id, event in events.items():
        if event_id not in news or walk.is_full:
            continue
        payload = _in_full(walk, client, event_id) if client else dict(event.raw)
        if payload is not None:
            _keep(walk, clinic, payload)


def _in_full(walk: Walk, client: FullscriptClient, event_id: str) -> dict[str, Any] | None:
    """One event as a webhook would tell it, or None: one that fails must not be in the way of the others."""
    try:
        return {"event": dict(client.events.retrieve(event_id).raw)}
    except RecordNotFound:
        return None  # it grew older than thirty days meanwhile
    except (ServerFailed, UnreadableAnswer) as error:
        walk.error = f"event {event_id}: {error.reason}"
        return None


def _keep(walk: Walk, clinic: Clinic, payload: dict[str, Any]) -> None:
    try:
        stored = inbox.store(told.read_head(payload), payload, environment=clinic.environment, door=POLL)
    except EventRefused as refusal:
        say(logging.WARNING, "a polled event could not be read", category=walk.category, why=refusal.message)
        return
    if stored.is_news:
        walk.numbers.append(stored.id)
