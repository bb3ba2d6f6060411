"""How does a value stand in a sentence so that it opens where it stands? A link with its words, and its form where it is open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from goodword.web.desk.programs.editor import forms, inputs, places
from goodword.web.desk.programs.editor.conditions import Offer


@dataclass
class Tokens:
    """Makes tokens for one page: which place is open, what was typed there, and what is wrong with it."""

    request: HttpRequest
    address: str
    document: Mapping[str, Any]
    revision: int
    may_write: bool
    offers: tuple[Offer, ...] = ()
    at: str = ""
    typed: Mapping[str, str] | None = None
    wrong: Mapping[str, str] = field(default_factory=dict)
    theirs: Mapping[str, Any] | None = None  # where somebody else was faster: what stands now
    focus: str = ""  # after a row was moved: the button, or the input, on which somebody goes on
    is_elsewhere: bool = False  # on another page: the links lead to the editor
    made: set[str] = field(default_factory=set)

    def token(self, place: str, text: object, *, tone: str = "", about: str = "") -> SafeString:
        """The value's words; a link that opens its form, or the words alone for who may not write."""
        first = place not in self.made
        self.made.add(place)
        is_open = self.may_write and first and place == self.at
        context = {
            "place": place,
            "id": places.anchor(place) if first else "",
            "text": text,
            "tone": tone,
            "about": about,
            "href": f"{self.address}?{urlencode({'at': place})}#{places.anchor(place)}",
            "may_write": self.may_write,
            "is_elsewhere": self.is_elsewhere,
            "form": self.form(place) if is_open else "",
            "is_open": is_open,
            "is_wrong": is_open and bool(self.wrong),
        }
        return SafeString(render_to_string("goodword/programs/editor/token.html", context, self.request).strip())

    def form(self, place: str) -> SafeString:
        """The form of a place by itself; '' where the language knows no such place."""
        found = self.input_of(place)
        if found is None:
            return SafeString("")
        spec = places.spec_at(place)
        context = {
            "input": found,
            "place": place,
            "anchor": places.anchor(place),
            "address": self.address,
            "revision": self.revision,
            "unplaced": self._unplaced(found) if place == self.at else [],
            "theirs": self.theirs if place == self.at else None,
            "focus": self.focus,
            "is_unsaved": bool(self.focus),
            "key": (self.typed or {}).get("key", ""),
            "is_new": is_new(place),
            "can_go": self._can_go(place, spec),
        }
        return SafeString(render_to_string("goodword/programs/editor/form.html", context, self.request).strip())

    def _unplaced(self, shown: inputs.Input) -> list[str]:
        """What is wrong beyond the inputs that tell it by themselves."""
        told = shown.told_wrong()
        return [text for name, text in self.wrong.items() if name not in told]

    def input_of(self, place: str) -> inputs.Input | None:
        """The inputs of a place, with what was typed where it is the open one."""
        is_open = place == self.at
        return forms.form_at(
            self.document,
            place,
            offers=self.offers,
            typed=self.typed if is_open else None,
            wrong=self.wrong if is_open else None,
        )

    def _can_go(self, place: str, spec: places.Spec | None) -> bool:
        """Whether what stands there can be taken out as a whole."""
        if spec is None or places.value_at(self.document, place) is places.ABSENT:
            return False
        steps = places.steps_of(place)
        around = places.value_at(self.document, places.place_of(steps[:-1])) if len(steps) > 1 else ()
        can_be_silent = spec.kind in ("group", "rows", "pairs") or (spec.kind != "gift" and isinstance(around, dict))
        return isinstance(steps[-1], int) or (not spec.needed and can_be_silent)


def is_new(place: str) -> bool:
    """Whether it is a place for something that has no name yet."""
    return place.endswith(".new_one")
