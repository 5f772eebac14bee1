"""How far the polls of each clinic came, for the next poll and for people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from fullscript_embed import clinics
from fullscript_embed.clinics import Clinic
from fullscript_embed.job_models import PollState
from fullscript_embed.state import current

if TYPE_CHECKING:
    from fullscript_embed.events import Walk


@dataclass(frozen=True, slots=True)
class CategoryState:
    """One category of one clinic. *polled_at* is when a poll last came to its end; *found* is how many events
    polling brought that nobody else had. *error* is why the last poll did not, None when it did."""

    category: str
    polled_at: datetime | None
    newest_at: datetime | None
    failed_at: datetime | None
    error: str | None
    found: int


@dataclass(frozen=True, slots=True)
class ClinicState:
    """A connected clinic. *has_token* is False while nobody's connection can speak for it."""

    environment: str
    clinic_id: str
    has_token: bool
    categories: tuple[CategoryState, ...]

    @property
    def polled_at(self) -> datetime | None:
        """When all categories were last known to be in the inbox; None when one never was."""
        moments = [one.polled_at for one in self.categories]
        return None if not moments or None in moments else min(filter(None, moments))

    @property
    def errors(self) -> tuple[str, ...]:
        return tuple(f"{one.category}: {one.error}" for one in self.categories if one.error)


def newest(clinic: Clinic, category: str) -> datetime | None:
    """The moment, by the vendor's clock, up to which everything of a category is in the inbox."""
    row = _find(clinic, category)
    return row.newest_at if row else None


def remember(clinic: Clinic, category: str, walk: Walk, *, now: datetime) -> None:
    """Keep what a poll came to. Commits. One that did not end moves nothing on."""
    session = current().db_session
    try:
        _change(clinic, category, walk, now=now)
        session.commit()
    except IntegrityError:  # the first poll of this category, twice in the same moment
        session.rollback()
        _change(clinic, category, walk, now=now)
        session.commit()


def all_states(within: Sequence[tuple[str, str]] | None = None) -> list[ClinicState]:
    """Every connected clinic, or those of *within* as (environment, clinic id); also one never polled."""
    found: dict[tuple[str, str], list[CategoryState]] = defaultdict(list)
    for row in current().db_session.scalars(select(PollState).order_by(PollState.category)):
        found[row.environment, row.clinic_id].append(
            CategoryState(
                row.category, row.polled_at, row.newest_at, row.failed_at, row.last_error, row.found
            )
        )
    return [
        ClinicState(one.environment, one.id, bool(one.connections), tuple(found[one.environment, one.id]))
        for one in clinics.connected()
        if within is None or (one.environment, one.id) in within
    ]


def _find(clinic: Clinic, category: str) -> PollState | None:
    key = (clinic.environment, clinic.id, category)
    return current().db_session.get(PollState, key, populate_existing=True)


def _change(clinic: Clinic, category: str, walk: Walk, *, now: datetime) -> None:
    row = _find(clinic, category)
    if row is None:
        row = PollState(environment=clinic.environment, clinic_id=clinic.id, category=category, found=0)
        current().db_session.add(row)
    row.found += len(walk.numbers)
    row.last_error = walk.error
    if walk.error:
        row.failed_at = now
        return
    row.polled_at = now
    row.newest_at = max(filter(None, (row.newest_at, walk.newest_at)), default=None)
