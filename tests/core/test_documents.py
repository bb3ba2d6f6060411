"""Is every document either understood or refused in words, with its line? And do the pages say what the code does?"""

from __future__ import annotations

import re
from datetime import UTC, datetime

import msgspec
import pytest

from goodword.catalog import SHELVES
from goodword.catalog.reading import read_program
from goodword.core.reading import read_terms
from goodword.core.terms import Terms
from tests.core.program_reference import FOLDER, reference, schema_text

AT = datetime(2026, 1, 1, tzinfo=UTC)
HEAD = """program: acme
name: Friends of Acme
type: two_sided
currency: EUR
"""
PROMISES = """promises:
  - {to: advocate, on: first_order, give: {cash: "10.00"}}
"""
TIERS = """promises:
  - {to: advocate, on: first_order, when: {per: month, tiers: [{from: 1, give: {cash: "5.00"}}, {from: 3, give: {cash: "7.00"}}]}}
"""


def problems(text: str) -> list[tuple[str, str, int | None]]:
    read = read_program(text, SHELVES, version=1, live_from=AT)
    return [(p.field, p.why, p.line) for p in read] if isinstance(read, list) else []


def terms(text: str) -> Terms:
    read = read_program(text, SHELVES, version=1, live_from=AT)
    assert not isinstance(read, list), read
    return read[1]


