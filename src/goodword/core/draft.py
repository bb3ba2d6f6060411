"""What follows so far? The consequences of one decision while it is being made: what is booked is seen by what is booked next."""

from __future__ import annotations

from collections import ChainMap
from datetime import datetime

import msgspec

from goodword.core.amounts import Amount
from goodword.core.contest import Round
from goodword.core.events import ident
from goodword.core.expiry import expires_at
from goodword.core.ledger import Balance, Entry, apply, owed_account, payable_account
from goodword.core.reasons import Reason
from goodword.core.situation import Notice, Situation
from goodword.core.terms import Terms
from goodword.core.units import is_points
from goodword.core.wallet import MOVED_BY_HAND, Wallet, credit, forgo, move_in, restart, settled, take, wallet_id


class Draft:
    """The consequences of one decision while it is being made; what it booked so far is seen by what it books next."""

    def __init__(self, situation: Situation, decision_id: str, clock: datetime) -> None:
        self.situation = situation
        self.decision_id = decision_id
        self.clock = clock
        self.entries: list[Entry] = []
        self.notices: list[Notice] = []
        self.reasons: list[Reason] = []
        self._accounts: ChainMap[tuple[str, str], Balance] = ChainMap({}, situation.accounts)
        self._counters: dict[str, tuple[int, int]] = {}
        self._wallets: dict[str, Wallet] = {}
        self._rounds: dict[str, Round] = {}
        self.touched: dict[
            str, tuple[Terms, datetime]
        ] = {}  # ladder's counter -> terms, and the last milestone that moved it

    def balance(self, account: str, asset: str) -> Balance:
        """Balance including what this decision booked."""
        return self._accounts.get((account, asset), Balance())

    def book(
        self,
        source: str,
        destination: str,
        amount: Amount,
        phase: str,
        reason: str,
        referral: str,
        reward: str | None = None,
        of: str | None = None,
    ) -> str:
        """Book an entry and return its id. Raises LedgerError where it would break a floor."""
        id_ = ident("entry", self.decision_id, str(len(self.entries)))
        entry = Entry(
            id_, source, destination, amount.asset, amount.minor, phase, reason, self.clock, of, referral, reward
        )
        apply(self._accounts, entry)
        self.entries.append(entry)
        if is_points(amount.asset) and phase in ("posted", "post") and reason not in MOVED_BY_HAND:
            self._follow(entry)
        return id_

    def counter(self, key: str) -> tuple[int, int]:
        """Number and amount counted under a limit so far."""
        number, minor = self.situation.counters.get(key, (0, 0))
        more_number, more_minor = self._counters.get(key, (0, 0))
        return number + more_number, minor + more_minor

    def count(self, key: str, number: int, minor: int) -> None:
        """Take (or give back) a place."""
        had_number, had_minor = self._counters.get(key, (0, 0))
        self._counters[key] = (had_number + number, had_minor + minor)

    def contests(self) -> ChainMap[str, Round]:
        """Rounds of contests, as this decision leaves them."""
        return ChainMap(self._rounds, self.situation.contests)

    def put_round(self, round_: Round) -> None:
        """A round opened, or moved on."""
        self._rounds[round_.id] = round_

    @property
    def rounds(self) -> tuple[Round, ...]:
        """Rounds that this decision changed."""
        return tuple(self._rounds.values())

    def touch(self, counter: str, terms: Terms, at: datetime) -> None:
        """A ladder moved: what hangs on it is settled at the end of the decision."""
        self.touched[counter] = (terms, at)

    def touched_at(self, counter: str) -> datetime | None:
        """The last milestone that moved a ladder in this decision."""
        return self.touched[counter][1] if counter in self.touched else None

    @property
    def counted(self) -> tuple[tuple[str, int, int], ...]:
        """Changes of counters, those that cancel out left away."""
        return tuple((key, number, minor) for key, (number, minor) in self._counters.items() if number or minor)

    # -- points ----------------------------------------------------------------------------------------------------

    def holder(self, party: str, asset: str) -> str:
        """Whose account holds what a party has of an asset: its own, or its household's where a unit is shared."""
        if not is_points(asset):
            return party
        known = self.situation.unit(asset)
        if known and known[1].wallet == "household":
            party = self.situation.household_of(party)
        return self.now_with(party, asset)

    def now_with(self, holder: str, asset: str) -> str:
        """Who has the wallet of a holder by now: the household that took it over, or still the holder."""
        return (self.wallet(holder, asset).moved_to or holder) if is_points(asset) else holder

    def wallet(self, holder: str, asset: str) -> Wallet:
        """The wallet as it is by now; an empty one where nothing was ever collected."""
        id_ = wallet_id(holder, asset)
        known = self._wallets.get(id_) or self.situation.wallets.get(id_)
        return known or Wallet(id_, holder, asset, self.clock)

    def put_wallet(self, wallet: Wallet) -> None:
        """The wallet after a change that the ledger already knows."""
        self._wallets[wallet.id] = wallet

    @property
    def wallets(self) -> tuple[Wallet, ...]:
        """Wallets that this decision changed, each with its next moment."""
        changed = []
        for wallet in self._wallets.values():
            known = self.situation.unit(wallet.unit)
            if known:
                terms, unit = known
                wallet = settled(wallet, unit.notice_days, self.clock, terms.net_within)
            if wallet != self.situation.wallets.get(wallet.id):
                changed.append(wallet)
        return tuple(changed)

    def _follow(self, entry: Entry) -> None:
        """The lots of a wallet follow its account."""
        kind, _, holder = entry.destination.partition(":")
        if kind == "payable":
            self._earned(self.wallet(holder, entry.asset), entry)
        kind, _, holder = entry.source.partition(":")
        if kind == "payable":
            wallet, _ = take(self.wallet(holder, entry.asset), entry.amount_minor, entry.reward)
            self.put_wallet(msgspec.structs.replace(wallet, taken_back=wallet.taken_back + entry.amount_minor))

    def _earned(self, wallet: Wallet, entry: Entry) -> None:
        known = self.situation.unit(entry.asset)
        date = expires_at(known[1], known[0], self.clock) if known else None
        if known and known[1].expires and known[1].expires.is_idle:
            wallet = restart(wallet, self.clock, date)
        self.put_wallet(credit(wallet, entry.reward or entry.id, entry.amount_minor, self.clock, date))
        home = self.holder(wallet.holder, entry.asset)
        if home != wallet.holder:
            self.move_wallet(wallet.holder, home, entry.asset)

    def move_wallet(self, holder: str, household: str, asset: str) -> None:
        """All points of a holder go to the wallet of the household, with their dates."""
        before = self.wallet(holder, asset)
        if before.available:
            amount = Amount(before.available, asset)
            self.book(payable_account(holder), payable_account(household), amount, "posted", "wallet_moved", "")
        after, emptied = move_in(self.wallet(household, asset), before)
        self.put_wallet(after)
        self.put_wallet(emptied)

    def forgo_expired(self, reward: str, holder: str, amount: Amount) -> int:
        """How much of a reward that is taken back had expired: it is gone and is not taken a second time."""
        if not is_points(amount.asset):
            return 0
        wallet, gone = forgo(self.wallet(holder, amount.asset), reward, amount.minor)
        self.put_wallet(wallet)
        return gone

    def net_points(self, holder: str, asset: str) -> None:
        """What a holder owes of a unit is taken out of what it has, for what it has can be spent at once."""
        if not is_points(asset):
            return
        owed = -self.balance(owed_account(holder), asset).posted_minor
        minor = min(owed, self.balance(payable_account(holder), asset).available_minor)
        if minor > 0:
            amount = Amount(minor, asset)
            self.book(payable_account(holder), owed_account(holder), amount, "posted", "net", "")
