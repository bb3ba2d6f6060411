"""Do the brands of the demo say whom they serve, so that the checks by law and sense have nothing left open?"""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from goodword.actions.checking import remarks_on
from goodword.catalog import SHELVES
from goodword.catalog.reading import read_program
from goodword.core.checks import Circumstances, blocking
from goodword.core.served import Served, is_place, read_served
from goodword.core.wording import LANGUAGES
from goodword.demo.world import Brand, World

BRANDS = World(2026, date(2026, 11, 1), 0.02).brands()


@pytest.mark.parametrize("brand", BRANDS, ids=[one.slug for one in BRANDS])
def test_what_a_brand_says_of_itself_can_be_said_and_leaves_nothing_open(brand: Brand) -> None:
    served = brand.served
    assert read_served(served.sector, " ".join(served.places), " ".join(served.languages)) == served
    assert served.sector and served.languages and all(is_place(one) for one in served.places) and served != Served()
    for program in brand.programs:
        read = read_program(program.text, SHELVES, version=1, live_from=datetime(2026, 1, 1, tzinfo=UTC))
        assert isinstance(read, tuple), read
        remarks = remarks_on(read[1], read[0], Circumstances(served=served, texts=LANGUAGES))
        assert blocking(remarks) == () and not [one for one in remarks if one.pack == "facts"]
        assert not [one for one in remarks if one.check in ("currencies", "texts")], "they pay and read as promised"
