"""axe and two widths, for any page."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, cast

from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
WIDTHS = (360, 1280)
Scheme = Literal["light", "dark"]


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


def problems_in_both_schemes(page: Page) -> list[str]:
    """The same page in light and then in dark, without loading it a second time."""
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=cast("Scheme", scheme), reduced_motion="reduce")
        found += problems(page, scheme)
    page.emulate_media(color_scheme="light")
    return found


def problems(page: Page, scheme: str = "light") -> list[str]:
    """What axe has against the page, a line each, and a line for each width that it does not fit.

    Frames are left out: what is inside Fullscript's has tests of its own. In the dark scheme only colours are
    looked at: nothing else depends on it.
    """
    page.evaluate(AT_REST)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    rules = {"runOnly": ["color-contrast"]} if scheme == "dark" else {}
    result: dict[str, Any] = page.evaluate(
        "(options) => axe.run(document, options)", {"iframes": False, **rules}
    )
    found = [f"{one['id']}: {node['html']}" for one in result["violations"] for node in one["nodes"]]
    return found + [f"wider than {width} pixels" for width in WIDTHS if overflows(page, width)]


def overflows(page: Page, width: int) -> bool:
    """True when the page has to be scrolled sideways on a screen of this width."""
    page.set_viewport_size({"width": width, "height": 800})
    wide: bool = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    return wide
