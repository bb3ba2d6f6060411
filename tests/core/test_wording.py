"""Does every text say all that the terms hold, and nothing else, in every language?"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from goodword.catalog import SHELVES
from goodword.catalog.reading import read_program
from goodword.core.kind import Give
from goodword.core.reading import read_terms
from goodword.core.terms import Terms
from goodword.core.wording import (
    LANGUAGES,
    for_the_friend,
    numbers,
    paragraphs,
    paragraphs_in_pieces,
    plain_text,
    rule,
    rule_in_pieces,
    text_hash,
)
from goodword.core.wording.messages import CATALOGUES
from goodword.core.wording.voice import Voice

LIVE = datetime(2026, 1, 1, tzinfo=UTC)
DEMO = Path(__file__).parents[2] / "src/goodword/demo/programs"
FULL = """\
program: everything
name: Everything
type: two_sided
currency: EUR
timezone: Europe/Berlin
runs: {from: 2026-01-02, last_touch: 2026-10-30, last_join: 2026-11-29, last_milestone: 2026-12-28}
advocates: {who: "audience:club", if: ["advocate.orders >= 3"], at: [touch]}
friends: {new: not_for 181d, if: ["friend.country in [DE, AT]", "friend.since >= 2025-06-07"], at: [join]}
attribution:
  {window: 31d, late_claim: 13d, bound: lapses after 182d, channels: {refuse: [comparison], outranked_by: [ads], other_code: refuse}}
fiscal_year: "04-01"
business_days: 15
payout_days: [1, 18, last]
stacking: {promises: best, programs: {other-program: after}}
milestones:
  joined: {event: signup}
  first_order: {event: purchase, min: "50.00", within: 33d of joined}
  third: {event: purchase, count: 3, first_order_decides: true}
  still_here: {moment: 91d after first_order, if: [friend.status == active], grace: 17d, pauses: [leave], without: [cancel]}
  months_in: {moment: 7 months after joined}
  year_end: {moment: on 2026-12-27}
  quarter: {moment: end of quarter of joined}
  spent: {counts: purchase, count: 4, sum: "512.00", days: 6}
  some: {among: [third, spent, still_here], at_least: 2}
  paid: {event: payment, repeat: {most: 12}}
promises:
  - {to: advocate, on: first_order, give: {cash: "1234.50"}, hold: 14d,
     limit: [{grants: 5 per month, edge: none}, {amount: "2000.00 per fiscal_year", edge: partial, reopen: false}]}
  - {to: friend, on: first_order, give: {voucher: {percent: "12.5", max: "30.00"}}, hold: 9d}
  - {to: advocate, on: third, give: [{if: ["friend.plan == gold"], cash: "77.00"}, {cash: "22.00"}]}
  - {to: advocate, on: still_here,
     when: {tiers: [{from: 1, give: {cash: "8.00"}}, {from: 25, give: {cash: "11.00"}}], per: month, apply: whole_period}}
  - {to: advocate, on: months_in, when: {every: 41, per: fiscal_year}, give: {gift_card: "88.00"}}
  - {to: advocate, on: year_end,
     give: {choice: [{cash: "61.00"}, {donation: {amount: "62.00", to: Sea Rescue}}]}, claim: {within: 19d, otherwise: chance}}
  - {to: advocate, on: quarter, give: {chance: [{cash: "63.00", weight: 3}, {cash: "64.00", weight: 7}]}}
  - {to: friend, on: spent, give: {commission: {bands: [{to: "25000.00", percent: 10}, {percent: 16}], on: slice, max: "9999.00"}}}
  - {to: advocate, on: some, give: {product: {name: Tote bag, quantity: 43}}}
  - {to: agent, on: paid, give: {credit: {percent: 21}}}
budget: {amount: "200000.00", reserve: grant}
taking_back: {net_within: 366d, friend_debt: true}
"""
POINTS = """\
program: glow
name: Glow
type: points
currency: EUR
milestones: {joined: {event: signup}, bought: {event: purchase}}
units:
  PTS:glow: {name: Glow points, expires: {after: 14 months}, notices: [31d, 6d], cancel_within: 27d, wallet: household}
