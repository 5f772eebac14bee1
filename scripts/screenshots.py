"""`make screenshots`: walk through a clinic's day in Chromium and write docs/images and docs/screenshots.md.

Starts a sandbox and the practice app on free ports, with data of their own, so that it can run beside a demo.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from ehr import demo
from fullscript_embed.api import FullscriptClient, LinkPatient
from fullscript_embed.testing import PASSWORD, start_sandbox
from scripts import chromium
from scripts.gallery import Album, Shot, take_all
from tests.e2e.people import Person
from tests.e2e.servers import Practice

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")
SIZE = {"width": 1280, "height": 860}
PATIENCE = 20_000  # ms
MAYA, ADMIN = "maya.chen@juniper.example", "admin@juniper.example"
PATIENT, PATIENT_EMAIL = "Priya Raman", "priya.raman@mail.example"


def main() -> None:
    """Write every picture anew."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, start_sandbox() as sandbox, sync_playwright() as playwright:
        practice = Practice(Path(folder), sandbox)
        practice.prepare()
        try:
            practice.start()
            practice.start_worker()
            practice.reset()
            expect.set_options(timeout=PATIENCE)
            browser = playwright.chromium.launch(executable_path=chromium.ensure(), args=list(FLAGS))
            walk(browser, practice)
            plan = busy_day(browser, practice)
            take_all(browser, albums(practice, plan, shop_of(browser, practice)))
        finally:
            practice.stop_all()


def walk(browser: Browser, practice: Practice) -> None:
    """The main job as Maya does it, a picture at each place that the README speaks of."""
    page = browser.new_page(viewport=SIZE)
    page.set_default_timeout(PATIENCE)
    maya = Person(page, practice, MAYA)
    maya.is_connected()
    maya.goes_to("/integrations")
    take(page, "integrations")
    maya.opens_chart("Amelia Burton")
    maya.recommend_button().click()
    maya.frame.picks_practitioner("Maya Chen")
    maya.frame.picks_patient("Amelia Burton")
    maya.frame.is_ready()
    maya.frame.inside.get_by_role("button", name="Labs", exact=True).click()
    shelf(maya, "Labs")
    maya.frame.adds_lab()
    shelf(maya, "Catalog")
    maya.frame.inside.get_by_role("searchbox").fill("magnesium")
    expect(maya.frame.inside.locator(".product-name").first).to_contain_text(
        re.compile("magnesium", re.IGNORECASE)
    )
    maya.frame.adds_product()
    take(page, "frame")
    maya.frame.sends()
    expect(maya.plans).to_contain_text("Magnesium")
    take(page, "chart")
    page.goto(practice.sandbox.url)
    take(page, "sandbox")


def busy_day(browser: Browser, practice: Practice) -> str:
    """Have a patient order, a laboratory answer, and the practice learn of it; the plan that it was about."""
    sandbox = practice.sandbox
    [app, *_] = sandbox.apps()
    sandbox.change_app(app, webhook_url=f"{practice.url}/fullscript/webhooks/local")
    [waiting] = sandbox.lab_orders(demo.LINKED_FULLSCRIPT_ID)
    plan: str = waiting["treatment_plan_id"]
    sandbox.place_order(plan)
    [bought] = sandbox.lab_orders(demo.LINKED_FULLSCRIPT_ID)
    needed = ("schedule_appointment", "upcoming_appointment") if bought["requires_appointment"] else ()
    sandbox.move_lab_order(bought["id"], *needed, "processing")
    sandbox.push_lab_results(bought["id"])
    sandbox.amend_lab_result(bought["id"])
    sandbox.webhooks_idle()
    page = browser.new_page(viewport=SIZE)
    maya = Person(page, practice, MAYA)
    maya.is_connected()
    for room in ("plans", "orders"):
        maya.goes_to(f"/patients/{maya.patient_id(PATIENT)}/{room}")
        checked(page)
    maya.goes_to(f"/patients/{maya.patient_id(PATIENT)}/labs")
    with page.expect_navigation():
        page.get_by_role("button", name="Check with Fullscript").click()
    page.context.close()
    return plan


def albums(practice: Practice, plan: str, home: str) -> tuple[Album, ...]:
    """Whose pages there are."""
    return (
        Album(
            "The practice app, as a practitioner",
            lambda page: signed_in(page, practice, MAYA),
            charts(practice, plan),
        ),
        Album(
            "The practice app, as an administrator",
            lambda page: signed_in(page, practice, ADMIN),
            administration(practice),
        ),
        Album("The patient portal", lambda page: patient_signed_in(page, practice), portal(practice)),
        Album(
            "The sandbox, as a practitioner",
            lambda page: sandbox_signed_in(page, practice),
            platform(practice),
        ),
        Album("The sandbox, as a patient", lambda page: shopper_signed_in(page, practice), shop(home)),
    )


