"""Why? Every accepted and refused step as a coded reason, with the value compared and the value needed, in four voices."""

from __future__ import annotations

import msgspec

VOICES = ("agent", "advocate", "friend", "auditor")


class Reason(msgspec.Struct, frozen=True, omit_defaults=True):
    """One step of a decision: `passed` True (accepted), False (refused) or None (still open).

    `value` is what was compared, `needed` what it was compared with; both already readable and free of personal data.
    """

    code: str
    passed: bool | None = True
    value: str | None = None
    needed: str | None = None
    about: str | None = None  # promise, milestone or touch that the reason speaks of


class Text(msgspec.Struct, frozen=True):
    """The line of one reason in the catalogue: its rank (the smaller, the nearer to the top) and a text for each voice."""

    rank: int
    agent: str
    advocate: str
    friend: str
    auditor: str


_PRIVATE = "Not this time."
_ON_ITS_WAY = "On its way."

# code: rank, agent, advocate, friend (None = what the advocate reads). {value} and {needed} are filled in.
# The auditor reads the agent's sentence followed by code and values. Fraud rules and amounts never reach the advocate (terms.md 8).
_LINES: tuple[tuple[str, int, str, str, str | None], ...] = (
    # the event itself
    ("at_in_future", 10, "The event lies in the future ({value}); it waits until then.", "", None),
    ("order_unknown", 11, "No order with this number is known for this client.", "", None),
    ("order_duplicate", 12, "The order was already counted with the same amount.", "", None),
    ("order_corrected", 13, "The order was sent again with another amount; the latest stands: {value}.", "", None),
    ("person_unknown", 14, "Nobody is named in the event and its visitor is not known yet.", "", None),
    ("history_too_long", 15, "More than {needed} events are on record; a person has to look.", "", None),
    ("not_running", 16, "No program was running at {value}.", "The program was not running.", None),
    ("recorded", 17, "Recorded; it has no bearing on a referral.", "", None),
    ("act_done", 18, "Done: {value}.", "", None),
    ("act_refused", 19, "Not possible: {value}. {needed}", "", None),
    # brought in from another system
    ("carried_over", 20, "Brought in from another system, where it was {needed}.", "", None),
    ("ends_soon", 21, "Notice was given: steps count until {value}.", "It ends soon.", "It counts until {value}."),
    # touches
    (
        "code_unknown",
        30,
        "The code {value} is not known.",
        "The code was not known.",
        "The code you used is not known.",
    ),
    (
        "code_ended",
        31,
        "The code {value} had ended on {needed}.",
        "The code had ended.",
        "The code you used had ended.",
    ),
    ("advocate_unknown", 32, "The referrer named is not known.", "", "We do not know the person you named."),
    (
        "own_code",
        33,
        "Own code: referrer and friend are the same person.",
        "Your own code does not count.",
        "Your own code does not count.",
    ),
    (
        "touch_too_old",
        34,
        "Outside the window: {value} before, at most {needed} allowed.",
        "The invitation was too old.",
        "The invitation was too old.",
    ),
    ("touch_after_binding", 35, "Came after the friend was already bound.", _PRIVATE, None),
    ("method_not_allowed", 36, "The program does not count touches by {value}.", _PRIVATE, None),
    ("program_ambiguous", 37, "A referrer was named without a program, and the client has several.", "", None),
    (
        "program_not_started",
        38,
        "The program starts on {needed}; the touch was on {value}.",
        "The program had not started.",
        None,
    ),
    (
        "program_ended",
        39,
        "The program took its last touch on {needed}; this one was on {value}.",
        "The program has ended.",
        "The program has ended.",
    ),
    (
        "advocate_not_allowed",
        40,
        "The referrer may not refer here: {value}, needed {needed}.",
        "Your account cannot refer in this program yet.",
        _PRIVATE,
    ),
    (
        "attribution_settled",
        41,
        "An earlier touch arrived after the first reward was sent; a person decides.",
        "",
        None,
    ),
    (
        "claim_too_late",
        42,
        "Claimed {value} after the milestone; {needed} allowed.",
        "The claim came too late.",
        "The claim came too late.",
    ),
    ("claim_not_needed", 43, "Another touch had already won.", _PRIVATE, None),
    (
        "channel_excluded",
        50,
        "It came through {value}, and the program counts no referral there.",
        _PRIVATE,
        "The offer does not count together with {value}.",
    ),
    ("channel_outranks", 51, "{needed} outranks the touch by {value}.", _PRIVATE, None),
    (
        "contract_missing",
        52,
        "The referrer has accepted no contract of this program.",
        "You have not accepted a contract of this program yet.",
        "The code you used is not active.",
    ),
    (
        "contract_paused",
        53,
        "The referrer's contract was paused on {value}.",
        "Your contract is paused.",
        "The code you used is not active.",
    ),
    (
        "contract_ended",
        54,
        "The referrer's contract ended on {needed}; the touch was on {value}.",
        "Your contract has ended.",
        "The code you used had ended.",
    ),
    ("outranked", 44, "Another touch ranks higher: {needed}.", _PRIVATE, None),
    ("touch_won", 45, "Won the referral by {value}.", "Joined with your invitation.", "You joined by an invitation."),
    ("no_touch", 46, "Nobody referred this person.", "", "No invitation is on record."),
    # the version that is promised
    ("promise_moved", 47, "Promised by version {value}; judged by version {needed} since it was moved.", "", None),
    ("program_stopped", 49, "The program was stopped for legal reasons.", "The program has ended.", None),
    ("promise_kept", 48, "Keeps its promise: version {needed} would mean {value}.", "", None),
    # who
    (
        "friend_not_new",
        60,
        "Not a new customer: {value}, needed {needed}.",
        _PRIVATE,
        "The offer is for new customers.",
    ),
    (
        "friend_not_allowed",
        61,
        "The friend does not meet the terms: {value}, needed {needed}.",
        _PRIVATE,
        "Your account does not meet the terms: {needed}.",
    ),
    (
        "join_too_late",
        62,
        "Joined {value}; the last day to join was {needed}.",
        "The program has ended.",
        "The program has ended.",
    ),
    (
        "budget_ended",
        64,
        "The budget had ended when the friend joined: {value} left, {needed} needed.",
        "The program's budget had ended.",
        "The program's budget had ended.",
    ),
    ("joined", 65, "Joined on {value}.", "Joined.", "You joined."),
    # milestones
    (
        "status_missing",
        80,
        "Waiting: {value} is not known yet; needed {needed}.",
        _ON_ITS_WAY,
        "We are waiting for {value}.",
    ),
    (
        "condition_deferred",
        79,
        "Deferred: {value}; waiting for {needed}.",
        _ON_ITS_WAY,
        "Waiting until it holds: {needed}.",
    ),
    (
        "dispute_open",
        77,
        "Disputed since {value}: nothing is released until the dispute is over.",
        _ON_ITS_WAY,
        "The payment is disputed; nothing is released until that is over.",
    ),
    ("clock_paused", 78, "Paused by {value}; without it the moment is {needed}.", _ON_ITS_WAY, "Paused: {value}."),
    ("milestone_waiting", 81, "Waiting until {needed}.", _ON_ITS_WAY, "Waiting until {needed}."),
    ("milestone_open", 82, "Not reached yet: {needed}.", "Waiting for the next step.", "Still needed: {needed}."),
    (
        "below_minimum",
        83,
        "{value} is under the minimum of {needed}.",
        _PRIVATE,
        "{value} is under the minimum of {needed}.",
    ),
    (
        "not_the_first",
        84,
        "Order number {value}; the promise is for number {needed}.",
        _PRIVATE,
        "The promise is for order number {needed}.",
    ),
    ("too_late", 85, "Reached {value} after; {needed} allowed.", _PRIVATE, "It came after {needed}."),
    (
        "milestone_after_end",
        86,
        "On {value}; the last day was {needed}.",
        "The program has ended.",
        "The program has ended.",
    ),
    ("condition_failed", 87, "{value}, needed {needed}.", _PRIVATE, "Needed: {needed}."),
    (
        "wrong_currency",
        88,
        "The order is in {value}; the program counts {needed}.",
        _PRIVATE,
        "The program counts orders in {needed}.",
    ),
    (
        "fact_rewarded_elsewhere",
        89,
        "This order is rewarded in the program of its winning touch: {needed}.",
        _PRIVATE,
        None,
    ),
    ("taken_back", 90, "Taken back: {value} left of {needed}.", "The order was returned.", "The order was returned."),
    ("milestone_reached", 91, "Reached on {value}.", "Reached the next step.", "Reached on {value}."),
    (
        "lapsed",
        92,
        "No progress for {needed}; the referral lapsed.",
        "The invitation lapsed.",
        "The invitation lapsed.",
    ),
    ("superseded", 93, "A later fact changed the referral: {value}.", _PRIVATE, None),
    # contests
    ("contest_fallen", 94, "It does not count in the contest any more: {value}.", _PRIVATE, None),
    ("contest_late", 95, "Too late for the contest: the board {value} is frozen.", "The contest had ended.", None),
    ("contest_held", 96, "Counts {value} in the contest {needed} once it is cleared.", _ON_ITS_WAY, None),
    ("contest_counts", 97, "Counts {value} in the contest {needed}.", "It counts in the contest.", None),
    # screening
    ("screening_denied", 100, "Denied: {value} points, denied from {needed}.", _PRIVATE, _PRIVATE),
    ("screening_held", 101, "Held for review: {value} points, held from {needed}.", _ON_ITS_WAY, _ON_ITS_WAY),
    ("screening_passed", 102, "Checks passed with {value} points.", _ON_ITS_WAY, _ON_ITS_WAY),
    ("finding", 103, "{value}", "", ""),
    ("review_cleared", 104, "Cleared by a person: {value}.", _ON_ITS_WAY, _ON_ITS_WAY),
    ("review_denied", 105, "Denied by a person: {value}.", _PRIVATE, _PRIVATE),
    ("review_reopened", 106, "A person took the decision back; it is open again.", _ON_ITS_WAY, _ON_ITS_WAY),
    ("signal_off", 107, "The signal {value} is switched off for this program and does not count.", "", None),
    # claims
    (
        "limit_reached",
        120,
        "Limit reached: {value} of {needed}.",
        "The limit of the program was reached.",
        "The limit of the program was reached.",
    ),
    (
        "limit_partial",
        121,
        "Only {value} of {needed} was left under the limit.",
        "The limit of the program was reached.",
        "The limit of the program was reached.",
    ),
    (
        "funds_ended",
        122,
        "The budget was used up: {value} left, {needed} needed.",
        "The program's budget had ended.",
        "The program's budget had ended.",
    ),
    (
        "paid_from_overrun",
        123,
        "The budget was used up; the promise is honoured from the overrun line.",
        _ON_ITS_WAY,
        None,
    ),
    (
        "cost_unknown",
        124,
        "{value} cannot be given yet: nobody dated what one costs, and it comes out of a budget.",
        _ON_ITS_WAY,
        None,
    ),
    (
        "promise_shared",
        66,
        "The referrer shared version {value} within its promise days: its better promise holds for the referrer.",
        "The promise that you shared holds.",
        "",
    ),
    ("cost_taken", 137, "Takes {value} out of the budget.", "", ""),
    ("release_refused", 125, "Not released when the hold ended: {value}, needed {needed}.", _PRIVATE, _PRIVATE),
    # choices and ladders
    ("choice_open", 126, "Waits for a choice until {needed}.", _ON_ITS_WAY, "Please choose until {needed}."),
    ("draw_waits", 127, "Waits for the recorded draw.", _ON_ITS_WAY, "Waits for the draw."),
    ("chosen", 128, "{value}, chosen by {needed}.", _ON_ITS_WAY, "{value}, chosen by {needed}."),
    (
        "not_claimed",
        129,
        "Not claimed in time: the last day was {needed}.",
        "It was not claimed in time.",
        "It was not claimed until {needed}.",
    ),
    ("no_line_holds", 130, "None of the {value} lines of the table holds.", _PRIVATE, _PRIVATE),
    ("place_too_low", 131, "{value} so far; the promise begins at {needed}.", _ON_ITS_WAY, None),
    (
        "outdone",
        132,
        "A better or an earlier promise for the same fact is given instead: {needed}.",
        _PRIVATE,
        "Another reward is given for it: {needed}.",
    ),
    ("ladder_stands", 133, "{value} reached; the next step is at {needed}.", _ON_ITS_WAY, None),
    ("kept_though_fewer", 134, "Kept, though only {value} are left.", "Yours.", None),
    ("agent_unknown", 135, "Nobody is known as the agent who registered it.", _PRIVATE, _PRIVATE),
    (
        "contract_tail_over",
        136,
        "The referrer's contract has ended, and it earned until {needed}; this was on {value}.",
        "Your contract has ended.",
        "",
    ),
    ("contract_value", 138, "By version {value} of the referrer's contract: {needed}.", "Your contract says what it gives.", ""),
    ("person_forgotten", 150, "Somebody of it was forgotten on request: what was decided stands.", "", ""),
    ("payee_forgotten", 139, "Whoever would get it was forgotten on request: nobody is left to pay.", _PRIVATE, _PRIVATE),
    # rewards
    (
        "reward_pending",
        140,
        "{value}, payable after the return window on {needed}.",
        _ON_ITS_WAY,
        "{value} on {needed}.",
    ),
    ("reward_payable", 141, "{value} is payable.", "Yours.", "{value} is yours."),
    ("reward_in_review", 142, "{value} waits for review.", _ON_ITS_WAY, _ON_ITS_WAY),
    ("reward_sent", 143, "{value} was sent.", "Sent.", "{value} was sent."),
    (
        "reward_voided",
        144,
        "{value} was voided before it was payable.",
        _PRIVATE,
        "{value} was cancelled with the order.",
    ),
    (
        "reward_clawed_back",
        145,
        "{value} is taken back by netting against later rewards.",
        "Taken back from later rewards.",
        "{value} is taken back from later rewards.",
    ),
    (
        "reward_netted",
        146,
        "{value} was netted against an earlier balance.",
        "Netted against an earlier balance.",
        None,
    ),
    ("reward_changed", 147, "Changed from {value} to {needed}.", _ON_ITS_WAY, "Changed to {needed}."),
    ("written_off", 148, "A balance of {value} was written off after {needed}.", "", None),
    ("contest_frozen", 190, "The board is frozen with {value} entrants.", "", None),
    ("contest_waits", 191, "The award waits: {needed}.", "", None),
    ("contest_undrawn", 192, "Nothing was drawn: no random number was committed to.", "", None),
    ("contest_awarded", 193, "Awarded: {value} prizes among {needed} entrants.", "", None),
    ("contest_won", 194, "Won a prize in the contest {value}.", "You won a prize.", None),
    ("contest_accepted", 195, "The winner of place {value} accepted.", "", None),
    ("contest_lapsed", 196, "Place {value} was not accepted by {needed}.", "", None),
    ("contest_disqualified", 197, "Place {value} was disqualified: {needed}.", "", None),
    ("no_reward", 149, "{value} comes to nothing after rounding.", _PRIVATE, None),
    # points
    ("item_unknown", 160, "The catalogue of no live program has {value}.", "This is not in the catalogue.", None),
    (
        "item_over",
        161,
        "{value} could be redeemed until {needed}.",
        "{value} could be redeemed until {needed}.",
        None,
    ),
    ("out_of_stock", 162, "Out of stock: {value} left, {needed} wanted.", "Out of stock.", None),
    (
        "redeem_limit",
        163,
        "Taken {value} times before; at most {needed}.",
        "You have had this as often as the program allows.",
        None,
    ),
    (
        "not_redeemable_yet",
        164,
        "Not to be redeemed yet: {value}, needed {needed}.",
        "Not yet: {value}, needed {needed}.",
        None,
    ),
    ("points_short", 165, "Not enough points: {value}, needed {needed}.", "You have {value}; it takes {needed}.", None),
    ("redeemed", 166, "Redeemed: {value} for {needed}.", "Redeemed: {value} for {needed}.", None),
    (
        "redemption_cancelled",
        167,
        "The redemption is cancelled; {value} came back with their dates.",
        "{value} came back.",
        None,
    ),
    ("points_expired", 168, "Expired: {value}.", "Expired: {value}.", None),
    ("points_expire_soon", 169, "{value} expire on {needed}.", "{value} expire on {needed}.", None),
)

