"""All that Fullscript needs to know of this app: who is signed in, who may see whom, which country.

This file is what a partner writes. The rest of the app only asks `fullscript` for what it shows.
"""

from __future__ import annotations

from typing import cast

from celery import Celery
from flask import Flask, current_app
from werkzeug.local import LocalProxy

import fullscript_embed
from ehr import record_changes
from ehr.database import db
from ehr.models import Patient, User
from ehr.records import visible_patient
from ehr.sign_ins import signed_in_user
from fullscript_embed import FullscriptEmbed

CANADA = "CA"


def current_user() -> fullscript_embed.User | None:
    """The signed-in user, as the extension knows people."""
    user = signed_in_user()
    return as_fullscript_user(user) if user else None


def as_fullscript_user(user: User) -> fullscript_embed.User:
    """A user for the extension. An administrator here administrates one practice, and the extension's own
    administrators everything: so nobody is one, and ehr/admin.py does it for the practice's own people.

    The extension closes itself for whom an administrator switched off; ehr/integrations.py does it for the
    pages of this app that are about nothing else."""
    return fullscript_embed.User(id=str(user.id), name=user.name, is_enabled=user.may_use_fullscript)


def find_patient(patient_id: str) -> fullscript_embed.Patient | None:
    """The patient, when the signed-in user may see them; else None, which the extension answers with 404."""
    user = signed_in_user()
    patient = visible_patient(user, patient_id) if user else None
    return as_fullscript_patient(patient) if patient else None


def as_fullscript_patient(patient: Patient) -> fullscript_embed.Patient:
    """What Fullscript may know of a patient: enough to find them, or to fill the form for a new one."""
    return fullscript_embed.Patient(
        id=str(patient.id),
        first_name=patient.first_name,
        last_name=patient.last_name,
        email=patient.email,
        date_of_birth=patient.date_of_birth,
        sex=patient.sex,
        # Fullscript sends text messages to a number that it has: not to whom said no in the portal.
        mobile_number=None if patient.text_message_consent is False else patient.phone_e164,
        is_dependent=patient.guardian_id is not None,
    )


def environment(user: fullscript_embed.User) -> str:
    """The environment of the user's practice: accounts of one country do not work in another."""
    mine = db.session.get_one(User, int(user.id))
    return environment_for(mine.practice.country)


def environment_for(country: str) -> str:
    """The first configured environment of the country, or the first of all where there is none."""
    names: tuple[str, ...] = current_app.config["SETTINGS"].fullscript_environments
    wanted = [name for name in names if is_canadian(name) == (country == CANADA)]
    return (wanted or list(names))[0]


def is_canadian(environment_name: str) -> bool:
    return environment_name in {"ca", "ca-snd", "local-ca"}


def init_app(app: Flask, celery: Celery | None) -> None:
    """Put Fullscript into *app*. Without *celery*, events are applied in the request that brings them."""
    FullscriptEmbed(
        app,
        db=db,
        current_user=current_user,
        find_patient=find_patient,
        environment=environment,
        celery=celery,
        update_patient=record_changes.update_patient,
    )


# The extension of the application that is answering; each application has its own.
fullscript = cast("FullscriptEmbed", LocalProxy(lambda: current_app.extensions["fullscript"]))
