"""Documents that practitioners hand to patients: kept, changed, attached to plans. Callers commit."""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

from sqlalchemy import Select, or_, select
from werkzeug.datastructures import FileStorage

from fullscript_sandbox.clock import now
from fullscript_sandbox.database import db
from fullscript_sandbox.models import Clinic, Resource, TreatmentPlan, User
from fullscript_sandbox.refusals import Invalid, NotFound

# Guide: Create a resource.
TYPES = ("Guide", "Handout", "Infographic", "Meal plan", "Workbook")
CATEGORIES = ("Nutrition", "Lifestyle", "Physical activity", "Supplements", "Health conditions")
EXTENSIONS = ("jpg", "jpeg", "png", "pdf", "doc", "xlsx", "pptx")
# Ours: the reference gives no limit.
LARGEST = 20 * 1024 * 1024
_MAX_NAME = 255


def of_practitioner(practitioner: User) -> Select[Resource]:
    """What the practitioner has in the library: their own, and what the whole clinic shares."""
    shared = (Resource.clinic_id == practitioner.clinic_id) & Resource.practitioner_id.is_(None)
    return (
        select(Resource)
        .where(or_(Resource.practitioner_id == practitioner.id, shared), Resource.in_library)
        .order_by(Resource.name, Resource.id)
    )


def of_fullscript() -> Select[Resource]:
    """What Fullscript itself offers to everybody."""
    nobody = Resource.clinic_id.is_(None) & Resource.practitioner_id.is_(None)
    return select(Resource).where(nobody).order_by(Resource.name, Resource.id)


def get(practitioner: User, resource_id: str) -> Resource:
    """What the practitioner has access to, in the library or not, or NotFound."""
    resource = db.session.get(Resource, resource_id)
    if resource is None or not _may_use(practitioner, resource):
        raise NotFound("Resource")
    return resource


def for_clinic(clinic: Clinic, resource_id: str) -> Resource:
    """A document of the clinic or of Fullscript, or NotFound."""
    resource = db.session.get(Resource, resource_id)
    if resource is None or resource.clinic_id not in (None, clinic.id):
        raise NotFound("Resource")
    return resource


def create(practitioner: User, data: Mapping[str, Any]) -> Resource:
    """Keep an uploaded file with its name, type and category. Raises Invalid, with all that is wrong."""
    values = _read(data, new=True)
    moment = now()
    resource = Resource(
        clinic_id=practitioner.clinic_id,
        practitioner_id=practitioner.id,
        created_at=moment,
        updated_at=moment,
        **values,
    )
    db.session.add(resource)
    db.session.flush()
    return resource


def update(resource: Resource, data: Mapping[str, Any]) -> Resource:
    """Change what *data* names and leave the rest. Raises Invalid."""
    for name, value in _read(data, new=False).items():
        setattr(resource, name, value)
    resource.updated_at = now()
    return resource


def attach(plan: TreatmentPlan, resource_ids: Sequence[str]) -> None:
    """Make these the documents of the plan, and no others. Raises Invalid for ids that cannot be used."""
    wanted = list(dict.fromkeys(resource_ids))
    usable = Resource.clinic_id.is_(None) | (Resource.clinic_id == plan.clinic_id)
    found = db.session.scalars(select(Resource).where(Resource.id.in_(wanted), usable)).all()
    if len(found) < len(wanted):
        raise Invalid(["Resource must exist"])
    plan.resources = list(found)
    plan.updated_at = now()


def _may_use(practitioner: User, resource: Resource) -> bool:
    if resource.practitioner_id is not None:
        return resource.practitioner_id == practitioner.id
    return resource.clinic_id in (None, practitioner.clinic_id)


def _read(data: Mapping[str, Any], *, new: bool) -> dict[str, Any]:
    messages: list[str] = []
    values: dict[str, Any] = {}
    if new or "name" in data:
        values["name"] = _name(data.get("name"), messages)
    for name, known in (("type", TYPES), ("category", CATEGORIES)):
        if data.get(name):
            values[name] = str(data[name])
            if values[name] not in known:
                messages.append(f"{name.capitalize()} is not included in the list: {', '.join(known)}")
    if new or "save_to_library" in data:
        values["in_library"] = _flag(data.get("save_to_library"), messages)
    if new or data.get("attachment"):
        values |= _file(data.get("attachment"), messages)
    if messages:
        raise Invalid(messages)
    return values


def _name(value: Any, messages: list[str]) -> str:
    text = str(value or "").strip()
    if not text:
        messages.append("Name can't be blank")
    elif len(text) > _MAX_NAME or not text.isprintable():
        messages.append(f"Name is invalid (at most {_MAX_NAME} characters, without line breaks)")
    return text


def _flag(value: Any, messages: list[str]) -> bool:
    text = str(value).lower()
    if value is None or text not in ("true", "false", "1", "0"):
        messages.append("Save to library must be true or false")
    return text in ("true", "1")


def _file(upload: Any, messages: list[str]) -> dict[str, Any]:
    if not isinstance(upload, FileStorage) or not upload.filename:
        messages.append("Attachment must be a file, sent as multipart/form-data")
        return {}
    extension = PurePath(upload.filename).suffix.removeprefix(".").lower()
    if extension not in EXTENSIONS:
        messages.append(f"Attachment has a type that is not allowed; allowed are {', '.join(EXTENSIONS)}")
        return {}
    content = upload.stream.read(LARGEST + 1)
    if len(content) > LARGEST:
        messages.append(f"Attachment is too big (maximum is {LARGEST // 1024 // 1024} MB)")
    if not content:
        messages.append("Attachment can't be empty")
    kind, _ = mimetypes.guess_type(f"file.{extension}")
    return {
        "file_name": PurePath(upload.filename.replace("\\", "/")).name,
        "content_type": kind or "application/octet-stream",
        "content": content,
    }