catalogue:
  soap: {name: Soap, points: 1250, stock: 345, limit: 2 per year, from: 2026-02-03, until: 2026-11-04}
promises:
  - {to: advocate, on: bought, give: {points: {points: 7, per: "3.00", unit: "PTS:glow"}}}
"""
CONTEST = """\
program: cup
name: Cup
type: contest
currency: EUR
milestones: {joined: {event: signup}}
promises: []
contest:
  on: joined
  rounds: {from: 2026-05-01, to: 2026-06-29, name: Spring}
  minimum: 8
  freeze: 11d
  award: 23d
  accept: 12d
  ties: draw
  excluded: ["advocate.audience in [staff]"]
  team: advocate.branch
  prizes:
    - {place: 1, give: {cash: "5001.00"}, tax: We pay it.}
    - {place: 2-5, give: {gift_card: "502.00"}}
    - {draw: 9, minimum: 4, give: {product: {name: Bag}}, worth: "35.00"}
"""
MARKETS = """\
program: abroad
name: Abroad
type: direct
currency: EUR
milestones: {joined: {event: signup}, bought: {event: purchase, min: "50.00"}}
budget: {amount: "8000.00"}
promises:
  - {to: advocate, on: bought, give: {cash: "10.00"}}
  - {to: friend, on: bought, when: {tiers: [{from: 1, give: {cash: "3.00"}}, {from: 5, give: {cash: "4.00"}}]}}
markets:
  DE: {}
  CH:
    currency: CHF
    min: {bought: "57.00"}
    give: {advocate: {cash: "12.00"}}
    tiers: {friend: [{from: 1, give: {cash: "3.50"}}, {from: 5, give: {cash: "4.50"}}]}
    budget: "900.00"
