"""How does a page have something decided? It opens the chain as the engine for one act, beside its own reading."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from goodword import settings
from goodword.actions.opening import Chain, ClientRow, open_chain
from goodword.store.sql.keyring import open_keyring
from goodword.web.desk.door import Ask

Opened = Callable[[], AbstractContextManager[Chain]]


def _of_this_installation() -> AbstractContextManager[Chain]:
    keyring = open_keyring(
        settings.path("key_file"), settings.path("data"), create=False, env_key=settings.text("master_key")
    )
    return open_chain(settings.text("engine_url"), keyring, "goodword-desk")


_opened: list[Opened] = [_of_this_installation]


def use(opened: Opened | None) -> None:
    """Open the chain in this way from now on; None: as this installation's settings say."""
    _opened[:] = [opened or _of_this_installation]


@contextmanager
def chain() -> Iterator[Chain]:
    """The chain, for acts that concern the house or a client that is only now made."""
    with _opened[0]() as found:
        yield found


@contextmanager
def chain_of(ask: Ask) -> Iterator[tuple[Chain, ClientRow]]:
    """The chain and the client of the address.

    What an act commits is seen by the page's own transaction at its next statement (read committed). The page must not
    hold rows that the chain wants to write: act first, write of one's own afterwards.
    """
    with chain() as found:
        yield found, found.client(ask.slug)
