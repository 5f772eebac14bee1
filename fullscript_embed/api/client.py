"""The client of Fullscript's REST API.

    from fullscript_embed.api import FullscriptClient

    client = FullscriptClient("us-snd", token=access_token)
    for patient in client.patients.search("burton"):
        print(patient.last_name)

It knows HTTP and Fullscript, and nothing of Flask. Every failure is a FullscriptError (errors.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

from fullscript_embed.api.caller import Caller
from fullscript_embed.api.endpoints import Endpoint
from fullscript_embed.api.hosts import hosts_of
from fullscript_embed.api.providers import FixedToken, TokenProvider
from fullscript_embed.api.resources import (
    catalog,
    clinics,
    documents,
    events,
    found,
    labs,
    oauth,
    orders,
    patients,
    plans,
    protocols,
    session_grants,
)
from fullscript_embed.api.transport import Body, Transport
from fullscript_embed.api.values import encode


class FullscriptClient:
    """Calls the API for one user.

    *environment* is us, ca, us-snd, ca-snd, local, local-ca, or the URL of an API. *token* is an access
    token, or a callable that hands one out for each request; if it also has `refresh(rejected)`, an expired
    token is replaced and the call made once more (providers.py). Clients are cheap and may be used by many
    threads. Give them one *transport* to share its connections; close a client that you gave none, or use it
    in `with`.
    """

    def __init__(
        self,
        environment: str,
        token: str | TokenProvider | Callable[[], str] | None = None,
        *,
        app: oauth.AppCredentials | None = None,
        authorize_url: str | None = None,
        transport: Transport | None = None,
    ) -> None:
        self._hosts = hosts_of(environment, authorize_url=authorize_url)
        self._transport = transport or Transport()
        self._owns_transport = transport is None
        provider = FixedToken(token) if isinstance(token, str) else token
        self._caller = caller = Caller(self._hosts.api_url, provider, self._transport)

        self.oauth = oauth.OAuthGroup(caller, self._hosts.authorize_url, app)
        self.session_grants = session_grants.SessionGrantsGroup(caller)

        self.clinic = clinics.ClinicGroup(caller)
        self.staff = clinics.StaffGroup(caller)
        self.practitioners = clinics.PractitionersGroup(caller)
        self.practitioner_types = clinics.PractitionerTypesGroup(caller)

        self.patients = patients.PatientsGroup(caller)
        self.metadata = found.MetadataGroup(caller)
        self.orders = orders.OrdersGroup(caller)
        self.lab_orders = labs.LabOrdersGroup(caller)
        self.lab_tests = labs.LabTestsGroup(caller)

        self.treatment_plans = plans.TreatmentPlansGroup(caller)
        self.dynamic_links = plans.DynamicLinksGroup(caller)
        self.protocols = protocols.ProtocolsGroup(caller)
        self.templates = protocols.TemplatesGroup(caller)
        self.resources = documents.ResourcesGroup(caller)

        self.products = catalog.ProductsGroup(caller)
        self.categories = catalog.CategoriesGroup(caller)
        self.allergens = catalog.names_group(caller, "allergens")
        self.brands = catalog.BrandsGroup(caller)
        self.ingredients = catalog.names_group(caller, "ingredients")
        self.supplement_types = catalog.names_group(caller, "supplement_types")
        self.third_party_certifications = catalog.names_group(caller, "third_party_certifications")
        self.variants = catalog.VariantsGroup(caller)

        self.events = events.EventsGroup(caller)
        self.webhook_deliveries = events.WebhookDeliveriesGroup(caller)

    def request(
        self,
        method: str,
        path: str,
        *ids: str,
        params: Mapping[str, Any] | None = None,
        json: Mapping[str, Any] | None = None,
    ) -> Any:
        """Call an endpoint that this version has no method for, and return the JSON of the answer.

        *path* begins with /api and takes *ids* for its `{parameters}`, so that logs and metrics see no id:
        `client.request("GET", "/api/labs/{id}", lab_id)`. Errors, retries and limits are those of every call.
        """
        endpoint = Endpoint(method.upper(), path, "", ())
        body = Body(json=None if json is None else encode(json))
        return self._caller.send(endpoint, *ids, params=params, body=body).data

    @property
    def api_url(self) -> str:
        return self._hosts.api_url

    def close(self) -> None:
        """Close idle connections, unless they belong to a transport that was handed in."""
        if self._owns_transport:
            self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"FullscriptClient({self.api_url!r})"
