"""Can anybody act for the wrong client? Whatever asks for a decision says, beside the button, for whom it is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import goodword.web

TEMPLATES = Path(goodword.web.__file__).parent / "templates" / "goodword"
# Forms that are about no client: about one's own account, the house, or only a look.
ELSEWHERE = ("door/", "own/", "sign_in.html", "welcome.html", "parts/choose.html", "demo/", "audit/", "first/")
NAMED = (
    "parts/for.html",
    "frame.desk.client.name",
    "=of_client.name",
    "{{ client }}",
    "client.name",
    "for {{ name }}{%",
)
LEFT_OUT = {
    "users/one.html": "a person of the house: its forms of one client say whose team it is in their heading",
    "users/roles_form.html": "its panel is headed with the client or with the whole house",
    "clients/new.html": "the client is only being made",
    "parts/demo_ribbon.html": "stands below the name of the client whose clock it is",
    "people/list.html": "a search",
    "programs/editor/page.html": "drafts rule nothing; publishing asks on a page of its own",
    "programs/editor/document.html": "a draft as a document, which rules nothing",
    "programs/backtest.html": "judges history and writes nothing",
    "programs/editor/form.html": "sets a value of a draft, which rules nothing",
    "programs/editor/new.html": "begins a draft, which rules nothing",
    "review/deeds.html": "its panel, which lies around all of them, begins with the client",
    "creators/apply_card.html": "filled in by somebody outside; the page is the client's",
    "creators/own_card.html": "filled in by somebody outside; the page is the client's",
    "programs/approve_card.html": "filled in by somebody outside; the page is the client's",
}
FORM = re.compile(r'<form[^>]*method="post".*?</form>', re.S)


def _asking() -> list[tuple[str, str]]:
    """(template, form) of every form with a button that commits to something."""
    found = []
    for path in sorted(TEMPLATES.rglob("*.html")):
        name = path.relative_to(TEMPLATES).as_posix()
        if name.startswith(ELSEWHERE) or name in LEFT_OUT:
            continue
        for form in FORM.findall(path.read_text(encoding="utf-8")):
            if re.search(r'<button[^>]*class="btn[^"]*\b(?:primary|danger)\b', form):
                found.append((name, form))
    return found


def test_every_confirmation_says_for_which_client() -> None:
    unnamed = {}
    for name, form in _asking():
        if not any(mark in form for mark in NAMED):
            unnamed.setdefault(name, []).append(form[:160])
    assert unnamed == {}


def test_the_panel_of_decisions_begins_with_the_client() -> None:
    panel = (TEMPLATES / "review/deeds.html").read_text(encoding="utf-8")
    assert "parts/for.html" in panel[: panel.index("<form")]


@pytest.mark.parametrize("name", sorted(LEFT_OUT))
def test_what_is_left_out_exists(name: str) -> None:
    assert (TEMPLATES / name).is_file()
