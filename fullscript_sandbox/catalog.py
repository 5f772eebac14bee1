"""The catalog: products that a clinic may recommend, the labs of the US, and the words they are sorted by.

Knows the database and no HTTP.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import selectinload

from fullscript_sandbox.database import db
from fullscript_sandbox.models import (
    Allergen,
    Brand,
    Category,
    Certification,
    Ingredient,
    Lab,
    LabTest,
    Product,
    SupplementType,
    Variant,
)
from fullscript_sandbox.models.catalog import CustomDosage
from fullscript_sandbox.refusals import NotFound

_SHOWN = (selectinload(Product.brand), selectinload(Product.variants))


def sold_in(column: Any, country: str) -> ColumnElement[bool]:
    """Picks what is sold in *country*, by the *column* that names the only country, or none for both."""
    return or_(column.is_(None), column == country)


def products(country: str) -> Select[Product]:
    """Every product sold in *country* (US or CA), by name, with brand and sizes at hand."""
    sold = sold_in(Product.country, country)
    return select(Product).where(sold).order_by(Product.name, Product.id).options(*_SHOWN)


def search_products(
    query: str | None = None,
    *,
    country: str,
    brand_id: str | None = None,
    category_id: str | None = None,
    allergen_ids: Sequence[str] = (),
    ingredient_ids: Sequence[str] = (),
    supplement_type_ids: Sequence[str] = (),
    certification_ids: Sequence[str] = (),
) -> Select[Product]:
    """Products that hold every word of *query* in their name, brand, ingredients or categories, by name.

    Filters narrow it further: each id given has to fit. An unknown id fits nothing.
    """
    chosen = products(country)
    for word in (query or "").split():
        chosen = chosen.where(_has_word(word))
    if brand_id:
        chosen = chosen.where(Product.brand_id == brand_id)
    if category_id:
        chosen = chosen.where(Product.categories.any(Category.id == category_id))
    for allergen_id in allergen_ids:
        chosen = chosen.where(Product.allergens.any(Allergen.id == allergen_id))
    for ingredient_id in ingredient_ids:
        chosen = chosen.where(Product.ingredients.any(Ingredient.id == ingredient_id))
    for type_id in supplement_type_ids:
        chosen = chosen.where(Product.supplement_types.any(SupplementType.id == type_id))
    for certification_id in certification_ids:
        chosen = chosen.where(Product.certifications.any(Certification.id == certification_id))
    return chosen


def similar_products(product: Product, country: str) -> Select[Product]:
    """Other products that share a category or an ingredient with *product*."""
    categories = [category.id for category in product.categories]
    ingredients = [ingredient.id for ingredient in product.ingredients]
    shared = or_(
        Product.categories.any(Category.id.in_(categories)),
        Product.ingredients.any(Ingredient.id.in_(ingredients)),
    )
    return products(country).where(Product.id != product.id, shared)


def get_product(product_id: str, *, country: str | None = None) -> Product:
    """The product with this id, or NotFound; also where *country* is given and it is not sold there."""
    product = db.session.get(Product, product_id)
    if product is None or not _sold_in(product, country):
        raise NotFound("Product")
    return product


def get_variant(variant_id: str, *, country: str | None = None) -> Variant:
    """The size with this id, or NotFound, as for products."""
    variant = db.session.get(Variant, variant_id)
    if variant is None or not _sold_in(variant.product, country):
        raise NotFound("Variant")
    return variant


def custom_dosage(product: Product, practitioner_id: str | None) -> CustomDosage | None:
    """How this practitioner has the product taken, where that differs from the label."""
    return db.session.get(CustomDosage, (product.id, practitioner_id)) if practitioner_id else None


def search_labs(query: str | None = None) -> Select[Lab]:
    """Labs that hold every word of *query* in their name, company or tests, by name. Sold in the US only."""
    chosen = select(Lab).order_by(Lab.name, Lab.id).options(selectinload(Lab.tests))
    for word in (query or "").split():
        like = _like(word)
        fields = (Lab.name.ilike(like, escape="\\"), Lab.company.ilike(like, escape="\\"))
        chosen = chosen.where(or_(*fields, Lab.tests.any(LabTest.name.ilike(like, escape="\\"))))
    return chosen


def get_lab(lab_id: str) -> Lab:
    """The lab with this id, or NotFound."""
    lab = db.session.get(Lab, lab_id)
    if lab is None:
        raise NotFound("Lab")
    return lab


def _has_word(word: str) -> ColumnElement[bool]:
    like = _like(word)
    return or_(
        Product.name.ilike(like, escape="\\"),
        Product.brand.has(Brand.name.ilike(like, escape="\\")),
        Product.ingredients.any(Ingredient.name.ilike(like, escape="\\")),
        Product.categories.any(Category.name.ilike(like, escape="\\")),
    )


def _like(word: str) -> str:
    """A pattern for *word* anywhere, with LIKE's own signs taken as letters."""
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def _sold_in(product: Product, country: str | None) -> bool:
    return country is None or product.country in (None, country)