@pytest.mark.parametrize(
    ("text", "field", "says", "line"),
    [
        ("promises: [", "", "not valid YAML", 1),
        ("- a\n- b\n", "", "is not a program document", 1),
        (HEAD + "promises: []\nprogramm: x\n", "programm", "not a field that the terms know", 6),
        (HEAD + "promises: []\nname: again\n", "", "stands here twice", 6),
        ("name: A\ntype: direct\ncurrency: EUR\npromises: []\n", "program", "is missing", 1),
        (HEAD.replace("EUR", "EURO") + PROMISES, "currency", "not a known currency", 4),
        (HEAD.replace("two_sided", "lottery") + "milestones: {}\n" + PROMISES, "type", "not a program type", 3),
        (HEAD + "timezone: Mars/Olympus\n" + PROMISES, "timezone", "not a time zone", 5),
        (HEAD + PROMISES.replace('"10.00"', "10.00"), "promises[0].give.cash", "not an amount", 6),
        (HEAD + PROMISES.replace('"10.00"', '"10.001"'), "promises[0].give.cash", "no smaller unit", 6),
        (HEAD + PROMISES.replace('"10.00"', '"-1.00"'), "promises[0].give.cash", "above zero", 6),
        (HEAD + PROMISES.replace("cash", "gold"), "promises[0].give", "not a kind of reward", 6),
        (HEAD + PROMISES.replace("first_order", "second"), "promises[0].on", "not a milestone", 6),
        (HEAD + PROMISES + "attribution: {window: a month}\n", "attribution.window", "not a number of days", 7),
        (HEAD + PROMISES + "markets: {CH: {currency: CHF}}\n", "markets.CH.give", "the market counts CHF", 7),
        (
            HEAD
            + PROMISES
            + 'markets: {CH: {currency: CHF, give: {advocate: {cash: "5.00"}}}}\nbudget: {amount: "90.00"}\n',
            "markets.CH.budget",
            "the budget is in EUR, and the market counts CHF",
            7,
        ),
        (
            HEAD + PROMISES + 'budget: {amount: "90.00"}\nmarkets: {DE: {budget: "5.00"}}\n',
            "markets.DE.budget",
            "share one budget",
            8,
        ),
        (
            HEAD
            + PROMISES.replace('cash: "10.00"', "percent: 10")
            + 'markets: {CH: {currency: CHF, budget: "5.00"}, LI: {currency: CHF, budget: "6.00"}}\n',
            "markets.LI.budget",
            "another market says the budget in CHF",
            7,
        ),
        (
            HEAD
            + PROMISES
            + 'markets: {CH: {currency: CHF, give: {advocate: {cash: "5.00"}}}}\n'
            + 'contest: {on: first_order, metric: amount, rounds: month, prizes: [{place: 1, give: {cash: "9.00"}}]}\n',
            "contest.metric",
            "would add amounts in EUR",
            8,
        ),
        (
            HEAD
            + PROMISES
            + 'markets: {CH: {currency: CHF, give: {advocate: {cash: "5.00"}}}}\n'
            + "friends: {if: [friend.amount >= 50.00]}\n",
            "friends.if",
            "speaks of money in EUR",
            8,
        ),
        (HEAD + TIERS + "markets: {CH: {currency: CHF}}\n", "markets.CH.tiers", "promises[0] gives in EUR", 7),
        (
            HEAD + TIERS + 'markets: {AT: {tiers: {advocate: [{from: 1, give: {cash: "1.00"}}]}}}\n',
            "markets.AT.tiers",
            "the places differ",
            7,
        ),
        (
            HEAD + PROMISES + 'markets: {AT: {tiers: {advocate: [{from: 1, give: {cash: "1.00"}}]}}}\n',
            "markets.AT.tiers.advocate",
            "has no tiers in the program",
            7,
        ),
        (
            HEAD
            + TIERS.replace("per: month", "per: month, apply: slice")
            + 'markets: {AT: {tiers: {advocate: [{from: 1, give: {cash: "1.00"}}, {from: 3, give: {cash: "2.00"}}]}}}\n',
            "markets.AT.tiers",
            "a slice of friends cannot be cut",
            7,
        ),
        (
            HEAD
            + PROMISES.replace('cash: "10.00"', "points: 50")
            + 'units: {PTS:club: {name: Points}}\nbudget: {amount: "90.00"}\n',
            "units.PTS:club.cost",
            "is not dated, so the budget cannot tell",
            7,
        ),
        (
            HEAD
            + PROMISES.replace('cash: "10.00"', "points: 50")
            + 'units: {PTS:club: {name: Points, cost: {from: 2026-02-01, each: "0.01"}}}\nbudget: {amount: "90.00"}\n',
            "units.PTS:club.cost",
            "is not known before 2026-02-01",
            7,
        ),
        (
            HEAD
            + PROMISES.replace('cash: "10.00"', 'points: {points: 1, per: "1.00"}')
            + 'units: {PTS:club: {name: Points, cost: {from: 2025-02-01, each: "0.01"}}}\nbudget: {amount: "90.00"}\n',
            "promises[0].give",
            "has no maximum",
            6,
        ),
        (HEAD + PROMISES + 'markets: {CH: {min: {third: "5.00"}}}\n', "markets.CH.min.third", "not a milestone", 7),
        (HEAD + PROMISES + 'markets: {CH: {give: {agent: {cash: "5.00"}}}}\n', "markets.CH.give.agent", "nothing", 7),
        (
            HEAD + PROMISES + 'markets: {CH: {give: {advocate: {cash: "x"}}}}\n',
            "markets.CH: promises[0].give.cash",
            "not a decimal",
            7,
        ),
        (
            HEAD + PROMISES + "advocates: {if: [advocate.level >= 2], at: [release]}\n",
            "promises",
            "no promise to the advocate has tiers of friends",
            5,
        ),
        (HEAD + TIERS + "advocates: {if: [advocate.level >= 2]}\n", "advocates.if[0]", "not known at the touch", 7),
        (HEAD + PROMISES + "attribution: {split: even}\n", "attribution.split", "is not supported", 7),
        (
            HEAD + PROMISES + "attribution: {channels: {refuse: [a], outranked_by: [a]}}\n",
            "attribution.channels.outranked_by",
            "refused",
            7,
        ),
        (HEAD + PROMISES + "attribution: {bound: lapses}\n", "attribution.bound", "not known", 7),
        (HEAD + PROMISES + "attribution: {methods: [mail]}\n", "attribution.methods", "not a method", 7),
        (HEAD + PROMISES + "friends: {new: fresh}\n", "friends.new", "not known", 7),
        (HEAD + PROMISES + "friends: {if: [status is x]}\n", "friends.if[0]", "not a condition", 7),
        (HEAD + PROMISES + "friends: {at: [birth]}\n", "friends.at", "not a moment", 7),
        (HEAD + PROMISES + "budget: {amount: '5.00'}\n", "budget.amount", "cannot carry one single grant", 7),
        (HEAD + PROMISES + "screening: {off: [luck]}\n", "screening.off", "not a signal", 7),
        (HEAD + PROMISES + "screening: {hold_at: 80}\n", "screening", "hold_at is above deny_at", 7),
        (
            HEAD + PROMISES + "runs: {from: 2026-05-01, last_touch: 2026-04-01}\n",
            "runs.last_touch",
            "lies before from",
            7,
        ),
        (HEAD + PROMISES + "runs: {notice: 14d}\n", "runs.notice", "without an end", 7),
        (HEAD + PROMISES + "runs: {last_milestone: 2026-05-01, notice: soon}\n", "runs.notice", "number of days", 7),
        (HEAD + PROMISES + "runs: {last_milestone: 2026-05-01, notice: 0d}\n", "runs.notice", "no notice at all", 7),
        (
            HEAD + PROMISES + "runs: {from: 2026-04-25, last_milestone: 2026-05-01, notice: 7d}\n",
            "runs.notice",
            "begins before the program",
            7,
        ),
        (
            HEAD + PROMISES.replace("}}", "}, limit: {grants: many}}"),
            "promises[0].limit[0].grants",
            "not a limit",
            6,
        ),
        (HEAD + PROMISES.replace("}}", "}, limit: {}}"), "promises[0].limit[0]", "limits nothing", 6),
        (
            HEAD + "milestones: {m: {event: x, moment: 1d after joined}}\npromises: []\n",
            "milestones.m",
            "must be exactly one of",
            5,
        ),
        (HEAD + "milestones: {m: {counts: x, days: 0}}\npromises: []\n", "milestones[...].days", ">= 1", 5),
        (HEAD + 'milestones: {m: {event: x, sum: "5.00"}}\npromises: []\n', "milestones.m.sum", "says nothing", 5),
        (
            HEAD + "milestones: {m: {event: x, repeat: {}, count: 2}}\npromises: []\n",
            "milestones.m.repeat",
            "each of",
            5,
        ),
        (
            HEAD + "milestones: {m: {event: x, without: {a: [b]}}}\npromises: []\n",
            "milestones.m.without",
            "only with",
            5,
        ),
        (HEAD + "milestones: {m: {counts: x, only: {a: [b]}}}\npromises: []\n", "milestones.m.only.a", "not kept", 5),
        (HEAD + "milestones: {m: {all: [joined]}}\npromises: []\n", "milestones.m", "two or more", 5),
        (HEAD + "milestones: {m: {event: x}, n: {all: [m, o]}}\npromises: []\n", "milestones.n", "not an earlier", 5),
        (
            HEAD + "milestones: {m: {event: x}, n: {among: [joined, m], at_least: 3}}\npromises: []\n",
            "milestones.n.at_least",
            "can never be",
            5,
        ),
        (HEAD + "milestones: {m: {moment: on 2026-02-30}}\npromises: []\n", "milestones.m.moment", "not a day", 5),
        (HEAD + "milestones: {m: {event: x, if_late: wait}}\npromises: []\n", "milestones.m.if_late", "not known", 5),
        (
            HEAD + "milestones: {m: {event: x, if: [friend.n > 5, friend.n < 3]}}\npromises: []\n",
            "milestones.m.if[1]",
            "contradicts",
            5,
        ),
        (HEAD + "milestones: {m: {moment: soon}}\npromises: []\n", "milestones.m.moment", "not a moment", 5),
        (
            HEAD + "milestones: {m: {moment: 1d after n}}\npromises: []\n",
            "milestones.m",
            "not an earlier milestone",
            5,
        ),
        (
            HEAD + "budget: {amount: '500.00'}\npromises: [{to: advocate, on: first_order, give: {percent: 10}}]\n",
            "promises[0].give",
            "has no maximum",
            6,
        ),
    ],
)
def test_what_cannot_be_understood_is_refused_with_its_place(text: str, field: str, says: str, line: int) -> None:
    found = problems(text)
    assert any(at == field and says in why and where == line for at, why, where in found), found