"""
OWN = {"FULL": FULL, "POINTS": POINTS, "CONTEST": CONTEST, "MARKETS": MARKETS}


def read(text: str) -> Terms:
    found = read_program(text, SHELVES, version=1, live_from=LIVE)
    assert not isinstance(found, list), found
    return found[1]


PROGRAMS = {
    **OWN,
    **{path.stem: path.read_text(encoding="utf-8") for path in sorted(DEMO.glob("*.yaml"))},
    **{f"template-{slug}": template.example for slug, template in SHELVES.templates.items()},
}


def whole(terms: Terms, language: str) -> str:
    made = plain_text(paragraphs(terms, language))
    return made.replace("\u2068", "").replace("\u2069", "")


def _given(voice: Voice, give: Give) -> Iterator[str]:
    if give.percent is not None:
        yield voice.percent(give.percent)
    elif not give.bands and not give.name and give.fixed_minor:
        yield voice.amount(give.fixed_minor, give.asset)
    elif give.name:
        yield from (give.name, voice.amount(give.fixed_minor or 1, give.asset).split("\u00a0")[0])
    if give.per_minor:
        yield voice.amount(give.per_minor)
    if give.max_minor is not None:
        yield voice.amount(give.max_minor, give.asset)
    for band in give.bands:
        yield voice.percent(band.percent)
        if band.to_minor is not None:
            yield voice.amount(band.to_minor)


def _of_milestones(terms: Terms, voice: Voice) -> Iterator[str]:
    n = voice.number
    for one in terms.milestones:
        if one.min_minor is not None:
            yield voice.amount(one.min_minor)
        for span in (one.within, one.grace):
            if span is not None:
                yield n(span.days)
        yield from (n(x) for x in (one.moment_days, one.moment_months) if x)
        if one.moment_on:
            yield voice.day(one.moment_on)
        if one.counting:
            yield from (n(x) for x in (one.counting.number, one.counting.days) if x)
            if one.counting.sum_minor:
                yield voice.amount(one.counting.sum_minor)
        if one.combines and one.combines.needed < len(one.combines.names):
            yield n(one.combines.needed)
        if one.repeat and one.repeat.most:
            yield n(one.repeat.most)


def _of_units_and_prizes(terms: Terms, voice: Voice) -> Iterator[str]:
    n = voice.number
    for unit in terms.units:
        yield unit.name
        if unit.expires:
            yield from (n(x) for x in (unit.expires.days, unit.expires.months) if x)
            yield from (n(x) for x in unit.notice_days)
        if terms.catalogue:
            yield n(unit.cancel_days)
    for item in terms.catalogue:
        yield voice.amount(item.points, item.unit)
        yield from (n(x) for x in (item.stock, item.most) if x)
    if terms.contest:
        rules = terms.contest
        yield from (n(x.days) for x in (rules.freeze_after, rules.award_after, rules.accept_within) if x)
        for prize in rules.prizes:
            yield from _given(voice, prize.give)
            yield from (n(x) for x in (prize.first, prize.last, prize.winners) if x)
            if prize.worth_minor and prize.give.asset != terms.currency:
                yield voice.amount(prize.worth_minor)
        for round_ in rules.spans:
            yield voice.day(round_.opens_at)
            yield voice.day(round_.closes_at - timedelta(seconds=1))


def facts(terms: Terms, language: str) -> Iterator[str]:
    """Every amount, span, minimum and limit of terms, as the language writes it. Costs are the client's own."""
    voice = Voice(terms, language)
    n = voice.number
    yield from _of_milestones(terms, voice)
    for promise in terms.promises:
        for row in promise.lines:
            yield from _given(voice, row.give)
            if promise.ladder and promise.ladder.by == "count" and not promise.ladder.every and row.at:
                yield n(row.at)
        if promise.ladder and promise.ladder.every:
            yield n(promise.ladder.every)
        if promise.choice and promise.choice.within:
            yield n(promise.choice.within.days)
        if promise.hold_days:
            yield n(promise.hold_days)
        for limit in promise.limits:
            yield voice.amount(limit.most) if limit.counts == "amount" else n(limit.most)
    if not terms.is_own:
        yield n(terms.window.days)
        yield from (n(x.days) for x in (terms.late_claim, terms.lapse) if x)
        if terms.promise_days and any(promise.to == "advocate" for promise in terms.promises):
            yield n(terms.promise_days)
    if terms.promises:
        yield from (n(x) for x in (terms.net_within.days, terms.business_days, terms.new_days) if x)
        yield from (n(day) for day in (terms.payout_days.days if terms.payout_days else ()))
    for at in (terms.runs_from, terms.last_touch_at, terms.last_join_at, terms.last_milestone_at):
        if at:
            yield voice.day(at)
    if terms.budget:
        yield voice.amount(terms.budget.amount_minor)
    yield from _of_units_and_prizes(terms, voice)
    for _, own in terms.markets:
        yield from (found for found in facts_of_market(own, language))


def facts_of_market(own: Terms, language: str) -> Iterator[str]:
    voice = Voice(own, language)
    for one in own.milestones:
        if one.min_minor is not None:
            yield voice.amount(one.min_minor)
    for promise in own.promises:
        for row in promise.lines:
            if row.give.fixed_minor and row.give.percent is None:
                yield voice.amount(row.give.fixed_minor, row.give.asset)
    if own.budget:
        yield voice.amount(own.budget.amount_minor)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PROGRAMS)
def test_every_number_of_the_terms_is_in_the_text(name: str, language: str) -> None:
    terms = read(PROGRAMS[name])
    text = whole(terms, language)
    missing = [one for one in facts(terms, language) if one not in text]
    assert missing == []


