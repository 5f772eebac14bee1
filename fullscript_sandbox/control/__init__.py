"""The control plane: what tests and demos order of a sandbox, under a prefix that the API lacks."""

from fullscript_sandbox.control import (
    apps,
    clock,
    description,
    faults,
    happenings,
    labs,
    orders,
    outbox,
    state,
    tokens,
    webhooks,
)
from fullscript_sandbox.control.room import bp

__all__ = [
    "apps",
    "bp",
    "clock",
    "description",
    "faults",
    "happenings",
    "labs",
    "orders",
    "outbox",
    "state",
    "tokens",
    "webhooks",
]
