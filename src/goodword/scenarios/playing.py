"""How is a scenario played? Line by line through a player, comparing what came of each with what was expected."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from goodword.core.contest import round_id
from goodword.core.reasons import Reason
from goodword.scenarios.expectations import Outcome, check, ladder, story
from goodword.scenarios.language import PUBLISHED_AT, Line, Scenario, document_of
from goodword.scenarios.player import Player, SeenReferral


class Mismatch(AssertionError):
    """An expectation that does not hold, told so that a clerk can read it."""


def play(scenario: Scenario, player: Player) -> None:
    """Deliver every line in order of arrival and check its expectations."""
    __tracebackhide__ = True
    codes_are_out = False
    for line in scenario.lines:
        if not codes_are_out and line.act.verb != "publish":
            _hand_out_codes(scenario, player)
            codes_are_out = True
        before = player.referrals() if "nothing" in line.expected else {}
        event_id = _deliver(line, player)
        if line.expected:
            reasons = player.reasons_of(event_id) if event_id else _all_reasons(player)
            wallets = player.wallets()
            outcome = Outcome(
                reasons,
                player.referrals(),
                player.balances(),
                before,
                wallets,
                player.notices(),
                player.board,
                player.terms,
            )
            for expected in line.expected:
                _compare(scenario, line, expected, outcome, player)


def _hand_out_codes(scenario: Scenario, player: Player) -> None:
    """Everybody of the cast whose own code is used in the story owns it from the start."""
    for n, (code, owner) in enumerate(sorted(scenario.codes.items())):
        at = PUBLISHED_AT + timedelta(seconds=n + 1)
        raw = {"id": f"code-{code}", "type": "code_issued", "at": at.isoformat(), "code": code, "person": {"id": owner}}
        player.deliver(raw | {"act": {}}, at)


def _deliver(line: Line, player: Player) -> str | None:
    act = line.act
    if act.verb == "publish":
        player.publish(document_of(act), line.at)
        return None
    if act.verb == "time":
        player.run_until(line.at)
        return None
    raw = {"id": f"line-{line.number}", "at": line.at.isoformat(), **act.event}
    if act.target:
        raw["act"] = raw["act"] | _named(act.verb, act.target, player)
    player.deliver(raw, line.arrives_at)
    return str(raw["id"])


def _named(verb: str, target: dict[str, str], player: Player) -> dict[str, Any]:
    """The ids that an act speaks of: a referral by its friend, a reward by its payee, a party by its name."""
    if verb == "cancel-redemption":
        mine = [made for one in player.wallets() for made in one.redemptions if made[:2] == tuple(target.values())]
        return {"redemption": mine[-1][2] if mine else "none"}
    referrals = player.referrals().values()
    if verb == "contest":
        won = [one for one in referrals if one.method == "contest" and one.friend == target["party"]]
        if not won:
            return {"round": "none", "record": "none"}
        return {"round": round_id(won[-1].program, won[-1].subject.partition("|")[2]), "record": won[-1].id}
    if verb == "waive":
        for referral in referrals:
            if referral.advocate == target["party"]:
                return {"party": referral.advocate_party}
            if referral.friend == target["party"]:
                return {"party": referral.friend_party}
        return {"party": target["party"]}
    own = next((one for one in referrals if one.friend == target["friend"]), None)
    if verb in ("review", "choose", "draw", "extend"):
        return {"referral": own.id if own else "none"}
    return {"reward": _reward_id(own, target["payee"])}


def _reward_id(referral: SeenReferral | None, payee: str) -> str:
    mine = [reward for reward in referral.rewards if reward.payee == payee] if referral else []
    mine.sort(key=lambda reward: reward.state != "payable")
    return mine[0].id if mine else "none"


def _all_reasons(player: Player) -> tuple[Reason, ...]:
    return tuple(reason for referral in player.referrals().values() for reason in referral.reasons)


def _compare(scenario: Scenario, line: Line, expected: str, outcome: Outcome, player: Player) -> None:
    __tracebackhide__ = True
    try:
        found = check(expected, outcome)
    except ValueError as error:
        raise Mismatch(f"{scenario.path}:{line.number}: {error}") from error
    if found is not None:
        raise Mismatch(
            f"\n{scenario.path}:{line.number}: {scenario.title} (played by {player.name})\n"
            f"    {line.text}\n    expected: {expected}\n    found:    {found}\n"
            f"    reasons of this line:\n{ladder(outcome.reasons)}\n    as it stands:\n{story(player)}"
        )
