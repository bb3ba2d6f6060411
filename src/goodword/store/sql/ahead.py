"""How does nobody wait for the database twice? Each next page is fetched on a thread while the one before is looked at."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Page = TypeVar("Page")


def ahead(pages: Iterator[Page]) -> Iterator[Page]:
    """The same pages in the same order; at most one is fetched that nobody asked for yet. Raises what fetching raises."""
    with ThreadPoolExecutor(1) as fetching:
        coming = fetching.submit(next, pages, None)
        while (page := coming.result()) is not None:
            coming = fetching.submit(next, pages, None)
            yield page
