"""`make screenshots`: walk through the main job in Chromium and write docs/images/*.png.

Starts a sandbox and the practice app on free ports, with data of their own, so that it can run beside a demo.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from fullscript_embed.testing import start_sandbox
from scripts import chromium
from tests.e2e.people import Person
from tests.e2e.servers import Practice

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")
SIZE = {"width": 1280, "height": 860}
PATIENCE = 20_000  # ms


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
            browser = playwright.chromium.launch(executable_path=chromium.ensure(), args=list(FLAGS))
            walk(browser, practice)
        finally:
            practice.stop_all()


def walk(browser: Browser, practice: Practice) -> None:
    """The main job as Maya does it, a picture at each place that the README speaks of."""
    page = browser.new_page(viewport=SIZE)
    page.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    maya = Person(page, practice, "maya.chen@juniper.example")
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