_NUMBER = re.compile(r"\d+(?:[.,\u202f]\d+)*")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PROGRAMS)
def test_no_text_says_a_number_that_the_terms_do_not_hold(name: str, language: str) -> None:
    terms = read(PROGRAMS[name])
    said = set(_NUMBER.findall(whole(terms, language)))
    held = set(_NUMBER.findall(" ".join(facts(terms, language))))
    written = set(_NUMBER.findall(PROGRAMS[name]))  # conditions, minimums of contests, weights, ordinals
    defaults = {"1", "2"}  # of places and counts that a document need not name
    spelled = {numbers.plain(Decimal(one), language) for one in written if re.fullmatch(r"\d+(\.\d+)?", one)}
    days = {
        str(int(part))
        for one in re.findall(r"\d{4}-\d{2}-\d{2}|\d{2}-\d{2}", PROGRAMS[name])
        for part in one.split("-")
    }
    assert said - held - written - spelled - days - defaults == set()


def test_all_languages_say_the_same_shapes_with_the_same_values() -> None:
    english = CATALOGUES["en"]
    for language, messages in CATALOGUES.items():
        assert set(messages) == set(english), language
        for key, message in messages.items():
            model = english[key]
            if isinstance(message, str):
                assert isinstance(model, str)
                assert _slots(message) == _slots(model), (language, key)
            else:
                wanted = {"zero", "one", "two", "few", "many", "other"} if language == "ar" else {"one", "other"}
                assert set(message) == wanted, (language, key)
                assert all(_slots(form) == {"n"} for form in message.values()), (language, key)


def _slots(message: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(message) if name}


def test_no_message_is_left_in_english() -> None:
    same = {
        "comma",
        "semicolon",
        "rule",
        "g.cash",
        "g.points",
        "g.pieces",
        "g.other",
        "g.other.share",
        "s.event",
        "of.data",
        "k.==",
        "a.points",
        "a.budget",
        "mk",
    }
    for language in ("de", "es", "fr", "ar"):
        untold = {key for key, message in CATALOGUES[language].items() if message == CATALOGUES["en"][key]}
        assert untold <= same | {"a.limits", "a.contest", "a.runs", "points"}, (language, untold - same)


@pytest.mark.parametrize(
    ("number", "form"),
    [
        (0, "zero"),
        (1, "one"),
        (2, "two"),
        (3, "few"),
        (10, "few"),
        (11, "many"),
        (99, "many"),
        (100, "other"),
        (103, "few"),
    ],
)
def test_arabic_takes_six_forms(number: int, form: str) -> None:
    assert numbers.plural(number, "ar") == form


def test_numbers_are_written_as_each_language_does() -> None:
    assert [numbers.amount(123450, "EUR", language, {}) for language in LANGUAGES] == [
        "1,234.50\u00a0EUR", "1.234,50\u00a0EUR", "1234,50\u00a0EUR", "1\u202f234,50\u00a0EUR", "1,234.50\u00a0EUR",
    ]  # fmt: skip
    assert numbers.amount(5000, "JPY", "de", {}) == "5.000\u00a0JPY"
    assert numbers.percent(Decimal("20.0000"), "de") == "20\u00a0%"
    assert numbers.percent(Decimal("12.50"), "fr") == "12,5\u00a0%"
    assert numbers.day(date(2026, 12, 31), "es") == "31 de diciembre de 2026"


def test_a_made_up_kind_of_reward_is_told_by_its_title() -> None:
    import msgspec

    cash = SHELVES.rewards["cash"]
    made_up = msgspec.structs.replace(cash, slug="moon_dust", title="Moon dust")
    terms = read(OWN["MARKETS"])
    changed = msgspec.structs.replace(
        terms, promises=(msgspec.structs.replace(terms.promises[0], kind=made_up),), markets=()
    )
    for language in LANGUAGES:
        assert "Moon dust" in whole(changed, language)


def test_what_the_friend_is_told() -> None:
    terms = read(OWN["MARKETS"])
    assert for_the_friend(terms, "en").startswith("Whoever recommends this to you may get a reward for it: 10.00")
    assert "5,001.00\u00a0EUR" in for_the_friend(read(OWN["CONTEST"]), "en"), "who may win a prize does not get nothing"
    tracking = read(SHELVES.templates["tracking"].example)
    assert "gets nothing" in for_the_friend(tracking, "en")


def test_a_tax_note_ends_once() -> None:
    told = whole(read(OWN["CONTEST"]), "en")
    assert "We pay it." in told and "We pay it.." not in told


