"""Treatment plans, and the links that open Fullscript's editor for one (guide: Fullscript Redirect)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from fullscript_embed.api.records.plans import Checkout, DynamicLink, Recommendation, TreatmentPlan
from fullscript_embed.api.resources.base import Group
from fullscript_embed.api.values import UNCHANGED, Unchanged, changed, given, metadata_body


class TreatmentPlansGroup(Group):
    """Treatment plans. Those of one patient are listed by `client.patients.treatment_plans`."""

    def create(
        self,
        patient_id: str,
        *,
        recommendations: Sequence[Recommendation],
        state: str,
        practitioner_id: str | None = None,
        personal_message: str | None = None,
        metadata_id: str | None = None,
    ) -> TreatmentPlan:
        """Create a plan. Restricted.

        *state* is draft or active, and has to be said: Fullscript takes silence for active and sends the plan
        to the patient (field notes, P33). *practitioner_id* is needed with the token of a staff member.
        """
        body = given(
            practitioner_id=practitioner_id,
            personal_message=personal_message,
            state=state,
            recommendations=recommendations,
        )
        if metadata_id is not None:
            body["metadata"] = metadata_body(metadata_id)
        return self._call.one(
            "treatment_plans.create", TreatmentPlan, "treatment_plan", patient_id, json=body
        )

    def retrieve(self, treatment_plan_id: str) -> TreatmentPlan:
        """Retrieve one plan with its recommendations."""
        return self._call.one("treatment_plans.retrieve", TreatmentPlan, "treatment_plan", treatment_plan_id)

    def update(
        self,
        treatment_plan_id: str,
        *,
        personal_message: str | Unchanged | None = UNCHANGED,
        recommendations: Sequence[Recommendation] | Unchanged = UNCHANGED,
        resource_ids: Sequence[str] | Unchanged = UNCHANGED,
        metadata_id: str | Unchanged | None = UNCHANGED,
    ) -> TreatmentPlan:
        """Change what is given and nothing else.

        *recommendations* take the place of all that the plan had.
        """
        body = changed(
            personal_message=personal_message,
            recommendations=recommendations,
            resource_ids=resource_ids,
            metadata=metadata_body(metadata_id),
        )
        return self._call.one(
            "treatment_plans.update", TreatmentPlan, "treatment_plan", treatment_plan_id, json=body
        )

    def activate(self, treatment_plan_id: str) -> TreatmentPlan:
        """Make a draft active, which sends it to the patient.

        Restricted. RequestInvalid unless it is a draft.
        """
        return self._call.one("treatment_plans.activate", TreatmentPlan, "treatment_plan", treatment_plan_id)

    def cancel(self, treatment_plan_id: str) -> TreatmentPlan:
        """Cancel an active plan. RequestInvalid unless it is active."""
        return self._call.one("treatment_plans.cancel", TreatmentPlan, "treatment_plan", treatment_plan_id)

    def in_office_checkout(self, treatment_plan_id: str) -> Checkout:
        """Make a page where the practitioner pays for the plan. It empties the patient's cart first."""
        return self._call.one(
            "treatment_plans.in_office_checkout", Checkout, "in_office_checkout", treatment_plan_id
        )


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class LinkPatient:
    """Whom a link is for.

    `email` is required by `create_draft`; `patient_id` and `external_id`, your own id, are understood by
    `create_matching` alone. A patient whom Fullscript does not know is created and e-mailed, unless
    `send_welcome_email` is False.
    """

    patient_id: str | None = None
    external_id: str | None = None
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    date_of_birth: date | None = None
    gender: str | None = None
    mobile_number: str | None = None
    discount: Decimal | int | None = None
    send_welcome_email: bool | None = None

    def __repr__(self) -> str:
        return "LinkPatient(…)"

    def body(self) -> dict[str, Any]:
        """As the reference names the fields."""
        fields = asdict(self)
        return given(id=fields.pop("patient_id"), **fields)


class DynamicLinksGroup(Group):
    """Links that open a treatment plan in Fullscript, for the user of the token."""

    def new(self) -> DynamicLink:
        """The link to a new plan, with the patient to be chosen there."""
        return self._call.one("dynamic_links.new", DynamicLink, "dynamic_links")

    def create_draft(
        self,
        *,
        practitioner_id: str | None = None,
        patient: LinkPatient | None = None,
        entrypoint: str | None = None,
    ) -> DynamicLink:
        """Create a draft and a link to it, finding or creating the patient by e-mail. Not for dependents.

        *practitioner_id* defaults to the practitioner whose token it is. *entrypoint*: catalog (the default),
        labs (United States only).
        """
        body = _link_body(practitioner_id, patient, entrypoint)
        return self._call.one("dynamic_links.create_draft", DynamicLink, "dynamic_links", json=body)

    def create_matching(
        self,
        *,
        practitioner_id: str | None = None,
        patient: LinkPatient | None = None,
        entrypoint: str | None = None,
    ) -> DynamicLink:
        """Create a link whose page lets the practitioner match the patient by hand.

        Dependents are supported.
        """
        body = _link_body(practitioner_id, patient, entrypoint)
        return self._call.one("dynamic_links.create_matching", DynamicLink, "dynamic_links", json=body)

    def retrieve(self, treatment_plan_id: str, *, entrypoint: str | None = None) -> DynamicLink:
        """The link to a plan that is a draft or active. RecordNotFound when it is cancelled."""
        return self._call.one(
            "dynamic_links.retrieve",
            DynamicLink,
            "dynamic_links",
            treatment_plan_id,
            params={"entrypoint": entrypoint},
        )


def _link_body(
    practitioner_id: str | None, patient: LinkPatient | None, entrypoint: str | None
) -> Mapping[str, Any]:
    body: dict[str, Any] = {"treatment_plan": given(practitioner_id=practitioner_id)}
    if patient is not None:
        body["patient"] = patient.body()
    return body | given(entrypoint=entrypoint)
