"""Deliveries of webhooks as Fullscript reports them, beside what we received."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import select

from fullscript_embed import clinics
from fullscript_embed.api import FullscriptClient, Listing
from fullscript_embed.api.records.events import WebhookDelivery
from fullscript_embed.api.values import DateFilter, after
from fullscript_embed.clinics import Clinic
from fullscript_embed.envelope import WEBHOOK
from fullscript_embed.models import InboxEvent, Witness
from fullscript_embed.state import current

# Beside the categories of events in the poll states.
CATEGORY = "deliveries"
# Attempts in one comparison: three pages of Fullscript's.
MOST_ATTEMPTS = 300

MISSING, OTHER_DOOR, UNCONFIRMED, ELSEWHERE = "missing", "other_door", "unconfirmed", "elsewhere"
# What a difference means, for people.
MEANINGS = {
    MISSING: "The event is not in our inbox.",
    OTHER_DOOR: "It was not delivered; we have it by another door.",
    UNCONFIRMED: "We received it; our answer did not reach Fullscript.",
    ELSEWHERE: "It was delivered, but not to this application.",
}


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """All attempts to deliver one event, and what we know of it.

    *difference* is None where both sides agree, else a key of MEANINGS. *number* is ours for the event, None
    when the inbox does not have it; *doors* are those that brought it here.
    """

    environment: str
    event_id: str
    type: str | None
    attempts: int
    delivered: bool
    status: int | None
    error: str | None
    attempted_at: datetime | None
    next_attempt_at: datetime | None
    number: int | None
    doors: tuple[str, ...]
    difference: str | None


def undelivered(client: FullscriptClient, since: DateFilter | None) -> Listing[WebhookDelivery]:
    """The attempts that failed, with what they would have told us."""
    return client.webhook_deliveries.list(
        attempted_at=since, successfully_delivered=False, sort_by="attempted_at"
    )


def compare(clinic: Clinic, *, now: datetime, days: int = 7) -> list[DeliveryView]:
    """The deliveries of the last *days* beside our inbox, the latest first; at most 300 attempts.

    Raises NotConnected, or the FullscriptError that kept Fullscript from saying.
    """

    def ask(client: FullscriptClient) -> list[WebhookDelivery]:
        since = after(now - timedelta(days=days + 1))
        listing = client.webhook_deliveries.list(attempted_at=since, sort_by="attempted_at", order_by="DESC")
        return list(islice(listing, MOST_ATTEMPTS))

    attempts: dict[str, list[WebhookDelivery]] = defaultdict(list)
    for one in clinics.call(clinic, ask, now=now):
        if one.event_payload is not None:
            attempts[one.event_payload.id].append(one)
    ours = _received(clinic.environment, list(attempts))
    return [_view(clinic.environment, event_id, made, ours) for event_id, made in attempts.items()]


def _received(environment: str, event_ids: Sequence[str]) -> dict[str, tuple[int, tuple[str, ...]]]:
    """Our number and the doors of each event that the inbox has."""
    session, columns = current().db_session, InboxEvent.__table__.columns
    rows = session.execute(
        select(columns.id, columns.event_id, columns.door).where(
            columns.environment == environment, columns.event_id.in_(event_ids)
        )
    ).all()
    later: dict[int, list[str]] = defaultdict(list)
    witnesses = Witness.__table__.columns
    wanted = select(witnesses.number, witnesses.door).where(witnesses.number.in_([row.id for row in rows]))
    for number, door in session.execute(wanted.order_by(witnesses.at)):
        later[number].append(door)
    return {row.event_id: (row.id, (row.door, *later[row.id])) for row in rows}


def _view(
    environment: str,
    event_id: str,
    made: list[WebhookDelivery],
    ours: dict[str, tuple[int, tuple[str, ...]]],
) -> DeliveryView:
    last = max(made, key=lambda one: one.attempt_number or 0)
    delivered = any(one.successfully_delivered for one in made)
    number, doors = ours.get(event_id, (None, ()))
    return DeliveryView(
        environment=environment,
        event_id=event_id,
        type=last.event_payload.type if last.event_payload else None,
        attempts=last.attempt_number or len(made),
        delivered=delivered,
        status=last.response_status,
        error=last.response_errors,
        attempted_at=last.attempted_at,
        next_attempt_at=last.next_attempt_at,
        number=number,
        doors=doors,
        difference=_difference(number, doors, delivered=delivered),
    )


def _difference(number: int | None, doors: tuple[str, ...], *, delivered: bool) -> str | None:
    if number is None:
        return MISSING
    if WEBHOOK in doors:
        return None if delivered else UNCONFIRMED
    return ELSEWHERE if delivered else OTHER_DOOR
