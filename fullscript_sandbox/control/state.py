"""Health and reset."""

from __future__ import annotations

from http import HTTPStatus
from typing import Literal

from flask import current_app

from fullscript_sandbox import journal, store
from fullscript_sandbox.clock import Clock
from fullscript_sandbox.control.room import Message, bp, speaks
from fullscript_sandbox.faults import faults
from fullscript_sandbox.webhooks.dispatcher import dispatcher


class Health(Message):
    status: Literal["ok"] = "ok"
    seed: int


@bp.get("/health")
@speaks(gives=Health)
def health() -> Health:
    """Say that the control plane answers, and which seed the data came from."""
    return Health(seed=current_app.config["SANDBOX"].seed)


@bp.post("/reset")
@speaks(status=HTTPStatus.NO_CONTENT)
def reset() -> None:
    """Forget everything since the seed: data, clock, faults, webhooks, journal. Tokens from before end."""
    store.reset_running()
    clock: Clock = current_app.extensions["sandbox.clock"]
    clock.reset()
    faults().clear()
    journal.begin(current_app)
    dispatcher().forget()
    current_app.extensions.pop("sandbox.rate_limit", None)
