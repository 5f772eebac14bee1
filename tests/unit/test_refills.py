"""When a patient runs out: counted where it can be, and unknown elsewhere."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from fullscript_embed.refills import Bought, daily_dose, is_due, runs_out_on

MARCH = date(2026, 3, 1)
TWO_A_DAY = {"amount": "1", "frequency": "twice per day", "format": "capsule"}


@pytest.mark.parametrize(
    ("amount", "frequency", "dose"),
    [
        ("1", "once per day", Fraction(1)),
        ("2", "three times per day", Fraction(6)),
        ("1/2", "every morning", Fraction(1, 2)),
        ("1-2", "twice per day", Fraction(4)),
        ("0.5", "every night", Fraction(1, 2)),
        ("1", "as needed", None),
        ("a little", "once per day", None),
        ("1-", "once per day", None),
        ("1/0", "once per day", None),
        ("0", "once per day", None),
        (None, None, None),
    ],
)
def test_a_day_s_dose(amount: str | None, frequency: str | None, dose: Fraction | None) -> None:
    """Of a range the larger; nothing is guessed."""
    assert daily_dose({"amount": amount, "frequency": frequency}) == dose


@pytest.mark.parametrize(
    ("bought", "dosage", "units", "unit", "end"),
    [
        pytest.param([Bought(MARCH, 1)], TWO_A_DAY, 60, "capsules", date(2026, 3, 31), id="one package"),
        pytest.param(
            [Bought(MARCH, 1), Bought(date(2026, 3, 11), 1)],
            TWO_A_DAY,
            60,
            "capsules",
            date(2026, 4, 30),
            id="bought before the first was empty",
        ),
        pytest.param(
            [Bought(date(2026, 6, 1), 1), Bought(MARCH, 1)],
            TWO_A_DAY,
            60,
            "capsules",
            date(2026, 7, 1),
            id="bought again after a pause",
        ),
        pytest.param([Bought(MARCH, None)], TWO_A_DAY, 60, "capsules", None, id="nobody knows how many"),
        pytest.param([Bought(MARCH, 1)], TWO_A_DAY, 8, "fl oz", None, id="counted in something else"),
        pytest.param([Bought(MARCH, 1)], TWO_A_DAY, None, None, None, id="size unknown"),
        pytest.param([Bought(MARCH, 1)], {}, 60, "capsules", None, id="no dosage"),
        pytest.param([], TWO_A_DAY, 60, "capsules", None, id="nothing bought"),
        pytest.param(
            [Bought(MARCH, 10**9)], TWO_A_DAY, 60, "capsules", date(2036, 2, 27), id="absurdly much"
        ),
    ],
)
def test_the_day_on_which_it_is_used_up(
    bought: list[Bought], dosage: dict[str, Any], units: int | None, unit: str | None, end: date | None
) -> None:
    """Packages are added up from the day on which each was bought."""
    assert runs_out_on(bought, dosage, units, unit) == end


@pytest.mark.parametrize(
    ("today", "due"), [(date(2026, 3, 23), False), (date(2026, 3, 24), True), (date(2026, 5, 1), True)]
)
def test_a_refill_is_due_a_week_ahead(today: date, due: bool) -> None:
    """So that it arrives in time."""
    assert is_due(date(2026, 3, 31), today=today) is due


def test_what_is_unknown_is_not_due() -> None:
    """Nobody is told to buy what they may have plenty of."""
    assert not is_due(None, today=MARCH)
