"""Lists, a page at a time, asked for as they are walked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar, overload

from fullscript_embed.api.answers import Answer
from fullscript_embed.api.errors import RequestInvalid, UnreadableAnswer
from fullscript_embed.api.parsing import Record, parse
from fullscript_embed.api.records.base import record

R = TypeVar("R", bound=Record)

# Guide: Pagination. The default is the largest, since every page counts towards the rate limit.
LARGEST_PAGE = 100


@record
class Meta(Record):
    """Where a page stands in its list. A list that is not paged has none of it."""

    current_page: int | None = None
    next_page: int | None = None
    prev_page: int | None = None
    total_pages: int | None = None
    total_count: int | None = None

    def __repr__(self) -> str:
        return f"Meta(page {self.current_page} of {self.total_pages}, {self.total_count} in all)"


class Page(Sequence[R]):
    """The records of one page, and its `meta`."""

    def __init__(self, items: tuple[R, ...], meta: Meta, *, request_id: str | None = None) -> None:
        self._items = items
        self.meta = meta
        self.request_id = request_id

    @overload
    def __getitem__(self, index: int) -> R: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[R]: ...
    def __getitem__(self, index: int | slice) -> R | Sequence[R]:
        return self._items[index]

    def __len__(self) -> int:
        return len(self._items)

    def __repr__(self) -> str:
        return f"<Page of {len(self)}: {self.meta!r}>"


class Listing(Generic[R]):
    """A list that is asked for page by page while you walk it; nothing is asked before.

    Walking it twice asks twice. What is created or deleted meanwhile may be seen twice or missed, as with any
    numbered pages. `meta` is that of the first page, which is asked for once and kept.
    """

    def __init__(self, fetch: Callable[[int, int], Page[R]], *, page_size: int = LARGEST_PAGE) -> None:
        if not 1 <= page_size <= LARGEST_PAGE:
            raise RequestInvalid(f"page_size is {page_size}; Fullscript takes 1 to {LARGEST_PAGE}")
        self._fetch = fetch
        self._page_size = page_size
        self._first: Page[R] | None = None

    def page(self, number: int) -> Page[R]:
        """Ask for page *number*, counted from 1. A page beyond the end is empty."""
        if number < 1:
            raise RequestInvalid(f"There is no page {number}: pages are counted from 1")
        return self._fetch(number, self._page_size)

    def pages(self) -> Iterator[Page[R]]:
        """Every page, from the first on."""
        number: int | None = 1
        while number is not None:
            page = self.page(number)
            if number == 1:
                self._first = page
            yield page
            following = page.meta.next_page
            # An answer that points backwards would keep us walking for ever.
            number = following if following is not None and following > number else None

    def __iter__(self) -> Iterator[R]:
        for page in self.pages():
            yield from page

    def first(self) -> R | None:
        """The first record; None when the list is empty. Asks for one page."""
        return next(iter(self), None)

    @property
    def meta(self) -> Meta:
        """Page and record counts."""
        if self._first is None:
            self._first = self.page(1)
        return self._first.meta

    @property
    def total_count(self) -> int | None:
        return self.meta.total_count


def read_page(kind: type[R], keys: Sequence[str], answer: Answer, route: str) -> Page[R]:
    """The page under the first of *keys* that is there, or a bare list, which has no meta."""
    data = answer.data
    items = data
    if isinstance(data, dict):
        items = next((data[key] or [] for key in keys if key in data), None)
    if not isinstance(items, list):
        raise UnreadableAnswer(
            f"{route}: the answer has no list of {keys[0]}",
            status=answer.status,
            request_id=answer.request_id,
        )
    records = tuple(parse(kind, item) for item in items if isinstance(item, dict))
    meta = parse(Meta, data.get("meta")) if isinstance(data, dict) else Meta()
    return Page(records, meta, request_id=answer.request_id)
