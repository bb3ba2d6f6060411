"""What may the advocate learn of a friend's steps? By the level that the terms disclose; never amounts, purchases or fraud rules."""

from __future__ import annotations

from goodword.core.reasons import Reason, ranked, text_of

LEVELS = ("nothing", "steps", "steps_with_dates", "reasons")

_STANDS = {
    "joined": "On its way.",
    "waiting": "On its way.",
    "held": "On its way.",
    "qualified": "On its way.",
    "rewarded": "Yours.",
}
_NOT_THIS_TIME = "Not this time."


def told_to_advocate(state: str, reasons: tuple[Reason, ...], level: str) -> tuple[str, ...]:
    """The sentences that the advocate reads about one referral. An unknown level tells nothing."""
    if level not in LEVELS or level == "nothing":
        return ()
    joined = next((reason for reason in reasons if reason.code == "joined"), None)
    stands = _STANDS.get(state, _NOT_THIS_TIME)
    if joined is None:
        return (stands,)
    first = "Joined." if level == "steps" else f"Joined on {joined.value}."
    if level != "reasons":
        return (first, stands)
    voiced = (text_of(reason, "advocate") for reason in ranked(reasons) if reason.passed is False)
    return tuple(dict.fromkeys((first, *filter(None, voiced), stands)))