def test_all_problems_are_named_at_once() -> None:
    text = HEAD.replace("EUR", "euro") + PROMISES.replace("first_order", "x") + "timezone: Nowhere\n"
    assert {field for field, _, _ in problems(text)} == {"currency", "timezone", "promises[0].on"}


def test_silence_means_the_default() -> None:
    read = terms(HEAD + PROMISES)
    assert (read.methods, read.window.days, read.bind, read.late_claim.days) == (
        ("named", "code", "click"),
        30,
        "join_or_first_milestone",
        14,
    )
    assert (read.new, read.bound, read.touch, read.disclosure) == ("never_bought", "for_life", "last", "steps")
    assert [milestone.name for milestone in read.milestones] == ["joined", "first_order"]
    assert read.screening and (read.screening.hold_at, read.screening.deny_at) == (30, 70)
    assert read.net_within.days == 365 and not read.friend_debt


def test_words_of_yaml_mean_what_their_authors_mean() -> None:
    read = terms(HEAD + PROMISES + "screening: off\nfriends: {if: [friend.country == NO]}\n")
    assert read.screening is None
    assert read.friend_conditions[0].values == ("NO",)


def test_the_same_document_has_the_same_hash_and_another_has_another() -> None:
    assert terms(HEAD + PROMISES).hash == terms(PROMISES + HEAD).hash
    assert terms(HEAD + PROMISES).hash != terms(HEAD + PROMISES.replace("10.00", "11.00")).hash


