"""Where seeded things get their ids, their chance and their dates from."""

from __future__ import annotations

import csv
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Table

from fullscript_sandbox.database import Base, seeded_id, seeded_random

# What a part of the seed grows: rows for each table, in an order that foreign keys accept.
Row = dict[str, Any]
Rows = dict[type[Base] | Table, list[Row]]

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Seed:
    """The same number gives the same ids and choices; dates count back from midnight of *today* (UTC)."""

    number: int
    today: datetime

    def id(self, *names: object) -> str:
        return seeded_id(self.number, *names)

    def random(self, *names: object) -> random.Random:
        return seeded_random(self.number, *names)

    def ago(self, days: float) -> datetime:
        return self.today - timedelta(days=days)


def read_table(name: str) -> list[dict[str, str]]:
    """The rows of a CSV file beside this module, by column."""
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def listed(text: str) -> list[str]:
    """What a cell holds several of, parted by semicolons."""
    return text.split(";") if text else []
