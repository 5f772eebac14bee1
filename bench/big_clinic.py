"""A sandbox with a clinic of 100,000 patients and 500,000 orders, beside what the seed gives."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, insert, select

from fullscript_sandbox.models import LineItem, Order, Patient, Variant

PATIENTS, ORDERS = 100_000, 500_000
JUNIPER = "1f6a0c52-9b0e-4a57-8d4b-3c2e7d90a101"
BATCH = 20_000
START = datetime(2016, 1, 1, tzinfo=UTC)
SYLLABLES = (
    "ka",
    "lo",
    "mi",
    "ren",
    "tor",
    "bel",
    "sa",
    "vin",
    "dor",
    "ul",
    "mar",
    "tis",
    "gro",
    "fan",
    "hel",
)

Rows = Iterator[dict[str, Any]]


def fill(database: Path, patients: int = PATIENTS, orders: int = ORDERS) -> None:
    """Add them to Juniper in the sandbox's database, the same ones in every run."""
    chance = random.Random(7)
    engine = create_engine(f"sqlite:///{database}")
    with engine.begin() as connection:
        variants = list(connection.scalars(select(Variant.id).limit(200)))
        ids = [_id(chance) for _ in range(patients)]
        _insert(connection, Patient, _patients(chance, ids))
        order_ids = [_id(chance) for _ in range(orders)]
        _insert(connection, Order, _orders(chance, order_ids, ids))
        _insert(connection, LineItem, _items(chance, order_ids, variants))
        connection.exec_driver_sql("ANALYZE")
    engine.dispose()


def surname(chance: random.Random) -> str:
    """One of some thousands."""
    return "".join(chance.choices(SYLLABLES, k=3)).capitalize()


def _insert(connection: Connection, table: type[Any], rows: Rows) -> None:
    while batch := list(islice(rows, BATCH)):
        connection.execute(insert(table), batch)


def _patients(chance: random.Random, ids: list[str]) -> Rows:
    for number, patient_id in enumerate(ids):
        first_name, last_name = surname(chance), surname(chance)
        domain = "mail.example" if number % 2 else f"{last_name.lower()}.example"
        yield {
            "id": patient_id,
            "clinic_id": JUNIPER,
            "first_name": first_name,
            "last_name": last_name,
            "email": f"{first_name}.{number}@{domain}".lower(),
            "created_at": START,
            "updated_at": START,
        }


def _orders(chance: random.Random, ids: list[str], patients: list[str]) -> Rows:
    for number, order_id in enumerate(ids):
        yield {
            "id": order_id,
            "clinic_id": JUNIPER,
            "patient_id": chance.choice(patients),
            "order_number": f"R{500_000_000 + number}",
            "completed_at": START + timedelta(minutes=10 * number),
            "item_total": "19.99",
            "msrp_total": "19.99",
            "payment_total": "24.99",
        }


def _items(chance: random.Random, orders: list[str], variants: list[str]) -> Rows:
    for order_id in orders:
        yield {"id": _id(chance), "order_id": order_id, "variant_id": chance.choice(variants), "quantity": 1}


def _id(chance: random.Random) -> str:
    return str(uuid.UUID(int=chance.getrandbits(128), version=4))