def test_promises_keep_their_key_when_others_move() -> None:
    one = '{to: advocate, on: first_order, give: {cash: "1.00"}}'
    two = '{to: friend, on: first_order, give: {cash: "2.00"}}'
    keys = [
        {promise.key: promise.give.fixed_minor for promise in terms(f"{HEAD}promises: [{', '.join(order)}]").promises}
        for order in ((one, two), (two, one))
    ]
    assert keys[0] == keys[1] == {"advocate:first_order:0": 100, "friend:first_order:0": 200}


def test_json_is_read_as_well() -> None:
    document = {"program": "a", "name": "A", "type": "direct", "currency": "EUR", "promises": []}
    assert isinstance(read_terms(document, SHELVES, version=1, live_from=AT), Terms)
    assert terms(msgspec.json.encode(document).decode()).program == "a"


# -- the pages ---------------------------------------------------------------------------------------------------------

RENEW = "run: python -m tests.core.program_reference"


def test_the_reference_is_what_the_code_says() -> None:
    assert (FOLDER / "reference.md").read_text(encoding="utf-8") == reference(), RENEW
    assert (FOLDER / "program.schema.json").read_text(encoding="utf-8") == schema_text(), RENEW


def test_every_field_says_what_it_means() -> None:
    silent = [row for row in reference().splitlines() if row.startswith("| `") and row.endswith("|  |")]
    assert [row for row in silent if "see below" not in row and "mapping" not in row and "list of see" not in row] == []


@pytest.mark.parametrize("page", ["README.md"])
def test_every_document_on_the_page_is_understood(page: str) -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", (FOLDER / page).read_text(encoding="utf-8"), re.DOTALL)
    assert blocks
    for block in blocks:
        if block.startswith("program:"):
            assert problems(block) == []
