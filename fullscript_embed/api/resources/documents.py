"""Documents for patients, which Fullscript calls resources."""

from __future__ import annotations

from pathlib import Path
from typing import IO

from fullscript_embed.api.endpoints import BY_CALL
from fullscript_embed.api.paging import LARGEST_PAGE, Listing
from fullscript_embed.api.records.plans import Resource
from fullscript_embed.api.resources.base import Group
from fullscript_embed.api.uploads import multipart, opened
from fullscript_embed.api.values import given


class ResourcesGroup(Group):
    """Documents that a practitioner hands to patients.

    *resource_type*: Guide, Handout, Infographic, Meal plan, Workbook. *category*: Nutrition, Lifestyle,
    Physical activity, Supplements, Health conditions.
    """

    def list(self, practitioner_id: str, *, page_size: int = LARGEST_PAGE) -> Listing[Resource]:
        """The resources that a practitioner has access to."""
        return self._call.many("resources.list", Resource, "resources", practitioner_id, page_size=page_size)

    def list_fullscript(self, *, page_size: int = LARGEST_PAGE) -> Listing[Resource]:
        """Fullscript's own resources."""
        return self._call.many(
            "resources.list_fullscript",
            Resource,
            ("fullscript_resources", "resources"),
            page_size=page_size,
        )

    def create(
        self,
        practitioner_id: str,
        *,
        name: str,
        attachment: str | Path | IO[bytes],
        save_to_library: bool,
        resource_type: str | None = None,
        category: str | None = None,
        treatment_plan_id: str | None = None,
        file_name: str | None = None,
    ) -> Resource:
        """Upload a file (jpg, jpeg, png, pdf, doc, xlsx, pptx), streamed.

        Its name, size and beginning are checked first: RequestInvalid, and nothing is sent. *file_name* names
        an open file that has no name of its own.
        """
        fields = given(
            name=name,
            type=resource_type,
            category=category,
            treatment_plan_id=treatment_plan_id,
            save_to_library=save_to_library,
        )
        endpoint = BY_CALL["resources.create"]
        with opened(attachment, file_name) as (file, called):
            body = multipart(fields, file, called)
            answer = self._call.send(endpoint, practitioner_id, body=body)
        return self._call.read(Resource, "resource", answer, endpoint.route)

    def retrieve(self, practitioner_id: str, resource_id: str) -> Resource:
        """Retrieve one resource of a practitioner."""
        return self._call.one("resources.retrieve", Resource, "resource", practitioner_id, resource_id)

    def update(
        self,
        practitioner_id: str,
        resource_id: str,
        *,
        name: str | None = None,
        save_to_library: bool | None = None,
        resource_type: str | None = None,
        category: str | None = None,
    ) -> Resource:
        """Change what is given.

        The reference names no arguments; these are the describing ones of `create`.
        """
        body = given(name=name, save_to_library=save_to_library, type=resource_type, category=category)
        return self._call.one(
            "resources.update", Resource, "resource", practitioner_id, resource_id, json=body
        )

    def delete(self, practitioner_id: str, resource_id: str) -> None:
        """Delete a resource. Plans that had it lose it."""
        self._call.data("resources.delete", practitioner_id, resource_id)
