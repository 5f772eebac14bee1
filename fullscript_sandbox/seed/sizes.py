"""The sizes in which a product is sold: how many, of what, at which price, and whether it is in stock."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import NamedTuple

from fullscript_sandbox.seed.source import Row, Seed


class Packing(NamedTuple):
    """How a format is counted, and the ranges of sizes that brands offer of it."""

    unit: str
    ranges: tuple[tuple[int, ...], ...]


PACKINGS = {
    "capsule": Packing("capsules", ((60,), (60, 120), (30, 60, 120), (90, 180), (30, 60, 120, 240))),
    "tablet": Packing("tablets", ((60, 120), (90,), (100, 250), (30, 60, 90))),
    "chewable": Packing("chewables", ((60,), (90,), (60, 120))),
    "lozenge": Packing("lozenges", ((30,), (60,), (30, 90))),
    "packet": Packing("packets", ((30,), (14, 30))),
    "powder": Packing("servings", ((30,), (30, 60), (20, 40, 80))),
    "liquid": Packing("fl oz", ((4,), (4, 8), (8, 16), (2, 4, 8))),
    "drops": Packing("fl oz", ((1,), (1, 2))),
    "gel": Packing("oz", ((2,), (2, 4))),
    "strip": Packing("strips", ((30,),)),
    "suppository": Packing("suppositories", ((12,), (12, 24))),
    "pellet": Packing("pellets", ((80,), (80, 200))),
}

# A larger size costs less for each unit: the price goes with this power of the size.
BULK = 0.82


def sizes(seed: Seed, product: Row, *, prefix: str, number: int, price: int) -> list[Row]:
    """The variants of *product*; the second of several is the primary one, as shops have it."""
    chance = seed.random("sizes", product["id"])
    packing = PACKINGS[product["dosage_format"]]
    counts = chance.choice(packing.ranges)
    primary = min(1, len(counts) - 1)
    status = None if product["status"] == "available" else "unavailable"
    return [
        {
            "id": seed.id("variant", product["id"], units),
            "product_id": product["id"],
            "position": position,
            "primary": position == primary,
            "sku": f"{prefix}{number:03}-{units}",
            "supplier_sku": f"{number:03}{units:03}" if number % 3 else None,
            "upc": _upc(chance),
            "units": units,
            "unit_of_measure": packing.unit,
            "msrp": _price(price, units / counts[primary]),
            **_stock(chance, status),
        }
        for position, units in enumerate(counts)
    ]


def _price(price: int, share: float) -> Decimal:
    return Decimal(max(4, round(price * share**BULK))) - Decimal("0.01")


def _stock(chance: Random, status: str | None) -> Row:
    status = status or chance.choices(("available", "backordered", "unavailable"), weights=(92, 5, 3))[0]
    words = {"available": "In Stock", "backordered": "Backordered", "unavailable": "n/a"}
    return {"status": status, "availability": words[status]}


def _upc(chance: Random) -> str:
    """Twelve digits with a right check digit, from the range that shops keep for themselves (4)."""
    digits = [4, *(chance.randrange(10) for _ in range(10))]
    check = -(3 * sum(digits[::2]) + sum(digits[1::2])) % 10
    return "".join(map(str, [*digits, check]))
