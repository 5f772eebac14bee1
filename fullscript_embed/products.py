"""The catalog as events tell of it: names that are known here are brought up to date.

Names that nobody has asked for are not kept: they are looked up when a plan needs them (names.py).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Text, cast, select, update

from fullscript_embed.api.parsing import parse, read_object
from fullscript_embed.api.records.catalog import Product
from fullscript_embed.models import Name, TreatmentPlan
from fullscript_embed.names import VARIANT, Found, details_of
from fullscript_embed.state import current
from fullscript_embed.tellings import Telling


def keep(telling: Telling) -> None:
    """Rename the variants of a product, unless something newer is known. The caller commits."""
    product = parse(Product, said_of(telling))
    if not product.name:
        return
    for variant in product.variants:
        found = {
            "name": product.name,
            "brand": product.brand.name if product.brand else None,
            **details_of(variant),
        }
        _rename(telling, variant.id, found)


def said_of(telling: Telling) -> dict[str, Any]:
    """The product in an event's data: flat in `product.created`, nested in the others (field notes, 1.18)."""
    return read_object(telling.data.get("product")) or telling.data


def _rename(telling: Telling, variant_id: str, found: Found) -> None:
    session = current().db_session
    known = session.scalar(
        select(Name)
        .filter_by(environment=telling.environment, kind=VARIANT, fullscript_id=variant_id)
        .with_for_update()
    )
    if known is None or _is_newer(known, telling, found):
        return
    same = all(getattr(known, name) == value for name, value in found.items())
    known.known_at, known.try_again_at = telling.at, None
    known.has_details = True
    for name, value in found.items():
        setattr(known, name, value)
    if not same:
        session.execute(
            update(TreatmentPlan)
            .where(
                TreatmentPlan.environment == telling.environment,
                cast(TreatmentPlan.recommendations, Text).contains(variant_id, autoescape=True),
            )
            .values(revision=TreatmentPlan.revision + 1)
            .execution_options(synchronize_session=False)
        )


def _is_newer(known: Name, telling: Telling, found: Found) -> bool:
    """True when what is known is newer; of two in one moment the one that sorts last counts."""
    if known.known_at is None:
        return False
    mine = [known.name or "", known.brand or "", known.size or ""]
    theirs = [str(found[name] or "") for name in ("name", "brand", "size")]
    return (known.known_at, mine) >= (telling.at, theirs)
