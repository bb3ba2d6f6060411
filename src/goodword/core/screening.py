"""Does anything speak against it? Runs the signals of the terms over two parties; a signal that fails to answer means hold.

A signal that is switched off for a program does not look. What it alone held is judged anew from the findings on record.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from goodword.core.kind import Finding
from goodword.core.qualification import Merit
from goodword.core.reasons import Reason
from goodword.core.referral import Claim, Referral
from goodword.core.situation import Situation

TRAITS = ("device", "payment")
MOST_HOLDERS = 60  # so many people with one device or payment means are a crowd: more of them say nothing more


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
        """The most parties that share one of the friend's devices (or payment means), the friend included; nobody counts
        beyond so many."""
        mine = [trait for trait in self._situation.party_traits.get(self.friend, set()) if trait[0] == kind]
        return min(MOST_HOLDERS, max((len(self._situation.traits.get(trait, {})) for trait in mine), default=0))

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
    off = situation.switched_off(merit.program)
    for signal in screening.signals:
        if signal.slug in off:
            continue
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


# -- after a switch ----------------------------------------------------------------------------------------------------

LEFT_THE_HOUSE = frozenset({"sent", "clawed_back", "written_off"})


def follows_switches(referral: Referral) -> bool:
    """Whether a switch may judge it anew: held, or let go by a switch; no person's word stands, and nothing was sent."""
    claim, review = referral.claim("screening"), referral.claim("review")
    if claim is None or not (claim.granted is None or claim.without):
        return False
    if review is not None and review.granted is not None:
        return False
    return not any(reward.state in LEFT_THE_HOUSE for reward in referral.rewards)


def is_switched(referral: Referral, signal: str, *, is_off: bool) -> bool:
    """Whether a switch makes a difference to it: held with that finding, or let go because the finding did not count."""
    claim = referral.claim("screening")
    if claim is None or not follows_switches(referral):
        return False
    if is_off:
        return referral.state == "held" and any(finding.signal == signal for finding in claim.findings)
    return signal in claim.without


def judged_anew(situation: Situation, referral: Referral, clock: datetime) -> Claim | None:
    """The findings on record without those of signals that are off now; None where that is what stands already.

    Nobody is denied by a switch: what has the points for it waits for a person.
    """
    claim, screening = referral.claim("screening"), situation.live_terms(referral.program).screening
    if claim is None or screening is None or not follows_switches(referral):
        return None
    found = {finding.signal for finding in claim.findings}
    without = tuple(sorted(found & situation.switched_off(referral.program)))
    if without == claim.without:
        return None
    points = min(100, sum(finding.points for finding in claim.findings if finding.signal not in without))
    granted = None if points >= screening.hold_at else True
    code = "screening_held" if granted is None else "screening_passed"
    reason = Reason(code, granted, str(points), str(screening.hold_at))
    return Claim("screening", "", granted, clock, points, reason, claim.findings, without=without)
