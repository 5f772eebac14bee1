"""Events as Fullscript's servers tell them, in a webhook or to a poll.

Three envelopes are understood (field notes, 1.20): {"event": {…}}, {"event_payload": {"event": {…}}} as the
guide's examples have it, and the bare event. Whatever type it is of, and whatever else is in it, is kept:
only what the inbox needs to know it by has to be there.
"""

from __future__ import annotations

import re
from typing import Any

from fullscript_embed.api.parsing import read_moment, read_object
from fullscript_embed.envelope import Envelope, one_spelling, tidy
from fullscript_embed.errors import EventRefused

# Ids and types are visible ASCII: what is no such thing would not come from Fullscript, or go into a column.
_NAME = re.compile(r"[!-~]{1,64}")


def read(payload: Any) -> Envelope:
    """Read a told event. Raises EventRefused, whose message quotes nothing of it."""
    head = read_head(payload)
    data: dict[str, Any] = tidy({"data": one_spelling(read_object(_unwrapped(payload).get("data")))})["data"]
    return Envelope(head.id, head.type, head.clinic_id, None, head.happened_at, data)


def read_head(payload: Any) -> Envelope:
    """The same without its data: what a door needs to know, and no more."""
    event = _unwrapped(payload)
    clinic_id = event.get("clinic_id")
    for name, value in (("id", event.get("id")), ("type", event.get("type")), ("clinic_id", clinic_id)):
        if value in (None, "") and name == "clinic_id":
            continue
        if not isinstance(value, str) or not _NAME.fullmatch(value):
            raise EventRefused(f"The event's {name} has to be a text of 1 to 64 visible ASCII characters.")
    return Envelope(event["id"], event["type"], clinic_id or None, None, read_moment(event.get("created_at")))


def _unwrapped(payload: Any) -> dict[str, Any]:
    if not isinstance(payload, dict):
        raise EventRefused("The event has to be a JSON object.")
    event: dict[str, Any] = payload
    for name in ("event_payload", "event"):
        event = read_object(event.get(name)) or event
    return event
