"""The world that a sandbox starts with: invented, plausible, and the same in every run of the same seed."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, insert

from fullscript_sandbox.seed import catalog, labs, library, orders, patient_accounts, patients, people, plans
from fullscript_sandbox.seed.people import PASSWORD
from fullscript_sandbox.seed.source import Rows, Seed

__all__ = ["PASSWORD", "plant"]


def plant(connection: Connection, number: int) -> None:
    """Fill the empty tables. The caller commits."""
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    for table, rows in world(Seed(number, midnight)).items():
        connection.execute(insert(table), rows)


def world(seed: Seed) -> Rows:
    """All rows, in an order that foreign keys accept. Later parts build on what earlier ones grew."""
    rows: Rows = {}
    for grow in (people.grow, catalog.grow, labs.grow, patients.grow):
        rows |= grow(seed)
    for build in (library.grow, plans.grow, orders.grow, patient_accounts.grow):
        rows |= build(seed, rows)
    return rows
