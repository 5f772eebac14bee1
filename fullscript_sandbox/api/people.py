"""Staff, practitioners and practitioner types."""

from __future__ import annotations

from pydantic import ConfigDict
from sqlalchemy import select
from typing_extensions import TypedDict

from fullscript_sandbox import people
from fullscript_sandbox.api import needs, scopes
from fullscript_sandbox.api.endpoint import Section
from fullscript_sandbox.api.paging import Meta, paginate
from fullscript_sandbox.api.reading import Body, Text
from fullscript_sandbox.database import db
from fullscript_sandbox.models import PractitionerType
from fullscript_sandbox.shapes.catalog import PractitionerTypeData, practitioner_type
from fullscript_sandbox.shapes.people import PractitionerData, StaffData, practitioner_data, staff_data

staff = Section("Staff")
practitioners = Section("Practitioners")
types = Section("Practitioner Types")


class StaffAnswer(TypedDict):
    staff: StaffData


class StaffPage(TypedDict):
    """One key for one and for many (field notes, 1.7)."""

    staff: list[StaffData]
    meta: Meta


class PractitionerAnswer(TypedDict):
    practitioner: PractitionerData


class PractitionerPage(TypedDict):
    practitioners: list[PractitionerData]
    meta: Meta


class PractitionerTypePage(TypedDict):
    practitioner_types: list[PractitionerTypeData]
    meta: Meta


class MetadataBody(Body):
    id: Text = None


class PersonChange(Body):
    email: Text = None
    first_name: Text = None
    last_name: Text = None
    metadata: MetadataBody | None = None


class NewStaff(PersonChange):
    model_config = ConfigDict(json_schema_extra={"required": ["email", "first_name", "last_name"]})


class PractitionerChange(PersonChange):
    practitioner_type_id: Text = None


class NewPractitioner(PractitionerChange):
    model_config = ConfigDict(
        json_schema_extra={"required": ["practitioner_type_id", "email", "first_name", "last_name"]}
    )


@staff.get("/clinic/staff", "List all staff", StaffPage, scopes=(scopes.CLINIC_READ,), paged=True)
def list_staff() -> StaffPage:
    """Everybody of the clinic who is not a practitioner."""
    rows, meta = paginate(people.of_type(needs.clinic(), "Staff"))
    return {"staff": [staff_data(row) for row in rows], "meta": meta}


@staff.post(
    "/clinic/staff",
    "Create a staff member",
    StaffAnswer,
    status=201,
    scopes=(scopes.CLINIC_WRITE,),
    refusals=(422,),
)
def create_staff(body: NewStaff) -> StaffAnswer:
    """Add a staff member, who gets an invitation by e-mail."""
    person = people.invite(needs.clinic(), "Staff", body.given())
    db.session.commit()
    return {"staff": staff_data(person)}


@staff.get(
    "/clinic/staff/{id}",
    "Retrieve a staff member",
    StaffAnswer,
    scopes=(scopes.CLINIC_READ,),
    refusals=(404,),
)
def retrieve_staff(id_: str) -> StaffAnswer:
    """One staff member."""
    return {"staff": staff_data(needs.user(id_, "Staff"))}


@staff.patch(
    "/clinic/staff/{id}",
    "Update a staff member",
    StaffAnswer,
    scopes=(scopes.CLINIC_WRITE,),
    refusals=(404, 422),
)
def update_staff(id_: str, body: PersonChange) -> StaffAnswer:
    """Change what is sent, and leave the rest."""
    person = people.update(needs.user(id_, "Staff"), body.given())
    db.session.commit()
    return {"staff": staff_data(person)}


@practitioners.get(
    "/clinic/practitioners",
    "List all practitioners",
    PractitionerPage,
    scopes=(scopes.CLINIC_READ,),
    paged=True,
)
def list_practitioners() -> PractitionerPage:
    """The clinic's practitioners, its owner among them."""
    rows, meta = paginate(people.of_type(needs.clinic(), "Practitioner"))
    return {"practitioners": [practitioner_data(row) for row in rows], "meta": meta}


@practitioners.post(
    "/clinic/practitioners",
    "Create a practitioner",
    PractitionerAnswer,
    status=201,
    scopes=(scopes.CLINIC_WRITE,),
    refusals=(422,),
)
def create_practitioner(body: NewPractitioner) -> PractitionerAnswer:
    """Add a practitioner, who gets an invitation by e-mail."""
    person = people.invite(needs.clinic(), "Practitioner", body.given())
    db.session.commit()
    return {"practitioner": practitioner_data(person)}


@practitioners.get(
    "/clinic/practitioners/{id}",
    "Retrieve a practitioner",
    PractitionerAnswer,
    scopes=(scopes.CLINIC_READ,),
    refusals=(404,),
)
def retrieve_practitioner(id_: str) -> PractitionerAnswer:
    """One practitioner."""
    return {"practitioner": practitioner_data(needs.practitioner(id_))}


@practitioners.patch(
    "/clinic/practitioners/{id}",
    "Update a practitioner",
    PractitionerAnswer,
    scopes=(scopes.CLINIC_WRITE,),
    refusals=(404, 422),
)
def update_practitioner(id_: str, body: PractitionerChange) -> PractitionerAnswer:
    """Change what is sent, and leave the rest."""
    person = people.update(needs.practitioner(id_), body.given())
    db.session.commit()
    return {"practitioner": practitioner_data(person)}


@types.get(
    "/catalog/practitioner_types",
    "List all practitioner types",
    PractitionerTypePage,
    scopes=(scopes.CATALOG_READ,),
    paged=True,
)
def list_types() -> PractitionerTypePage:
    """What practitioners can be, such as a naturopathic doctor."""
    rows, meta = paginate(select(PractitionerType).order_by(PractitionerType.code, PractitionerType.id))
    return {"practitioner_types": [practitioner_type(row) for row in rows], "meta": meta}
