"""Insurance in the United States: what may be given for a referral, of which kind and up to what, state by state."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from goodword.catalog.packs.insurance_states import NAMES, READ, STATES, Rule, State
from goodword.catalog.receiving import largest_minor, most_of_all_minor
from goodword.catalog.sighting import MONEY_KINDS, needs_sale, promises
from goodword.core.amounts import Amount
from goodword.core.checks import Case, Check, Pack, Place, Source, values
from goodword.core.requirements import milestone_name
from goodword.core.terms import Promise

_MULTI = Source(
    "NAIC Producer Licensing Model Act section 13 D; Insurance Journal, Referral Fees: A Multi-State Overview, 2024-02-19",
    READ,
    "https://www.insurancejournal.com/magazines/mag-features/2024/02/19/761025.htm",
)
_SHARES = Source(
    "N.Y. Ins. Law 2114-2116, 40 P.S. 310.72, 215 ILCS 5/500-80, as told by PropertyCasualty360, 2013-07-31",
    READ,
    "https://propertycasualty360.com/2013/07/31/moving-target",
)
_TABLE = Source("The table of states of this pack", READ)

# By span: what is said where limits keep the sum too high, where nothing limits it, and how the first is mended.
_ABOVE_WORDS = {
    "year": "In {state} one person may get at most {most} in a calendar year, and these terms can come to {sum}.",
    "twelve_months": "In {state} one person may get at most {most} in any 12 months, and these terms can come to {sum}.",
    "ever": "In {state} one person may get at most {most} in all, and these terms can come to {sum}.",
}
_ENDLESS_WORDS = {
    "year": "In {state} one person may get at most {most} in a calendar year; nothing limits it here, and {count} rewards of"
    " {each} come to {sum}.",
    "twelve_months": "In {state} one person may get at most {most} in any 12 months; nothing limits it here, and {count} rewards"
    " of {each} come to {sum}.",
    "ever": "In {state} one person may get at most {most} in all; nothing limits it here, and {count} rewards of {each} come"
    " to {sum}.",
}
_LIMIT_WORDS = {
    "year": 'Write a limit over the person: limit: {{amount: "{fits} per year"}}.',
    "twelve_months": 'Write a limit over the person: limit: {{amount: "{fits} per year"}}; any 12 months touch two years.',
    "ever": 'Write a limit over the person: limit: {{amount: "{fits}"}}.',
}
_BOTH_WORDS = {
    "year": "In {state} one person may get at most {most} in a calendar year; whoever came as a friend and then refers can come"
    " to {sum} here.",
    "twelve_months": "In {state} one person may get at most {most} in any 12 months; whoever came as a friend and then refers can"
    " come to {sum} here.",
    "ever": "In {state} one person may get at most {most} in all; whoever came as a friend and then refers can come to {sum}"
    " here.",
}
_UNVERIFIED_WORDS = (
    "The rule is unverified: have counsel confirm what may be given in {state}, and keep what they said."
)


def _per_sale(case: Case) -> Iterator[Place]:
    for field, promise in promises(case):
        if promise.to == "advocate" and needs_sale(case.terms, milestone_name(promise.on)):
            yield Place(
                f"{field}.on",
                "The reward for a referral depends on the sale of insurance.",
                "Pay for the referral or the completed quote: put the promise on that milestone.",
                "US",
            )


def _commission(case: Case) -> Iterator[Place]:
    for field, promise in promises(case):
        if any(row.kind.slug in ("commission", "percent") for row in promise.lines):
            yield Place(
                f"{field}.give",
                "A share of the premium is given to people without a licence.",
                "Give a fixed amount for each referral.",
                "US",
            )


def _runs_there(case: Case) -> bool:
    """Whether these terms are the ones of the US: a market of its own there has terms of its own."""
    if case.terms.market:
        return case.terms.market == "US"
    return "US" not in (case.document.get("markets") or {})


# -- a row of the table ------------------------------------------------------------------------------------------------


def _row(state: State) -> Check:
    def look(case: Case) -> Iterator[Place]:
        if not _runs_there(case):
            return
        found = [place for rule in state.rules for place in _against(case, state, rule)]
        yield from found if state.is_verified else (_unverified(state, one) for one in found)
        if not found and not state.is_verified and case.terms.promises:
            yield Place(
                "places",
                "What is known of {state} rests on a survey without a date: it is unverified, so nothing here says that it is allowed.",
                _UNVERIFIED_WORDS,
                state.code,
                values(state=state.name),
                state.rules[0].source,
            )

    severity = "block" if state.is_verified else "warn"
    says = f"{state.name}: {state.says}{'' if state.is_verified else ' (unverified)'}."
    return Check(f"state-{state.code.lower()}", says, severity, state.rules[0].source, look, (state.code,))


def _unverified(state: State, place: Place) -> Place:
    """The same as a doubt: an old survey does not know the law, counsel does."""
    known = dict(place.values) | {"state": state.name}
    return Place(place.field, place.words, _UNVERIFIED_WORDS, place.where, values(**known), place.source)


def _against(case: Case, state: State, rule: Rule) -> Iterator[Place]:
    """What promises to the people whom a rule is about have against it."""
    meant = [(field, promise) for field, promise in promises(case) if promise.to in rule.to]
    for field, promise in meant:
        yield from _of_kind(case, state, rule, field, promise)
    if rule.most_minor and case.terms.currency == "USD":
        by_role = [[one for one in meant if one[1].to == role] for role in rule.to]
        found = [place for one in by_role for place in _of_worth(case, state, rule, one)]
        yield from found
        if not found and rule.span != "reward":
            yield from _of_both(case, state, rule, [one for one in by_role if one])


def _of_kind(case: Case, state: State, rule: Rule, field: str, promise: Promise) -> Iterator[Place]:
    """Nothing at all, no money, or nothing for a purchase."""
    told = values(state=state.name)
    if rule.most_minor == 0:
        words, repair = "In {state} no reward may be given.", "Leave {state} out of its places."
        yield Place(f"{field}.give", words, repair, state.code, told, rule.source)
    elif not rule.money and any(row.kind.slug in MONEY_KINDS for row in promise.lines):
        words, repair = "In {state} money may not be given here.", "Give a gift card or goods."
        yield Place(f"{field}.give", words, repair, state.code, told, rule.source)
    if not rule.for_a_sale and needs_sale(case.terms, milestone_name(promise.on)):
        yield Place(
            f"{field}.on",
            "In {state} a reward may not depend on the purchase of insurance.",
            "Put the promise on a milestone that takes no purchase: the referral or the completed quote.",
            state.code,
            told,
            rule.source,
        )


def _of_worth(case: Case, state: State, rule: Rule, meant: Sequence[tuple[str, Promise]]) -> Iterator[Place]:
    """What is promised to one role against the limit, each reward by itself and all within the span that the rule names."""
    most = rule.most_minor or 0
    told = {"state": state.name, "most": Amount(most, "USD")}
    is_each_fine = True
    for field, promise in meant:
        worth = largest_minor(case.terms, promise)
        if worth is None:
            words = "In {state} at most {most} may be given, and nobody knows what this can come to."
            repair = "Say what it costs, or give it a maximum (max)."
        elif rule.is_below and worth >= most:
            words = "In {state} only what costs less than {most} may be given, and {given} is promised."
            repair = "Lower it below {most}."
        elif worth > most:
            words, repair = "In {state} at most {most} may be given, and {given} is promised.", "Lower it to {most}."
        else:
            continue
        is_each_fine = False
        given = values(**told, given=Amount(worth or 0, "USD"))
        yield Place(f"{field}.give", words, repair, state.code, given, rule.source)
    if meant and is_each_fine and rule.span != "reward":
        yield from _within_span(case, state, rule, meant)


def _within_span(case: Case, state: State, rule: Rule, meant: Sequence[tuple[str, Promise]]) -> Iterator[Place]:
    most, made = rule.most_minor or 0, [promise for _, promise in meant]
    comes_to = most_of_all_minor(case.terms, made, rule.span)
    if comes_to is not None and comes_to <= most:
        return
    each = max(largest_minor(case.terms, promise) or 0 for promise in made)
    count = most // each + 1
    fits = most // 2 if rule.span == "twelve_months" else most
    told = values(
        state=state.name,
        most=Amount(most, "USD"),
        sum=Amount(count * each if comes_to is None else comes_to, "USD"),
        count=count,
        each=Amount(each, "USD"),
        fits=str(Amount(fits, "USD")).partition(" ")[0],
    )
    words = (_ENDLESS_WORDS if comes_to is None else _ABOVE_WORDS)[rule.span]
    yield Place(f"{meant[0][0]}.limit", words, _LIMIT_WORDS[rule.span], state.code, told, rule.source)


def _of_both(case: Case, state: State, rule: Rule, by_role: Sequence[Sequence[tuple[str, Promise]]]) -> Iterator[Place]:
    """A person of both roles: each of them fits the limit by itself, both together need not."""
    most = rule.most_minor or 0
    comes_to = sum(most_of_all_minor(case.terms, [promise for _, promise in one], rule.span) or 0 for one in by_role)
    if comes_to > most:
        told = values(state=state.name, most=Amount(most, "USD"), sum=Amount(comes_to, "USD"))
        repair = "Lower the gifts or the limits until those of both roles come to {most} together."
        yield Place(f"{by_role[-1][0][0]}.limit", _BOTH_WORDS[rule.span], repair, state.code, told, rule.source)


# -- what the table does not tell --------------------------------------------------------------------------------------


def _discussed(case: Case) -> Iterator[Place]:
    """What no terms can keep: that whoever refers does not talk about policies."""
    for state in STATES:
        if (
            state.may_not_discuss
            and case.within((state.code,))
            and any(one.to == "advocate" for one in case.terms.promises)
        ):
            yield Place(
                "places",
                "In {state} whoever refers may not discuss the terms of a policy; nothing here can see that.",
                "Say so in the terms & conditions and wherever people are asked to refer.",
                state.code,
                values(state=state.name),
                state.rules[0].source,
            )


def _incomparable(case: Case) -> Iterator[Place]:
    """The limits of states are in USD; nobody converts gifts for the law."""
    if not _runs_there(case) or case.terms.currency == "USD" or not case.terms.promises:
        return
    for state in STATES:
        if any(rule.most_minor for rule in state.rules) and case.within((state.code,)):
            yield Place(
                "currency",
                "The limit of {state} is in USD; gifts in {currency} cannot be compared with it.",
                "Have somebody compare them on the day, or write a market of the US in USD.",
                state.code,
                values(state=state.name, currency=case.terms.currency),
                state.rules[0].source,
            )


def _unlisted(case: Case) -> Iterator[Place]:
    known = {state.code for state in STATES}
    for place in case.places:
        if place.startswith("US-") and place not in known:
            yield Place(
                "places",
                "No row for {state}: nobody looked what may be given there.",
                "Ask counsel before it runs in {state}.",
                place,
                values(state=NAMES.get(place, place)),
            )
        if place == "US":
            yield Place(
                "places",
                "The whole of the US is named, but kinds and limits differ by state; no row for: {states}.",
                "Name the states in which it runs, for example US-NY, US-FL; ask counsel where there is no row.",
                place,
                values(states=", ".join(name for code, name in NAMES.items() if code not in known)),
            )


INSURANCE = Pack(
    slug="insurance",
    title="Insurance",
    help=__doc__ or "",
    sectors=("insurance",),
    checks=(
        Check("per-referral", "Paid per referral or quote, not per sale.", "block", _MULTI, _per_sale, ("US",)),
        Check(
            "no-share", "No share of the premium for people without a licence.", "block", _SHARES, _commission, ("US",)
        ),
        *(_row(state) for state in STATES),
        Check("discussed", "Who refers does not discuss terms of a policy.", "warn", _TABLE, _discussed, ("US",)),
        Check("currency", "Limits in USD are compared with USD only.", "warn", _TABLE, _incomparable, ("US",)),
        Check("listed", "States for which there is no row.", "warn", _TABLE, _unlisted, ("US",)),
    ),
)
