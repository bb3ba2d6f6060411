"""What does a referral deserve by its events alone? Binding, newness, milestones: the merit, whatever order they arrived in."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from goodword.core.amounts import to_decimal
from goodword.core.attribution import Touch, attribute, base_of, bears_touch, conditions_at, has_bought, span_words
from goodword.core.events import Event, ident
from goodword.core.reasons import Reason
from goodword.core.referral import Referral
from goodword.core.situation import Situation
from goodword.core.terms import Milestone, Terms

GENERATIONS = 5  # how often the same friend may be referred anew after a lapse
WHOLE_PROGRAM = "program"


class Step(msgspec.Struct, frozen=True):
    """How a milestone stands: reached, failed, open, waiting or taken_back. `due_at`: when time alone may change it."""

    state: str
    reason: Reason
    at: datetime | None = None
    event: str | None = None
    base_minor: int | None = None
    due_at: datetime | None = None
    waits_on: tuple[str, ...] = ()


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
    ended_at: datetime | None = None  # lapsed, or free to be referred anew
    lapses_at: datetime | None = None

    @property
    def terms(self) -> Terms:
        """The version in force at the winning touch."""
        return self.touch.terms


class _Fact(msgspec.Struct, frozen=True):
    """An event that counts towards milestones, corrected and net of what was given back."""

    event: Event
    amount: Event  # the correction that stands for the amount
    back_minor: int

    @property
    def gone(self) -> bool:
        """Fully taken back: counts as not made."""
        return self.back_minor > 0 and self.back_minor >= (self.amount.order.amount_minor if self.amount.order else 0)

    def base_minor(self, base: str) -> int:
        """The base of the order, less the same share of it that was given back, half up, never below zero."""
        whole = base_of(self.amount, base)
        paid = self.amount.order.amount_minor if self.amount.order else 0
        if self.back_minor <= 0 or paid <= 0:
            return whole
        left = max(0, paid - self.back_minor)
        return (2 * whole * left + paid) // (2 * paid)


def subject_of(event: Event) -> str:
    """Key of what the event is about."""
    return event.subject.id if event.subject else WHOLE_PROGRAM


def merits(situation: Situation, friend: str, clock: datetime) -> list[Merit]:
    """The merit of every referral of a friend, in every program and for every subject, as of `clock`."""
    history = [event for event in situation.history(friend) if event.at <= clock]
    if not any(bears_touch(event) for event in history):
        return []
    found: list[Merit] = []
    subjects = sorted({subject_of(event) for event in history if event.type != "click"}) or [WHOLE_PROGRAM]
    for program in situation.book:
        for subject in subjects:
            about = [
                event
                for event in history
                if event.type == "click"
                or subject_of(event) == subject
                or (event.subject is None and bears_touch(event))
            ]
            found.extend(_generations(situation, friend, about, program, subject, clock))
    return _one_program_a_fact(found)


def pinned_merit(situation: Situation, referral: Referral, merit: Merit, clock: datetime) -> Merit:
    """The merit of a referral whose attribution is settled: the recorded advocate stays, the rest is computed anew."""
    history = [event for event in situation.history(referral.friend) if event.at <= clock]
    binding = next((event for event in history if event.id == referral.bound_event), merit.binding)
    terms = situation.terms_of(referral.program, referral.version)
    touch = Touch(
        referral.method, referral.advocate, referral.touch_at, referral.touch_event, referral.code, terms, binding.rank
    )
    settled = Reason("attribution_settled", False, merit.touch.method, None, merit.touch.event)
    at_join = binding.type == "signup"
    return _merit(
        situation,
        referral.friend,
        history,
        referral.program,
        referral.subject,
        referral.generation,
        touch,
        binding,
        at_join,
        (settled,),
        clock,
    )


def _generations(
    situation: Situation, friend: str, history: list[Event], program: str, subject: str, clock: datetime
) -> Iterable[Merit]:
    """The first binding and, where it lapsed or the terms free the friend, the next ones."""
    rest = history
    for generation in range(GENERATIONS):
        bound = _bind(situation, friend, rest, history, program, subject)
        if bound is None:
            return
        touch, binding, at_join, reasons = bound
        merit = _merit(
            situation, friend, history, program, subject, generation, touch, binding, at_join, reasons, clock
        )
        yield merit
        if merit.ended_at is None or merit.refused:
            return
        ended_at = merit.ended_at
        rest = [event for event in history if event.at > ended_at]


def _bind(
    situation: Situation, friend: str, rest: list[Event], history: list[Event], program: str, subject: str
) -> tuple[Touch, Event, bool, tuple[Reason, ...]] | None:
    """Touch and event that bind the friend: the earliest sign-up, else the first event that reaches a milestone, else a claim."""
    newest = situation.live_terms(program)
    refused: tuple[Reason, ...] = ()
    join = next((event for event in rest if event.type == "signup" and subject_of(event) == subject), None)
    first_join = next((event for event in history if event.type == "signup" and subject_of(event) == subject), None)
    if join is not None and (join is first_join or rest is not history):
        won = attribute(situation, friend, rest, join, program)
        refused = won.reasons
        if won.touch and won.touch.terms.bind != "milestone":
            return won.touch, join, True, won.reasons
    if newest.bind == "join":
        return _claimed(situation, friend, rest, program, subject, refused)
    types = frozenset().union(*(terms.event_types for terms in situation.book[program])) - {"signup"}
    for event in rest:
        if event.type not in types or subject_of(event) != subject:
            continue
        won = attribute(situation, friend, rest, event, program)
        if won.touch is None:
            refused = won.reasons
            continue
        if won.touch.terms.bind == "join":
            continue
        if _reaches(situation, friend, history, event, won.touch):
            return won.touch, event, False, won.reasons
    return _claimed(situation, friend, rest, program, subject, refused)


def _reaches(situation: Situation, friend: str, history: list[Event], event: Event, touch: Touch) -> bool:
    """Whether the event reaches one of the milestones when the friend is bound by it."""
    facts = _facts(history)
    for milestone in touch.terms.milestones:
        if milestone.event == event.type:
            step = _event_step(situation, friend, touch, event, False, milestone, facts, {})
            if step.event == event.id and step.state in ("reached", "waiting"):
                return True
    return False


def _claimed(
    situation: Situation, friend: str, rest: list[Event], program: str, subject: str, refused: tuple[Reason, ...]
) -> tuple[Touch, Event, bool, tuple[Reason, ...]] | None:
    """A late claim: within so many days after the milestone, once, only where no other touch won."""
    for claim in rest:
        if claim.type != "claim" or not (claim.codes or claim.advocate):
            continue
        code = situation.codes.get(claim.codes[0]) if claim.codes else None
        advocate = code.party if code else situation.party_of(claim.advocate)
        if advocate is None or advocate == friend or (code and code.program not in (None, program)):
            continue
        for event in rest:
            terms = situation.terms_at(program, event.at)
            if terms is None or event.rank >= claim.rank or subject_of(event) != subject:
                continue
            if event.type not in terms.event_types and event.type != "signup":
                continue
            if terms.late_claim and claim.at - event.at <= terms.late_claim:
                touch = Touch("claim", advocate, event.at, claim.id, code.code if code else None, terms, claim.rank)
                won = Reason("touch_won", True, "late claim", span_words(terms.late_claim), claim.id)
                return touch, event, event.type == "signup", (won, *refused)
    return None


def _merit(
    situation: Situation,
    friend: str,
    history: list[Event],
    program: str,
    subject: str,
    generation: int,
    touch: Touch,
    binding: Event,
    at_join: bool,
    reasons: tuple[Reason, ...],
    clock: datetime,
) -> Merit:
    terms = touch.terms
    facts = _facts([event for event in history if subject_of(event) == subject])
    refused, unknowns = _may_join(situation, friend, terms, touch, binding, facts)
    steps: dict[str, Step] = {}
    if refused is None:
        for milestone in terms.milestones:
            if milestone.moment_after:
                step = _moment_step(situation, friend, touch, milestone, history, steps, binding, clock)
            else:
                step = _event_step(situation, friend, touch, binding, at_join, milestone, facts, steps)
            if unknowns and step.state == "reached":
                words, party = unknowns[0]
                step = Step(
                    "waiting",
                    Reason("status_missing", None, words, words),
                    step.at,
                    step.event,
                    step.base_minor,
                    None,
                    (party,),
                )
            steps[milestone.name] = step
    generations = () if generation == 0 else (str(generation),)
    id_ = ident("referral", program, friend, subject, *generations)
    steps, ended_at, lapses_at = _lapse(terms, binding, steps, clock)
    lapsed = (
        (Reason("lapsed", False, f"{ended_at:%Y-%m-%d}", span_words(terms.lapse)),) if terms.lapse and ended_at else ()
    )
    about = tuple(msgspec.structs.replace(step.reason, about=name) for name, step in steps.items())
    joined = refused or Reason("joined", True, binding.at.strftime("%Y-%m-%d"))
    return Merit(
        id_,
        program,
        friend,
        subject,
        generation,
        touch,
        binding,
        at_join,
        refused,
        steps,
        (*reasons, joined, *about, *lapsed),
        ended_at,
        lapses_at,
    )


def _may_join(
    situation: Situation, friend: str, terms: Terms, touch: Touch, binding: Event, facts: list[_Fact]
) -> tuple[Reason | None, list[tuple[str, str]]]:
    """The ladder at the join: last day, newness, conditions. Unknown conditions are named with the party they wait for."""
    if terms.last_join_at and binding.at > terms.last_join_at:
        return Reason(
            "join_too_late", False, binding.at.strftime("%Y-%m-%d"), terms.last_join_at.strftime("%Y-%m-%d")
        ), []
    old = _not_new(situation, friend, terms, touch, binding, facts)
    if old:
        return old, []
    unknowns = [(words, touch.advocate) for words in touch.unknowns]
    for condition, found in conditions_at(
        situation, terms, terms.friend_conditions, "join", touch.advocate, friend, binding, binding.at
    ):
        if found.met is False:
            return Reason("friend_not_allowed", False, found.value, condition.words), []
        if found.met is None:
            unknowns.append((condition.words, friend if condition.side == "friend" else touch.advocate))
    return None, unknowns


def _not_new(
    situation: Situation, friend: str, terms: Terms, touch: Touch, binding: Event, facts: list[_Fact]
) -> Reason | None:
    if terms.new == "anyone":
        return None
    party = situation.parties.get(friend)
    if terms.new == "no_account":
        known = [party.known_since] if party and party.known_since else []
        known += [fact.event.at for fact in facts if fact.event.type == "signup"]
        early = [at for at in known if at < touch.at]
        return Reason("friend_not_new", False, f"known since {min(early):%Y-%m-%d}", "no account") if early else None
    bought = [
        fact.event.at
        for fact in facts
        if fact.event.type == "purchase" and not fact.gone and fact.event.rank < binding.rank
    ]
    if party and party.purchased_at and party.purchased_at < binding.at:
        bought.append(party.purchased_at)
    if terms.new == "not_for":
        bought = [at for at in bought if binding.at - at <= timedelta(days=terms.new_days)]
    elif not bought and has_bought(situation, friend, binding.at):
        return Reason("friend_not_new", False, "bought before", "never bought")
    needed = "never bought" if terms.new == "never_bought" else f"not bought for {terms.new_days} days"
    return Reason("friend_not_new", False, f"bought on {min(bought):%Y-%m-%d}", needed) if bought else None


def _facts(history: list[Event]) -> list[_Fact]:
    """Events that may count, each order once: corrected by the latest sending, net of refunds and cancellations."""
    back: dict[str, int] = {}
    latest: dict[str, Event] = {}
    cancelled: dict[str, datetime] = {}
    for event in history:
        if event.order is not None and event.type == "refund":
            back[event.order.id] = back.get(event.order.id, 0) + event.order.amount_minor
        elif event.type == "cancel":
            if event.order is not None:
                back[event.order.id] = 1 << 60
            if event.cancels:
                cancelled[event.cancels] = event.at
        elif event.order is not None:
            latest[event.order.id] = event
    facts: list[_Fact] = []
    seen: set[str] = set()
    for event in history:
        if event.type in ("refund", "cancel", "click", "share", "update", "claim"):
            continue
        if event.order is None:
            undone = any(
                at >= event.at for kind, at in cancelled.items() if kind != "order" and _undoes(kind, event.type)
            )
            facts.append(_Fact(event, event, 1 if undone else 0))
        elif event.order.id not in seen:
            seen.add(event.order.id)
            facts.append(_Fact(event, latest.get(event.order.id, event), back.get(event.order.id, 0)))
    return facts


def _undoes(kind: str, type_: str) -> bool:
    """A cancelled subscription undoes subscribed, subscription_started ...: types that begin with the same eight letters."""
    return type_[:8] == kind[:8]


def _event_step(
    situation: Situation,
    friend: str,
    touch: Touch,
    binding: Event,
    at_join: bool,
    milestone: Milestone,
    facts: list[_Fact],
    steps: dict[str, Step],
) -> Step:
    """How an event milestone stands: the nth net event of its type after the binding, which must then meet the conditions."""
    kind = [fact for fact in facts if fact.event.type == milestone.event]
    if milestone.event == "signup":
        kind = [fact for fact in kind if fact.event.rank >= binding.rank][:1]
    elif at_join:
        kind = [fact for fact in kind if fact.event.rank > binding.rank]
    gone = [fact for fact in kind if fact.gone]
    if gone and milestone.first_order_decides and kind[0].gone:
        return Step("failed", Reason("taken_back", False, "0", "the first order"), kind[0].event.at, kind[0].event.id)
    standing = [fact for fact in kind if not fact.gone]
    tried = (
        standing[milestone.count - 1 :] if milestone.first_matching else standing[milestone.count - 1 : milestone.count]
    )
    failed: Step | None = None
    for fact in tried:
        step = _judge_fact(situation, friend, touch, binding, milestone, fact, steps)
        if step.state in ("reached", "waiting"):
            return step
        failed = step
    if failed:
        return failed
    if gone:
        return Step(
            "taken_back",
            Reason(
                "taken_back", False, "0", to_decimal(base_of(gone[-1].amount, milestone.base), touch.terms.currency)
            ),
        )
    if not at_join and milestone.event != binding.type and milestone.count == 1:
        return Step("open", Reason("milestone_open", None, None, milestone.event))
    needed = milestone.event if milestone.count == 1 else f"{milestone.event} number {milestone.count}"
    return _still_open(touch.terms, milestone, binding, steps, needed)


def _still_open(terms: Terms, milestone: Milestone, binding: Event, steps: dict[str, Step], needed: str | None) -> Step:
    """Open until the span or the program ends; the next due moment is when that happens."""
    ends = [at for at in (terms.last_milestone_at,) if at]
    if milestone.within:
        since = _since(milestone.within_of, binding, steps)
        if since:
            ends.append(since + milestone.within)
    due = min(ends) + timedelta(microseconds=1) if ends else None
    return Step("open", Reason("milestone_open", None, None, needed), due_at=due)


def _since(name: str, binding: Event, steps: dict[str, Step]) -> datetime | None:
    """When the named step was reached; "joined" is the binding where no such milestone was reached."""
    step = steps.get(name)
    if step and step.state == "reached":
        return step.at
    return binding.at if name == "joined" else None


def _judge_fact(
    situation: Situation,
    friend: str,
    touch: Touch,
    binding: Event,
    milestone: Milestone,
    fact: _Fact,
    steps: dict[str, Step],
) -> Step:
    """The ladder of one counted event: currency, span, end of program, minimum, conditions; reached at the bottom."""
    terms, event = touch.terms, fact.event

    def refuse(code: str, value: str | None, needed: str | None) -> Step:
        return Step("failed", Reason(code, False, value, needed), event.at, event.id)

    order = fact.amount.order
    if order is not None and order.currency != terms.currency and milestone.event != "signup":
        return refuse("wrong_currency", order.currency, terms.currency)
    if milestone.within:
        since = _since(milestone.within_of, binding, steps)
        if since is None or event.at - since > milestone.within:
            return refuse("too_late", span_words(event.at - since) if since else None, span_words(milestone.within))
    if terms.last_milestone_at and event.at > terms.last_milestone_at:
        return refuse("milestone_after_end", f"{event.at:%Y-%m-%d}", f"{terms.last_milestone_at:%Y-%m-%d}")
    base = fact.base_minor(milestone.base) if order is not None else None
    if milestone.min_minor is not None and (base is None or base < milestone.min_minor):
        shown = f"{to_decimal(base or 0, terms.currency)} {terms.currency}"
        return refuse("below_minimum", shown, f"{to_decimal(milestone.min_minor, terms.currency)} {terms.currency}")
    met = conditions_at(
        situation, terms, milestone.conditions, "milestone", touch.advocate, friend, fact.amount, event.at
    )
    met += conditions_at(
        situation, terms, terms.friend_conditions, "milestone", touch.advocate, friend, fact.amount, event.at
    )
    for condition, found in met:
        if found.met is False:
            return refuse("condition_failed", found.value, condition.words)
        if found.met is None:
            party = touch.advocate if condition.side == "advocate" else friend
            return Step(
                "waiting",
                Reason("status_missing", None, condition.words, condition.words),
                event.at,
                event.id,
                base,
                None,
                (party,),
            )
    return Step("reached", Reason("milestone_reached", True, f"{event.at:%Y-%m-%d}"), event.at, event.id, base)


def _moment_step(
    situation: Situation,
    friend: str,
    touch: Touch,
    milestone: Milestone,
    history: list[Event],
    steps: dict[str, Step],
    binding: Event,
    clock: datetime,
) -> Step:
    """How a moment stands: not before its time; then conditions as known at that moment; unknown waits out the grace."""
    terms = touch.terms
    since = _since(milestone.moment_after or "joined", binding, steps)
    if since is None:
        return Step("open", Reason("milestone_open", None, None, milestone.moment_after))
    at = _moment_at(since, milestone, terms)
    if terms.last_milestone_at and at > terms.last_milestone_at:
        return Step(
            "failed", Reason("milestone_after_end", False, f"{at:%Y-%m-%d}", f"{terms.last_milestone_at:%Y-%m-%d}"), at
        )
    if clock < at:
        return Step("waiting", Reason("milestone_waiting", None, None, f"{at:%Y-%m-%d}"), at, due_at=at)
    broken = next((event for event in history if event.type in milestone.without and since <= event.at <= at), None)
    if broken:
        return Step(
            "failed",
            Reason("condition_failed", False, f"{broken.type} on {broken.at:%Y-%m-%d}", f"no {broken.type}"),
            at,
        )
    base = steps[milestone.moment_after].base_minor if milestone.moment_after in steps else None
    for condition, found in conditions_at(
        situation, terms, milestone.conditions, "milestone", touch.advocate, friend, None, at
    ):
        if found.met is False:
            return Step("failed", Reason("condition_failed", False, found.value, condition.words), at)
        if found.met is None:
            party = touch.advocate if condition.side == "advocate" else friend
            until = at + milestone.grace if milestone.grace else None
            if until and clock >= until:
                return Step("failed", Reason("condition_failed", False, "unknown", condition.words), at)
            return Step(
                "waiting",
                Reason("status_missing", None, condition.words, condition.words),
                at,
                due_at=until,
                waits_on=(party,),
            )
    return Step("reached", Reason("milestone_reached", True, f"{at:%Y-%m-%d}"), at, base_minor=base)


def _moment_at(since: datetime, milestone: Milestone, terms: Terms) -> datetime:
    """N x 24 h, or N calendar months in the program's zone (the last day of a shorter month)."""
    if not milestone.moment_months:
        return since + timedelta(days=milestone.moment_days)
    local = since.astimezone(terms.zone)
    month = local.month - 1 + milestone.moment_months
    year, month = local.year + month // 12, month % 12 + 1
    day = min(local.day, monthrange(year, month)[1])
    return local.replace(year=year, month=month, day=day).astimezone(since.tzinfo)


