"""Who plays a scenario? The small interface of all players, and the first of them: the core alone.

A player is handed published documents and raw native events, and answers what came of them. Persons are known by their
external id, which in scenarios is the name of the cast ("alice"). A player may decide lazily, as long as every question
is answered as if all that was delivered had been decided.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

import msgspec

from goodword.catalog import SHELVES
from goodword.core.contest_board import Standing, standings
from goodword.core.decide import Lane
from goodword.core.events import AHEAD_ACCEPTED, Event, Problem, parse_event
from goodword.core.ledger import Balance
from goodword.core.reasons import Reason
from goodword.core.referral import Referral
from goodword.core.situation import Decision, Situation
from goodword.core.terms import Terms
from goodword.core.units import is_points
from goodword.core.wallet import Wallet, wallet_id

SOURCE = "api"


class SeenReward(msgspec.Struct, frozen=True):
    """A reward as an outsider sees it; `payee` is an external id."""

    id: str
    payee: str
    to: str
    kind: str
    asset: str
    amount_minor: int
    state: str
    payable_at: datetime  # the end of its hold, or the grant where that came later


class SeenReferral(msgspec.Struct, frozen=True):
    """A referral as an outsider sees it; friend and advocate are external ids, `advocate_party` is the internal one."""

    id: str
    program: str
    subject: str
    friend: str
    advocate: str
    advocate_party: str
    friend_party: str
    state: str
    method: str
    version: int
    reasons: tuple[Reason, ...]
    rewards: tuple[SeenReward, ...]


Referrals = dict[tuple[str, str, str], SeenReferral]  # (friend, program, subject); of several generations the latest
Balances = dict[tuple[str, str], int]  # (account with external ids, asset) -> available minor units, zeros left away


class SeenWallet(msgspec.Struct, frozen=True):
    """A wallet of points as an outsider sees it; `members` are all whose it is, `lots` (points, day of expiry)."""

    members: tuple[str, ...]
    unit: str
    available: int
    pending: int
    spent: int
    expired: int
    back: int
    owed: int
    lots: tuple[tuple[int, str], ...]
    redemptions: tuple[tuple[str, str, str], ...]  # (person, item, id), in order


class Player(Protocol):
    """What the scenarios ask of whoever plays them."""

    name: str

    def publish(self, document: dict[str, Any], at: datetime) -> None:
        """A version of a program goes live at that moment."""
        ...

    def deliver(self, raw_event: dict[str, Any], received_at: datetime) -> None:
        """A native event (or act of the house) arrives."""
        ...

    def run_until(self, at: datetime) -> None:
        """Time passes, and nothing else."""
        ...

    def referrals(self) -> Referrals:
        """All referrals as they stand."""
        ...

    def reasons_of(self, event_id: str) -> tuple[Reason, ...]:
        """The reasons of the decision about an event, by the sender's id."""
        ...

    def board(self, round_: str) -> dict[str, Standing]:
        """Everybody with a score in a round of a contest, by their name."""
        ...

    def terms(self, program: str, version: int) -> Terms:
        """A published version of a program."""
        ...

    def balances(self) -> Balances:
        """What may still leave each account."""
        ...

    def wallets(self) -> list[SeenWallet]:
        """All wallets of points."""
        ...

    def notices(self) -> Counter[str]:
        """How many notices of each kind were given."""
        ...


def readable_token(kind: str, value: str) -> str:
    """Tokens that a person can read, as the command line uses them."""
    return f"{kind}:{value}"