def charts(practice: Practice, plan: str) -> tuple[Shot, ...]:
    number = practice.rows("SELECT id FROM patient WHERE email = ?", PATIENT_EMAIL)[0][0]
    chart = f"{practice.url}/patients/{number}"
    return (
        Shot("patients", "Patients", f"{practice.url}/patients"),
        Shot("chart", "A chart", chart),
        Shot("chart-plans", "Treatment plans", f"{chart}/plans", checked),
        Shot("chart-plan", "A treatment plan", f"{chart}/plans/{plan}", checked),
        Shot("chart-orders", "Orders", f"{chart}/orders", checked),
        Shot("chart-labs", "Labs", f"{chart}/labs"),
        Shot("chart-record", "The Fullscript record", f"{chart}/fullscript-record"),
        Shot("patient-form", "A patient's details", f"{chart}/edit"),
        Shot("integrations", "Integrations", f"{practice.url}/integrations"),
        Shot("profile", "Profile", f"{practice.url}/profile"),
    )


def administration(practice: Practice) -> tuple[Shot, ...]:
    admin = f"{practice.url}/admin"
    return (
        Shot("people", "People", f"{admin}/people"),
        Shot("activity", "Activity", f"{admin}/activity"),
        Shot("activity-event", "An event", f"{admin}/activity/events/1"),
        Shot("activity-polling", "Polling", f"{admin}/activity/polling"),
        Shot("audit", "Audit trail", f"{admin}/audit"),
    )


def portal(practice: Practice) -> tuple[Shot, ...]:
    number = practice.rows("SELECT id FROM patient WHERE email = ?", PATIENT_EMAIL)[0][0]
    home = f"{practice.url}/portal/{number}"
    return (
        Shot("portal-plans", "Plans", f"{home}/plans"),
        Shot("portal-orders", "Orders", f"{home}/orders"),
        Shot("portal-labs", "Labs", f"{home}/labs"),
        Shot("portal-profile", "Profile", f"{practice.url}/portal/profile"),
    )


def platform(practice: Practice) -> tuple[Shot, ...]:
    sandbox = practice.sandbox
    app = f"{sandbox.url}/dashboard/apps/{sandbox.apps()[0].id}"
    token = sandbox.token(sandbox.apps()[0], MAYA)["oauth"]["access_token"]
    client = FullscriptClient(sandbox.url, token=token)
    family = LinkPatient(email="clara.dietrich@mail.example")
    link = client.dynamic_links.create_matching(patient=family).redirect_url or ""
    return (
        Shot("redirect", "A Redirect link: whose plan is it?", link),
        Shot("dashboard", "Dashboard", app),
        Shot("dashboard-webhooks", "Webhooks", f"{app}/webhooks"),
        Shot("dashboard-deliveries", "Deliveries", f"{app}/deliveries"),
        Shot("dashboard-labs", "Labs", f"{app}/labs"),
        Shot("outbox", "Messages that would have been sent", f"{sandbox.url}/outbox"),
    )


def shop(home: str) -> tuple[Shot, ...]:
    return (
        Shot("shop-plans", "Plans", f"{home}/plans"),
        Shot("shop-plan", "A plan", f"{home}/plans", follow_plan),
        Shot("shop-cart", "Cart", f"{home}/cart"),
        Shot("shop-orders", "Orders", f"{home}/orders"),
        Shot("shop-labs", "Labs", f"{home}/labs"),
    )


def shop_of(browser: Browser, practice: Practice) -> str:
    """Where the patient's pages are."""
    page = browser.new_page()
    shopper_signed_in(page, practice)
    home = page.url.removesuffix("/plans")
    page.context.close()
    return home


def follow_plan(page: Page) -> None:
    """Open the newest plan of the list."""
    page.get_by_role("link", name=re.compile("^Plan from")).first.click()
    page.wait_for_url("**/plans/*")


def checked(page: Page) -> None:
    """Wait until the page was compared with Fullscript."""
    expect(page.locator("[data-fullscript-check][data-state=checked][aria-busy=false]")).to_be_visible()


def signed_in(page: Page, practice: Practice, email: str) -> None:
    Person(page, practice, email).is_signed_in()


def patient_signed_in(page: Page, practice: Practice) -> None:
    page.goto(f"{practice.url}/portal/sign-in")
    fill(page, PATIENT_EMAIL, demo.PASSWORD)
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def sandbox_signed_in(page: Page, practice: Practice) -> None:
    page.goto(f"{practice.sandbox.url}/login")
    fill(page, MAYA, PASSWORD)
    page.wait_for_url(lambda url: not url.endswith("/login"))


def shopper_signed_in(page: Page, practice: Practice) -> None:
    page.goto(f"{practice.sandbox.url}/login/juniper")
    fill(page, PATIENT_EMAIL, PASSWORD)
    page.wait_for_url("**/plans")


def fill(page: Page, email: str, password: str) -> None:
    """Sign in on the page that is open."""
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def shelf(person: Person, name: str) -> None:
    """Turn to what is on offer under that name, in the frame."""
    person.frame.inside.get_by_text(name, exact=True).first.click()


def take(page: Page, name: str) -> None:
    """Write a picture of what is seen."""
    page.wait_for_load_state("networkidle")
    page.screenshot(path=IMAGES / f"{name}.png", animations="disabled")
    print(f"docs/images/{name}.png")


if __name__ == "__main__":
    main()
