"""Patients, their dependents, addresses, and the search for them."""

from __future__ import annotations

from typing import Literal

from flask import g
from pydantic import ConfigDict
from sqlalchemy import select
from typing_extensions import TypedDict

from fullscript_sandbox import patients
from fullscript_sandbox.api import needs, scopes
from fullscript_sandbox.api.endpoint import Section
from fullscript_sandbox.api.paging import Meta, asked_page, meta_of, paginate
from fullscript_sandbox.api.people import MetadataBody
from fullscript_sandbox.api.reading import Amount, Body, Flag, Query, Text
from fullscript_sandbox.database import db
from fullscript_sandbox.models import Address, Patient
from fullscript_sandbox.shapes.patients import (
    AddressData,
    PatientDetail,
    PatientRow,
    address_data,
    patient_detail,
    patient_row,
)

section = Section("Patients")
addresses = Section("Address")

PatientType = Literal["all", "dependent", "guardian"]


class PatientAnswer(TypedDict):
    patient: PatientDetail


class PatientPage(TypedDict):
    patients: list[PatientRow]
    meta: Meta


class AddressPage(TypedDict):
    addresses: list[AddressData]
    meta: Meta


class PatientQuery(Query):
    patient_type: PatientType | None = None


class PatientSearch(PatientQuery):
    query: str | None = None


class PatientFields(Body):
    email: Text = None
    first_name: Text = None
    last_name: Text = None
    date_of_birth: Text = None
    gender: Text = None
    mobile_number: Text = None
    discount: Amount = None
    send_welcome_email: Flag = None


class PatientChange(PatientFields):
    metadata: MetadataBody | None = None


class NewPatient(PatientChange):
    model_config = ConfigDict(json_schema_extra={"required": ["email", "first_name", "last_name"]})


@section.get(
    "/clinic/patients",
    "List all patients",
    PatientPage,
    scopes=(scopes.PATIENTS_READ,),
    paged=True,
    refusals=(422,),
)
def list_all(query: PatientQuery) -> PatientPage:
    """Everybody, in the order in which they came; `patient_type` narrows it."""
    if query.patient_type in (None, "all"):
        number, size = asked_page()
        found, total = patients.page(g.token.clinic_id, (number - 1) * size, size)
        return {"patients": [patient_row(row) for row in found], "meta": meta_of(number, size, total)}
    rows, meta = paginate(patients.with_type(patients.everybody(needs.clinic()), query.patient_type))
    return {"patients": [patient_row(row) for row in rows], "meta": meta}


@section.post(
    "/clinic/patients",
    "Create a patient",
    PatientAnswer,
    status=201,
    scopes=(scopes.PATIENTS_WRITE,),
    refusals=(422,),
)
def create(body: NewPatient) -> PatientAnswer:
    """Add a patient, who gets a welcome e-mail unless `send_welcome_email` is false.

    The e-mail address has to be the first of its kind in the clinic.
    """
    patient = patients.create(needs.clinic(), body.given())
    answer = patient_detail(patient)
    db.session.commit()
    return {"patient": answer}


@section.get(
    "/clinic/patients/{id}",
    "Retrieve a patient",
    PatientAnswer,
    scopes=(scopes.PATIENTS_READ,),
    refusals=(404,),
)
def retrieve(id_: str) -> PatientAnswer:
    """One patient."""
    return {"patient": patient_detail(patients.show(g.token.clinic_id, id_))}


@section.patch(
    "/clinic/patients/{id}",
    "Update a patient",
    PatientAnswer,
    scopes=(scopes.PATIENTS_WRITE,),
    refusals=(404, 422),
)
def update(id_: str, body: PatientChange) -> PatientAnswer:
    """Change what is sent, and leave the rest."""
    patient = patients.update(needs.patient(id_), body.given())
    answer = patient_detail(patient)
    db.session.commit()
    return {"patient": answer}


@section.get(
    "/clinic/search/patients",
    "Search for patients",
    PatientPage,
    scopes=(scopes.PATIENTS_READ,),
    paged=True,
    refusals=(422,),
)
def search(query: PatientSearch) -> PatientPage:
    """Patients with every word of `query` somewhere in their names or address, the best first.

    Blind to case and accents. An address also finds those who share its domain, as the real search was
    seen to do: compare addresses before you believe a match. Without `patient_type` dependents are left out.
    """
    chosen = patients.search(needs.clinic(), query.query, patient_type=query.patient_type)
    rows, meta = paginate(chosen, few=True)
    return {"patients": [patient_row(row) for row in rows], "meta": meta}


@section.get(
    "/clinic/patients/{patient_id}/dependents",
    "List all dependents",
    PatientPage,
    scopes=(scopes.PATIENTS_READ,),
    paged=True,
    refusals=(404,),
)
def list_dependents(patient_id: str) -> PatientPage:
    """The patients whose guardian this one is."""
    guardian = needs.patient(patient_id)
    chosen = select(Patient).where(Patient.guardian_patient_id == guardian.id)
    rows, meta = paginate(chosen.order_by(Patient.date_of_birth, Patient.id))
    return {"patients": [patient_row(row) for row in rows], "meta": meta}


@addresses.get(
    "/clinic/patients/{patient_id}/addresses",
    "List All Patient Addresses",
    AddressPage,
    scopes=(scopes.PATIENTS_READ,),
    paged=True,
    refusals=(404,),
)
def list_addresses(patient_id: str) -> AddressPage:
    """Where the patient's orders go."""
    patient = needs.patient(patient_id)
    chosen = select(Address).where(Address.patient_id == patient.id).order_by(Address.id)
    rows, meta = paginate(chosen)
    return {"addresses": [address_data(row) for row in rows], "meta": meta}
