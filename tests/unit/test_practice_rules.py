"""What the practice app decides without a request: phones, ages, searching, passwords."""

from __future__ import annotations

from datetime import date

import pytest

from ehr.models import Patient, Practice, User, fold
from ehr.patient_form import read_phone
from ehr.portal_models import PatientAccount
from ehr.portal_words import in_plain_words

US = Practice(name="Here", country="US")


@pytest.mark.parametrize(
    ("entered", "kept"),
    [
        ("(503) 555-0134", "+15035550134"),
        ("503.555.0134", "+15035550134"),
        ("+1 503 555 0134", "+15035550134"),
        ("+44 20 7946 0018", "+442079460018"),
        ("555-0134", None),
        ("call the front desk", None),
        ("+1 103 555 0134", None),
        ("", None),
    ],
)
def test_a_phone_number_is_read_as_the_practices_country_writes_it(entered: str, kept: str | None) -> None:
    """Numbers end up in the one form that Fullscript takes; what is no number is None."""
    assert read_phone(entered, US) == kept


@pytest.mark.parametrize(
    ("born", "today", "age"),
    [
        (date(1984, 3, 12), date(2026, 3, 11), 41),
        (date(1984, 3, 12), date(2026, 3, 12), 42),
        (date(1996, 2, 29), date(2026, 2, 28), 29),
        (date(1996, 2, 29), date(2026, 3, 1), 30),
        (None, date(2026, 3, 1), None),
    ],
    ids=["day before", "birthday", "leap day, day before", "leap day, day after", "not known"],
)
def test_an_age_is_counted_in_completed_years(born: date | None, today: date, age: int | None) -> None:
    """The birthday itself completes the year."""
    assert Patient(date_of_birth=born).age(today) == age


def test_folding_takes_case_and_accents_away() -> None:
    """Two spellings of a name that a person would call the same are the same when searched for."""
    assert fold("ZOÉ Müller-Ångström") == fold("zoe muller-angstrom")


@pytest.mark.parametrize(
    ("dosage", "said"),
    [
        ("1 capsule, once per day, for 30 days", "Take 1 capsule, once per day, for 30 days."),
        ("1 capsule, every morning, morning", "Take 1 capsule, every morning."),
        ("2 drops, with food, Shake well.", "Take 2 drops, with food. Shake well."),
        ("Take with a full glass of water.", "Take with a full glass of water."),
        ("", ""),
    ],
)
def test_a_dosage_is_said_in_plain_words(dosage: str, said: str) -> None:
    """As sentences for the patient, in which nothing is said twice."""
    assert in_plain_words(dosage) == said


@pytest.mark.parametrize("account", [User, PatientAccount])
def test_a_password_is_kept_in_a_way_that_is_hard_to_guess(account: type[User | PatientAccount]) -> None:
    """As scrypt does it, with a salt of its own, and never as it is."""
    first, second = account(), account()
    first.set_password("practice-demo")
    second.set_password("practice-demo")

    assert first.password_hash.startswith("scrypt:32768:8:1$")
    assert "practice-demo" not in first.password_hash
    assert first.password_hash != second.password_hash
    assert (first.has_password("practice-demo"), first.has_password("Practice-demo")) == (True, False)
