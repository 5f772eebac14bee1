"""Faults to order, and the journal of the calls that were answered."""

from __future__ import annotations

from dataclasses import asdict
from http import HTTPStatus
from typing import Annotated, Any, Literal

from flask import request
from pydantic import Field

from fullscript_sandbox.control.room import Message, bp, speaks
from fullscript_sandbox.faults import Fault, faults
from fullscript_sandbox.journal import journal

HeaderName = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]+$")]
HeaderValue = Annotated[str, Field(pattern=r"^[ -~]*$")]
LONGEST_DELAY = 300  # seconds: a thread waits meanwhile


class FaultOrder(Message):
    """What goes wrong with the next calls that match.

    `path` is a glob in which `*` crosses slashes. With `status` the call is not carried out. With `drop`
    or `malformed` it is, and then half of the answer is sent.
    """

    path: str = Field(min_length=1, examples=["/api/clinic/*"])
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"] | None = None
    times: int = Field(default=1, ge=1, le=1_000_000)
    status: int | None = Field(default=None, ge=200, le=599)
    body: Any = None
    headers: dict[HeaderName, HeaderValue] = Field(default_factory=dict, examples=[{"Retry-After": "2"}])
    delay_seconds: float = Field(default=0, ge=0, le=LONGEST_DELAY)
    drop: bool = False
    malformed: bool = False


class OrderedFault(FaultOrder):
    """A fault that is still to come; `times` counts down."""

    id: int


class OrderedFaults(Message):
    faults: list[OrderedFault]


class AnsweredCall(Message):
    """One call, without its query and its body. `fault` names what was ordered for it."""

    method: str
    path: str
    status: int
    at: str
    request_id: str | None
    fault: Literal["drop", "malformed", "status", "delay", "headers"] | None


class AnsweredCalls(Message):
    calls: list[AnsweredCall]


@bp.post("/faults")
@speaks(takes=FaultOrder, gives=OrderedFault, status=HTTPStatus.CREATED)
def order_fault(body: FaultOrder) -> OrderedFault:
    """Order a fault for the next `times` calls of a path. The oldest order that matches comes first."""
    fault = faults().order(Fault(**body.model_dump()))
    return OrderedFault(**asdict(fault))


@bp.get("/faults")
@speaks(gives=OrderedFaults)
def list_faults() -> OrderedFaults:
    """The faults that are still to come."""
    return OrderedFaults(faults=[OrderedFault(**asdict(fault)) for fault in faults().waiting()])


@bp.delete("/faults")
@speaks(status=HTTPStatus.NO_CONTENT)
def clear_faults() -> None:
    """Forget all faults that were ordered."""
    faults().clear()


@bp.get("/calls")
@speaks(gives=AnsweredCalls, query=("path",))
def list_calls() -> AnsweredCalls:
    """The calls that were answered, oldest first, at most 10,000; `?path=` filters by a glob."""
    calls = journal().calls(request.args.get("path", "*"))
    return AnsweredCalls(calls=[AnsweredCall(**asdict(call)) for call in calls])


@bp.delete("/calls")
@speaks(status=HTTPStatus.NO_CONTENT)
def clear_calls() -> None:
    """Forget the calls that were answered."""
    journal().clear()
