"""Polling: asking Fullscript for the events that no other door brought (the guide: Events).

Each connected clinic is asked by a token of its own, one category after the other, from a day before the
newest event that was seen there. Filters know days only, so much is listed again; what the inbox knows is not
asked for a second time. A poll that is cut short loses nothing: the next one begins where it did.

So it does too while Fullscript lists an event that it does not give: every poll asks for that one again, and
the others come in meanwhile. No try has to be the last one: after thirty days it is not listed any more, so
that nobody can have it, and polls go on from where they are then.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any

from fullscript_embed import clinics, deliveries, inbox, poll_states, told
from fullscript_embed.api import FullscriptClient, FullscriptError, FullscriptUnreachable, RateLimited
from fullscript_embed.api.errors import (
    Forbidden,
    RecordNotFound,
    RequestInvalid,
    ServerFailed,
    TokenRefused,
    UnreadableAnswer,
)
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
# What may be the matter with a single event that was asked for; the rest is the clinic's, or the moment's.
OF_ONE_EVENT = (Forbidden, RecordNotFound, RequestInvalid, ServerFailed, UnreadableAnswer)
# Where so many in a row are not given, it is hardly about single events: then one of each page is asked for,
# so that calls are not wasted, and the newest, so that what is new comes in when only the old ones are bad.
MOST_IN_A_ROW = 20
# In the words for people. Ids are Fullscript's, and no longer than that.
MOST_NAMED, LONGEST_ID = 5, 64
# How long Fullscript keeps events (the guide: Events).
KEPT = timedelta(days=30)


@dataclass(slots=True)
class Walk:
    """What a poll of one category came to. *numbers* are those of the events that are new to the inbox."""

    category: str
    listed: int = 0
    numbers: list[int] = field(default_factory=list)
    newest_at: datetime | None = None
    # The events that were listed and not given, by their ids, and why.
    unread: dict[str, str] = field(default_factory=dict)
    # How many of them came one after the other, up to now; and how many were not asked for after such a row.
    in_a_row: int = 0
    passed_over: int = 0
    # Why the list was not walked to its end; None when it was.
    stopped: str | None = None

    @property
    def is_full(self) -> bool:
        return len(self.numbers) >= MOST_NEW

    @property
    def error(self) -> str | None:
        """Why not all that was listed is in the inbox; None when it is."""
        named = islice(self.unread.items(), MOST_NAMED)
        words = [f"event {event_id[:LONGEST_ID]}: {reason}" for event_id, reason in named]
        if (more := len(self.unread) - MOST_NAMED) > 0:
            words.append(f"{more} more")
        if self.passed_over:
            words.append(f"{self.passed_over} not asked for")
        return "; ".join([*words, *filter(None, [self.stopped])]) or None

    def begin(self) -> None:
        """Be at the beginning of the list, also when another connection walks it again."""
        self.listed = self.in_a_row = self.passed_over = 0
        self.unread.clear()

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
        clinics.call(clinic, partial(_walk, walk, clinic, since, now=now), now=now)
    except NotConnected:
        walk.stopped = "nobody's connection can be used: somebody has to connect again"
        return True
    except FullscriptError as error:
        walk.stopped = error.reason
        say(logging.WARNING, "a poll did not end", category=walk.category, reason=error.reason)
        if isinstance(error, STOPPING):
            done.retry_after = getattr(error, "retry_after", None) or 0.0
            return True
    if walk.is_full:
        walk.stopped = "there is more; the next poll goes on"
        done.retry_after = 0.0
    return False


def _walk(
    walk: Walk, clinic: Clinic, since: DateFilter | None, client: FullscriptClient, *, now: datetime
) -> None:
    walk.begin()
    if walk.category == deliveries.CATEGORY:
        for page in deliveries.undelivered(client, since).pages():
            walk.listed += len(page)
            _store_told(walk, clinic, [one.event_payload for one in page if one.event_payload])
            walk.saw(one.attempted_at for one in page)
        return
    for listed in client.events.list(walk.category, created_at=since).pages():
        walk.listed += len(listed)
        _ask_for_each(walk, clinic, listed, client, now=now)
        if walk.is_full:
            return
        walk.saw(one.created_at for one in listed)


def _news(clinic: Clinic, listed: Iterable[Event]) -> list[Event]:
    """Those that the inbox does not know, each once; the others get a witness."""
    events = {one.id: one for one in listed}
    news = inbox.seen(clinic.environment, events, door=POLL)
    return [event for event_id, event in events.items() if event_id in news]


def _store_told(walk: Walk, clinic: Clinic, events: Iterable[Event]) -> None:
    """Keep what deliveries that failed would have told; what cannot be read is listed in its category too."""
    for event in _news(clinic, events):
        if walk.is_full:
            return
        try:
            _keep(walk, clinic, dict(event.raw))
        except EventRefused as refusal:
            say(logging.WARNING, "an undelivered event could not be read", why=refusal.message)


def _ask_for_each(
    walk: Walk, clinic: Clinic, listed: Iterable[Event], client: FullscriptClient, *, now: datetime
) -> None:
    """Ask for what the inbox does not know: lists have no data. One that fails is in nobody's way."""
    wanted = deque(_news(clinic, listed))
    while wanted and not walk.is_full:
        is_probe = walk.in_a_row >= MOST_IN_A_ROW
        event = wanted.pop() if is_probe else wanted.popleft()
        why = _ask_for(walk, clinic, event, client, now=now)
        if why is None:
            walk.in_a_row = 0
            continue
        say(logging.WARNING, "an event was not given", category=walk.category, event_id=event.id, reason=why)
        walk.unread[event.id] = why
        walk.in_a_row += 1
        if is_probe:
            walk.passed_over += len(wanted)
            return


def _ask_for(
    walk: Walk, clinic: Clinic, listed: Event, client: FullscriptClient, *, now: datetime
) -> str | None:
    """Bring one event into the inbox; why not, when Fullscript does not give it."""
    try:
        event = client.events.retrieve(listed.id)
        if event.id != listed.id:  # kept under that name, this one would be missed
            return UnreadableAnswer.reason
        _keep(walk, clinic, {"event": dict(event.raw)})
    except RecordNotFound as error:
        # On its last day at Fullscript an event may go between the list and the question.
        return None if listed.created_at and now - listed.created_at > KEPT - OVERLAP else error.reason
    except OF_ONE_EVENT as error:
        return error.reason
    except EventRefused:
        return UnreadableAnswer.reason
    return None


def _keep(walk: Walk, clinic: Clinic, payload: dict[str, Any]) -> None:
    """Store an event as a webhook would tell it. Raises EventRefused for what cannot be read."""
    stored = inbox.store(told.read_head(payload), payload, environment=clinic.environment, door=POLL)
    if stored.is_news:
        walk.numbers.append(stored.id)
