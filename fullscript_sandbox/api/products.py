"""Products, product search, variants, categories and brands."""

from __future__ import annotations

from typing import Any

from flask import g
from pydantic import Field
from sqlalchemy import func, select
from typing_extensions import TypedDict

from fullscript_sandbox import catalog
from fullscript_sandbox.api import needs, scopes
from fullscript_sandbox.api.endpoint import Section
from fullscript_sandbox.api.filters import in_order
from fullscript_sandbox.api.paging import Meta, count, paginate
from fullscript_sandbox.api.reading import Query, Sorted
from fullscript_sandbox.database import db
from fullscript_sandbox.models import Brand, Category, Product
from fullscript_sandbox.refusals import NotFound
from fullscript_sandbox.shapes.catalog import (
    BrandData,
    CategoryDetail,
    NamedData,
    ProductDetail,
    ProductRow,
    VariantDetail,
    brand_data,
    product_detail,
    product_row,
    variant_detail,
)

section = Section("Products")
search_section = Section("Product search")
variants = Section("Variants")
categories = Section("Categories")
brands = Section("Brands")

READ: Any = {"scopes": (scopes.CATALOG_READ,)}


class ProductAnswer(TypedDict):
    product: ProductDetail


class ProductPage(TypedDict):
    products: list[ProductRow]
    meta: Meta


class VariantAnswer(TypedDict):
    variant: VariantDetail


class CategoryAnswer(TypedDict):
    category: CategoryDetail


class CategoryPage(TypedDict):
    categories: list[NamedData]
    meta: Meta


class BrandAnswer(TypedDict):
    brand: BrandData


class BrandPage(TypedDict):
    brands: list[BrandData]
    meta: Meta


class ProductQuery(Query):
    practitioner_id: str | None = None


class ProductSearch(Query):
    query: str | None = None
    brand_id: str | None = None
    allergen_ids: list[str] = Field(default_factory=list)
    ingredient_ids: list[str] = Field(default_factory=list)
    supplement_type_ids: list[str] = Field(default_factory=list)
    third_party_certification_ids: list[str] = Field(default_factory=list)


class CategoryQuery(Sorted):
    sort_by: str = Field(default="name", pattern="^name$")


class BrandQuery(Query):
    available: str | None = None
    clinic_permitted: str | None = None


@section.get(
    "/catalog/products", "List all products", ProductPage, restricted="products.list", paged=True, **READ
)
def list_all() -> ProductPage:
    """Every product that is sold in the clinic's country, by name."""
    return _page(catalog.products(_country()))


@section.get("/catalog/products/{id}", "Retrieve a product", ProductAnswer, refusals=(404,), **READ)
def retrieve(id_: str, query: ProductQuery) -> ProductAnswer:
    """One product with all its sizes, and how the practitioner has it taken where that differs."""
    product = catalog.get_product(id_, country=_country())
    own = g.token.user_id if g.token.user.is_practitioner and g.token.app.level != "clinic" else None
    if query.practitioner_id:
        own = needs.practitioner(query.practitioner_id).id
    return {"product": product_detail(product, catalog.custom_dosage(product, own))}


@section.get(
    "/catalog/products/{product_id}/similar",
    "List similar products",
    ProductPage,
    restricted="products.similar",
    paged=True,
    refusals=(404,),
    not_modelled="Similar is what shares a category or an ingredient, by name: nobody curated it.",
    **READ,
)
def list_similar(product_id: str) -> ProductPage:
    """Other products that share a category or an ingredient."""
    return _page(catalog.similar_products(catalog.get_product(product_id, country=_country()), _country()))


@search_section.get(
    "/catalog/search/products",
    "Search for products",
    ProductPage,
    restricted="products.search",
    paged=True,
    not_modelled="Brand segmentation: every clinic may have every brand that is sold in its country.",
    **READ,
)
def search(query: ProductSearch) -> ProductPage:
    """Products with every word of `query` in their name, brand, ingredients or categories.

    Lists of ids are written as `allergen_ids[]=…&allergen_ids[]=…`; a product has to fit all of them.
    """
    chosen = catalog.search_products(
        query.query,
        country=_country(),
        brand_id=query.brand_id,
        allergen_ids=query.allergen_ids,
        ingredient_ids=query.ingredient_ids,
        supplement_type_ids=query.supplement_type_ids,
        certification_ids=query.third_party_certification_ids,
    )
    return _page(chosen)


@variants.get("/catalog/variants/{id}", "Retrieve a variant", VariantAnswer, refusals=(404,), **READ)
def retrieve_variant(id_: str) -> VariantAnswer:
    """One size of a product: what a recommendation names by its id."""
    return {"variant": variant_detail(catalog.get_variant(id_, country=_country()))}


@categories.get(
    "/clinic/categories/{category_id}/products",
    "List all category products",
    ProductPage,
    paged=True,
    refusals=(404, 422),
    **READ,
)
def list_category_products(category_id: str, query: CategoryQuery) -> ProductPage:
    """The category's products, by name."""
    chosen = catalog.search_products(country=_country(), category_id=_category(category_id).id)
    return _page(chosen.order_by(None).order_by(*in_order(Product.name, query.order_by, Product.id)))


@categories.get("/clinic/categories/{id}", "Retrieve a Category", CategoryAnswer, refusals=(404,), **READ)
def retrieve_category(id_: str) -> CategoryAnswer:
    """One category, and how many products it has in the clinic's country."""
    category = _category(id_)
    products = count(catalog.search_products(country=_country(), category_id=category.id))
    return {"category": {"id": category.id, "name": category.name, "product_count": products}}


@categories.get("/clinic/categories", "List all categories", CategoryPage, paged=True, **READ)
def list_categories() -> CategoryPage:
    """The categories, by name."""
    rows, meta = paginate(select(Category).order_by(Category.name, Category.id))
    return {"categories": [{"id": row.id, "name": row.name} for row in rows], "meta": meta}


@brands.get("/catalog/brands", "List all brands", BrandPage, paged=True, **READ)
def list_brands(query: BrandQuery) -> BrandPage:
    """The brands, by name.

    `available=true` leaves those that have a product to sell, `clinic_permitted=true` those that have one
    for the clinic's country.
    """
    chosen = select(Brand).order_by(Brand.name, Brand.id)
    if query.available == "true":
        chosen = chosen.where(Brand.products.any(func.lower(Product.status) == "available"))
    if query.clinic_permitted == "true":
        chosen = chosen.where(Brand.id.in_(_permitted()))
    rows, meta = paginate(chosen)
    return {"brands": [brand_data(row) for row in rows], "meta": meta}


@brands.get("/catalog/brands/{id}", "Retrieve a brand", BrandAnswer, refusals=(404,), **READ)
def retrieve_brand(id_: str) -> BrandAnswer:
    """One brand."""
    brand = db.session.get(Brand, id_)
    if brand is None:
        raise NotFound("Brand")
    return {"brand": brand_data(brand)}


def _country() -> str:
    return needs.clinic().country


def _page(chosen: Any) -> ProductPage:
    rows, meta = paginate(chosen)
    return {"products": [product_row(row) for row in rows], "meta": meta}


def _category(category_id: str) -> Category:
    category = db.session.get(Category, category_id)
    if category is None:
        raise NotFound("Category")
    return category


def _permitted() -> Any:
    return catalog.products(_country()).order_by(None).with_only_columns(Product.brand_id)
