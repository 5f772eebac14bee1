"""The extension on a partner's own page: layouts, events to listen to, parts that come and go."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from fullscript_embed import script
from fullscript_embed.testing import Sandbox
from tests.e2e.accessibility import problems_in_both_schemes
from tests.e2e.partner import Partner, Recommender
from tests.e2e.people import RECOMMEND
from tests.waiting import until

GRANTS = "/api/clinic/embeddable/session_grants"
VIEWPORT = {"width": 1280, "height": 900}
BAR = 80  # px, the most that the bar above the frame may take
LIBRARY = Path(script.__file__).parent / "static" / script.BUNDLED_FILE


@pytest.fixture
def partner(tmp_path: Path, sandbox: Sandbox) -> Iterator[Partner]:
    """The partner's application."""
    running = Partner(tmp_path, sandbox)
    yield running
    running.stop()


@pytest.fixture
def omar(page: Page, partner: Partner) -> Recommender:
    """Dr. Haddad, connected, at his browser."""
    page.set_viewport_size(VIEWPORT)  # type: ignore[arg-type]  # a literal of the right shape
    return Recommender(page, partner)


@pytest.mark.parametrize(
    ("layout", "width", "height"),
    [
        pytest.param("modal", 1248, 868, id="modal leaves an edge"),
        pytest.param("page", 1280, 900, id="page fills the window"),
        pytest.param("fixed", 1264, 765, id="fixed has its own height"),
    ],
)
def test_fullscript_fills_its_place(omar: Recommender, layout: str, width: int, height: int) -> None:
    """In every layout the frame takes what the guide promises it: all of its parent (Sizing features)."""
    omar.opens(f"/{layout}")
    omar.presses(RECOMMEND)
    omar.frame.is_ready()
    place, frame = size(omar.page.locator(".fullscript-surface")), size(omar.page.locator("iframe"))

    assert place == pytest.approx((width, height), abs=4)
    assert frame == pytest.approx((place[0], place[1] - BAR / 2), abs=BAR / 2)


def test_a_page_made_for_it_opens_by_itself(omar: Recommender) -> None:
    """With open=True nobody has to press anything, and the grant is still asked for by the browser."""
    omar.opens("/page/opens")

    omar.frame.is_ready()


def test_one_feature_is_open_at_a_time(omar: Recommender) -> None:
    """The library's elements share their ids, so a second opening closes the first."""
    omar.opens("/fixed/twice")
    omar.presses(RECOMMEND)
    omar.frame.is_ready()
    omar.presses("Another")
    omar.frame.is_ready()

    expect(omar.page.locator("iframe")).to_have_count(1)
    expect(omar.page.locator("#loaderContainer")).to_have_count(1)


def test_the_page_can_veto_the_opening(omar: Recommender, sandbox: Sandbox) -> None:
    """Preventing fullscript:grant-requested means that no grant is asked for."""
    omar.opens("/modal")
    omar.hears("grant-requested", prevents=True)
    omar.presses(RECOMMEND)

    assert omar.heard("grant-requested") == 1
    expect(omar.page.locator("dialog")).to_have_count(0)
    assert sandbox.calls(GRANTS) == []


def test_the_page_can_keep_fullscript_open(omar: Recommender) -> None:
    """Preventing fullscript:treatment-plan-activated leaves Fullscript open, and the plan is stored."""
    omar.opens("/fixed")
    omar.hears("treatment-plan-activated", prevents=True)
    omar.hears("event-stored")
    omar.presses(RECOMMEND)
    omar.frame.recommends()
    expect(omar.page.get_by_role("article", name="Treatment plan")).to_have_count(1)
    # The plan may be seen before the answer to its report has come.
    until(lambda: omar.heard("event-stored") == 1, what="the answer to the report")

    assert omar.heard("treatment-plan-activated") == 1
    expect(omar.page.locator("iframe")).to_be_visible()


def test_the_page_can_show_errors_itself(omar: Recommender, sandbox: Sandbox) -> None:
    """Preventing fullscript:error leaves the words to the page."""
    sandbox.fault(GRANTS, status=403, times=5)
    omar.opens("/fixed")
    omar.hears("error", prevents=True)
    with omar.page.expect_response("**/session-grants"):
        omar.presses(RECOMMEND)
    expect(omar.page.locator(".fullscript-mount")).to_have_attribute("aria-busy", "false")

    assert omar.heard("error") == 1
    expect(omar.page.locator(".fullscript-surface .fullscript-notice")).to_have_count(0)


