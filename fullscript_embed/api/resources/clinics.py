"""The clinic of the token, its practitioners and staff."""

from __future__ import annotations

from fullscript_embed.api.paging import LARGEST_PAGE, Listing
from fullscript_embed.api.records.clinics import Clinic, Practitioner, PractitionerType, Staff
from fullscript_embed.api.resources.base import Group
from fullscript_embed.api.values import UNCHANGED, Unchanged, changed, given, metadata_body


class ClinicGroup(Group):
    """The clinic that the access token belongs to."""

    def retrieve(self) -> Clinic:
        """Retrieve the clinic. A practitioner who works in several has a token for each."""
        return self._call.one("clinic.retrieve", Clinic, "clinic")


class StaffGroup(Group):
    """People who work for the clinic's practitioners."""

    def list(self, *, page_size: int = LARGEST_PAGE) -> Listing[Staff]:
        """All staff of the clinic."""
        return self._call.many("staff.list", Staff, "staff", page_size=page_size)

    def create(self, *, email: str, first_name: str, last_name: str, metadata_id: str | None = None) -> Staff:
        """Create a staff member. The address must be new: RequestInvalid otherwise."""
        body = given(email=email, first_name=first_name, last_name=last_name)
        if metadata_id is not None:
            body["metadata"] = metadata_body(metadata_id)
        return self._call.one("staff.create", Staff, "staff", json=body)

    def retrieve(self, staff_id: str) -> Staff:
        """Retrieve one staff member."""
        return self._call.one("staff.retrieve", Staff, "staff", staff_id)

    def update(
        self,
        staff_id: str,
        *,
        email: str | Unchanged = UNCHANGED,
        first_name: str | Unchanged = UNCHANGED,
        last_name: str | Unchanged = UNCHANGED,
        metadata_id: str | Unchanged | None = UNCHANGED,
    ) -> Staff:
        """Change what is given and nothing else."""
        body = changed(
            email=email, first_name=first_name, last_name=last_name, metadata=metadata_body(metadata_id)
        )
        return self._call.one("staff.update", Staff, "staff", staff_id, json=body)


class PractitionersGroup(Group):
    """People who may recommend."""

    def list(self, *, page_size: int = LARGEST_PAGE) -> Listing[Practitioner]:
        """All practitioners of the clinic, their metadata included."""
        return self._call.many("practitioners.list", Practitioner, "practitioners", page_size=page_size)

    def create(
        self,
        *,
        practitioner_type_id: str,
        email: str,
        first_name: str,
        last_name: str,
        metadata_id: str | None = None,
    ) -> Practitioner:
        """Create a practitioner. Types are those of `client.practitioner_types.list()`."""
        body = given(
            practitioner_type_id=practitioner_type_id,
            email=email,
            first_name=first_name,
            last_name=last_name,
        )
        if metadata_id is not None:
            body["metadata"] = metadata_body(metadata_id)
        return self._call.one("practitioners.create", Practitioner, "practitioner", json=body)

    def retrieve(self, practitioner_id: str) -> Practitioner:
        """Retrieve one practitioner."""
        return self._call.one("practitioners.retrieve", Practitioner, "practitioner", practitioner_id)

    def update(
        self,
        practitioner_id: str,
        *,
        email: str | Unchanged = UNCHANGED,
        first_name: str | Unchanged = UNCHANGED,
        last_name: str | Unchanged = UNCHANGED,
        metadata_id: str | Unchanged | None = UNCHANGED,
    ) -> Practitioner:
        """Change what is given and nothing else."""
        body = changed(
            email=email, first_name=first_name, last_name=last_name, metadata=metadata_body(metadata_id)
        )
        return self._call.one(
            "practitioners.update", Practitioner, "practitioner", practitioner_id, json=body
        )


class PractitionerTypesGroup(Group):
    """Professions."""

    def list(self, *, page_size: int = LARGEST_PAGE) -> Listing[PractitionerType]:
        """All professions that a practitioner can have."""
        return self._call.many(
            "practitioner_types.list", PractitionerType, "practitioner_types", page_size=page_size
        )
