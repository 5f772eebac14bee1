"""The catalog: every brand makes the formulas of its fields, each under a name and in a form of its own."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table

from fullscript_sandbox.models import (
    Allergen,
    Brand,
    Category,
    Certification,
    Ingredient,
    Product,
    SupplementType,
    Variant,
)
from fullscript_sandbox.models import catalog as tables
from fullscript_sandbox.seed.sizes import sizes
from fullscript_sandbox.seed.source import Row, Rows, Seed, listed, read_table

Formula = dict[str, str]

ALLERGENS = (
    "Corn",
    "Eggs",
    "Fish",
    "Gluten",
    "Milk",
    "Peanuts",
    "Sesame",
    "Shellfish",
    "Soy",
    "Sulfites",
    "Tree Nuts",
    "Wheat",
    "Yeast",
)
CERTIFICATIONS = (
    "Gluten-Free",
    "Non-GMO",
    "Organic",
    "Vegan",
    "Kosher",
    "Halal",
    "Tested for Sport",
    "Tested for Heavy Metals",
    "Sustainable Fishing",
    "Good Manufacturing Practice",
)
# A brand makes at most so many products.
RANGE = 12
# One product of so many is no longer made.
WITHDRAWN = 59
# Words in a name that say which form it is in.
FORMS = {
    "Drops": "drops",
    "Powder": "powder",
    "Lozenge": "lozenge",
    "Chewable": "chewable",
    "Syrup": "liquid",
    "Strip": "strip",
    "Gel": "gel",
    "Suppository": "suppository",
    "Mix": "powder",
    "Softgel": "capsule",
}
ANIMAL = {"Milk", "Fish", "Shellfish", "Eggs"}


def grow(seed: Seed) -> Rows:
    """Words to sort by, brands, products, and the sizes they are sold in."""
    formulas = read_table("formulas")
    brands = read_table("brands")
    rows: Rows = {model: _words(seed, model, names) for model, names in _vocabulary(formulas).items()}
    rows[Brand] = [
        {"id": seed.id("brand", brand["name"]), "name": brand["name"], "prefix": brand["prefix"]}
        for brand in brands
    ]
    made = [(brand, formula) for brand in brands for formula in _range(seed, brand, formulas)]
    made += _not_yet_made(brands, formulas, made)
    for number, (brand, formula) in enumerate(made):
        _add_product(seed, rows, brand, formula, number)
    return rows


def _vocabulary(formulas: list[Formula]) -> dict[Any, list[str]]:
    def every(column: str) -> list[str]:
        return sorted({name for formula in formulas for name in listed(formula[column])})

    return {
        Category: every("categories"),
        Ingredient: every("ingredients"),
        SupplementType: every("type"),
        Allergen: list(ALLERGENS),
        Certification: sorted(CERTIFICATIONS),
    }


def _words(seed: Seed, model: Any, names: list[str]) -> list[Row]:
    return [{"id": _word_id(seed, model, name), "name": name} for name in names]


def _word_id(seed: Seed, model: Any, name: str) -> str:
    return seed.id(model.__tablename__, name)


def _range(seed: Seed, brand: Row, formulas: list[Formula]) -> list[Formula]:
    fields = set(listed(brand["focus"]))
    fitting = [formula for formula in formulas if fields & set(listed(formula["categories"]))]
    return seed.random("range", brand["name"]).sample(fitting, k=min(RANGE, len(fitting)))


def _not_yet_made(brands: list[Row], formulas: list[Formula], made: list[Any]) -> list[Any]:
    done = {formula["names"] for _, formula in made}
    left = [formula for formula in formulas if formula["names"] not in done]
    return [(brands[number % len(brands)], formula) for number, formula in enumerate(left)]


def _add_product(seed: Seed, rows: Rows, brand: Row, formula: Formula, number: int) -> None:
    product = _product(seed, brand, formula, number)
    rows.setdefault(Product, []).append(product)
    variants = sizes(seed, product, prefix=brand["prefix"], number=number, price=int(formula["price"]))
    rows.setdefault(Variant, []).extend(variants)
    for table, model, names in _ties(seed, product, formula):
        key = f"{model.__tablename__}_id"
        ties = [{"product_id": product["id"], key: _word_id(seed, model, name)} for name in names]
        rows.setdefault(table, []).extend(ties)


def _product(seed: Seed, brand: Row, formula: Formula, number: int) -> Row:
    chance = seed.random("product", brand["name"], formula["names"])
    name = chance.choice(listed(formula["names"]))
    form = _form(name, listed(formula["formats"]), chance.random())
    return {
        "id": seed.id("product", brand["name"], formula["names"]),
        "brand_id": seed.id("brand", brand["name"]),
        "name": name,
        "description_html": _description(formula, brand["name"]),
        "status": "available" if number % WITHDRAWN else "unavailable",
        "country": brand["country"] or chance.choices((None, "US", "CA"), weights=(16, 2, 1))[0],
        "recommended_amount": formula["amount"] if form in {"capsule", "tablet", "drops", "pellet"} else "1",
        "recommended_frequency": formula["frequency"],
        "recommended_duration": formula["duration"],
        "dosage_format": form,
        "additional_info": chance.choice(
            (None, None, "Take with a meal.", "Take with a full glass of water.")
        ),
        "created_at": seed.ago(1200 - 3 * number),
    }


def _form(name: str, forms: list[str], chance: float) -> str:
    said = next((form for word, form in FORMS.items() if name.endswith(word)), None)
    # The first form of a formula is its usual one.
    usual = forms[0] if chance < 0.7 else forms[-1]  # noqa: PLR2004 -- two of three
    return said or usual


def _description(formula: Formula, brand: str) -> str:
    ingredients = "".join(f"<li>{name}</li>" for name in listed(formula["ingredients"]))
    return (
        f"<p>{formula['about']}</p><p>Made by {brand}, without artificial colors. Main ingredients:</p>"
        f"<ul>{ingredients}</ul>"
    )


def _ties(seed: Seed, product: Row, formula: Formula) -> list[tuple[Table, Any, list[str]]]:
    """What the product is sorted under, as (link table, model, names)."""
    allergens = listed(formula["allergens"])
    chance = seed.random("certifications", product["id"])
    return [
        (tables.product_category, Category, listed(formula["categories"])),
        (tables.product_ingredient, Ingredient, listed(formula["ingredients"])),
        (tables.product_supplement_type, SupplementType, [formula["type"]]),
        (tables.product_allergen, Allergen, allergens),
        (
            tables.product_certification,
            Certification,
            _certifications(chance.sample(CERTIFICATIONS, 3), allergens),
        ),
    ]


def _certifications(names: list[str], allergens: list[str]) -> list[str]:
    """What of *names* is plausible for a product with these allergens."""
    implausible = {"Vegan"} if ANIMAL & set(allergens) else set()
    if "Fish" not in allergens:
        implausible.add("Sustainable Fishing")
    return [name for name in names if name not in implausible]