# What the two read when a person denied, by the reason chosen: (advocate, friend). Where only a check of screening could
# be meant, they read no more than that it did not work out (terms.md 8: never a fraud rule).
REVIEW_TOLD: dict[str, tuple[str, str]] = {
    "self_referral": (
        "An invitation counts when it brings somebody else.",
        "An invitation counts when it comes from somebody else.",
    ),
    "duplicate": ("This friend was counted before.", "You were counted before."),
    "fake": (_PRIVATE, _PRIVATE),
    "terms": ("The terms of the program were not met.", "The terms of the program were not met."),
    "other": (_PRIVATE, _PRIVATE),
}

TEXTS: dict[str, Text] = {
    code: Text(rank, agent, advocate, advocate if friend is None else friend, agent)
    for code, rank, agent, advocate, friend in _LINES
}


def text_of(reason: Reason, voice: str) -> str:
    """The sentence of a reason in one voice; '' where that voice is told nothing. Unknown codes are shown raw, never hidden."""
    template = template_of(reason, voice)
    if template is None:
        return f"{reason.code}: {reason.value or ''}".strip(": ")
    words = template.replace("{value}", reason.value or "–").replace("{needed}", reason.needed or "–")
    if voice == "auditor":
        mark = {True: "accepted", False: "refused", None: "open"}[reason.passed]
        return f"{words} [{reason.code}, {mark}, value {reason.value or '–'}, needed {reason.needed or '–'}]"
    return words


