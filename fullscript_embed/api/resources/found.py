"""Records found by your own ids."""

from __future__ import annotations

from fullscript_embed.api.paging import LARGEST_PAGE, Listing
from fullscript_embed.api.records.found import Match
from fullscript_embed.api.resources.base import Group


class MetadataGroup(Group):
    """Search by the ids that you set as `metadata_id`."""

    def find(
        self, metadata_id: str | None = None, *, record_type: str | None = None, page_size: int = LARGEST_PAGE
    ) -> Listing[Match]:
        """Records that carry *metadata_id*. *record_type*: patient, practitioner, staff, treatment_plan.

        Ids are yours: nothing keeps two records from having the same one.
        """
        return self._call.many(
            "metadata.find", Match, "metadata", page_size=page_size, id=metadata_id, type=record_type
        )
