"""The people of the demo: practices that mirror the sandbox's clinics, who works there, and their patients.

All invented. The patients meet the sandbox's in every way: no match, one, several, an address that two
people share, dependents, somebody who is linked already, somebody of whom little is known.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from ehr.models import Role, Sex

PASSWORD = "practice-demo"  # noqa: S105 -- shown on the demo's sign-in page

F, M = Sex.FEMALE, Sex.MALE


@dataclass(frozen=True)
class Account:
    """Somebody who works in a practice."""

    name: str
    email: str
    role: Role
    practice: str
    country: str


@dataclass(frozen=True)
class Person:
    """A patient as the practice knows them; `guardian` is the name of the one they depend on."""

    first_name: str
    last_name: str
    sex: Sex | None = None
    born: date | None = None
    email: str | None = None
    phone: str | None = None
    allergies: str = ""
    guardian: str | None = None
    notes: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class PracticeCast:
    """A practice, and the Fullscript clinic that its people work in."""

    name: str
    country: str
    domain: str
    clinic_id: str
    people: tuple[tuple[str, str, Role], ...]
    patients: int
    phone_prefix: str

    def accounts(self) -> Iterator[Account]:
        for name, address, role in self.people:
            yield Account(name, f"{address}@{self.domain}", role, self.name, self.country)


JUNIPER = PracticeCast(
    "Juniper Integrative Health",
    "US",
    "juniper.example",
    "1f6a0c52-9b0e-4a57-8d4b-3c2e7d90a101",
    (
        ("Dr. Maya Chen", "maya.chen", Role.PRACTITIONER),
        ("Dr. Omar Haddad", "omar.haddad", Role.PRACTITIONER),
        ("Dr. Lucia Ferrara", "lucia.ferrara", Role.PRACTITIONER),
        ("Sam Okafor", "sam.okafor", Role.STAFF),
        ("Rita Novak", "rita.novak", Role.STAFF),
        ("Alex Moreau", "admin", Role.ADMINISTRATOR),
    ),
    68,
    "503",
)
HARBOR_LIGHT = PracticeCast(
    "Harbor Light Wellness",
    "US",
    "harborlight.example",
    "1f6a0c52-9b0e-4a57-8d4b-3c2e7d90a102",
    (
        ("Dr. Grace Lindqvist", "grace.lindqvist", Role.PRACTITIONER),
        ("Dr. Theo Abara", "theo.abara", Role.PRACTITIONER),
        ("Nina Petrov", "nina.petrov", Role.STAFF),
        ("Jordan Vale", "admin", Role.ADMINISTRATOR),
    ),
    14,
    "206",
)
CEDAR_AND_STONE = PracticeCast(
    "Cedar & Stone Naturopathic",
    "CA",
    "cedarstone.example",
    "1f6a0c52-9b0e-4a57-8d4b-3c2e7d90a103",
    (
        ("Dr. Elise Tremblay", "elise.tremblay", Role.PRACTITIONER),
        ("Dr. Arjun Mehta", "arjun.mehta", Role.PRACTITIONER),
        ("Kim Larsen", "kim.larsen", Role.STAFF),
        ("Robin Gauthier", "admin", Role.ADMINISTRATOR),
    ),
    14,
    "604",
)
PRACTICES = (JUNIPER, HARBOR_LIGHT, CEDAR_AND_STONE)

# Who is linked to Fullscript from the start, and the id that the sandbox's seed gives her.
LINKED_EMAIL = "priya.raman@mail.example"
LINKED_FULLSCRIPT_ID = "5f0c2b1e-7c1d-4b57-9d0f-3c6c3f2a9e11"

# Patients who can sign in to the portal from the start: e-mail address, and who that is.
PATIENT_ACCOUNTS = (
    (LINKED_EMAIL, "Priya Raman"),
    ("clara.dietrich@mail.example", "Clara Dietrich, with two children"),
)

NAMED: dict[str, tuple[Person, ...]] = {
    JUNIPER.name: (
        # One match, exactly
        Person(
            "Amelia",
            "Burton",
            F,
            date(1984, 3, 12),
            "amelia.burton@mail.example",
            "(503) 555-0134",
            allergies="Shellfish (hives)",
            notes=(
                "Tired since early autumn, sleeps six hours. Ordered iron studies and vitamin D.",
                "Follow-up: sleep a little better. Ferritin low at 18. Discussed iron with food.",
            ),
        ),
        # Several matches
        Person("Amos", "Burton", M, date(1979, 7, 2), "amos.burton@mail.example", "503-555-0177"),
        # No match anywhere
        Person(
            "Noah",
            "Whitfield",
            M,
            date(1996, 2, 29),
            "noah.whitfield@mail.example",
            "503 555 0112",
            notes=("First visit. Trains for a half marathon; asks about magnesium.",),
        ),
        # A guardian and her dependents, who share her address
        Person("Clara", "Dietrich", F, date(1982, 5, 5), "clara.dietrich@mail.example", "(503) 555-0190"),
        Person(
            "Jonas",
            "Dietrich",
            M,
            date(2014, 9, 1),
            "clara.dietrich@mail.example",
            guardian="Clara Dietrich",
            allergies="Peanuts",
        ),
        Person(
            "Mila", "Dietrich", F, date(2017, 2, 14), "clara.dietrich@mail.example", guardian="Clara Dietrich"
        ),
        # Two adults, one address; Fullscript knows only Walter
        Person(
            "Walter",
            "Iverson",
            M,
            date(1951, 10, 9),
            "iversons@mail.example",
            "503.555.0151",
            allergies="Penicillin (rash)",
        ),
        Person("June", "Iverson", F, date(1953, 4, 27), "iversons@mail.example", "503.555.0151"),
        # Linked from the start
        Person(
            "Priya",
            "Raman",
            F,
            date(1990, 6, 18),
            LINKED_EMAIL,
            "+1 503 555 0166",
            notes=("Continues the spring plan. No new complaints.",),
        ),
        # Little is known
        Person("Teodor", "Ilves"),
    ),
    HARBOR_LIGHT.name: (
        Person("Amelia", "Burton", F, date(1971, 12, 30), "a.burton@mail.example", "206-555-0119"),
    ),
    CEDAR_AND_STONE.name: (
        Person(
            "Margaux",
            "Pelletier",
            F,
            date(1988, 8, 21),
            "margaux.pelletier@mail.example",
            "604-555-0123",
            notes=("Seasonal allergies; wants to go on with quercetin.",),
        ),
    ),
}

FIRST_NAMES = {
    F: (
        "Ada Beatriz Camille Daphne Esther Fatima Greta Hana Imogen Josefina Keiko Leila Margot Nadia Odette "
        "Paloma Ruth Saskia Tamsin Ursula Vera Winona Yasmin Zoé"
    ),
    M: (
        "Anders Bruno Cyrus Dmitri Emeka Felix Gideon Hugo Ivo Jerome Kofi Lars Mateo Nikhil Oscar Pavel "
        "Rafael Silas Tobias Umar Viktor Wendell Yusuf Zane"
    ),
}
LAST_NAMES = (
    "Abernathy Bellweather Castellano Delacroix Eastwood Fairbanks Grimaldi Hollister Ingram Jankowski "
    "Kimura Lockhart Mbeki Nightingale Okonkwo Pemberton Quintero Rosenthal Sandoval Thackeray Underhill "
    "Vasquez Wexford Yamamoto Zielinski Ashdown Brightwater Coleridge Drummond Ellsworth"
)


def patients(practice: PracticeCast) -> Iterator[Person]:
    """The practice's patients: those with a part to play, then others; alike in every run."""
    named = NAMED[practice.name]
    yield from named
    chance = Random(practice.name)  # noqa: S311 -- invented people, no secret
    for number in range(practice.patients - len(named)):
        yield _extra(practice, number, chance)


def _extra(practice: PracticeCast, number: int, chance: Random) -> Person:
    sex = chance.choice((F, M))
    first, last = chance.choice(FIRST_NAMES[sex].split()), chance.choice(LAST_NAMES.split())
    born = date(1938, 1, 1) + timedelta(days=chance.randrange(68 * 365))
    address = f"{first}.{last}{number}@mail.example".lower().replace("é", "e")
    return Person(first, last, sex, born, address, f"{practice.phone_prefix} 555 {200 + number:04}")
