"""What does a referral add to its advocate's score? Taken in order of decision while the round is open, given back when it falls.

Until the freeze a score follows the merit. After it nothing is added any more: a score may fall, and what was held counts
once a person lets it through. After the award the board is history.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from goodword.core.amounts import Amount
from goodword.core.attribution import conditions_at
from goodword.core.conditions import Condition
from goodword.core.contest import Contest, PrizeCost, Round, Score, Span, round_id
from goodword.core.costs import cost_of, lacking
from goodword.core.draft import Draft
from goodword.core.events import ident
from goodword.core.ledger import budget_account, overrun_account, prizes_account
from goodword.core.qualification import Merit
from goodword.core.reasons import Reason
from goodword.core.referral import STANDING, Referral
from goodword.core.situation import HOUSEHOLD, Notice
from goodword.core.terms import Terms

TEAM_LETTERS = 100


def scored(draft: Draft, merit: Merit, referral: Referral, *, is_stopped: bool, is_held: bool) -> Referral:
    """The referral with its part in the round that its date puts it in, if it has one."""
    found = None if merit.refused or is_stopped or merit.touch.method == "own" else _place(draft, merit)
    if found is None:
        return _fallen(draft, referral)
    round_ = found.round
    if referral.score is not None and referral.score.round != round_id(merit.program, found.span.name):
        referral = _fallen(draft, referral)
        if referral.score is not None:  # its round is over: it has counted there, and counts nowhere twice
            return referral
    if round_ is not None and not round_.is_live:
        return referral if referral.score else _late(draft, referral, round_.name)
    after = _score(draft, merit, referral, found, is_held=is_held)
    if round_ is not None and round_.state == "frozen":
        return _after_freeze(draft, referral, round_, after)
    if after is None:
        return _fallen(draft, referral)
    if round_ is None:
        round_ = opened(draft, draft.situation.live_terms(merit.program), found.span)
    if round_ is None:  # frozen (or over) before it was heard of
        return referral if referral.score else _late(draft, referral, found.span.name)
    return _counting(draft, referral, found.contest, round_, after)


def is_counted(draft: Draft, merit: Merit) -> bool:
    """Whether it has a part in a contest: then it is looked at before it counts, though nothing else is promised."""
    return merit.refused is None and _place(draft, merit) is not None


def unscored(draft: Draft, referral: Referral) -> Referral:
    """A referral that the events no longer bear out adds nothing, where its round still moves."""
    return _fallen(draft, referral)


class _Found(msgspec.Struct):
    """Where a referral counts: the rules, the round (None: not opened yet) and its span, and the milestone that counts."""

    contest: Contest
    round: Round | None
    span: Span
    at: datetime
    base_minor: int


def _place(draft: Draft, merit: Merit) -> _Found | None:
    """The round that the referral's date puts it in, by the rules it opened with; None where nothing is reached."""
    live = draft.situation.live_terms(merit.program)
    if live.contest is None and not draft.situation.contests:
        return None
    rounds = [known for known in draft.contests().values() if known.program == merit.program]
    # Where rounds of two versions overlap, the one that begins first counts, in whatever order they were opened.
    rounds.sort(key=lambda known: (known.opens_at, known.closes_at, known.id))
    versions = {known.version: draft.situation.terms_of(known.program, known.version) for known in rounds}
    for terms in (*versions.values(), live):
        contest = terms.contest
        step = merit.steps.get(contest.on) if contest else None
        if contest is None or step is None or step.state != "reached" or step.at is None:
            continue
        dated = merit.binding.at if contest.counts == "joined" else step.at
        round_ = next((known for known in rounds if known.opens_at <= dated < known.closes_at), None)
        span = Span(round_.name, round_.opens_at, round_.closes_at) if round_ else contest.span_at(dated, live.zone)
        if span and (terms is live if round_ is None else round_.version == terms.version):
            return _Found(contest, round_, span, step.at, step.base_minor or 0)
    return None


def _score(draft: Draft, merit: Merit, referral: Referral, found: _Found, *, is_held: bool) -> Score | None:
    """What it is worth now; None where that is nothing."""
    contest, situation, advocate = found.contest, draft.situation, merit.touch.advocate
    if contest.metric == "friends":
        value = 1
    elif contest.metric == "amount":
        value = found.base_minor
    else:
        mine = [reward for reward in referral.rewards if reward.to == "advocate" and reward.state in STANDING]
        value = sum(reward.amount_minor for reward in mine if reward.asset.startswith("PTS"))
    meets = _answer(draft, merit, contest.conditions, advocate, found.at)
    if value <= 0 or meets is False:
        return None
    household = situation.group_of(advocate, HOUSEHOLD) if contest.one_a_household else None
    home = situation.members_of(HOUSEHOLD, household) if household else []
    team = situation.attribute(advocate, contest.team, found.at) if contest.team else None
    return Score(
        round_id(merit.program, found.span.name),
        advocate,
        value,
        found.at,
        is_held or meets is None,
        any(
            _answer(draft, merit, (condition,), member, found.at)
            for condition in contest.excluded
            for member in {advocate: None, **dict.fromkeys(home)}
        ),
        ident("household", household) if household else "",
        str(team or "")[:TEAM_LETTERS],
    )


