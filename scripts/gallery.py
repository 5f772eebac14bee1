"""Pictures of every page, light and dark, desktop and tablet, and docs/screenshots.md that shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, Literal

from PIL import Image
from playwright.sync_api import Browser, Page, StorageState

DOCS = Path(__file__).resolve().parent.parent / "docs"
PICTURES = DOCS / "images" / "pages"
SIZES = {"desktop": (1280, 860), "tablet": (820, 1180)}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
COLOURS = 128  # enough for flat pages, and a third of the size
INTRODUCTION = """# Screenshots

Every page in its four looks. Written by `make screenshots`, which walks through a clinic's day in Chromium:
do not edit this page.
"""


@dataclass(frozen=True)
class Shot:
    """One page: its file's name, what it shows, where it is, and what to do there before the picture."""

    name: str
    title: str
    url: str
    prepare: Callable[[Page], Any] = lambda _page: None


@dataclass(frozen=True)
class Album:
    """The pages that one person sees."""

    title: str
    signs_in: Callable[[Page], Any]
    shots: tuple[Shot, ...]


def take_all(browser: Browser, albums: Iterable[Album]) -> None:
    """Write every picture and the page that shows them."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    for old in PICTURES.glob("*.png"):
        old.unlink()
    albums = list(albums)
    for album in albums:
        stay = _stay(browser, album)
        for size, scheme in product(SIZES, SCHEMES):
            with _looking(browser, stay, size, scheme) as page:
                for shot in album.shots:
                    _take(page, shot, size, scheme)
    (DOCS / "screenshots.md").write_text(_document(albums), encoding="utf-8")


def _stay(browser: Browser, album: Album) -> StorageState:
    """What a browser keeps once that person has signed in."""
    page = browser.new_page()
    album.signs_in(page)
    state = page.context.storage_state()
    page.context.close()
    return state


@contextmanager
def _looking(
    browser: Browser, stay: StorageState, size: str, scheme: Literal["light", "dark"]
) -> Iterator[Page]:
    width, height = SIZES[size]
    context = browser.new_context(
        storage_state=stay,
        color_scheme=scheme,
        reduced_motion="reduce",
        viewport={"width": width, "height": height},
    )
    yield context.new_page()
    context.close()


def _take(page: Page, shot: Shot, size: str, scheme: str) -> None:
    page.goto(shot.url)
    shot.prepare(page)
    page.wait_for_load_state("networkidle")
    file = PICTURES / _file(shot, size, scheme)
    page.screenshot(path=file, animations="disabled")
    with Image.open(file) as picture:
        small = picture.convert("RGB").quantize(COLOURS)
    small.save(file, optimize=True)
    print(file.relative_to(DOCS.parent))


def _file(shot: Shot, size: str, scheme: str) -> str:
    return f"{shot.name}-{size}-{scheme}.png"


def _document(albums: Iterable[Album]) -> str:
    parts = [INTRODUCTION]
    for album in albums:
        parts.append(f"## {album.title}\n")
        parts += [_entry(shot) for shot in album.shots]
    return "\n".join(parts)


def _entry(shot: Shot) -> str:
    looks = [
        f'<img src="images/pages/{_file(shot, size, scheme)}" alt="{shot.title}, {size}, {scheme}" '
        f'width="{320 if size == "desktop" else 150}">'
        for size, scheme in product(SIZES, SCHEMES)
    ]
    return f"### {shot.title}\n\n" + "\n".join(looks) + "\n"
