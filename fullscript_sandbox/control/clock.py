"""The clock by which codes, tokens and grants expire."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import current_app
from pydantic import Field

from fullscript_sandbox.clock import Clock
from fullscript_sandbox.control.room import Message, bp, speaks
from fullscript_sandbox.refusals import Invalid
from fullscript_sandbox.webhooks.dispatcher import dispatcher

# Dates have an end, and so has the patience of a clock.
FARTHEST = timedelta(days=36_525)


class Time(Message):
    """The sandbox's time, and how many seconds it is ahead of the machine's."""

    now: datetime
    ahead_seconds: float


class Step(Message):
    """How far to go forward; the clock never goes back."""

    seconds: float = Field(ge=0, le=FARTHEST.total_seconds())


@bp.get("/clock")
@speaks(gives=Time)
def read_clock() -> Time:
    """The sandbox's time."""
    return _time(_clock())


@bp.post("/clock/advance")
@speaks(takes=Step, gives=Time)
def advance_clock(body: Step) -> Time:
    """Move the clock forward. What expires by then is expired, and webhooks that are due by then are sent."""
    clock = _clock()
    step = timedelta(seconds=body.seconds)
    if clock.offset + step > FARTHEST:
        raise Invalid(["seconds: the clock goes at most a hundred years ahead; reset the sandbox"])
    clock.advance(step)
    dispatcher().wake()
    return _time(clock)


def _clock() -> Clock:
    clock: Clock = current_app.extensions["sandbox.clock"]
    return clock


def _time(clock: Clock) -> Time:
    return Time(now=clock.now(), ahead_seconds=clock.offset.total_seconds())
