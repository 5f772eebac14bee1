"""Allergens, ingredients, supplement types and certifications: four lists of words, served alike."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from typing_extensions import TypedDict

from fullscript_sandbox.api import scopes
from fullscript_sandbox.api.endpoint import Section
from fullscript_sandbox.api.paging import Meta, paginate
from fullscript_sandbox.database import db
from fullscript_sandbox.models import Allergen, Certification, Ingredient, SupplementType
from fullscript_sandbox.refusals import NotFound
from fullscript_sandbox.shapes.catalog import NamedData


class AllergenAnswer(TypedDict):
    allergen: NamedData


class AllergenPage(TypedDict):
    allergens: list[NamedData]
    meta: Meta


class IngredientAnswer(TypedDict):
    ingredient: NamedData


class IngredientPage(TypedDict):
    ingredients: list[NamedData]
    meta: Meta


class SupplementTypeAnswer(TypedDict):
    supplement_type: NamedData


class SupplementTypePage(TypedDict):
    supplement_types: list[NamedData]
    meta: Meta


class CertificationAnswer(TypedDict):
    third_party_certification: NamedData


class CertificationPage(TypedDict):
    third_party_certifications: list[NamedData]
    meta: Meta


# Chapter, titles of list and retrieve, key of one and of many, table, shapes of one and of many.
LISTS: tuple[tuple[Any, ...], ...] = (
    (
        "Allergens",
        ("List all allergens", "Retrieve an allergen"),
        ("allergen", "allergens"),
        Allergen,
        (AllergenAnswer, AllergenPage),
    ),
    (
        "Ingredients",
        ("List all Ingredients", "Retrieve an ingredient"),
        ("ingredient", "ingredients"),
        Ingredient,
        (IngredientAnswer, IngredientPage),
    ),
    (
        "Supplement Types",
        ("List all supplement types", "Retrieve a supplement type"),
        ("supplement_type", "supplement_types"),
        SupplementType,
        (SupplementTypeAnswer, SupplementTypePage),
    ),
    (
        "Third Party Certifications",
        ("List all third party certifications", "Retrieve a third party certification"),
        ("third_party_certification", "third_party_certifications"),
        Certification,
        (CertificationAnswer, CertificationPage),
    ),
)


def _serve(chapter: str, titles: Any, keys: Any, table: Any, shapes: Any) -> None:
    """Register the list of *table* and the look-up of one of its rows."""
    section = Section(chapter)
    one, many = keys
    words = chapter.lower()

    def list_all() -> dict[str, Any]:
        rows, meta = paginate(select(table).order_by(table.name, table.id))
        return {many: [_shape(row) for row in rows], "meta": meta}

    def retrieve(id_: str) -> dict[str, Any]:
        row = db.session.get(table, id_)
        if row is None:
            raise NotFound(table.__name__)
        return {one: _shape(row)}

    list_all.__name__, retrieve.__name__ = f"list_{many}", f"retrieve_{one}"
    list_all.__doc__, retrieve.__doc__ = f"The {words}, by name.", f"One of the {words}."
    needed = (scopes.CATALOG_READ,)
    section.get(f"/catalog/{many}", titles[0], shapes[1], scopes=needed, paged=True)(list_all)
    section.get(f"/catalog/{many}/{{id}}", titles[1], shapes[0], scopes=needed, refusals=(404,))(retrieve)


def _shape(row: Any) -> NamedData:
    return {"id": row.id, "name": row.name}


for words in LISTS:
    _serve(*words)
