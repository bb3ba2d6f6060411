"""What lies on a shelf? Every kind that a file of the folder defines; a new file needs no other change."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import Protocol, TypeVar


class Named(Protocol):
    """What lies on a shelf has a word that documents call it by."""

    @property
    def slug(self) -> str:
        """The word behind `give:` or `type:`."""
        ...


Kind = TypeVar("Kind", bound=Named)


def on_shelf(package: ModuleType, kind: type[Kind]) -> dict[str, Kind]:
    """The kinds defined in the modules of a package by their slug, in the order of the files' names."""
    found: dict[str, Kind] = {}
    for module in sorted(iter_modules(package.__path__), key=lambda known: known.name):
        for value in vars(import_module(f"{package.__name__}.{module.name}")).values():
            if isinstance(value, kind):
                found[value.slug] = value
    return found
