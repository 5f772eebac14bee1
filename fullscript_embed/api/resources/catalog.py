"""The catalog: products and variants, and the lists to filter products by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

from fullscript_embed.api.caller import Caller
from fullscript_embed.api.paging import LARGEST_PAGE, Listing
from fullscript_embed.api.parsing import Record
from fullscript_embed.api.records.base import Named
from fullscript_embed.api.records.catalog import Brand, Category, Product, Variant
from fullscript_embed.api.resources.base import Group

R = TypeVar("R", bound=Record)


class VariantsGroup(Group):
    """Sizes of products."""

    def retrieve(self, variant_id: str) -> Variant:
        """Retrieve one variant with the product that it belongs to."""
        return self._call.one("variants.retrieve", Variant, "variant", variant_id)


class ProductsGroup(Group):
    """Products of the catalog."""

    def list(self, *, page_size: int = LARGEST_PAGE) -> Listing[Product]:
        """All products. Restricted."""
        return self._call.many("products.list", Product, "products", page_size=page_size)

    def retrieve(self, product_id: str, *, practitioner_id: str | None = None) -> Product:
        """Retrieve one product with all variants.

        `custom_dosage` is that of *practitioner_id*, by default of the practitioner whose token it is.
        """
        return self._call.one(
            "products.retrieve", Product, "product", product_id, params={"practitioner_id": practitioner_id}
        )

    def similar(self, product_id: str, *, page_size: int = LARGEST_PAGE) -> Listing[Product]:
        """Products like this one, the most popular first. Restricted."""
        return self._call.many("products.similar", Product, "products", product_id, page_size=page_size)

    def search(
        self,
        query: str | None = None,
        *,
        brand_id: str | None = None,
        allergen_ids: Sequence[str] = (),
        ingredient_ids: Sequence[str] = (),
        supplement_type_ids: Sequence[str] = (),
        third_party_certification_ids: Sequence[str] = (),
        page_size: int = LARGEST_PAGE,
    ) -> Listing[Product]:
        """Products that the clinic may see and that match everything given. Restricted for some apps."""
        return self._call.many(
            "products.search",
            Product,
            "products",
            page_size=page_size,
            query=query,
            brand_id=brand_id,
            allergen_ids=allergen_ids,
            ingredient_ids=ingredient_ids,
            supplement_type_ids=supplement_type_ids,
            third_party_certification_ids=third_party_certification_ids,
        )


class CategoriesGroup(Group):
    """Categories of products."""

    def list(self, *, page_size: int = LARGEST_PAGE) -> Listing[Category]:
        """All categories, without the count of their products."""
        return self._call.many("categories.list", Category, "categories", page_size=page_size)

    def retrieve(self, category_id: str) -> Category:
        """Retrieve one category with the count of its products."""
        return self._call.one("categories.retrieve", Category, "category", category_id)

    def products(
        self,
        category_id: str,
        *,
        sort_by: str | None = None,
        order_by: str | None = None,
        page_size: int = LARGEST_PAGE,
    ) -> Listing[Product]:
        """The products of a category, by name. *sort_by*: name. *order_by*: ASC, DESC."""
        return self._call.many(
            "categories.products",
            Product,
            "products",
            category_id,
            page_size=page_size,
            sort_by=sort_by,
            order_by=order_by,
        )


class BrandsGroup(Group):
    """Brands of the catalog."""

    def list(
        self,
        *,
        available: bool | None = None,
        clinic_permitted: bool | None = None,
        page_size: int = LARGEST_PAGE,
    ) -> Listing[Brand]:
        """All brands.

        True narrows them to those with available products, or that the clinic has access to.
        """
        return self._call.many(
            "brands.list",
            Brand,
            "brands",
            page_size=page_size,
            available=available,
            clinic_permitted=clinic_permitted,
        )

    def retrieve(self, brand_id: str) -> Brand:
        """Retrieve one brand."""
        return self._call.one("brands.retrieve", Brand, "brand", brand_id)


class NamesGroup(Group, Generic[R]):
    """A list of names to filter products by: allergens, ingredients, supplement types, certifications."""

    def __init__(self, caller: Caller, kind: type[R], group: str) -> None:
        super().__init__(caller)
        self._kind = kind
        self._group = group

    def list(self, *, page_size: int = LARGEST_PAGE) -> Listing[R]:
        """All of them."""
        return self._call.many(f"{self._group}.list", self._kind, self._group, page_size=page_size)

    def retrieve(self, record_id: str) -> R:
        """Retrieve one of them."""
        return self._call.one(f"{self._group}.retrieve", self._kind, self._group[:-1], record_id)


def names_group(caller: Caller, group: str) -> NamesGroup[Named]:
    """The group of endpoints called *group*, such as allergens."""
    return NamesGroup(caller, Named, group)
