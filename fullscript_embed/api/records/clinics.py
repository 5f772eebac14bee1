"""A clinic and the people who work in it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from fullscript_embed.api.parsing import Record
from fullscript_embed.api.records.base import Metadata, record


@record
class Clinic(Record):
    """The clinic of the access token.

    `discount` is in percent; the values of `margin_type` are not documented.
    """

    id: str = ""
    name: str | None = None
    patient_count: int | None = None
    practitioner_count: int | None = None
    discount: Decimal | None = None
    dispensary_url: str | None = None
    integration_id: str | None = None
    integration_activated_at: datetime | None = None
    margin_type: str | None = None


@record
class Practitioner(Record):
    """Somebody who may recommend. `metadata.id` is your own id for them, if you set one."""

    id: str = ""
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    practitioner_type_id: str | None = None
    invite_accepted: bool | None = None
    metadata: Metadata = Metadata()


@record
class Staff(Record):
    """Somebody who works for a clinic's practitioners."""

    id: str = ""
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    metadata: Metadata = Metadata()


@record
class PractitionerType(Record):
    """A profession, such as ND, "Naturopathic Doctor"."""

    id: str = ""
    code: str | None = None
    description: str | None = None
