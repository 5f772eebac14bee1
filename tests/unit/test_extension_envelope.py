"""Reading what the browser library reports, whatever it is."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fullscript_embed.envelope import DEEPEST, one_spelling, read
from fullscript_embed.errors import EventRefused
from fullscript_embed.plans import in_words
from tests.partner_host import plan_activated

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)


@given(JSON)
def test_any_json_is_read_or_refused(payload: Any) -> None:
    """Nothing that can be posted raises anything else."""
    with pytest.raises(EventRefused):
        read(payload)


@given(st.sampled_from(["id", "type", "data", "clinicId", "createdAt", "oauth"]), JSON)
def test_any_damage_is_read_or_refused(key: str, value: Any) -> None:
    """The same with everything else in place."""
    with suppress(EventRefused):
        assert read({**plan_activated("client"), key: value}).id


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"variantId": 1}, {"variant_id": 1}),
        ({"variant_id": 1}, {"variant_id": 1}),
        ({"labRecommendations": [], "lab_recommendations": [1]}, {"lab_recommendations": [1]}),
        ({"a": [{"unitsToPurchase": 2}]}, {"a": [{"units_to_purchase": 2}]}),
        ({"firstName": None, "first_name": "A"}, {"first_name": "A"}),
    ],
)
def test_keys_come_out_in_one_spelling(before: Any, after: Any) -> None:
    """Of two spellings the one that says something counts."""
    assert one_spelling(before) == after


def test_depth_is_bounded() -> None:
    """A payload cannot use up the stack."""
    deep: Any = {}
    for _ in range(DEEPEST + 2):
        deep = {"a": deep}

    with pytest.raises(EventRefused, match="deeper than"):
        one_spelling(deep)


@pytest.mark.parametrize(
    ("dosage", "words"),
    [
        ({}, ""),
        ({"amount": "1", "format": "capsule", "frequency": "once per day"}, "1 capsule, once per day"),
        ({"amount": "1-2", "format": "tablet"}, "1-2 tablets"),
        ({"amount": "1/2", "format": "packet"}, "1/2 packet"),
        ({"amount": "1", "format": "drops"}, "1 drop"),
        ({"frequency": "every morning", "time_of_day": ["morning"]}, "every morning"),
        ({"amount": "2", "format": "suppository"}, "2 suppositories"),
        ({"amount": "5", "format": "liquid"}, "5 liquid"),
        ({"duration": "30"}, "for 30 days"),
        ({"duration": "as needed"}, "as needed"),
        ({"time_of_day": ["morning", "evening"], "take_with": "food"}, "morning, evening, with food"),
    ],
)
def test_a_dosage_is_told_in_words(dosage: dict[str, Any], words: str) -> None:
    """Whatever is not known is left out."""
    assert in_words(dosage) == words
