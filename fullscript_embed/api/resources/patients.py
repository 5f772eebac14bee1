"""Patients, and everything that is listed for one of them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from fullscript_embed.api.paging import LARGEST_PAGE, Listing
from fullscript_embed.api.records.orders import Order
from fullscript_embed.api.records.patients import Address, Patient
from fullscript_embed.api.records.plans import TreatmentPlan
from fullscript_embed.api.resources.base import Group
from fullscript_embed.api.values import UNCHANGED, Unchanged, changed, given, metadata_body


class PatientsGroup(Group):
    """The patients of the clinic."""

    def list(self, *, patient_type: str | None = None, page_size: int = LARGEST_PAGE) -> Listing[Patient]:
        """All patients, with names, e-mail and `archived` alone. *patient_type*: all, dependent, guardian."""
        return self._call.many(
            "patients.list", Patient, "patients", page_size=page_size, patient_type=patient_type
        )

    def create(  # noqa: PLR0913  # one argument for each field of the reference
        self,
        *,
        email: str,
        first_name: str,
        last_name: str,
        date_of_birth: date | None = None,
        gender: str | None = None,
        mobile_number: str | None = None,
        send_welcome_email: bool | None = None,
        discount: Decimal | int | None = None,
        metadata_id: str | None = None,
    ) -> Patient:
        """Create a patient. Fullscript e-mails them unless *send_welcome_email* is False.

        *gender* is male, female or x; *mobile_number* is +1 and ten digits; *discount* is in percent, on top
        of the clinic's; *metadata_id* is your own id. The e-mail must be new in the clinic: RequestInvalid
        otherwise.
        """
        body = given(
            email=email,
            first_name=first_name,
            last_name=last_name,
            date_of_birth=date_of_birth,
            gender=gender,
            mobile_number=mobile_number,
            send_welcome_email=send_welcome_email,
            discount=discount,
        )
        if metadata_id is not None:
            body["metadata"] = metadata_body(metadata_id)
        return self._call.one("patients.create", Patient, "patient", json=body)

    def retrieve(self, patient_id: str) -> Patient:
        """Retrieve one patient, whole."""
        return self._call.one("patients.retrieve", Patient, "patient", patient_id)

    def update(  # noqa: PLR0913  # one argument for each field of the reference
        self,
        patient_id: str,
        *,
        email: str | Unchanged = UNCHANGED,
        first_name: str | Unchanged = UNCHANGED,
        last_name: str | Unchanged = UNCHANGED,
        date_of_birth: date | Unchanged | None = UNCHANGED,
        gender: str | Unchanged | None = UNCHANGED,
        mobile_number: str | Unchanged | None = UNCHANGED,
        discount: Decimal | int | Unchanged = UNCHANGED,
        metadata_id: str | Unchanged | None = UNCHANGED,
    ) -> Patient:
        """Change what is given and nothing else; None empties a field."""
        body = changed(
            email=email,
            first_name=first_name,
            last_name=last_name,
            date_of_birth=date_of_birth,
            gender=gender,
            mobile_number=mobile_number,
            discount=discount,
            metadata=metadata_body(metadata_id),
        )
        return self._call.one("patients.update", Patient, "patient", patient_id, json=body)

    def search(
        self, query: str, *, patient_type: str | None = None, page_size: int = LARGEST_PAGE
    ) -> Listing[Patient]:
        """Patients whose name or e-mail resembles *query*.

        The search is fuzzy: compare what comes back before you take it for your patient (field notes, P29).
        Without a *patient_type* (all, dependent, guardian) it leaves out patients who have dependents.
        """
        return self._call.many(
            "patients.search",
            Patient,
            "patients",
            page_size=page_size,
            query=query,
            patient_type=patient_type,
        )

    def dependents(self, patient_id: str, *, page_size: int = LARGEST_PAGE) -> Listing[Patient]:
        """The dependents of a guardian."""
        return self._call.many("patients.dependents", Patient, "patients", patient_id, page_size=page_size)

    def addresses(self, patient_id: str, *, page_size: int = LARGEST_PAGE) -> Listing[Address]:
        """The addresses of a patient."""
        return self._call.many("patients.addresses", Address, "addresses", patient_id, page_size=page_size)

    def orders(self, patient_id: str, *, page_size: int = LARGEST_PAGE) -> Listing[Order]:
        """The completed and refunded orders of a patient."""
        return self._call.many("patients.orders", Order, "orders", patient_id, page_size=page_size)

    def treatment_plans(
        self,
        patient_id: str,
        *,
        sort_by: str | None = None,
        order_by: str | None = None,
        page_size: int = LARGEST_PAGE,
    ) -> Listing[TreatmentPlan]:
        """The treatment plans of a patient, without recommendations: retrieve a plan for those.

        *sort_by*: created_at, updated_at. *order_by*: ASC (the default), DESC. Plans made in Fullscript's own
        pages need the scope patients:treatment_plan_history.
        """
        return self._call.many(
            "patients.treatment_plans",
            TreatmentPlan,
            "treatment_plans",
            patient_id,
            page_size=page_size,
            sort_by=sort_by,
            order_by=order_by,
        )
