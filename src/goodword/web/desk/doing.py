"""How does a page have something decided? It opens the chain as the engine for one act, beside its own reading."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from goodword.actions.opening import Chain, ClientRow
from goodword.actions.opening import chain_of_installation as chain
from goodword.actions.opening import use as use
from goodword.web.desk.door import Ask

__all__ = ["chain", "chain_of", "use"]


@contextmanager
def chain_of(ask: Ask) -> Iterator[tuple[Chain, ClientRow]]:
    """The chain and the client of the address.

    What an act commits is seen by the page's own transaction at its next statement (read committed). The page must not
    hold rows that the chain wants to write: act first, write of one's own afterwards.
    """
    with chain() as found:
        yield found, found.client(ask.slug)
