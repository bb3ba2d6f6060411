"""Are the days on which rewards are paid out written in the editor as everything else is?"""

from __future__ import annotations

import re

from tests.web.conftest import As
from tests.web.test_editor import document, fresh, page, plain, put

__all__ = ["fresh"]  # each test begins without a working copy


def test_days_of_payment_and_holidays_are_added_and_told_in_the_rule(as_: As) -> None:
    carl = as_("carl")
    assert {"payout_days", "holidays"} <= set(re.findall(r"\?at=([a-z_]+)", page(carl).replace("&amp;", "&")))
    assert put(carl, "payout_days", 0, payout_days="15, last").status_code in (200, 303)
    assert put(carl, "holidays", 1, holidays="24 Dec 2026, 2026-12-25").status_code in (200, 303)
    assert put(carl, "business_days", 2, business_days="3").status_code in (200, 303)
    kept = document(carl)
    assert kept["payout_days"] == [15, "last"] and kept["business_days"] == 3
    assert [str(day) for day in kept["holidays"]] == ["2026-12-24", "2026-12-25"]
    told = plain(page(carl))
    assert "Rewards are paid out on" in told and "Holidays, which are no working days" in told
    assert "at=holidays" in page(carl) and "at=payout_days" in page(carl) and "at=business_days" in page(carl)
    wrong = put(carl, "holidays", 3, holidays="Christmas")
    assert wrong.status_code == 422 and "Write days as 24 Dec 2026" in plain(wrong.content.decode())
    assert "saturday" in plain(put(carl, "payout_days", 3, payout_days="saturday").content.decode()).lower()
    assert put(carl, "payout_days", 3, payout_days="9" * 5000).status_code == 422