class CorePlayer:
    """Plays a scenario with the pure core: no server, no database."""

    name = "core"

    def __init__(self) -> None:
        self.situation = Situation(SHELVES)
        self.lane = Lane(self.situation)
        self.decisions: list[Decision] = []
        self.plain: frozenset[str] = frozenset()
        self._versions: dict[str, int] = {}
        self._reasons: dict[str, tuple[Reason, ...]] = {}
        self._ahead: list[tuple[datetime, Event]] = []  # from the future: they wait until then

    def publish(self, document: dict[str, Any], at: datetime) -> None:
        slug = str(document.get("program"))
        version = self._versions[slug] = self._versions.get(slug, 0) + 1
        declared = {name for name, field in document.get("fields", {}).items() if field.get("personal") is False}
        self.plain |= declared
        raw = {
            "id": f"publish-{slug}-{version}",
            "type": "publish",
            "at": at.isoformat(),
            "act": {"document": document, "version": version},
        }
        self.deliver(raw, at)
        refused = [reason for reason in self.reasons_of(str(raw["id"])) if reason.code == "act_refused"]
        assert not refused, f"the program cannot be published: {refused[0].value}. {refused[0].needed}"

    def deliver(self, raw_event: dict[str, Any], received_at: datetime) -> None:
        event = parse_event(
            raw_event, received_at=received_at, source=SOURCE, token=readable_token, plain=self.plain, acts=True
        )
        if isinstance(event, list):
            raise AssertionError(f"the event was refused: {_words(event)}")
        self.run_until(received_at, let_time_pass=False)
        if event.at > received_at + AHEAD_ACCEPTED:
            self._ahead.append((event.at, event))
            self._reasons[event.id] = (Reason("at_in_future", None, event.at.isoformat()),)
            return
        self._decide(event, received_at)

    def run_until(self, at: datetime, let_time_pass: bool = True) -> None:
        for held_until, event in sorted(self._ahead, key=lambda held: held[1].rank):
            if held_until <= at:
                self._ahead.remove((held_until, event))
                self._decide(event, held_until)
        if let_time_pass:
            self.decisions.extend(self.lane.advance(at))

    def _decide(self, event: Event, now: datetime) -> None:
        decided = list(self.lane.receive(event, now + AHEAD_ACCEPTED))
        self.decisions.extend(decided)
        self._reasons[event.id] = decided[-1].reasons

    def referrals(self) -> Referrals:
        found: Referrals = {}
        for referral in sorted(self.situation.referrals.values(), key=lambda referral: referral.generation):
            seen = self._seen(referral)
            found[(seen.friend, seen.program, seen.subject)] = seen
        return found

    def _seen(self, referral: Referral) -> SeenReferral:
        return SeenReferral(
            id=referral.id,
            program=referral.program,
            subject=referral.subject.removeprefix("subject:").replace("\x1f", " "),
            friend=self.external(referral.friend),
            advocate=self.external(referral.advocate),
            advocate_party=referral.advocate,
            friend_party=referral.friend,
            state=referral.state,
            method=referral.method,
            version=referral.version,
            reasons=referral.reasons,
            rewards=tuple(
                SeenReward(
                    reward.id,
                    self.external(reward.payee),
                    reward.to,
                    reward.kind,
                    reward.asset,
                    reward.amount_minor,
                    reward.state,
                    max(reward.due_at, reward.granted_at),
                )
                for reward in referral.rewards
            ),
        )

    def external(self, party: str) -> str:
        """The sender's own id of a party; its e-mail or phone where it has none."""
        known = self.situation.parties.get(party)
        return known.ids[0][1].partition(":")[2] if known and known.ids else party

    def reasons_of(self, event_id: str) -> tuple[Reason, ...]:
        return self._reasons[readable_token("event", f"{SOURCE}\x1f{event_id}")]

    def wallets(self) -> list[SeenWallet]:
        found = []
        for account, asset in self.situation.accounts:
            kind, _, holder = account.partition(":")
            if kind != "payable" or not is_points(asset):
                continue
            at = datetime(2026, 1, 1, tzinfo=UTC)
            id_ = wallet_id(holder, asset)
            wallet = self.situation.wallets.get(id_) or Wallet(id_, holder, asset, at)
            home = self.situation.members_of("household", wallet.holder) or [wallet.holder]
            members = [self.external(party) for party in home]
            found.append(seen_wallet(wallet, self.situation.balance, members, self.external))
        return found

    def terms(self, program: str, version: int) -> Terms:
        return self.situation.terms_of(program, version)

    def notices(self) -> Counter[str]:
        return Counter(notice.kind for decision in self.decisions for notice in decision.notices)

    def board(self, round_: str) -> dict[str, Standing]:
        return {self.external(one.party): one for one in standings(self.situation.scores.get(round_, {}).values())}

    def balances(self) -> Balances:
        found: Balances = {}
        for (account, asset), balance in self.situation.accounts.items():
            kind, colon, owner = account.partition(":")
            name = f"{kind}:{self.external(owner)}" if kind in ("payable", "owed") else f"{kind}{colon}{owner}"
            if balance.available_minor:
                found[(name, asset)] = balance.available_minor
        return found


def seen_wallet(
    wallet: Wallet, accounts: Callable[[str, str], Balance], members: Sequence[str], name: Callable[[str], str]
) -> SeenWallet:
    """A wallet and what the ledger says of its holder; that the two disagree is a fault of its own."""
    balance = accounts(f"payable:{wallet.holder}", wallet.unit)
    assert wallet.available == balance.posted_minor, f"lots hold {wallet.available}, the account {balance.posted_minor}"
    assert all(lot.left >= 0 for lot in wallet.lots)
    moved = wallet.earned - wallet.spent - wallet.expired - wallet.taken_back
    assert moved == wallet.available, f"the sums of a wallet come to {moved}, it holds {wallet.available}"
    return SeenWallet(
        tuple(members),
        wallet.unit,
        wallet.available,
        balance.pending_in_minor,
        wallet.spent,
        wallet.expired,
        wallet.taken_back,
        -accounts(f"owed:{wallet.holder}", wallet.unit).posted_minor,
        tuple((lot.left, f"{lot.expires_at:%Y-%m-%d}") for lot in wallet.lots if lot.left and lot.expires_at),
        tuple((name(made.party), made.item, made.id) for made in wallet.redemptions),
    )


def _words(problems: list[Problem]) -> str:
    return "; ".join(f"{problem.field} {problem.why}" for problem in problems)
