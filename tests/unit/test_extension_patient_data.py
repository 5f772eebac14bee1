"""A patient as Fullscript Embed takes one (the guide: Initialization parameters; field notes, P30, P31)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from fullscript_embed import Patient
from fullscript_embed.patient_data import for_embed, mobile_number


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("(503) 555-0142", "+15035550142", id="as people write it"),
        pytest.param("503.555.0142", "+15035550142", id="with dots"),
        pytest.param("1 503 555 0142", "+15035550142", id="with a 1"),
        pytest.param("+1 503 555 0142", "+15035550142", id="with +1"),
        pytest.param("+1 416 555 0199", "+14165550199", id="of Canada"),
        pytest.param("+49 30 901820", None, id="of Germany"),
        pytest.param("+1 876 555 0123", None, id="of Jamaica"),
        pytest.param("555-0142", None, id="without an area code"),
        pytest.param("503 555 0142 ext. 7", None, id="with an extension"),
        pytest.param("call her sister", None, id="words"),
        pytest.param("", None, id="empty"),
        pytest.param(None, None, id="none"),
    ],
)
def test_a_mobile_number_is_plus_one_and_ten_digits_or_nothing(
    text: str | None, expected: str | None
) -> None:
    """Fullscript takes no other numbers, and an empty one is an error to it."""
    assert mobile_number(text) == expected


@pytest.mark.parametrize(
    ("sex", "expected"),
    [
        ("female", "female"),
        ("F", "female"),
        ("Male", "male"),
        ("x", "prefer not to say"),
        ("other", "prefer not to say"),
        ("", None),
        (None, None),
        ("unheard of", None),
    ],
)
def test_sex_is_one_of_embeds_three_words(sex: str | None, expected: str | None) -> None:
    """What we cannot map is left out, and not guessed."""
    assert (for_embed(Patient("1", last_name="B", sex=sex), None) or {}).get("biologicalSex") == expected


def test_empty_values_are_left_out() -> None:
    """Blank text is no value."""
    patient = Patient("1", first_name=" ", last_name="Burton", email="", mobile_number="none")

    assert for_embed(patient, None) == {"lastName": "Burton"}


@pytest.mark.parametrize(
    "known", [{}, {"discount": 10}, {"first_name": "  "}], ids=["nothing", "discount", "blank"]
)
def test_nobody_is_described_by_nothing(known: dict[str, Any]) -> None:
    """Then there is no patient object at all."""
    assert for_embed(Patient("1", **known), None) is None


def test_a_date_is_written_by_year_month_and_day() -> None:
    """And a discount of 0 is a discount."""
    described = for_embed(Patient("1", date_of_birth=date(2014, 9, 1), discount=0), None)

    assert described == {"dateOfBirth": "2014-09-01", "discount": 0}


def test_a_known_patient_is_the_id_alone() -> None:
    """Everything else would be ignored by Fullscript, so it stays here."""
    assert for_embed(Patient("1", first_name="Amelia"), "fullscript-id") == {"id": "fullscript-id"}


def test_a_patient_in_a_log_is_an_id() -> None:
    """The repr holds nothing about the person."""
    assert repr(Patient("7", first_name="Amelia", email="a@mail.example")) == "Patient(id='7')"
