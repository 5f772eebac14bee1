"""Pictures of products, drawn rather than kept: a bottle, pouch, tube or box in the brand's colour."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

from flask import Blueprint, Response, abort, render_template
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from fullscript_sandbox.database import db
from fullscript_sandbox.models import Product, Variant

bp = Blueprint("images", __name__, url_prefix="/images")

# Width and height in pixels.
SIZES = {"small": 80, "medium": 240, "large": 640}
# What each format comes in; the rest comes in bottles.
SHAPES = {
    "powder": "pouch",
    "packet": "box",
    "strip": "box",
    "suppository": "box",
    "drops": "dropper",
    "liquid": "flask",
    "gel": "tube",
    "pellet": "tube",
}
# Letters in a line of the label, and lines that fit.
LINE, LINES = 14, 3


@dataclass(frozen=True)
class Picture:
    """What is on a picture. The hue (0 to 359) is the brand's, so that its products look alike."""

    brand: str
    lines: list[str]
    size: str
    shape: str
    hue: int
    pixels: int


@bp.get("/variants/<variant_id>/<any(small, medium, large):size>.svg")
def variant(variant_id: str, size: str) -> Response:
    """The picture of one size of a product. 404 for an unknown variant."""
    query = select(Variant).options(joinedload(Variant.product).joinedload(Product.brand))
    found = db.session.scalar(query.where(Variant.id == variant_id)) or abort(404)
    drawing = render_template("sandbox/product.svg", picture=picture_of(found, SIZES[size]))
    return Response(drawing, mimetype="image/svg+xml", headers={"Cache-Control": "public, max-age=86400"})


def picture_of(variant: Variant, pixels: int) -> Picture:
    """What the picture of *variant* shows; the same variant looks the same in every run."""
    product = variant.product
    return Picture(
        brand=product.brand.name.upper(),
        lines=textwrap.wrap(product.name, LINE, max_lines=LINES, placeholder="…"),
        size=variant.size,
        shape=SHAPES.get(product.dosage_format or "", "bottle"),
        hue=int(product.brand.id[:6], 16) % 360,
        pixels=pixels,
    )
