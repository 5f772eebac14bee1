"""What is kept of a product beside its name."""

from __future__ import annotations

import pytest

from fullscript_embed.api.records.catalog import Variant
from fullscript_embed.names import details_of


@pytest.mark.parametrize(
    ("variant", "picture"),
    [
        pytest.param(
            Variant(image_url_small="https://a.example/s.png"), "https://a.example/s.png", id="small"
        ),
        pytest.param(
            Variant(image_url_small="/assets/noimage/product.png", image_url_large="https://a.example/l.png"),
            "https://a.example/l.png",
            id="the first that has a host",
        ),
        pytest.param(Variant(image_url_small="/assets/noimage/product.png"), None, id="only a path"),
        pytest.param(Variant(image_url_small="data:image/png;base64,x"), None, id="no address at all"),
        pytest.param(Variant(), None, id="none"),
    ],
)
def test_the_picture_of_a_product(variant: Variant, picture: str | None) -> None:
    """The smallest that a page of somebody else's can show."""
    assert details_of(variant)["image_url"] == picture
