"""Patients: some by name, because the demo and the tests meet them, and others to fill the lists."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from fullscript_sandbox.models import Address, Patient
from fullscript_sandbox.seed.people import CEDAR_STONE, CLINICS, HARBOR_LIGHT, JUNIPER
from fullscript_sandbox.seed.source import Row, Rows, Seed

PRIYA_RAMAN = "5f0c2b1e-7c1d-4b57-9d0f-3c6c3f2a9e11"


class PatientFacts(NamedTuple):
    clinic_id: str
    first_name: str
    last_name: str
    gender: str | None
    born: date | None
    mailbox: str
    guardian: str | None = None


CAST = (
    PatientFacts(JUNIPER, "Amelia", "Burton", "female", date(1984, 3, 12), "amelia.burton"),
    PatientFacts(JUNIPER, "Amos", "Burton", "male", date(1979, 7, 2), "amos.burton"),
    PatientFacts(JUNIPER, "Amos", "Burton", "male", date(1991, 11, 23), "amos.b"),
    PatientFacts(JUNIPER, "Amos", "Barton", "male", date(1979, 2, 7), "amos.barton"),
    PatientFacts(JUNIPER, "Clara", "Dietrich", "female", date(1982, 5, 5), "clara.dietrich"),
    PatientFacts(JUNIPER, "Jonas", "Dietrich", "male", date(2014, 9, 1), "clara.dietrich", "clara.dietrich"),
    PatientFacts(
        JUNIPER, "Mila", "Dietrich", "female", date(2017, 2, 14), "clara.dietrich", "clara.dietrich"
    ),
    PatientFacts(JUNIPER, "Walter", "Iverson", "male", date(1951, 10, 9), "iversons"),
    PatientFacts(JUNIPER, "Priya", "Raman", "female", date(1990, 6, 18), "priya.raman"),
    PatientFacts(HARBOR_LIGHT, "Amelia", "Burton", "female", date(1962, 8, 30), "a.burton.harbor"),
)

FIRST_NAMES = {
    "female": "Hannah Beatriz Noor Imani Freya Leila Yuki Rosa Tamsin Esther Ingrid Paloma Zadie Odile Marta",
    "male": "Elias Mateo Kofi Anders Rafael Idris Hugo Tomas Kenji Dmitri Callum Bruno Emeka Silas Pavel",
    "x": "Rowan Sage Quinn Marlow",
}
LAST_NAMES = (
    "Abernathy Bergstrom Castellano Dubois Eriksen Fontaine Grabowski Holloway Ibarra Jankowski Kessler "
    "Lombardi Mbeki Nakamura Osborne Pelletier Quigley Rasmussen Sandoval Thackeray Ueda Vasquez Wainwright "
    "Xiong Yardley Zielinski Ashdown Brannigan Colter Dunmore"
)
# How many invented patients a clinic has beside the cast.
CROWD = {JUNIPER: 32, HARBOR_LIGHT: 12, CEDAR_STONE: 12}

PLACES = {
    "US": (("Portland", "OR", "97205"), ("Beaverton", "OR", "97005"), ("Salem", "OR", "97301")),
    "CA": (("Ottawa", "ON", "K1P 1J1"), ("Gatineau", "QC", "J8X 2A1"), ("Kingston", "ON", "K7L 1A1")),
}
AREA_CODES = {JUNIPER: "503", HARBOR_LIGHT: "971", CEDAR_STONE: "613"}
STREETS = ("Alder", "Birchwood", "Cedar", "Dogwood", "Elm", "Foxglove", "Hawthorne", "Juniper", "Larkspur")


def grow(seed: Seed) -> Rows:
    """Patients and where they live. Guardians come before their dependents."""
    facts = [*CAST, *_crowd(seed)]
    patients = [_patient(seed, position, person) for position, person in enumerate(facts)]
    addresses = [_address(seed, patient) for patient in patients if not patient["guardian_patient_id"]]
    return {Patient: patients, Address: addresses}


def _crowd(seed: Seed) -> list[PatientFacts]:
    people: list[PatientFacts] = []
    for clinic_id, size in CROWD.items():
        chance = seed.random("patients", clinic_id)
        last_names = chance.sample(LAST_NAMES.split(), k=min(size, 26))
        for number in range(size):
            gender = chance.choices(("female", "male", "x"), weights=(10, 9, 1))[0]
            first_name = chance.choice(FIRST_NAMES[gender].split())
            last_name = last_names[number % len(last_names)]
            born = date(1940, 1, 1) + timedelta(days=chance.randrange(24_000))
            mailbox = f"{first_name}.{last_name}.{number}".lower()
            people.append(PatientFacts(clinic_id, first_name, last_name, gender, born, mailbox))
    return people


def patient_id(seed: Seed, person: PatientFacts) -> str:
    if person.last_name == "Raman":
        return PRIYA_RAMAN
    return seed.id("patient", person.clinic_id, person.mailbox, person.first_name)


def _patient(seed: Seed, position: int, person: PatientFacts) -> Row:
    chance = seed.random("patient", position)
    guardian = next((one for one in CAST if one.mailbox == person.guardian), None)
    created_at = seed.ago(700 - 9 * position + chance.random())
    return {
        "id": patient_id(seed, person),
        "clinic_id": person.clinic_id,
        "guardian_patient_id": guardian and patient_id(seed, guardian),
        "first_name": person.first_name,
        "last_name": person.last_name,
        "email": f"{person.mailbox}@mail.example",
        "date_of_birth": person.born,
        "gender": person.gender,
        "discount": chance.choices((0, 5, 15), weights=(8, 1, 1))[0],
        "mobile_number": f"+1{AREA_CODES[person.clinic_id]}555{1000 + 37 * position:04}",
        "text_message_notification": chance.random() < 0.6,  # noqa: PLR2004 -- most want to be texted
        "archived": position > len(CAST) and position % 23 == 0,
        "created_at": created_at,
        "updated_at": created_at,
    }


def _address(seed: Seed, patient: Row) -> Row:
    chance = seed.random("address", patient["id"])
    country = next(clinic.country for clinic in CLINICS if clinic.id == patient["clinic_id"])
    city, state, zipcode = chance.choice(PLACES[country])
    return {
        "id": seed.id("address", patient["id"]),
        "patient_id": patient["id"],
        "address1": f"{chance.randrange(100, 9900)} {chance.choice(STREETS)} Street",
        "address2": chance.choice((None, None, f"Apt {chance.randrange(1, 40)}")),
        "city": city,
        "state": state,
        "zipcode": zipcode,
        "country": country,
    }
