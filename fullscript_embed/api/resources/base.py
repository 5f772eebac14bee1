"""What all groups of endpoints share: a way to call."""

from __future__ import annotations

from fullscript_embed.api.caller import Caller


class Group:
    """A group of endpoints, named as the reference names it."""

    def __init__(self, caller: Caller) -> None:
        self._call = caller
