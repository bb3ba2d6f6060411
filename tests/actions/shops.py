"""A client with a program and some history, on which people act; and the people who do."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import psycopg

from goodword.actions.deeds import Actor
from goodword.actions.opening import Chain, ClientRow
from goodword.actions.programs import push, version
from goodword.actions.versions_release import Wish
from goodword.catalog import SHELVES
from goodword.core.reading import read_terms
from goodword.core.terms import Terms

ANA, CARL = Actor("a" * 32, "manager"), Actor("c" * 32, "manager")
OLGA = Actor("0" * 31 + "1", "admin")
NOTE = Wish("a reason")


class Shop:
    """A client with a program and some history, and the chain to act on it."""

    def __init__(self, chain: Chain, client: ClientRow) -> None:
        self.chain, self.client, self.now = chain, client, datetime.now(UTC)

    def document(self, **more: Any) -> dict[str, Any]:
        return version(self.chain.conn, self.client, "friends").as_document() | more

    def draft(self, actor: Actor = ANA, cash: str = "10.00", **more: Any) -> int:
        document = self.document(**more)
        document["promises"] = [{**document["promises"][0], "give": {"cash": cash}}, *document["promises"][1:]]
        terms = read_terms(document, SHELVES, version=1, live_from=self.now)
        assert isinstance(terms, Terms), terms
        return push(self.chain, self.client, actor, document, terms, at=self.now)[0].number

    def rules(self, owner: str, text: str) -> None:
        with psycopg.connect(owner, autocommit=True) as conn:
            conn.execute("UPDATE client SET publishing = %s::jsonb WHERE id = %s", (text, self.client.id))

    def state(self, number: int) -> str:
        return version(self.chain.conn, self.client, "friends", number).state
