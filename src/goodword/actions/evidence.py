"""What proves the wording of a version? The texts as they were kept and as they went live, beside what they would say today."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from goodword.actions.checking import remarks_for
from goodword.actions.opening import Chain, ClientRow
from goodword.actions.programs import Version, wording_now
from goodword.catalog import SHELVES
from goodword.catalog.packs import PACKS
from goodword.core.checks import Remark
from goodword.core.events import ident
from goodword.core.reading import read_terms
from goodword.core.rows import SINCE_EVER
from goodword.core.wording import Heard, Told, mark_of
from goodword.store.wording import KEPT, PUBLISHED, KeptWording, kept

OCCASIONS = (PUBLISHED, KEPT)  # the one that counts first


class Evidence(msgspec.Struct, frozen=True):
    """All that is on record of a version's wording, and what this release makes of it now."""

    kept: dict[str, KeptWording]
    today: dict[str, Told]
    mark_today: str

    @property
    def counts(self) -> KeptWording | None:
        """What people rely on: as it went live, else as it was written; None where nothing was kept."""
        return next((self.kept[one] for one in OCCASIONS if one in self.kept), None)

    def says_today(self, one: KeptWording) -> bool:
        """Whether it reads the same now, as far as it was kept: a friend's text was not always."""
        return all(
            told.terms == self.today.get(language, _NOTHING).terms
            and (not told.friend or told.friend == self.today.get(language, _NOTHING).friend)
            for language, told in one.wording.texts.items()
        ) and bool(one.wording.texts)


_NOTHING = Told("", "")


def evidence_of(chain: Chain, client: ClientRow, version: Version) -> Evidence:
    """What is on record, read by whatever role holds the connection."""
    today = wording_now(client, version).texts
    found = kept(chain.conn, client.id, ident("program", version.slug), version.number)
    return Evidence(found, today, mark_of(version.as_document(), today))


def heard_for(chain: Chain, client: ClientRow, version: Version) -> tuple[Heard, ...] | None:
    """What the checks by law and sense say of a version now; None where this release no longer reads it."""
    document = version.as_document()
    read = read_terms(document, SHELVES, version=version.number, live_from=version.live_from or SINCE_EVER)
    return None if isinstance(read, list) else heard(remarks_for(chain, client, read, document))


def heard(remarks: Iterable[Remark]) -> tuple[Heard, ...]:
    """Remarks with the names of their packs, as they are kept."""
    return tuple(Heard(PACKS[one.pack].title if one.pack in PACKS else one.pack, one) for one in remarks)
