"""The product catalog as the platform's pages browse it."""

from __future__ import annotations

from typing import Any

from flask import request
from sqlalchemy import Select, case, select

from fullscript_sandbox import catalog, lists
from fullscript_sandbox.database import db
from fullscript_sandbox.models import Allergen, Brand, Category, Product, SupplementType
from fullscript_sandbox.platform import bp, cards
from fullscript_sandbox.platform.visits import current, visit_required

PAGE_SIZE = 24
WORDS: dict[str, type[Category | SupplementType | Allergen]] = {
    "categories": Category,
    "supplement_types": SupplementType,
    "allergens": Allergen,
}


@bp.get("/products")
@visit_required
def search_products() -> dict[str, Any]:
    """Products sold in the clinic's country that fit the query and filters, a page at a time."""
    given = request.args
    query = catalog.search_products(
        given.get("query") or None,
        country=current().clinic.country,
        brand_id=given.get("brand_id") or None,
        category_id=given.get("category_id") or None,
        supplement_type_ids=given.getlist("supplement_type_id"),
    )
    if free_of := given.getlist("free_of"):
        query = query.where(~Product.allergens.any(Allergen.id.in_(free_of)))
    page = lists.page_of(_best_first(query, given.get("query", "")), PAGE_SIZE, lenient=True)
    return {
        "products": [cards.product_row(one) for one in page.items],
        "total": page.total,
        "next_page": page.next_num,
    }


def _best_first(products: Select[Product], query: str) -> Select[Product]:
    """Names that begin with what was typed, names that hold it, then what fits by brand or ingredient."""
    typed = query.strip()
    if not typed:
        return products
    begins, holds = (
        Product.name.istartswith(typed, autoescape=True),
        Product.name.icontains(typed, autoescape=True),
    )
    return products.order_by(None).order_by(case((begins, 0), (holds, 1), else_=2), Product.name, Product.id)


@bp.get("/products/<product_id>")
@visit_required
def show_product(product_id: str) -> dict[str, Any]:
    """One product with its sizes, description and usual dosage: the practitioner's own where they set one."""
    product = catalog.get_product(product_id, country=current().clinic.country)
    custom = catalog.custom_dosage(product, request.args.get("practitioner_id"))
    return {"product": cards.product_page(product, custom)}


@bp.get("/filters")
@visit_required
def filters() -> dict[str, Any]:
    """What the catalog can be narrowed down by: brands sold in the clinic's country, and the other words."""
    sold = catalog.sold_in(Product.country, current().clinic.country)
    brands = select(Brand).where(Brand.products.any(sold)).order_by(Brand.name)
    queries: dict[str, Select[Any]] = {"brands": brands}
    queries |= {name: select(word).order_by(word.name) for name, word in WORDS.items()}
    return {
        name: [{"id": row.id, "name": row.name} for row in db.session.scalars(query)]
        for name, query in queries.items()
    }