def _answer(draft: Draft, merit: Merit, conditions: tuple[Condition, ...], party: str, at: datetime) -> bool | None:
    """Whether all of them hold of a party: yes, no, or unknown."""
    answers = conditions_at(draft.situation, merit.terms, conditions, "milestone", party, None, None, at)
    if any(answer.met is False for _, answer in answers):
        return False
    return None if any(answer.met is None for _, answer in answers) else True


def _counting(draft: Draft, referral: Referral, contest: Contest, round_: Round, after: Score) -> Referral:
    currency = contest.asset_of(draft.situation.live_terms(referral.program).currency)
    worth = str(Amount(after.value, currency)) if currency else str(after.value)
    draft.reasons.append(Reason("contest_held" if after.provisional else "contest_counts", True, worth, round_.name))
    return msgspec.structs.replace(referral, score=after)


def _after_freeze(draft: Draft, referral: Referral, round_: Round, after: Score | None) -> Referral:
    """Nothing is added any more: what stood may fall, and what was held may come to count."""
    before = referral.score
    if before is None:
        return _late(draft, referral, round_.name) if after is not None else referral
    if after is None or after.party != before.party:
        return _fallen(draft, referral)
    kept = msgspec.structs.replace(
        before, value=min(before.value, after.value), provisional=after.provisional, excluded=after.excluded
    )
    contest = draft.situation.terms_of(round_.program, round_.version).contest
    assert contest is not None, "a round opens by terms with a contest"
    return _counting(draft, referral, contest, round_, kept)


def _late(draft: Draft, referral: Referral, name: str) -> Referral:
    draft.reasons.append(Reason("contest_late", True, name))
    return referral


def _fallen(draft: Draft, referral: Referral) -> Referral:
    """Take the score out, unless its round is over: then it stays as it was awarded."""
    round_ = draft.contests().get(referral.score.round) if referral.score else None
    if referral.score is None or round_ is None or not round_.is_live:
        return referral
    draft.reasons.append(Reason("contest_fallen", True, round_.name))
    return msgspec.structs.replace(referral, score=None)


# -- the opening -------------------------------------------------------------------------------------------------------


def opened(draft: Draft, terms: Terms, span: Span, commitment: str | None = None) -> Round | None:
    """A new round with its prizes set aside; None where its freeze has passed already. It is part of the decision."""
    contest = terms.contest
    if contest is None or span.closes_at + contest.freeze_after <= draft.clock:
        return None
    freeze_at = span.closes_at + contest.freeze_after
    round_ = Round(
        round_id(terms.program, span.name),
        terms.program,
        span.name,
        terms.version,
        span.opens_at,
        span.closes_at,
        freeze_at,
        freeze_at + contest.award_after,
        "open",
        draft.clock,
        freeze_at,
        commitment,
        draft.clock if commitment else None,
        pool=_set_aside(draft, terms, contest),
        costs=_costs(draft, terms, contest, span.name),
    )
    draft.put_round(round_)
    draft.notices.append(Notice("contest_opened", words=round_.id))
    return round_


def _set_aside(draft: Draft, terms: Terms, contest: Contest) -> tuple[tuple[str, int, str], ...]:
    """The prizes of a round leave the budget when it opens, so that they are there when it closes."""
    sums: dict[str, int] = {}
    for prize in contest.prizes:
        sums[prize.give.asset] = sums.get(prize.give.asset, 0) + prize.minor * prize.count
    pool = []
    for asset, minor in sorted(sums.items()):
        if not minor:
            continue
        source = budget_account(terms.program)
        is_short = draft.balance(source, asset).available_minor < minor
        if terms.budget_in(asset) and is_short:
            source = overrun_account(terms.program)
            draft.notices.append(Notice("budget_overrun", words="prizes"))
        draft.book(source, prizes_account(terms.program), Amount(minor, asset), "posted", "prize_pool", terms.program)
        pool.append((asset, minor, source))
    return tuple(pool)


def _costs(draft: Draft, terms: Terms, contest: Contest, name: str) -> tuple[PrizeCost, ...]:
    """What points and things among the prizes cost leaves the budget with the money, at what one costs when the round opens."""
    found = []
    for prize in contest.prizes:
        cost = cost_of(terms, terms, prize.give, prize.minor * prize.count, draft.clock)
        if cost is None or not cost.each or not cost.amount.minor or terms.budget_in(cost.amount.asset) is None:
            continue
        source = budget_account(terms.program)
        if lacking(draft, terms, cost.amount):
            source = overrun_account(terms.program)
            draft.notices.append(Notice("budget_overrun", words="prizes"))
        draft.book(source, prizes_account(terms.program), cost.amount, "posted", "prize_pool", terms.program)
        draft.reasons.append(Reason("cost_taken", True, str(cost.amount), None, name))
        found.append(PrizeCost(prize.key, cost.each, cost.amount.minor, cost.amount.asset, source))
    return tuple(found)
