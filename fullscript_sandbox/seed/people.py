"""The clinics, the people who work in them, and the apps that are registered from the start."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from fullscript_sandbox import event_types
from fullscript_sandbox.apps import SCOPES
from fullscript_sandbox.models import App, Clinic, PractitionerType, User
from fullscript_sandbox.models.accounts import hash_password
from fullscript_sandbox.seed.source import Row, Rows, Seed

PASSWORD = "fullscript-sandbox"  # noqa: S105 -- printed on the sandbox's own start page

JUNIPER = "1f6a0c52-9b0e-4a57-8d4b-3c2e7d90a101"
HARBOR_LIGHT = "1f6a0c52-9b0e-4a57-8d4b-3c2e7d90a102"
CEDAR_STONE = "1f6a0c52-9b0e-4a57-8d4b-3c2e7d90a103"


class ClinicFacts(NamedTuple):
    id: str
    name: str
    slug: str
    country: str
    discount: int


CLINICS = (
    ClinicFacts(JUNIPER, "Juniper Integrative Health", "juniper", "US", 10),
    ClinicFacts(HARBOR_LIGHT, "Harbor Light Wellness", "harborlight", "US", 5),
    ClinicFacts(CEDAR_STONE, "Cedar & Stone Naturopathic", "cedarstone", "CA", 0),
)

# Clinic, first and last name, type; the first of a clinic is its owner.
PEOPLE = (
    (JUNIPER, "Maya", "Chen", "ND"),
    (JUNIPER, "Omar", "Haddad", "MD"),
    (JUNIPER, "Lucia", "Ferrara", "RD"),
    (JUNIPER, "Sam", "Okafor", None),
    (JUNIPER, "Rita", "Novak", None),
    (HARBOR_LIGHT, "Grace", "Lindqvist", "DO"),
    (HARBOR_LIGHT, "Theo", "Abara", "LAc"),
    (HARBOR_LIGHT, "Nina", "Petrov", None),
    (CEDAR_STONE, "Elise", "Tremblay", "ND"),
    (CEDAR_STONE, "Arjun", "Mehta", "DC"),
    (CEDAR_STONE, "Kim", "Larsen", None),
)
# A practitioner in the United States who has yet to register for labs.
UNREGISTERED = {"Abara"}
OWNERS = {"Chen", "Lindqvist", "Tremblay"}

PRACTITIONER_TYPES = (
    ("ND", "Naturopathic Doctor"),
    ("MD", "Medical Doctor"),
    ("DO", "Doctor of Osteopathic Medicine"),
    ("DC", "Chiropractor"),
    ("RD", "Registered Dietitian"),
    ("RDN", "Registered Dietitian Nutritionist"),
    ("LAc", "Acupuncturist"),
    ("NP", "Nurse Practitioner"),
    ("PA", "Physician Assistant"),
    ("RN", "Registered Nurse"),
    ("PharmD", "Pharmacist"),
    ("CNS", "Certified Nutrition Specialist"),
    ("HHC", "Holistic Health Coach"),
    ("PT", "Physical Therapist"),
    ("DVM", "Veterinarian"),
)

APPS = (
    ("Demo practice app", "us-snd", "http://localhost:8000/fullscript/callback/local"),
    ("Demo practice app (Canada)", "ca-snd", "http://localhost:8000/fullscript/callback/local-ca"),
)


def grow(seed: Seed) -> Rows:
    """Clinics, practitioner types, practitioners and staff, and the demo's own apps."""
    return {
        Clinic: [_clinic(seed, facts) for facts in CLINICS],
        PractitionerType: [
            {"id": seed.id("practitioner type", code), "code": code, "description": description}
            for code, description in PRACTITIONER_TYPES
        ],
        User: _users(seed),
        App: [_app(seed, position, *facts) for position, facts in enumerate(APPS)],
    }


def email_of(clinic_id: str, first_name: str, last_name: str) -> str:
    slug = next(clinic.slug for clinic in CLINICS if clinic.id == clinic_id)
    return f"{first_name}.{last_name}@{slug}.example".lower()


def user_id(seed: Seed, clinic_id: str, last_name: str) -> str:
    return seed.id("user", clinic_id, last_name)


def practitioner_ids(seed: Seed, clinic_id: str) -> list[str]:
    """Practitioners of a clinic, its owner first."""
    people = (person for person in PEOPLE if person[0] == clinic_id and person[3])
    return [user_id(seed, clinic_id, last_name) for _, _, last_name, _ in people]


def _clinic(seed: Seed, facts: ClinicFacts) -> Row:
    return facts._asdict() | {
        "integration_id": seed.id("integration", facts.slug),
        "integration_activated_at": None,
        "created_at": seed.ago(1500 - CLINICS.index(facts)),
    }


def _users(seed: Seed) -> list[Row]:
    # One hash for all: the password is the same, and hashing takes time.
    password_hash = hash_password(PASSWORD)
    return [
        {
            "id": user_id(seed, clinic_id, last_name),
            "clinic_id": clinic_id,
            "type": "Practitioner" if code else "Staff",
            "is_owner": last_name in OWNERS,
            "email": email_of(clinic_id, first_name, last_name),
            "password_hash": password_hash,
            "first_name": first_name,
            "last_name": last_name,
            "practitioner_type_id": code and seed.id("practitioner type", code),
            **_labs(seed, clinic_id, last_name, code),
            "created_at": seed.ago(1400 - position),
        }
        for position, (clinic_id, first_name, last_name, code) in enumerate(PEOPLE)
    ]


def _labs(seed: Seed, clinic_id: str, last_name: str, code: str | None) -> Row:
    """Practitioners in the United States are registered for labs, with the NPI that sandboxes take."""
    registered = code is not None and clinic_id != CEDAR_STONE and last_name not in UNREGISTERED
    return {
        "npi": "1111111111" if registered else None,
        "labs_registered_at": seed.ago(200) if registered else None,
    }


def _app(seed: Seed, position: int, name: str, environment: str, redirect_uri: str) -> Row:
    return {
        "id": seed.id("app", name),
        "name": name,
        "environment": environment,
        "client_id": _secret(seed, name, "client id"),
        "client_secret": _secret(seed, name, "client secret"),
        "public_key": _secret(seed, name, "public key"),
        "challenge_token": _secret(seed, name, "challenge token"),
        "signature_key": _secret(seed, name, "signature key"),
        "redirect_uris": redirect_uri,
        "origin_uris": "http://localhost:8000",
        "scopes": " ".join(SCOPES),
        "webhook_events": list(event_types.NAMES),  # and no URL yet: nothing is sent before there is one
        "created_at": seed.ago(400 - position),
    }


def _secret(seed: Seed, *names: str) -> str:
    """43 characters, as long as the real ones. Secret only in form: anybody can work it out."""
    return hashlib.sha256("/".join((str(seed.number), *names)).encode()).hexdigest()[:43]
