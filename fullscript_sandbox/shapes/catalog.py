"""Products, their sizes and the words they are sorted by (field notes, 1.11)."""

from __future__ import annotations

from typing_extensions import TypedDict

from fullscript_sandbox import links
from fullscript_sandbox.models import Brand, PractitionerType, Product, Variant
from fullscript_sandbox.models.catalog import CustomDosage


class NamedData(TypedDict):
    """An allergen, ingredient, supplement type, certification or category."""

    id: str
    name: str


class CategoryDetail(NamedData):
    product_count: int


class BrandName(NamedData):
    prefix: str


class BrandData(BrandName):
    status: str


class PractitionerTypeData(TypedDict):
    id: str
    code: str
    description: str


class VariantData(TypedDict):
    """One size of a product."""

    id: str
    sku: str
    primary: bool
    units: int | None
    unit_of_measure: str | None
    availability: str
    status: str
    upc: str | None
    msrp: str
    supplier_sku: str | None


class PrimaryVariant(VariantData):
    image_url_small: str
    image_url_medium: str
    image_url_large: str


class ProductName(NamedData):
    brand: BrandName


class VariantDetail(PrimaryVariant):
    product: ProductName


class ProductRow(TypedDict):
    """A product in a list."""

    id: str
    name: str
    brand: BrandName
    primary_variant: PrimaryVariant
    variant_count: int
    status: str


class ProductDosage(TypedDict):
    recommended_amount: str | None
    recommended_frequency: str | None
    recommended_duration: str | None
    format: str | None
    additional_info: str | None


class ProductData(TypedDict):
    """A product as events carry it; the guide shows no id there."""

    name: str
    description_html: str
    brand: BrandName
    variants: list[VariantData]
    dosage: ProductDosage


class ProductDetail(TypedDict):
    """A product on its own."""

    id: str
    name: str
    description_html: str
    brand: BrandName
    variants: list[VariantData]
    dosage: ProductDosage
    custom_dosage: ProductDosage | None
    status: str


def brand_name(brand: Brand) -> BrandName:
    return {"id": brand.id, "name": brand.name, "prefix": brand.prefix}


def brand_data(brand: Brand) -> BrandData:
    return {"id": brand.id, "name": brand.name, "prefix": brand.prefix, "status": brand.status}


def practitioner_type(kind: PractitionerType) -> PractitionerTypeData:
    return {"id": kind.id, "code": kind.code, "description": kind.description}


def variant_data(variant: Variant) -> VariantData:
    return {
        "id": variant.id,
        "sku": variant.sku,
        "primary": variant.primary,
        "units": variant.units,
        "unit_of_measure": variant.unit_of_measure,
        "availability": variant.availability,
        "status": variant.status,
        "upc": variant.upc,
        "msrp": f"{variant.msrp:.2f}",
        "supplier_sku": variant.supplier_sku,
    }


def primary_variant(variant: Variant) -> PrimaryVariant:
    return {
        **variant_data(variant),
        "image_url_small": links.image_url(variant, "small"),
        "image_url_medium": links.image_url(variant, "medium"),
        "image_url_large": links.image_url(variant, "large"),
    }


def variant_detail(variant: Variant) -> VariantDetail:
    product = variant.product
    return {
        **primary_variant(variant),
        "product": {"id": product.id, "name": product.name, "brand": brand_name(product.brand)},
    }


def product_row(product: Product) -> ProductRow:
    return {
        "id": product.id,
        "name": product.name,
        "brand": brand_name(product.brand),
        "primary_variant": primary_variant(product.primary_variant),
        "variant_count": len(product.variants),
        "status": product.status,
    }


def product_dosage(source: Product | CustomDosage) -> ProductDosage:
    return {
        "recommended_amount": source.recommended_amount,
        "recommended_frequency": source.recommended_frequency,
        "recommended_duration": source.recommended_duration,
        "format": source.dosage_format,
        "additional_info": source.additional_info,
    }


def product_data(product: Product) -> ProductData:
    return {
        "name": product.name,
        "description_html": product.description_html,
        "brand": brand_name(product.brand),
        "variants": [variant_data(variant) for variant in product.variants],
        "dosage": product_dosage(product),
    }


def product_detail(product: Product, custom: CustomDosage | None) -> ProductDetail:
    return {
        "id": product.id,
        **product_data(product),
        "custom_dosage": product_dosage(custom) if custom else None,
        "status": product.status,
    }
