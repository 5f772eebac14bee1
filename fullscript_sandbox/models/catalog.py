"""The catalog that all clinics share: brands, products, their sizes (variants), and how they are sorted."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import Column, ForeignKey, Numeric, String, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from fullscript_sandbox.database import Base, UtcDateTime, new_id


def _link(name: str, other: str) -> Table:
    """The table that ties products to something they have several of."""
    return Table(
        f"product_{name}",
        Base.metadata,
        Column("product_id", ForeignKey("product.id"), primary_key=True),
        Column(f"{name}_id", ForeignKey(f"{other}.id"), primary_key=True, index=True),
    )


product_category = _link("category", "category")
product_ingredient = _link("ingredient", "ingredient")
product_allergen = _link("allergen", "allergen")
product_supplement_type = _link("supplement_type", "supplement_type")
product_certification = _link("certification", "certification")


class Named:
    """A word that products are sorted by."""

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(index=True)


class Category(Named, Base):
    __tablename__ = "category"


class Ingredient(Named, Base):
    __tablename__ = "ingredient"


class Allergen(Named, Base):
    __tablename__ = "allergen"


class SupplementType(Named, Base):
    __tablename__ = "supplement_type"


class Certification(Named, Base):
    """A third-party certification, such as one for gluten-free products."""

    __tablename__ = "certification"


class PractitionerType(Base):
    __tablename__ = "practitioner_type"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    code: Mapped[str]
    description: Mapped[str]


class Brand(Named, Base):
    __tablename__ = "brand"

    prefix: Mapped[str]
    status: Mapped[str] = mapped_column(default="available")

    products: Mapped[list[Product]] = relationship(back_populates="brand")


class Product(Base):
    __tablename__ = "product"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    brand_id: Mapped[str] = mapped_column(ForeignKey("brand.id"), index=True)
    name: Mapped[str] = mapped_column(index=True)
    description_html: Mapped[str]
    status: Mapped[str] = mapped_column(default="available")
    country: Mapped[str | None] = mapped_column(String(2))  # None: sold in both countries
    recommended_amount: Mapped[str | None]
    recommended_frequency: Mapped[str | None]
    recommended_duration: Mapped[str | None]
    dosage_format: Mapped[str | None]
    additional_info: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    brand: Mapped[Brand] = relationship(back_populates="products")
    variants: Mapped[list[Variant]] = relationship(back_populates="product", order_by="Variant.position")
    categories: Mapped[list[Category]] = relationship(secondary=product_category)
    ingredients: Mapped[list[Ingredient]] = relationship(secondary=product_ingredient)
    allergens: Mapped[list[Allergen]] = relationship(secondary=product_allergen)
    supplement_types: Mapped[list[SupplementType]] = relationship(secondary=product_supplement_type)
    certifications: Mapped[list[Certification]] = relationship(secondary=product_certification)

    @property
    def primary_variant(self) -> Variant:
        return next((variant for variant in self.variants if variant.primary), self.variants[0])


class Variant(Base):
    """One size of a product: what is recommended, priced and shipped."""

    __tablename__ = "variant"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    product_id: Mapped[str] = mapped_column(ForeignKey("product.id"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    primary: Mapped[bool] = mapped_column(default=False)
    sku: Mapped[str]
    supplier_sku: Mapped[str | None]
    upc: Mapped[str | None]
    units: Mapped[int | None]
    unit_of_measure: Mapped[str | None]
    msrp: Mapped[Decimal] = mapped_column(Numeric(8, 2))
    availability: Mapped[str] = mapped_column(default="In Stock")
    status: Mapped[str] = mapped_column(default="available")

    product: Mapped[Product] = relationship(back_populates="variants")

    @property
    def size(self) -> str:
        """What a person calls this size: "60 capsules"."""
        return f"{self.units} {self.unit_of_measure}" if self.units else (self.unit_of_measure or "One size")


class CustomDosage(Base):
    """How one practitioner has a product taken, where it differs from the label."""

    __tablename__ = "custom_dosage"

    product_id: Mapped[str] = mapped_column(ForeignKey("product.id"), primary_key=True)
    practitioner_id: Mapped[str] = mapped_column(ForeignKey("user.id"), primary_key=True)
    recommended_amount: Mapped[str | None]
    recommended_frequency: Mapped[str | None]
    recommended_duration: Mapped[str | None]
    dosage_format: Mapped[str | None]
    additional_info: Mapped[str | None]
