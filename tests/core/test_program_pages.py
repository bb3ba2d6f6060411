"""Are the pages about types, rewards and checks what the shelves hold?"""

from __future__ import annotations

from pathlib import Path

import pytest

from goodword.catalog import SHELVES
from goodword.core.kind import Template
from tests.core.program_pages import FOLDER, pages, type_page

RENEW = "run: python -m tests.core.program_pages"
PAGES = pages()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_the_page_is_current(path: Path) -> None:
    assert path.exists(), RENEW
    assert path.read_text(encoding="utf-8") == PAGES[path], RENEW


def test_no_page_is_left_of_a_type_that_is_gone() -> None:
    assert {path.stem for path in (FOLDER / "types").glob("*.md")} - {"README"} == set(SHELVES.templates), RENEW


def test_a_made_up_type_has_a_page_from_its_file_alone() -> None:
    made_up = Template(
        slug="moon", title="Moon", help="For the moon.", defaults={"milestones": {"joined": {"event": "signup"}}}
    )
    page = type_page(made_up)
    assert page.startswith("# Moon\n\nFor the moon.") and "event: signup" in page
