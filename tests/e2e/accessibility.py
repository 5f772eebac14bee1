"""axe and two widths, for any page."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Frame, Page

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
WIDTHS = (360, 1280)
# What fades in or out is looked at when it has come to rest; what turns for ever is not waited for. A page
# hears of another colour scheme with its next frame, and not before.
AT_REST = """async () => {
  await new Promise(requestAnimationFrame)
  await Promise.allSettled(
    document.getAnimations()
      .filter((one) => one.effect.getComputedTiming().iterations !== Infinity)
      .map((one) => one.finished)
  )
}"""


# Of what axe finds, only what is wrong is asked for: to describe the rest takes it most of its time.
LOOK = """async (rules) => {
  const found = await axe.run(document, {iframes: false, resultTypes: ["violations"], ...rules})
  return found.violations.flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.html}`))
}"""


def problems_in_both_schemes(page: Page) -> list[str]:
    """The same page in light and then in dark, without loading it a second time."""
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    found = problems(page)
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    found += violations(page, "dark")
    page.emulate_media(color_scheme="light")
    return found


def problems(page: Page, scheme: str = "light") -> list[str]:
    """What axe has against the page, a line each, and a line for each width that it does not fit.

    Frames are left out: what is inside Fullscript's has tests of its own.
    """
    found = violations(page, scheme)
    return found + [f"wider than {width} pixels" for width in WIDTHS if overflows(page, width)]


def violations(place: Page | Frame, scheme: str = "light") -> list[str]:
    """What axe finds on a page or in a frame, a line each.

    In the dark scheme only colours are looked at: nothing else depends on it.
    """
    place.evaluate(AT_REST)
    if not place.evaluate("'axe' in window"):
        place.evaluate(AXE.read_text(encoding="utf-8"))
    rules = {"runOnly": ["color-contrast"]} if scheme == "dark" else {}
    found: list[str] = place.evaluate(LOOK, rules)
    return found


def overflows(page: Page, width: int) -> bool:
    """True when the page has to be scrolled sideways on a screen of this width."""
    page.set_viewport_size({"width": width, "height": 800})
    wide: bool = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    return wide
