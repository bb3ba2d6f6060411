"""How does a round end? Frozen, then awarded after the last hold; prizes are offered, accepted, or pass to the next in order.

Both steps come by themselves at their dates, or by an act of a person from the day on which nothing can change them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from goodword.core.amounts import Amount
from goodword.core.contest import REVIEW_WAIT, Contest, Round, Score, Winner
from goodword.core.contest_board import Offer, Standing, in_order, offers, standings
from goodword.core.contest_draw import commitment_of
from goodword.core.costs import so_many
from goodword.core.draft import Draft
from goodword.core.events import ident
from goodword.core.ledger import cost_account, payable_account, prizes_account
from goodword.core.reasons import Reason
from goodword.core.referral import Referral, Reward
from goodword.core.reversal import put_reward, take_back
from goodword.core.rewarding import close_pending, release
from goodword.core.settlement import reward_reason
from goodword.core.situation import Notice
from goodword.core.terms import Terms

AGAIN = timedelta(days=1)  # when an award that has to wait is tried again


class Closing:
    """A round on its way to its end: the rules it opened with, and the records of winners that changed."""

    def __init__(self, draft: Draft, round_: Round) -> None:
        self.draft = draft
        self.round = round_
        self.terms: Terms = draft.situation.terms_of(round_.program, round_.version)
        assert self.terms.contest is not None, "a round opens by terms with a contest"
        self.contest: Contest = self.terms.contest
        self.records: dict[str, Referral] = {}

    @property
    def scores(self) -> Iterable[Score]:
        """What every referral adds."""
        return self.draft.situation.scores.get(self.round.id, {}).values()

    def put(self, **changes: object) -> None:
        """The round as it stands from now on; it becomes part of the decision."""
        self.round = msgspec.structs.replace(self.round, **changes)
        self.draft.put_round(self.round)

    def say(self, code: str, passed: bool | None, value: str, needed: str | None = None) -> None:
        """A step for the ladder of this decision."""
        self.draft.reasons.append(Reason(code, passed, value, needed, self.round.name))

    # -- the two steps ---------------------------------------------------------------------------------------------

    def freeze(self) -> None:
        """The board as it stands: what qualifies later does not count any more; what is held may still fall."""
        board = standings(self.scores)
        entrants = in_order(self.contest, self.round.id, board)
        self.put(
            state="frozen",
            state_at=self.draft.clock,
            freeze_at=min(self.round.freeze_at, self.draft.clock),
            next_due_at=max(self.round.award_at, self.draft.clock),
        )
        self.say("contest_frozen", True, str(len(entrants)))
        self._tell("contest_frozen")

    def ready_at(self) -> datetime:
        """When the last hold of a friend who counts is over; never later than the date of the award."""
        holds = [promise.hold_days for promise in self.terms.promises if promise.on == self.contest.on]
        hold = timedelta(days=max(holds, default=0))
        latest = max((score.at for score in self.scores), default=self.round.closes_at)
        return min(self.round.award_at, latest + hold)

    def provisional(self) -> int:
        """Friends whose score a person still has to decide."""
        return sum(1 for score in self.scores if score.provisional)

    def award(self, seed: str | None) -> None:
        """The final order by the tie rule; every prize that falls to somebody is offered, what nobody reached goes back."""
        if seed:
            self.put(seed=seed)
        elif self.contest.draws:
            self.say("contest_undrawn", False, "no seed")
        order = self._order()
        self.put(state="awarded", state_at=self.draft.clock, entrants=len(order))
        self._offer(order)
        self.say("contest_awarded", True, str(len(self.round.winners)), str(len(order)))
        self._tell("contest_awarded")
        self.conclude()

    def hindered(self) -> str | None:
        """Why the award has to wait: a draw without its seed, or people who still have to look."""
        if self.contest.draws and self.round.commitment and not self.round.seed:
            return "draw"
        waits_until = self.round.award_at + REVIEW_WAIT
        return "review" if self.provisional() and self.draft.clock < waits_until else None

    def _order(self) -> list[Standing]:
        board = standings(self.scores)
        return in_order(self.contest, self.round.id, board, self.round.seed)

    # -- winners ---------------------------------------------------------------------------------------------------

    def _offer(self, order: list[Standing]) -> None:
        for offer in offers(self.contest, self.round.id, order, self.round.seed, self.round.winners):
            self._offered(offer)

    def _offered(self, offer: Offer) -> None:
        until = None if self.contest.accept_within is None else self.draft.clock + self.contest.accept_within
        record = self._recorded(offer)
        winner = Winner(
            offer.prize.key,
            offer.place,
            offer.party,
            record.id,
            offer.minor,
            offer.prize.give.asset,
            "accepted" if until is None else "offered",
            self.draft.clock,
            until,
        )
        self.put(winners=(*self.round.winners, winner))
        self.draft.notices.append(Notice("contest_won", record.id, record.rewards[-1].id, self.round.id))
        if until is None:
            self._released(record)
        else:
            self._concluded(record)

    def _recorded(self, offer: Offer) -> Referral:
        """The record of a winner with the prize as a reward that waits for their word."""
        id_ = ident("record", self.round.program, offer.party, offer.prize.key, self.round.name)
        draft, prize = self.draft, offer.prize
        reward_id = ident("reward", id_, prize.key, str(offer.place))
        amount = Amount(offer.minor, prize.give.asset)
        holder = draft.holder(offer.party, amount.asset)
        source, payable = prizes_account(self.round.program), payable_account(holder)
        entry = draft.book(source, payable, amount, "pending", "prize", id_, reward_id)
        clock = draft.clock
        reward = Reward(
            reward_id,
            prize.key,
            "advocate",
            offer.party,
            prize.kind.slug,
            amount.asset,
            amount.minor,
            self.round.closes_at,
            clock + (self.contest.accept_within or timedelta(0)),
            "pending",
            clock,
            clock,
            entry,
            source,
            wallet=holder if holder != offer.party else None,
        )
        return Referral(
            id=id_,
            program=self.round.program,
            friend=offer.party,
            subject=f"{prize.key}|{self.round.name}",
            version=self.round.version,
            method="contest",
            bound_at=self.round.closes_at,
            bound_event="",
            touch_at=self.round.closes_at,
            touch_event="",
            state="qualified",
            state_at=clock,
            created_at=clock,
            advocate=offer.party,
            rewards=(reward,),
            kind="record",
        )

    def record(self, winner: Winner) -> Referral:
        """The record of a winner as it stands in this decision."""
        return self.records.get(winner.record) or self.draft.situation.referrals[winner.record]

    def accept(self, winner: Winner) -> None:
        """The winner said yes in time: the prize is theirs."""
        self._mark(winner, "accepted")
        self._released(self.record(winner))
        self.say("contest_accepted", True, str(winner.place))
        self.conclude()

    def lapse(self) -> None:
        """Whoever did not say yes in time loses the prize; the next in order moves up."""
        late = [w for w in self.round.winners if w.state == "offered" and w.until and w.until <= self.draft.clock]
        for winner in late:
            self._taken_back(winner, "lapsed", "")
            self.say("contest_lapsed", False, str(winner.place), f"{winner.until:%Y-%m-%d}")
        if late:
            self._offer(self._order())
        self.conclude()

    def disqualify(self, winner: Winner, why: str) -> None:
        """A person took the prize from somebody, with a reason; the next in order moves up."""
        self._taken_back(winner, "disqualified", why)
        self.say("contest_disqualified", False, str(winner.place), why)
        self._offer(self._order())
        self.conclude()

    def _taken_back(self, winner: Winner, state: str, why: str) -> None:
        record = self.record(winner)
        reward = record.rewards[-1]
        if reward.state == "pending":
            record = put_reward(record, close_pending(self.draft, reward, record.id, f"prize_{state}"))
            self.draft.notices.append(Notice("reward_taken_back", record.id, reward.id))
        else:
            record = take_back(self.draft, record, reward, self.terms, reason=f"prize_{state}")
        self._mark(winner, state, why)
        self._concluded(record)

    def _mark(self, winner: Winner, state: str, why: str = "") -> None:
        changed = msgspec.structs.replace(winner, state=state, state_at=self.draft.clock, why=why)
        self.put(winners=tuple(changed if known == winner else known for known in self.round.winners))

    def _released(self, record: Referral) -> None:
        self._concluded(put_reward(record, release(self.draft, record, record.rewards[-1])))

    def _concluded(self, record: Referral) -> None:
        """The record with its state and reasons, as every referral has them."""
        reward = record.rewards[-1]
        state = {"pending": "qualified", "payable": "rewarded", "sent": "rewarded"}.get(reward.state, "reversed")
        won = Reason("contest_won", True, self.round.name, None, reward.promise)
        changed = state != record.state
        self.records[record.id] = msgspec.structs.replace(
            record,
            state=state,
            state_at=self.draft.clock if changed else record.state_at,
            reasons=(won, reward_reason(reward)),
        )

    # -- the end ---------------------------------------------------------------------------------------------------

    def conclude(self) -> None:
        """Wait for the next answer, or close the round: what nobody won goes back to where it came from."""
        waiting = [winner.until for winner in self.round.winners if winner.state == "offered" and winner.until]
        if waiting:
            self.put(state="awarded", next_due_at=min(waiting))
            return
        self._pool_back()
        self._settle_costs()
        self.put(state="closed", state_at=self.draft.clock, next_due_at=None)

    def _pool_back(self) -> None:
        spent: dict[str, int] = {}
        for winner in self.round.winners:
            if winner.stands:
                spent[winner.asset] = spent.get(winner.asset, 0) + winner.amount_minor
        prizes = prizes_account(self.round.program)
        kept = []
        for asset, minor, source in self.round.pool:
            left = minor - spent.get(asset, 0)
            if left > 0:
                self.draft.book(prizes, source, Amount(left, asset), "posted", "prize_unused", self.round.program)
            kept.append((asset, minor - max(0, left), source))
        self.put(pool=tuple(pair for pair in kept if pair[1]))

    def _settle_costs(self) -> None:
        """What the prizes that were won cost is spent; the rest goes back to where it came from."""
        prizes, spent = prizes_account(self.round.program), cost_account(self.round.program)
        kept = []
        for cost in self.round.costs:
            number = sum(one.amount_minor for one in self.round.winners if one.stands and one.prize == cost.prize)
            worth = so_many(number, cost.each, cost.currency).amount
            if worth.minor < cost.minor:
                back = Amount(cost.minor - worth.minor, cost.currency)
                place, reason = (spent, "cost_back") if cost.is_spent else (prizes, "prize_unused")
                self.draft.book(place, cost.source, back, "posted", reason, self.round.program)
            if worth.minor and not cost.is_spent:
                self.draft.book(prizes, spent, worth, "posted", "cost", self.round.program)
            if worth.minor:
                kept.append(msgspec.structs.replace(cost, minor=worth.minor, is_spent=True))
        self.put(costs=tuple(kept))

    def _tell(self, kind: str) -> None:
        self.draft.notices.append(Notice(kind, words=self.round.id))


def come_due(draft: Draft, round_: Round) -> Closing:
    """What a moment makes of a round: the freeze, the award, or the end of the time to accept."""
    closing = Closing(draft, round_)
    if round_.state == "open":
        closing.freeze()
    elif round_.state == "frozen":
        why = closing.hindered()
        if why is None:
            closing.award(None)
        else:
            closing.say("contest_waits", None, why)
            draft.notices.append(Notice("contest_waits", words=round_.id))
            closing.put(next_due_at=draft.clock + AGAIN)
    else:
        closing.lapse()
    return closing


def fits(round_: Round, seed: object) -> bool:
    """Whether a seed is the one that was committed to."""
    return isinstance(seed, str) and round_.commitment == commitment_of(seed)
