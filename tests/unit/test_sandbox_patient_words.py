"""What the sandbox's shop says of a recommendation: how to take it, and how long it lasts."""

from __future__ import annotations

from typing import Any

import pytest

from fullscript_sandbox.models import Recommendation, Variant
from fullscript_sandbox.patient import supply, words

PILLS: dict[str, Any] = {"amount": "2", "format": "capsule", "frequency": "twice per day"}


def recommended(**fields: Any) -> Recommendation:
    """Sixty capsules, and how to take them."""
    return Recommendation(variant=Variant(units=60, unit_of_measure="capsules"), **PILLS | fields)


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        pytest.param({}, "2 capsules, twice per day", id="several"),
        pytest.param({"amount": "1"}, "1 capsule, twice per day", id="one"),
        pytest.param({"amount": "1/2", "format": "tablet"}, "1/2 tablet, twice per day", id="half"),
        pytest.param({"amount": "1-2"}, "1-2 capsules, twice per day", id="a range"),
        pytest.param({"amount": "20", "format": "drops"}, "20 drops, twice per day", id="drops"),
        pytest.param({"duration": "1"}, "2 capsules, twice per day, for 1 day", id="a day"),
        pytest.param({"duration": "ongoing"}, "2 capsules, twice per day, ongoing", id="ongoing"),
        pytest.param(
            {"time_of_day": ["morning", "evening"], "take_with": "food"},
            "2 capsules, twice per day, morning and evening, with food",
            id="when and with what",
        ),
        pytest.param(
            {"frequency": "every morning", "time_of_day": ["morning"]},
            "2 capsules, every morning",
            id="the same thing twice",
        ),
        pytest.param({"amount": None, "format": None, "frequency": None}, "", id="nothing"),
    ],
)
def test_a_dosage_is_one_line(fields: dict[str, Any], text: str) -> None:
    """As a person would say it."""
    assert words.dosage(recommended(**fields)) == text


@pytest.mark.parametrize(
    ("fields", "packages", "days"),
    [
        pytest.param({}, 1, 15, id="four a day"),
        pytest.param({}, 2, 30, id="two packages"),
        pytest.param({"amount": "1-2", "frequency": "once per day"}, 1, 30, id="the most of a range"),
        pytest.param({"amount": "1/2", "frequency": "every night"}, 1, 120, id="half"),
        pytest.param({"amount": "1 1/2", "frequency": "once per day"}, 1, 40, id="one and a half"),
        pytest.param({"amount": "1,5", "frequency": "once per day"}, 1, 40, id="with a comma"),
        pytest.param({"amount": "some"}, 1, None, id="no number"),
        pytest.param({"amount": "1/0"}, 1, None, id="a broken fraction"),
        pytest.param({"frequency": None}, 1, None, id="nobody knows how often"),
        pytest.param({"format": "drops"}, 1, None, id="a package counts something else"),
    ],
)
def test_it_is_known_how_long_packages_last(fields: dict[str, Any], packages: int, days: int | None) -> None:
    """From the units of a package and the dosage; otherwise nothing is said."""
    assert supply.days_of(recommended(**fields), packages) == days
