"""Who meets the sandbox's redirect links: a partner's server that asks for them, and people who open them."""

from __future__ import annotations

from typing import Any

from fullscript_embed.testing import PASSWORD, Sandbox
from tests.frame_actors import PlatformPage
from tests.sandbox_actors import MAYA, Person
from tests.sandbox_rest import Api

LINKS = "/api/clinic/dynamic_links/treatment_plans"
GATEWAY = "/api/clinic/dynamic_links/gateway/treatment_plans"
OMAR = "omar.haddad@juniper.example"
LUCIA = "lucia.ferrara@juniper.example"


class LinkPartner(Api):
    """A partner's server; links are asked for as the user with that e-mail address."""

    def person_id(self, email: str) -> str:
        """A practitioner's id."""
        people = self.caller(email=email).get("/api/clinic/practitioners").json()["practitioners"]
        return next(str(one["id"]) for one in people if one["email"] == email)

    def new_link(self, email: str = MAYA) -> str:
        """The link without a plan of its own."""
        return str(self.caller(email=email).get(LINKS).json()["redirect_url"])

    def draft(self, email: str = MAYA, practitioner: str | None = None, **body: Any) -> dict[str, Any]:
        """A draft's link, with its plan and its patient."""
        plan = {"practitioner_id": self.person_id(practitioner or email)}
        answer = self.caller(email=email).post(LINKS, treatment_plan=plan, **body)
        link: dict[str, Any] = answer.json()["dynamic_links"]
        return link

    def edit_link(self, plan_id: str, **query: str) -> str:
        """The link of a plan that is there already."""
        answer = self.maya.get(f"{LINKS}/{plan_id}", **query)
        return str(answer.json()["dynamic_links"]["redirect_url"])

    def gateway_link(self, email: str = MAYA, **body: Any) -> str:
        """The link to the matching of patients."""
        answer = self.caller(email=email).post(GATEWAY, **body)
        return str(answer.json()["dynamic_links"]["redirect_url"])

    def patient_named(self, patient_id: str) -> dict[str, Any]:
        """The patient as the API shows them."""
        answer = self.maya.get(f"/api/clinic/patients/{patient_id}").json()
        patient: dict[str, Any] = answer["patient"]
        return patient

    def events(self, kind: str) -> list[dict[str, Any]]:
        """The events of one type that plans or patients left, in order."""
        category = "patients" if kind.startswith("patient") else "treatment_plans"
        events = self.maya.get(f"/api/events/{category}", page_size="100").json()["events"]
        return [event for event in events if event["type"] == kind]


class TabUser(Person):
    """Somebody with a browser, who opens links in tabs."""

    def opens_tab(self, link: str) -> Tab:
        """Open the link as whoever is signed in."""
        return Tab(self, link)


class Tab(PlatformPage):
    """The page that a link opened, with the cookie of its browser."""

    def __init__(self, user: TabUser, link: str) -> None:
        super().__init__(user.url, user.session, user.opens(link))
        self.headers = {
            "X-Redirect-Link": str(self.page.get("link")),
            "X-CSRFToken": str(self.page.get("csrfToken")),
        }

    def asks(self, method: str, path: str, **options: Any) -> Any:
        """Call the platform's API, as the page does."""
        return super().asks(method, path, headers=self.headers | options.pop("headers", {}), **options)

    def changes(self, plan_id: str, body: dict[str, Any]) -> Any:
        """Change an active plan."""
        return self.asks("PUT", f"plans/{plan_id}/changes", json=body)


def signed_in(sandbox: Sandbox, email: str = MAYA) -> TabUser:
    """Somebody whose browser is signed in to Fullscript."""
    user = TabUser(sandbox)
    answer = user.submits(user.opens("/login"), email=email, password=PASSWORD)
    assert answer.status_code == 302, answer.text
    return user