def template_of(reason: Reason, voice: str) -> str | None:
    """The sentence before values are filled in; None: this version does not know the code."""
    line = TEXTS.get(reason.code)
    if line is None:
        return None
    if reason.code == "review_denied" and voice in ("advocate", "friend") and reason.value in REVIEW_TOLD:
        return REVIEW_TOLD[reason.value][voice == "friend"]
    return str(getattr(line, voice))


def rank_of(reason: Reason) -> int:
    """Place in the ladder; reasons unknown to this version come last."""
    line = TEXTS.get(reason.code)
    return line.rank if line else 999


def ranked(reasons: tuple[Reason, ...]) -> tuple[Reason, ...]:
    """Reasons in the order of the ladder, stable for equal ranks."""
    return tuple(sorted(reasons, key=rank_of))


_REFUSED_TOUCHES = (*range(30, 45), *range(50, 60))


def verdict(reasons: tuple[Reason, ...]) -> Reason | None:
    """The reason that decides the headline: the first refused by rank, else the first open, else the last accepted.

    Where a touch won, those that were refused beside it decide nothing.
    """
    order = ranked(reasons)
    won = any(reason.code == "touch_won" for reason in order)
    for wanted in (False, None):
        for reason in order:
            if reason.code in ("outranked", "finding") or (won and rank_of(reason) in _REFUSED_TOUCHES):
                continue
            if reason.passed is wanted:
                return reason
    return order[-1] if order else None
