"""Does anything speak against it? Runs the signals of the terms over two parties; a signal that fails to answer means hold."""

from __future__ import annotations

from datetime import datetime, timedelta

from goodword.core.kind import Finding
from goodword.core.qualification import Merit
from goodword.core.reasons import Reason
from goodword.core.referral import Claim
from goodword.core.situation import Situation

TRAITS = ("device", "payment")


class View:
    """What a signal may see: friend, advocate and what they share, `at` the binding. Tokens only."""

    def __init__(self, situation: Situation, friend: str, advocate: str, at: datetime) -> None:
        self._situation = situation
        self.friend = friend
        self.advocate = advocate
        self.at = at

    def same_identity(self, kind: str) -> bool:
        """Whether both parties carry the same identity of that kind (email_root, phone)."""
        return bool(self._identities(self.friend, kind) & self._identities(self.advocate, kind))

    def _identities(self, party: str, kind: str) -> set[str]:
        known = self._situation.parties.get(party)
        return {token for known_kind, token in known.ids if known_kind == kind} if known else set()

    def shared_traits(self, kind: str) -> int:
        """How many devices (or payment means) were seen with both parties."""
        mine = self._situation.party_traits.get(self.friend, set())
        theirs = self._situation.party_traits.get(self.advocate, set())
        return sum(1 for trait_kind, _ in mine & theirs if trait_kind == kind)

    def holders(self, kind: str) -> int:
        """The most parties that share one of the friend's devices (or payment means), the friend included."""
        mine = [trait for trait in self._situation.party_traits.get(self.friend, set()) if trait[0] == kind]
        return max((len(self._situation.traits.get(trait, {})) for trait in mine), default=0)

    def joins(self, days: int) -> int:
        """Friends bound to the advocate in the days up to the binding of this one, who is counted too."""
        known = self._situation.joins_within(self.advocate, self.at - timedelta(days=days), self.at)
        is_counted = any(
            self._situation.referrals[id_].advocate == self.advocate
            for id_ in self._situation.of_friend.get(self.friend, ())
        )
        return known if is_counted else known + 1


def screen(situation: Situation, merit: Merit, clock: datetime) -> Claim | None:
    """The finding of the screening as a claim: granted True (pass), None (hold) or False (deny). None: screening is off."""
    screening = situation.live_terms(merit.program).screening if merit.terms.screening else None
    if screening is None:
        return None
    view = View(situation, merit.friend, merit.touch.advocate, merit.binding.at)
    findings: list[Finding] = []
    failed = False
    for signal in screening.signals:
        try:
            found = signal.find(view)
        except Exception as error:  # whatever a signal raises, the reward is held and the failure is shown
            failed = True
            found = Finding(
                signal.slug,
                signal.family,
                screening.hold_at,
                f"The check {signal.slug} failed ({type(error).__name__}).",
            )
        if found:
            findings.append(found)
    points = min(100, sum(finding.points for finding in findings))
    if points >= screening.deny_at and not failed:
        reason, granted = Reason("screening_denied", False, str(points), str(screening.deny_at)), False
    elif points >= screening.hold_at or failed:
        return Claim(
            "screening",
            "",
            None,
            clock,
            points,
            Reason("screening_held", None, str(points), str(screening.hold_at)),
            tuple(findings),
        )
    else:
        reason, granted = Reason("screening_passed", True, str(points), str(screening.hold_at)), True
    return Claim("screening", "", granted, clock, points, reason, tuple(findings))