def test_the_rule_of_a_ladder_names_every_tier() -> None:
    terms = read((DEMO / "peak-1.yaml").read_text(encoding="utf-8"))
    told = rule(terms, "en")
    assert "1 × Month on reaching 1 friend" in told and "1 × VIP year on reaching 10 friends" in told


def test_law_and_organiser_stand_in_the_text_and_its_hash_is_evidence() -> None:
    terms = read(OWN["MARKETS"])
    made = paragraphs(terms, "de", organiser="Acme GmbH", law=["Nur in Deutschland."])
    assert made[0].text == "Acme GmbH veranstaltet das Programm „Abroad“."
    assert made[-1].about == "law"
    one, other = text_hash(plain_text(made)), text_hash(plain_text(paragraphs(terms, "de")))
    assert one != other and len(one) == 64 and one == text_hash(plain_text(made))


def test_two_versions_that_say_the_same_have_the_same_text() -> None:
    document: dict[str, Any] = {
        "program": "p", "name": "P", "type": "direct", "currency": "EUR",
        "promises": [{"to": "advocate", "on": "first_order", "give": {"cash": "10.00"}}],
    }  # fmt: skip
    texts = set()
    for number in (1, 2):
        terms = read_terms(document, SHELVES, version=number, live_from=LIVE)
        assert not isinstance(terms, list)
        texts.add(text_hash(plain_text(paragraphs(terms, "fr"))))
    assert len(texts) == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_is_new_and_how_a_friend_is_won(language: str) -> None:
    text = OWN["MARKETS"].partition("markets:")[0] + (
        "friends: {scope: household, no_open: [quote], if: [friend.team != advocate.team], at: [join]}\n"
        "attribution: {bind: milestone}\nlimits: [{to: advocate, joins: 3 per month, dated: join}]\n"
    )
    told = whole(read(text), language)
    voice = Voice(read(text), language)
    for key in ("new.scope.household", "r.bind.milestone"):
        assert voice.say(key) in told
    assert "quote" in told and voice.say("of.advocate", name="team").replace("\u2068", "").replace("\u2069", "") in told


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_taken_apart_is_the_same_sentence(language: str) -> None:
    """The editor's tokens stand in the very words that portal, mail and law say."""
    for terms in (
        read_program(template.example, SHELVES, version=1, live_from=LIVE) for template in SHELVES.templates.values()
    ):
        assert not isinstance(terms, list)
        apart = rule_in_pieces(terms[1], language)
        assert " ".join("".join(piece.text for piece in sentence) for sentence in apart) == rule(terms[1], language)
        told = paragraphs(terms[1], language)
        for one in told:
            pieces = paragraphs_in_pieces(terms[1], language)[one.about]
            assert {"".join(piece.text for piece in sentence) for sentence in pieces} == set(one.sentences)


def test_each_value_of_a_sentence_names_its_place() -> None:
    document = {
        "program": "friends", "name": "Friends", "type": "direct", "currency": "EUR",
        "milestones": {"joined": {"event": "signup"},
                       "first_order": {"event": "purchase", "min": "40.00", "within": "30d of joined"}},
        "promises": [{"to": "advocate", "on": "first_order", "give": {"voucher": "25.00"}, "hold": "14d"}],
    }  # fmt: skip
    terms = read_terms(document, SHELVES, version=1, live_from=LIVE)
    assert isinstance(terms, Terms)
    assert rule(terms, "en") == (
        "The referrer gets a voucher of 25.00\u00a0EUR when the friend makes a first order of at least 40.00\u00a0EUR"
        " within 30\u00a0days of joining."
    ).replace("30\u00a0days", "30 days")
    assert {one.place: one.text for one in rule_in_pieces(terms, "en")[0] if one.place} == {
        "promises[0].give": "a voucher of 25.00\u00a0EUR",
        "milestones.first_order": "a first order",
        "milestones.first_order.min": "40.00\u00a0EUR",
        "milestones.first_order.within": "30 days",
    }