def test_a_missing_mount_point_is_explained(omar: Recommender) -> None:
    """A page that removes the place while Fullscript opens is told so (the guide: Error handling)."""
    omar.page.route("**/session-grants", lambda route: lose_the_place(omar.page, route))
    omar.opens("/fixed")
    omar.presses(RECOMMEND)

    expect(omar.page.locator(".fullscript-notice")).to_contain_text("no place on the page")


def test_a_part_that_leaves_the_page_takes_fullscript_along(omar: Recommender) -> None:
    """A page that swaps its parts leaves no frame behind, and the button that comes back works."""
    omar.opens("/fixed")
    omar.presses(RECOMMEND)
    omar.frame.is_ready()
    omar.hears("closed")
    omar.page.evaluate(
        """() => {
          const part = document.querySelector("[data-fullscript-recommend]")
          window.back = part.cloneNode(true)
          window.back.querySelector(".fullscript-surface").remove()
          part.replaceWith(window.back)
        }"""
    )
    expect(omar.page.locator("iframe")).to_have_count(0)
    omar.presses(RECOMMEND)

    omar.frame.is_ready()


def test_the_vendor_s_cdn_is_a_setting(page: Page, tmp_path: Path, sandbox: Sandbox) -> None:
    """From the CDN come the same bytes under the same hash, and the policy names the CDN."""
    partner = Partner(tmp_path, sandbox, FULLSCRIPT_EMBED_SCRIPT="cdn")
    headers = {"Access-Control-Allow-Origin": "*"}
    page.route(script.CDN_URL, lambda route: route.fulfill(path=LIBRARY, headers=headers))
    try:
        omar = Recommender(page, partner)
        omar.opens("/modal")
        with page.expect_request(script.CDN_URL):
            omar.presses(RECOMMEND)
        omar.frame.is_ready()
    finally:
        partner.stop()


def test_reports_wait_in_bounds(omar: Recommender) -> None:
    """However many reports wait, twenty are kept; the oldest go first."""
    omar.opens("/fixed")
    kept, dropped = omar.page.evaluate(
        """async () => {
          const { OutboxStorage } = await import("/fullscript/static/outbox_storage.js")
          const storage = new OutboxStorage("somebody")
          const dropped = [...Array(23).keys()].flatMap((key) => storage.add({ key: String(key), body: {} }))
          return [new OutboxStorage("somebody").entries.length, dropped.map(({ key }) => key)]
        }"""
    )

    assert (kept, dropped) == (20, ["0", "1", "2"])


def test_reports_do_not_wait_for_ever(omar: Recommender) -> None:
    """What could not be posted for three days is removed from the browser."""
    omar.opens("/fixed")
    left = omar.page.evaluate(
        """async () => {
          const { OutboxStorage } = await import("/fullscript/static/outbox_storage.js")
          const old = { key: "1", visitor: "somebody", since: Date.now() - 73 * 3_600_000, body: {} }
          sessionStorage.setItem("fullscript-outbox", JSON.stringify([old]))
          new OutboxStorage("somebody")
          return sessionStorage.getItem("fullscript-outbox")
        }"""
    )

    assert left is None


@pytest.mark.parametrize("path", ["/fixed", "/fullscript/callback/local?state=unknown&code=x"])
def test_the_extension_needs_no_framework(omar: Recommender, path: str) -> None:
    """On a page without any style sheet of its own, and on the extension's own page, axe finds nothing."""
    omar.opens(path)

    assert problems_in_both_schemes(omar.page) == []


def lose_the_place(page: Page, route: Route) -> None:
    """Remove the place on the page while the grant for it is being asked for."""
    page.locator(".fullscript-mount").evaluate("element => element.remove()")
    route.continue_()


def size(element: Locator) -> tuple[float, float]:
    """Width and height of an element, in pixels."""
    box = element.bounding_box()
    assert box, "the element is not shown"
    return box["width"], box["height"]
