"""Recommendations kept for reuse."""

from __future__ import annotations

from fullscript_embed.api.paging import LARGEST_PAGE, Listing
from fullscript_embed.api.records.plans import Protocol, Template
from fullscript_embed.api.resources.base import Group


class ProtocolsGroup(Group):
    """Protocols of practitioners and of Fullscript."""

    def list(
        self,
        practitioner_id: str,
        *,
        current_state: str | None = None,
        ownership_type: str | None = None,
        sort_by: str | None = None,
        order_by: str | None = None,
        page_size: int = LARGEST_PAGE,
    ) -> Listing[Protocol]:
        """The protocols of a practitioner, without recommendations: retrieve one for those.

        *current_state*: active, draft, cancelled. *ownership_type*: owned (the default), shared, all.
        *sort_by*: name, current_state. *order_by*: ASC, DESC.
        """
        return self._call.many(
            "protocols.list",
            Protocol,
            "protocols",
            practitioner_id,
            page_size=page_size,
            current_state=current_state,
            ownership_type=ownership_type,
            sort_by=sort_by,
            order_by=order_by,
        )

    def list_fullscript(
        self, *, sort_by: str | None = None, order_by: str | None = None, page_size: int = LARGEST_PAGE
    ) -> Listing[Protocol]:
        """Fullscript's own protocols. *sort_by*: name. *order_by*: ASC, DESC."""
        return self._call.many(
            "protocols.list_fullscript",
            Protocol,
            ("fullscript_protocols", "protocols"),
            page_size=page_size,
            sort_by=sort_by,
            order_by=order_by,
        )

    def retrieve(self, protocol_id: str) -> Protocol:
        """Retrieve one protocol with its recommendations."""
        return self._call.one("protocols.retrieve", Protocol, "protocol", protocol_id)


class TemplatesGroup(Group):
    """Templates, the older kind of protocol."""

    def list(self, practitioner_id: str, *, page_size: int = LARGEST_PAGE) -> Listing[Template]:
        """The templates of a practitioner, without recommendations: retrieve one for those."""
        return self._call.many("templates.list", Template, "templates", practitioner_id, page_size=page_size)

    def retrieve(self, template_id: str) -> Template:
        """Retrieve one template with its recommendations."""
        return self._call.one("templates.retrieve", Template, "template", template_id)