def _lapse(
    terms: Terms, binding: Event, steps: dict[str, Step], clock: datetime
) -> tuple[dict[str, Step], datetime | None, datetime | None]:
    """Steps without those reached after a lapse; when the friend became free to be referred anew; when a lapse is due."""
    reached = sorted((step.at, name) for name, step in steps.items() if step.state == "reached" and step.at)
    complete = bool(steps) and len(reached) == len(steps)
    if terms.bound == "until_rewarded":
        return steps, reached[-1][0] if complete else None, None
    if terms.lapse is None:
        return steps, None, None
    last = binding.at
    for at, _ in reached:
        if at - last > terms.lapse:
            break
        last = max(last, at)
    lapses_at = last + terms.lapse
    late = {name for at, name in reached if at > lapses_at}
    if complete and not late:
        return steps, None, None
    if clock <= lapses_at:
        return steps, None, lapses_at + timedelta(microseconds=1)
    reason = Reason("lapsed", False, f"{lapses_at:%Y-%m-%d}", span_words(terms.lapse))
    kept = {name: Step("failed", reason, step.at, step.event) if name in late else step for name, step in steps.items()}
    return kept, lapses_at, None


def _one_program_a_fact(found: list[Merit]) -> list[Merit]:
    """One fact is rewarded in the program of its winning touch: the better method, then the later touch."""
    order = {"named": 0, "code": 1, "click": 2, "claim": 3}
    best: dict[str, Merit] = {}
    for merit in found:
        for step in merit.steps.values():
            if step.event and step.state in ("reached", "waiting"):
                rival = best.get(step.event)
                if rival is None or _stronger(merit, rival, order):
                    best[step.event] = merit
    result = []
    for merit in found:
        steps = dict(merit.steps)
        for name, step in steps.items():
            if step.event and step.state in ("reached", "waiting") and best[step.event].program != merit.program:
                reason = Reason("fact_rewarded_elsewhere", False, merit.program, best[step.event].program, name)
                steps[name] = Step("failed", reason, step.at, step.event)
        if steps != merit.steps:
            changed = tuple(step.reason for name, step in steps.items() if step is not merit.steps[name])
            kept = tuple(reason for reason in merit.reasons if reason.about not in {reason.about for reason in changed})
            merit = msgspec.structs.replace(merit, steps=steps, reasons=(*kept, *changed))
        result.append(merit)
    return result


def _stronger(merit: Merit, rival: Merit, order: dict[str, int]) -> bool:
    mine = (order.get(merit.touch.method, 9), -merit.touch.at.timestamp(), merit.program)
    theirs = (order.get(rival.touch.method, 9), -rival.touch.at.timestamp(), rival.program)
    return mine < theirs
