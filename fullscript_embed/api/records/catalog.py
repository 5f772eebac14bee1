"""The catalog: products, their variants, and the lists to filter them by."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from fullscript_embed.api.parsing import Record
from fullscript_embed.api.records.base import Named, record
from fullscript_embed.api.records.plans import Dosage


@record
class Brand(Record):
    """Who makes a product. `status`: available, unavailable."""

    id: str = ""
    name: str | None = None
    prefix: str | None = None
    status: str | None = None


@record
class ProductOfVariant(Record):
    """The product that a variant belongs to."""

    id: str = ""
    name: str | None = None
    brand: Brand | None = None


@record
class Variant(Record):
    """One size of a product; what a recommendation names.

    `status`: available, unavailable, backordered, and others. `msrp` is in the currency of the environment's
    country.
    """

    id: str = ""
    sku: str | None = None
    primary: bool | None = None
    units: int | None = None
    unit_of_measure: str | None = None
    availability: str | None = None
    status: str | None = None
    upc: str | None = None
    msrp: Decimal | None = None
    cost: Decimal | None = None
    supplier_sku: str | None = None
    image_url_small: str | None = None
    image_url_medium: str | None = None
    image_url_large: str | None = None
    product: ProductOfVariant | None = None

    @classmethod
    def tidy(cls, data: dict[str, Any]) -> dict[str, Any]:
        """The schema says that `product` is a list, the examples that it is one (field notes, 1.11)."""
        product = data.get("product")
        return {**data, "product": product[0]} if isinstance(product, list) and product else data


@record
class Product(Record):
    """A product. Lists answer with `primary_variant`, a retrieved one with all `variants` and the dosages.

    `description_html` is the maker's HTML: sanitize it before it goes into a page. `custom_dosage` is the
    practitioner's own, None when there is none.
    """

    id: str = ""
    name: str | None = None
    status: str | None = None
    description_html: str | None = None
    brand: Brand | None = None
    primary_variant: Variant | None = None
    variant_count: int | None = None
    variants: tuple[Variant, ...] = ()
    dosage: Dosage | None = None
    custom_dosage: Dosage | None = None


@record
class Category(Named):
    """A category of products. Lists answer without `product_count`."""

    product_count: int | None = None
