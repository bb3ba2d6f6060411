"""What does a referral deserve by its events alone? Binding, newness, milestones: the merit, whatever order they arrived in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType

import msgspec

from goodword.core.asking import counts_friends, without_counting
from goodword.core.attribution import Touch, bears_touch, later_touches, look, span_words
from goodword.core.binding import Bound, Search, bind, is_own, refusals
from goodword.core.carried import BROUGHT
from goodword.core.events import Event, ident
from goodword.core.facts import WHOLE_PROGRAM, Fact, facts_of, subject_of
from goodword.core.journey import Journey, Step
from goodword.core.markets import in_market, outside_markets
from goodword.core.milestones import lapse, steps_of
from goodword.core.newness import Newness, newness
from goodword.core.reasons import Reason
from goodword.core.referral import Referral
from goodword.core.requirements import milestone_name
from goodword.core.sharing import as_shared
from goodword.core.situation import Situation
from goodword.core.terms import Terms

OCCURRENCES_TOLD = 6  # of a milestone that repeats
_BY_THEIR_TOUCH: Mapping[str, int] = MappingProxyType({})
GENERATIONS = 5  # how often the same friend may be referred anew after a lapse


class Merit(msgspec.Struct, frozen=True):
    """What one referral deserves. `refused` is set where the friend was bound but may not take part."""

    id: str
    program: str
    friend: str
    subject: str
    generation: int
    touch: Touch
    binding: Event
    at_join: bool
    refused: Reason | None
    steps: dict[str, Step]
    reasons: tuple[Reason, ...]
    agent: str | None = None  # who registered the referral
    ended_at: datetime | None = None  # lapsed, or free to be referred anew
    lapses_at: datetime | None = None
    frozen_by: Reason | None = None  # a dispute is open: nothing is released
    stands_since: datetime | None = None  # as others count it among the friends of the advocate

    @property
    def terms(self) -> Terms:
        """The version in force at the winning touch."""
        return self.touch.terms


def merits(
    situation: Situation, friend: str, clock: datetime, judged_by: Mapping[str, int] = _BY_THEIR_TOUCH
) -> list[Merit]:
    """The merit of every referral of a friend, in every program and for every subject, as of `clock`.

    `judged_by` names newer versions by which referrals are judged, to see what moving them would do.
    """
    history = _until(situation, friend, clock)
    is_touched = any(bears_touch(event) for event in history)
    found: list[Merit] = []
    for program in situation.book:
        if not is_touched and not is_own(situation, program):
            continue
        for subject in _subjects(history):
            about = _about(history, program, subject)
            found.extend(_generations(situation, friend, about, program, subject, clock, judged_by))
    return _one_program_a_fact(found)


def why_not_referred(situation: Situation, friend: str, event: Event, clock: datetime) -> tuple[Reason, ...]:
    """Why an event of a friend without a referral made nobody an advocate, program by program."""
    history = _until(situation, friend, clock)
    if event.type == "click" or not any(bears_touch(known) for known in history):
        return ()
    subject = subject_of(event)
    found: list[Reason] = []
    for program in situation.book:
        about = _about(history, program, subject)
        if any(known.id == event.id for known in about):
            found += refusals(Search(situation, friend, program, subject, about, about), event)
    return tuple(dict.fromkeys(found))


def _until(situation: Situation, friend: str, clock: datetime) -> list[Event]:
    return [event for event in situation.history(friend) if event.at <= clock]


def _subjects(history: list[Event]) -> list[str]:
    return sorted({subject_of(event) for event in history if event.type not in ("click", "extend")}) or [WHOLE_PROGRAM]


def _about(history: list[Event], program: str, subject: str) -> list[Event]:
    """Events that this program may use for this subject: its own facts, and every touch that names no other subject."""
    return [
        event
        for event in history
        if event.program in (None, program)
        and (
            event.type in ("click", "extend")
            or subject_of(event) == subject
            or (event.subject is None and bears_touch(event))
        )
    ]


def pinned_merit(situation: Situation, referral: Referral, why: Reason, clock: datetime) -> Merit | None:
    """The merit of a referral whose attribution is settled: the recorded advocate stays, the rest is computed anew."""
    history = _about(_until(situation, referral.friend, clock), referral.program, referral.subject)
    binding = next((event for event in history if event.id == referral.bound_event), None)
    if binding is None:
        return None
    terms = situation.terms_of(referral.program, referral.version)
    terms = in_market(situation, terms, referral.friend, binding)
    touch = Touch(
        referral.method, referral.advocate, referral.touch_at, referral.touch_event, referral.code, terms, binding.rank
    )
    search = Search(situation, referral.friend, referral.program, referral.subject, history, history)
    bound = Bound(touch, binding, binding.type == "signup", (why,))
    bound = bound if referral.moved_to else _as_shared(search, bound, referral.generation, clock)
    return _merit(search, bound, referral.generation, clock)


def _generations(
    situation: Situation,
    friend: str,
    history: list[Event],
    program: str,
    subject: str,
    clock: datetime,
    judged_by: Mapping[str, int],
) -> Iterable[Merit]:
    """The first binding and, where it lapsed or the terms free the friend, the next ones."""
    rest, ended_at = history, None
    for generation in range(GENERATIONS):
        search = Search(situation, friend, program, subject, history, rest, ended_at)
        bound = bind(search)
        if bound is None:
            return
        merit = _merit(search, _moved(search, bound, generation, clock, judged_by), generation, clock)
        yield merit
        if merit.ended_at is None or merit.refused:
            return
        ended_at = merit.ended_at
        rest = [event for event in history if event.at > ended_at]


def _moved(search: Search, bound: Bound, generation: int, clock: datetime, judged_by: Mapping[str, int]) -> Bound:
    """The binding, under the newer terms that the referral was moved to where it was."""
    id_, terms = _referral_id(search, generation), bound.touch.terms
    known = search.situation.referrals.get(id_)
    number = judged_by.get(id_) or (known.moved_to if known else None)
    if number is None or number <= terms.version:
        return _as_shared(search, bound, generation, clock)
    newer = search.situation.terms_of(terms.program, number)
    newer = in_market(search.situation, newer, search.friend, bound.binding)
    return msgspec.structs.replace(bound, touch=msgspec.structs.replace(bound.touch, terms=newer))


def _as_shared(search: Search, bound: Bound, generation: int, clock: datetime) -> Bound:
    """The binding, with the better promise to the advocate that was shared shortly before the touch."""

    def worth(terms: Terms) -> Counter[str]:
        as_if = msgspec.structs.replace(bound, touch=msgspec.structs.replace(bound.touch, terms=terms))
        return _to_advocate(_merit(search, as_if, generation, clock))

    touch, why = as_shared(search.situation, search.program, search.friend, bound.touch, bound.binding, worth)
    return msgspec.structs.replace(bound, touch=touch, reasons=(*bound.reasons, why)) if why else bound


def _to_advocate(merit: Merit) -> Counter[str]:
    """What the promises to the advocate come to by asset, before limits and budget; tables and choices aside."""
    found: Counter[str] = Counter()
    for name, step in merit.steps.items():
        for promise in merit.terms.promises if step.state == "reached" else ():
            if promise.to == "advocate" and promise.on == milestone_name(name):
                found[promise.give.asset] += promise.kind.amount_minor(promise.give, step.base_minor) or 0
    return found


def _referral_id(search: Search, generation: int) -> str:
    generations = () if generation == 0 else (str(generation),)
    return ident("referral", search.program, search.friend, search.subject, *generations)


def _merit(search: Search, bound: Bound, generation: int, clock: datetime) -> Merit:
    situation, friend, binding, touch = search.situation, search.friend, bound.binding, bound.touch
    terms = touch.terms
    facts = facts_of(event for event in search.history if subject_of(event) == search.subject)
    refused, steps = _judged(search, bound, facts, clock)
    frozen_by = _open_dispute(terms, facts)
    id_ = _referral_id(search, generation)
    extended = [(event.at, int(event.act["days"])) for event in search.history if _extends(event, id_)]
    steps, ended_at, lapses_at = lapse(terms, binding, steps, clock, extended)
    later = [event for event in search.history if ended_at is None or event.at <= ended_at]
    reasons = (
        *bound.reasons,
        refused or Reason("joined", True, f"{binding.at:%Y-%m-%d}"),
        *(msgspec.structs.replace(steps[name].reason, about=name) for name in _told(steps)),
        *((frozen_by,) if frozen_by else ()),
        *later_touches(situation, later, binding, search.program, touch.advocate),
    )
    if terms.lapse and ended_at:
        reasons = (*reasons, Reason("lapsed", False, f"{ended_at:%Y-%m-%d}", span_words(terms.lapse)))
    return Merit(
        id_,
        search.program,
        friend,
        search.subject,
        generation,
        touch,
        binding,
        bound.at_join,
        refused,
        steps,
        reasons,
        situation.party_of(binding.agent) if binding.agent else None,
        ended_at,
        lapses_at,
        frozen_by,
        _stands_since(search, bound, facts, clock, steps),
    )


def _judged(search: Search, bound: Bound, facts: list[Fact], clock: datetime) -> tuple[Reason | None, dict[str, Step]]:
    """Why the friend may not take part, else how far each milestone came."""
    situation, friend, binding, touch = search.situation, search.friend, bound.binding, bound.touch
    refused, unknowns = _may_join(situation, friend, touch, binding, facts, search.history)
    if refused is not None:
        return refused, {}
    journey = Journey(situation, friend, touch, binding, bound.at_join, clock, search.history, facts, search.lapsed_at)
    steps = steps_of(journey)
    if denial := next((step.reason for step in steps.values() if step.denies), None):
        return denial, {}
    if unknowns:
        steps = {name: _waiting(step, unknowns) if step.state == "reached" else step for name, step in steps.items()}
    return None, steps


def _stands_since(
    search: Search, bound: Bound, facts: list[Fact], clock: datetime, steps: dict[str, Step]
) -> datetime | None:
    """When the first milestone with a promise was reached, conditions on the number of friends aside: the number that others
    are judged by never hangs on itself, so it has one value whatever was decided first."""
    terms = bound.touch.terms
    if counts_friends(search.situation, terms):
        plain = msgspec.structs.replace(bound.touch, terms=without_counting(terms))
        _, steps = _judged(search, msgspec.structs.replace(bound, touch=plain), facts, clock)
    promised = {promise.on for promise in terms.promises}
    reached = (step.at for name, step in steps.items() if step.state == "reached" and milestone_name(name) in promised)
    return min((at for at in reached if at), default=None)


def _extends(event: Event, referral: str) -> bool:
    return event.type == "extend" and event.act.get("referral") == referral


def _open_dispute(terms: Terms, facts: list[Fact]) -> Reason | None:
    """Why nothing is released: something that counts here is disputed, and nobody knows yet how that ends."""
    opened = [
        fact.disputed_at
        for fact in facts
        if fact.disputed_at and not fact.gone and fact.event.type in terms.event_types
    ]
    return Reason("dispute_open", None, f"{min(opened):%Y-%m-%d}") if opened else None


def _told(steps: dict[str, Step]) -> list[str]:
    """Steps whose reasons are told: of a milestone that repeats, the latest occurrences."""
    names: dict[str, list[str]] = {}
    for name in steps:
        names.setdefault(milestone_name(name), []).append(name)
    return [name for occurrences in names.values() for name in occurrences[-OCCURRENCES_TOLD:]]


def _waiting(step: Step, unknowns: tuple[tuple[str, str], ...]) -> Step:
    """A step that is reached but for something unknown since the join."""
    words, party = unknowns[0]
    missing = Reason("status_missing", None, words.partition(" ")[0], words)
    return msgspec.structs.replace(step, state="waiting", reason=missing, due_at=None, waits_on=(party,))


def _may_join(
    situation: Situation, friend: str, touch: Touch, binding: Event, facts: list[Fact], history: list[Event]
) -> tuple[Reason | None, tuple[tuple[str, str], ...]]:
    """The ladder at the join: last day, newness, conditions. Unknown conditions are named with the party they wait for."""
    terms = touch.terms
    if binding.type == BROUGHT:  # judged where it was bound
        return None, ()
    if terms.last_join_at and binding.at > terms.last_join_at:
        return Reason("join_too_late", False, f"{binding.at:%Y-%m-%d}", f"{terms.last_join_at:%Y-%m-%d}"), ()
    unserved, unknown_market = outside_markets(situation, terms, friend, binding)
    if unserved:
        return unserved, ()
    new = Newness() if touch.method == "own" else newness(situation, friend, touch, binding, facts, history)
    if new.refused:
        return new.refused, ()
    looked = look(situation, terms, "join", touch.advocate, friend, binding, binding.at)
    return looked.refused, (*unknown_market, *touch.unknowns, *new.unknowns, *looked.unknowns)


def _one_program_a_fact(found: list[Merit]) -> list[Merit]:
    """One fact is rewarded in the program of its winning touch, until stacking says otherwise; own acts stand beside it."""
    if len({merit.program for merit in found}) < 2:
        return found
    givers: dict[str, list[Merit]] = {}
    for merit in found:
        if merit.touch.method != "own":
            for event in {step.event for step in merit.steps.values() if _stands(step)}:
                givers.setdefault(event or "", []).append(merit)
    return [_without_taken(merit, givers) for merit in found]


def _stands(step: Step) -> bool:
    return bool(step.event) and step.state in ("reached", "waiting")


def _without_taken(merit: Merit, givers: dict[str, list[Merit]]) -> Merit:
    """The merit without the steps whose fact another program rewards instead."""
    steps = dict(merit.steps)
    for name, step in steps.items():
        rivals = [rival for rival in givers.get(step.event or "", ()) if rival.program != merit.program]
        if merit.touch.method == "own" or not _stands(step):
            continue
        winner = next((rival for rival in rivals if _gives_way(merit, rival, step.event)), None)
        if winner:
            reason = Reason("fact_rewarded_elsewhere", False, merit.program, winner.program, name)
            steps[name] = Step("failed", reason, step.at, step.event)
    if steps == merit.steps:
        return merit
    changed = tuple(step.reason for name, step in steps.items() if step is not merit.steps[name])
    kept = tuple(reason for reason in merit.reasons if reason.about not in {reason.about for reason in changed})
    return msgspec.structs.replace(merit, steps=steps, reasons=(*kept, *changed))


def _gives_way(merit: Merit, rival: Merit, event: str | None) -> bool:
    """Whether the rival rewards the fact and this one does not: by the rule between the two, else by the winning touch."""
    rule = merit.terms.stacking.with_program(rival.program)
    turned = rival.terms.stacking.with_program(merit.program)
    if rule is None and turned is not None:
        rule = {"before": "after", "after": "before"}.get(turned, turned)
    if rule == "all":
        return False
    if rule in ("before", "after"):
        return rule == "after"
    if rule == "best" and merit.terms.currency == rival.terms.currency:
        mine, theirs = _worth_of(merit, event), _worth_of(rival, event)
        if mine != theirs:
            return mine < theirs
    return _stronger(rival, merit)


def _worth_of(merit: Merit, event: str | None) -> int:
    """What the promises on a fact come to in the program's currency, before limits and budget."""
    total = 0
    for name, step in merit.steps.items():
        if step.event == event and _stands(step):
            for promise in merit.terms.promises:
                if promise.on == milestone_name(name) and promise.give.asset == merit.terms.currency:
                    total += promise.kind.amount_minor(promise.give, step.base_minor) or 0
    return total


def _stronger(merit: Merit, rival: Merit) -> bool:
    """The better method, then the later touch."""
    order = {"named": 0, "code": 1, "click": 2, "claim": 3}
    mine = (order.get(merit.touch.method, 9), -merit.touch.at.timestamp(), merit.program)
    theirs = (order.get(rival.touch.method, 9), -rival.touch.at.timestamp(), rival.program)
    return mine < theirs
