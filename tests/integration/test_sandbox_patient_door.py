"""The way into the sandbox's shop: the link of a plan, signing in, and who sees whose things."""

from __future__ import annotations

from typing import Any

import pytest

from fullscript_embed.testing import PASSWORD, Sandbox
from tests.sandbox_actors import MAYA, TIMEOUT, http
from tests.sandbox_rest import Api
from tests.shop_actors import Shopper

CLARA = "clara.dietrich@mail.example"
PRIYA = "priya.raman@mail.example"


@pytest.fixture
def api(sandbox: Sandbox) -> Api:
    return Api(sandbox)


@pytest.fixture
def shopper(sandbox: Sandbox) -> Shopper:
    return Shopper(sandbox)


@pytest.fixture
def patient(api: Api) -> dict[str, Any]:
    """Somebody who has no account yet."""
    return api.new_patient(first_name="Ada", last_name="Byron")


@pytest.fixture
def plan(api: Api, patient: dict[str, Any]) -> dict[str, Any]:
    """What was sent to that patient."""
    return api.new_plan("active", patient["id"])


def test_the_link_tells_a_stranger_nothing(shopper: Shopper, plan: dict[str, Any]) -> None:
    """Anybody may have the address: neither the patient nor the plan is on the page."""
    page = shopper.opens(plan["invitation_url"])

    assert page.status_code == 200
    assert not any(word in page.text for word in ("Ada", "Byron", "@unused.example", "capsule"))


def test_the_link_of_the_message_is_the_plans(api: Api, plan: dict[str, Any]) -> None:
    """What the patient gets by e-mail is what the API gives (guide: Treatment plan details)."""
    assert plan["invitation_url"] in api.sandbox.messages()[0]["body"]


def test_the_first_time_a_patient_chooses_a_password(
    shopper: Shopper, patient: dict[str, Any], plan: dict[str, Any]
) -> None:
    """It leads to the plan, and to a cookie that no script and no other site gets."""
    answer = shopper.claims(plan, patient["email"])
    page = shopper.follows(answer)
    cookie = answer.headers["Set-Cookie"]

    assert "Your plan from Maya Chen" in page.text
    assert "fullscript_sandbox_patient=" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param(
            {"email": "somebody.else@mail.example"}, "sent to another address", id="another address"
        ),
        pytest.param({"password": "short"}, "at least 8 characters", id="a short password"),
        pytest.param({"email": ""}, "Enter the address", id="no address"),
        pytest.param({"csrf_token": "x"}, "open for too long", id="no token"),
    ],
)
def test_a_claim_that_cannot_be_believed_is_refused(
    shopper: Shopper, patient: dict[str, Any], plan: dict[str, Any], change: dict[str, str], words: str
) -> None:
    """It says why, and nobody is signed in."""
    form = {"email": patient["email"], "password": PASSWORD} | change
    answer = shopper.submits(shopper.opens(plan["invitation_url"]), **form)

    assert (answer.status_code, words in shopper.notices(answer)) == (422, True)
    assert "fullscript_sandbox_patient" not in answer.headers.get("Set-Cookie", "")


def test_an_account_is_claimed_once(api: Api, patient: dict[str, Any], plan: dict[str, Any]) -> None:
    """Who comes later with the same link has to know the password."""
    Shopper(api.sandbox).claims(plan, patient["email"])
    later = Shopper(api.sandbox)
    answer = later.claims(plan, patient["email"], "another password")

    assert answer.status_code == 422
    assert "password is not right" in later.notices(answer)


def test_a_link_leads_who_has_an_account_to_the_plan(api: Api, shopper: Shopper) -> None:
    """Patients of the seed who ordered before have the sandbox's password."""
    priya = api.first("/api/clinic/search/patients", query=PRIYA)
    page = shopper.comes_in(api.new_plan("active", priya), PRIYA)

    assert "Your plan from Maya Chen" in shopper.opens(page.url).text


def test_a_link_says_to_whom_else_it_was_sent(api: Api, shopper: Shopper) -> None:
    """Somebody who is signed in already learns that this one is not for them."""
    shopper.enters(CLARA)
    priya = api.first("/api/clinic/search/patients", query=PRIYA)
    page = shopper.opens(api.new_plan("active", priya)["invitation_url"])

    assert "signed in as Clara Dietrich, to whom this link was not sent" in page.text


def test_a_draft_was_not_sent(api: Api, shopper: Shopper, patient: dict[str, Any]) -> None:
    """Its link works from the start, and shows nothing before the practitioner sends the plan."""
    assert "was not sent yet" in shopper.opens(api.new_plan("draft", patient["id"])["invitation_url"]).text


@pytest.mark.parametrize(
    "path", ["/welcome/juniper/0000000000", "/login/nowhere", f"/o/patients/{10**20}/checkout"]
)
def test_there_is_no_door_to_nothing(shopper: Shopper, path: str) -> None:
    """404."""
    assert shopper.opens(path).status_code == 404


def test_a_code_belongs_to_its_clinic(shopper: Shopper, plan: dict[str, Any]) -> None:
    """Under another clinic's address it is not found."""
    assert shopper.opens(plan["invitation_url"].replace("/juniper/", "/harborlight/")).status_code == 404


