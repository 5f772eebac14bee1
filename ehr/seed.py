"""`flask seed`: the practices, accounts and patients of the demo."""

from __future__ import annotations

from datetime import timedelta

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from sqlalchemy import select

from ehr import demo
from ehr.database import db, utcnow
from ehr.fullscript import environment_for, fullscript
from ehr.models import Patient, Practice, User, Visit
from ehr.patient_form import read_phone
from ehr.portal_models import PatientAccount


def init_app(app: Flask) -> None:
    """Add the command."""
    app.cli.add_command(seed_command)


@click.command("seed")
@with_appcontext
def seed_command() -> None:
    """Create the demo's practices, accounts and patients. What is there already is kept as it is."""
    if current_app.config["SETTINGS"].production:
        raise click.ClickException("The demo's accounts have a known password: not in production.")
    made = [seed(practice) for practice in demo.PRACTICES]
    click.echo(
        f"{sum(made)} of {len(made)} practices created." if any(made) else "Everybody is there already."
    )


def seed(practice_cast: demo.PracticeCast) -> bool:
    """Create one practice with everybody in it; False when there is one of its name."""
    if db.session.scalar(select(Practice.id).where(Practice.name == practice_cast.name)):
        return False
    practice = Practice(name=practice_cast.name, country=practice_cast.country)
    db.session.add(practice)
    author = _add_users(practice, practice_cast)
    people = {person.name: person for person in _add_patients(practice, practice_cast, author)}
    _add_patient_accounts(people)
    db.session.commit()
    _link(practice_cast, people)
    return True


def _add_users(practice: Practice, practice_cast: demo.PracticeCast) -> User:
    """Add the accounts; return the first, who is the practice's owner."""
    first = User()
    first.set_password(demo.PASSWORD)  # hashed once: it is the same for all, and known anyway
    users = [
        User(
            practice=practice,
            name=account.name,
            email=account.email,
            role=account.role,
            password_hash=first.password_hash,
        )
        for account in practice_cast.accounts()
    ]
    db.session.add_all(users)
    return users[0]


def _add_patients(practice: Practice, practice_cast: demo.PracticeCast, author: User) -> list[Patient]:
    added: dict[str, Patient] = {}
    patients = []
    for person in demo.patients(practice_cast):
        patient = _patient(practice, person)
        patient.guardian = added.get(person.guardian or "")
        patient.visits = _visits(person, author)
        added.setdefault(patient.name, patient)
        patients.append(patient)
    db.session.add_all(patients)
    return patients


def _patient(practice: Practice, person: demo.Person) -> Patient:
    patient = Patient(
        practice=practice,
        first_name=person.first_name,
        last_name=person.last_name,
        email=person.email,
        date_of_birth=person.born,
        sex=person.sex,
        phone=person.phone,
        phone_e164=read_phone(person.phone, practice) if person.phone else None,
        allergies=person.allergies,
    )
    patient.index_for_search()
    return patient


def _visits(person: demo.Person, author: User) -> list[Visit]:
    """The person's notes, the last of them a week old, the others a month earlier each."""
    last, count = utcnow().replace(hour=16, minute=40) - timedelta(days=7), len(person.notes)
    return [
        Visit(note=note, author=author, at=last - timedelta(days=30 * (count - number)))
        for number, note in enumerate(person.notes, 1)
    ]


def _add_patient_accounts(people: dict[str, Patient]) -> None:
    """Let some patients sign in to the portal, among them a guardian."""
    wanted = dict(demo.PATIENT_ACCOUNTS)
    first = PatientAccount()
    first.set_password(demo.PASSWORD)
    db.session.add_all(
        PatientAccount(patient=patient, email=patient.email, password_hash=first.password_hash)
        for patient in people.values()
        if patient.email in wanted and patient.guardian is None
    )


def _link(practice_cast: demo.PracticeCast, people: dict[str, Patient]) -> None:
    """Link the one patient who is known to Fullscript already, in the sandbox where her id is true."""
    name = environment_for(practice_cast.country)
    for patient in people.values():
        if patient.email == demo.LINKED_EMAIL and name.startswith("local"):
            fullscript.link_patient(
                str(patient.id),
                environment=name,
                clinic_id=practice_cast.clinic_id,
                fullscript_patient_id=demo.LINKED_FULLSCRIPT_ID,
            )
