"""Whether what Fullscript was told we have is there, once, and applied once."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import Connection, text

from tests import applied_log


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is wrong, by event id; nothing of it may be."""

    lost: set[str]
    stored_twice: set[str]
    not_applied: set[str]
    applied_twice: set[str]
    records_missing: set[str]
    records_twice: set[str]
    stored: int

    @classmethod
    def of(cls, connection: Connection, promised: set[str], orders: set[str] | None = None) -> Verdict:
        """Look for events that were *promised*, and for the *orders* of which some told."""
        rows = connection.execute(text("SELECT event_id, state FROM fullscript_event")).all()
        stored = Counter(str(row.event_id) for row in rows)
        applied = applied_log.times_applied(connection)
        kept = Counter(connection.scalars(text("SELECT fullscript_id FROM fullscript_order")))
        return cls(
            lost=promised - stored.keys(),
            stored_twice={one for one, times in stored.items() if times > 1},
            not_applied={str(row.event_id) for row in rows if row.state != "applied"}
            | (stored.keys() - applied),
            applied_twice={one for one, times in applied.items() if times > 1},
            records_missing=(orders or set()) - kept.keys(),
            records_twice={one for one, times in kept.items() if times > 1},
            stored=len(rows),
        )

    @property
    def faults(self) -> dict[str, int]:
        """How many of each are wrong; empty when all is well."""
        wrong = {name: len(getattr(self, name)) for name in self.__dataclass_fields__ if name != "stored"}
        return {name: count for name, count in wrong.items() if count}