@pytest.mark.parametrize(
    ("email", "password", "slug"),
    [
        pytest.param(CLARA, "wrong password", "juniper", id="wrong password"),
        pytest.param(CLARA, PASSWORD, "harborlight", id="another clinic"),
        pytest.param(MAYA, PASSWORD, "juniper", id="a practitioner"),
        pytest.param("amelia.burton@mail.example", PASSWORD, "juniper", id="nobody claimed it"),
    ],
)
def test_who_has_no_account_here_does_not_get_in(
    shopper: Shopper, email: str, password: str, slug: str
) -> None:
    """All with the same sentence."""
    answer = shopper.enters(email, slug, password)

    assert answer.status_code == 422
    assert shopper.notices(answer) == "The e-mail address or the password is not right."


def test_signing_in_leads_nowhere_else(shopper: Shopper) -> None:
    """`next` is for pages of this sandbox."""
    for wanted in ("https://evil.example/", "//evil.example", "/\\evil.example"):
        door = shopper.opens(f"/login/juniper?next={wanted}")
        answer = shopper.submits(door, door.url, email=CLARA, password=PASSWORD)

        assert answer.headers["Location"].startswith("/my-health/juniper/"), wanted


def test_a_page_that_needs_signing_in_comes_after_it(shopper: Shopper, sandbox: Sandbox) -> None:
    """The address that was asked for is kept."""
    home = Shopper.home(shopper.follows(shopper.enters(CLARA)))
    other = Shopper(sandbox)
    door = other.opens(f"{home}/orders")
    answer = other.submits(door, door.url, email=CLARA, password=PASSWORD)

    assert answer.headers["Location"] == f"{home}/orders"


def test_signing_out_ends_it(shopper: Shopper) -> None:
    """The next page asks to sign in."""
    page = shopper.follows(shopper.enters(CLARA))
    shopper.submits(page, "/login/juniper/sign-out")

    assert "/login/juniper" in shopper.opens(page.url, follow=False).headers["Location"]


def test_one_browser_can_be_both_and_neither_opens_the_others_pages(shopper: Shopper) -> None:
    """A patient is no practitioner, a practitioner no patient, and one session does not end the other."""
    page = shopper.follows(shopper.enters(CLARA))
    assert "/login?" in shopper.opens("/settings/connected-apps", follow=False).headers["Location"]
    shopper.signs_in(MAYA)

    assert shopper.opens(page.url, follow=False).status_code == 200
    shopper.submits(shopper.opens(page.url), "/login/juniper/sign-out")
    assert "/login/juniper" in shopper.opens(page.url, follow=False).headers["Location"]
    assert shopper.opens("/settings/connected-apps", follow=False).status_code == 200


def test_a_made_up_cookie_opens_nothing(shopper: Shopper) -> None:
    """It is signed."""
    page = shopper.follows(shopper.enters(CLARA))
    for value in ("", "x", "eyJhIjoxfQ.AAAA", '"1f6a0c52"'):
        cookies = {"fullscript_sandbox_patient": value}
        answer = http().get(page.url, cookies=cookies, allow_redirects=False, timeout=TIMEOUT)

        assert answer.headers["Location"].startswith("/login/juniper"), value


def test_nobody_sees_another_patients_things(api: Api, shopper: Shopper) -> None:
    """Neither under the other's number nor under one's own: it is as if they were not there."""
    priya = api.first("/api/clinic/search/patients", query=PRIYA)
    plan, other = api.new_plan("active", priya), Shopper(api.sandbox)
    page = other.comes_in(plan, PRIYA)
    order = api.sandbox.place_order(plan["id"])["order_number"]
    theirs, mine = other.home(page), shopper.home(shopper.follows(shopper.enters(CLARA)))
    own = [f"plans/{page.url.rpartition('/')[2]}", f"orders/{order}"]
    places = [*own, "plans", "orders", "cart", "checkout"]

    assert {other.opens(f"{theirs}/{place}").status_code for place in places} == {200}
    assert {shopper.opens(f"{theirs}/{place}").status_code for place in places} == {404}
    assert {shopper.opens(f"{mine}/{place}").status_code for place in own} == {404}


def test_a_guardian_sees_the_plans_of_dependents(api: Api, shopper: Shopper) -> None:
    """The link was sent to the guardian's address, and leads to the dependent's plan."""
    clara = api.first("/api/clinic/search/patients", query=CLARA)
    jonas = api.first(f"/api/clinic/patients/{clara}/dependents")
    page = shopper.comes_in(api.new_plan("active", jonas), CLARA)

    assert "s plan from Maya Chen" in page.text
    assert 'aria-label="For whom"' in page.text


def test_who_is_emancipated_is_seen_no_more(api: Api, shopper: Shopper) -> None:
    """Their things are their own from then on, with a link of their own to claim them."""
    clara = api.first("/api/clinic/search/patients", query=CLARA)
    jonas = api.first(f"/api/clinic/patients/{clara}/dependents")
    plan = api.new_plan("active", jonas)
    page = shopper.comes_in(plan, CLARA)
    changed = api.sandbox.emit("patient.emancipated", patient_id=jonas)["data"]["patient"]

    assert shopper.opens(page.url).status_code == 404
    assert Shopper(api.sandbox).comes_in(plan, changed["email"]).url == page.url
