"""What the states of a lab order mean: in words, as steps, and how soon each of them may change.

The webhook's own words are turned into these states where answers are read (api/records/labs.py). A state
that does not stand here is shown as Fullscript says it (the guide: Lab Order Lifecycle).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

NOT_PURCHASED, AMENDED = "not_purchased", "results_amended"
DONE, CURRENT, AHEAD = "done", "current", "ahead"
# Not every lab needs it, so it is shown until it was passed over (the guide: Lab Order Lifecycle).
OPTIONAL = "appointment"
STEPS: Mapping[str, str] = {
    "recommended": "Recommended",
    "purchased": "Purchased",
    "appointment": "Appointment",
    "processing": "Processing",
    "results": "Results",
    "interpretation": "Interpretation",
    "shared": "Shared",
}


class State(NamedTuple):
    """One state: the step that it belongs to, what people read, and how long to wait before asking again."""

    step: str
    words: str
    pace: timedelta | None


OFTEN, AT_TIMES, SELDOM = timedelta(hours=1), timedelta(hours=3), timedelta(hours=6)
STATES: Mapping[str, State] = {
    NOT_PURCHASED: State("recommended", "Recommended, not purchased yet", SELDOM),
    "purchased": State("purchased", "Purchased", OFTEN),
    "schedule_appointment": State("appointment", "Appointment to be scheduled", OFTEN),
    "upcoming_appointment": State("appointment", "Appointment scheduled", OFTEN),
    "processing": State("processing", "Processing at the laboratory", OFTEN),
    "partial_results": State("results", "Partial results", OFTEN),
    "results_ready": State("results", "All results", AT_TIMES),
    AMENDED: State("results", "Results amended", AT_TIMES),
    "interpretation_ready": State("interpretation", "Ready to be interpreted", AT_TIMES),
    # Nothing comes after it but an amendment, which an event tells of.
    "interpretation_shared": State("shared", "Interpretation shared with the patient", None),
}
# What has not moved for so long is asked about less often, and then not any more.
STILL_AFTER, STILL_FACTOR = timedelta(days=14), 4
GIVEN_UP_AFTER = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class StepView:
    """One step on a lab's way: *status* is "done", "current" or "ahead"; *at* is when it was reached, where
    that is known. *is_optional* is true for a step that this lab may not have."""

    key: str
    label: str
    status: str
    at: datetime | None
    is_optional: bool = False


def in_words(state: str | None) -> str:
    """A state as people read it; one that this version does not know as Fullscript says it."""
    known = STATES.get(state or "")
    return known.words if known else state or "State not known yet"


def steps_of(state: str | None, reached: Mapping[str, datetime]) -> tuple[StepView, ...]:
    """The way of a lab in that state, which was seen to have *reached* these states before.

    With a state that is not known none of the steps is the current one; those that were reached are done.
    """
    moments, order = _moments(reached), list(STEPS)
    known = STATES.get(state or "")
    here = order.index(known.step) if known else None
    last = max((order.index(step) for step in moments), default=-1) if here is None else here
    return tuple(
        StepView(step, STEPS[step], _status(place, here, last), moments.get(step), step == OPTIONAL)
        for place, step in enumerate(order)
        if step != OPTIONAL or step in moments or place >= last
    )


def is_under_way(state: str | None) -> bool:
    """True while the order may still change without an event that tells of it."""
    known = STATES.get(state or "")
    return known is None or known.pace is not None


def has_results(state: str | None) -> bool:
    """True from the first result on; for a state that this version does not know it may be so."""
    places, known = list(STEPS), STATES.get(state or "")
    return known is None or places.index(known.step) >= places.index("results")


def next_look(orders: Iterable[tuple[str | None, datetime]], *, now: datetime) -> datetime | None:
    """When to ask again about a patient's lab orders, each with its state and since when it is in it.

    None when no order is under way, or none has moved for half a year.
    """
    paces = (_pace(state, now - since) for state, since in orders)
    return min((now + pace for pace in paces if pace), default=None)


def _pace(state: str | None, still: timedelta) -> timedelta | None:
    known = STATES.get(state or "")
    pace = known.pace if known else AT_TIMES
    if pace is None or still >= GIVEN_UP_AFTER:
        return None
    return pace * STILL_FACTOR if still >= STILL_AFTER else pace


def _moments(reached: Mapping[str, datetime]) -> dict[str, datetime]:
    """When each step was first reached."""
    moments: dict[str, datetime] = {}
    for state, at in reached.items():
        if state in STATES:
            step = STATES[state].step
            moments[step] = min(at, moments.get(step, at))
    return moments


def _status(place: int, here: int | None, last: int) -> str:
    if place == here:
        return CURRENT
    return DONE if place < last or (here is None and place == last) else AHEAD
