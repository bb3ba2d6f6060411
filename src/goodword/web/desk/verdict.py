"""Why was I rewarded, why not, why not yet? The first sentence of every story, and what would change it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from goodword.core.journey import AN_INSTANT
from goodword.core.payouts import promised_by
from goodword.core.reasons import Reason
from goodword.web import words
from goodword.web.desk.telling import Telling, days, deciding, shortfall, spelled_day, with_unit

NOTHING = SafeString("")


@dataclass(frozen=True)
class Verdict:
    """The headline, the sentence that explains it, the colour, and what would change it."""

    headline: str
    sentence: SafeString
    state: words.State
    changes: tuple[SafeString, ...] = ()


def verdict(telling: Telling) -> Verdict:
    """What the page says first. Participants hear their own words, never a fraud rule and no amounts of the other."""
    state = words.state_of(telling.referral.state)
    if telling.is_participant:
        headline, sentence = _participant(telling)
        return Verdict(headline, sentence, state)
    headline, sentence = _SENTENCES.get(telling.referral.state, _refused)(telling)
    return Verdict(headline, sentence, state, tuple(change for change in _changes(telling) if change))


# ---- for staff


def _rewarded(telling: Telling) -> tuple[str, SafeString]:
    return _("Rewarded."), _given(telling)


def _given(telling: Telling) -> SafeString:
    """What was sent and when, and since when the rest is payable; the latest day of each."""
    payable = telling.rewards("payable")
    if not payable:
        return _sent(telling)
    since = words.day(max(max(one.due_at, one.granted_at) for one in payable))
    return _one_after_another(_sent(telling), format_html(_("{}, payable since {}."), telling.listed(payable), since))


def _sent(telling: Telling) -> SafeString:
    sent = telling.rewards("sent")
    if not sent:
        return NOTHING
    return format_html(_("{}, sent on {}."), telling.listed(sent), words.day(max(one.state_at for one in sent)))


def _one_after_another(*sentences: SafeString) -> SafeString:
    return format_html_join(" ", "{}", ((one,) for one in sentences if one))


def _qualified(telling: Telling) -> tuple[str, SafeString]:
    pending = telling.rewards("pending")
    if not pending:
        return _open(telling)
    due = min(one.due_at for one in pending)
    first = next(one for one in pending if one.due_at == due)
    values = (words.day(due), days(telling.hold(first)), words.day(first.milestone_at), telling.listed(pending))
    waiting = format_html(_("Waiting until {}: return window of {} after {}. Then {}."), *values)
    given = _given(telling)
    if not given:
        return _("Not rewarded yet."), waiting
    return _("Partly rewarded."), _one_after_another(given, waiting)


def _held(telling: Telling) -> tuple[str, SafeString]:
    if dispute := _dispute(telling):
        return _("Held by a dispute."), words.said(dispute, telling.core_voice)
    claim, held = telling.referral.claim("screening"), telling.rewards("in_review", "pending")
    waiting = format_html(_("A person clears or denies {}."), telling.listed(held)) if held else NOTHING
    if claim is None or claim.reason is None:
        return _("Held for review."), waiting
    values = (words.bdi(claim.value), words.bdi(claim.reason.needed or ""), waiting)
    return _("Held for review."), format_html(_("{} points, held from {}. {}"), *values)


def _dispute(telling: Telling) -> Reason | None:
    """The open dispute that holds everything up."""
    return next((one for one in telling.referral.reasons if one.code == "dispute_open"), None)


def _open(telling: Telling) -> tuple[str, SafeString]:
    """Joined or waiting: what is still missing, and by when."""
    reason, referral = deciding(telling.referral, None), telling.referral
    joined = format_html(_("{} joined on {}."), telling.friend, words.day(referral.bound_at))
    if reason is None:
        return _("Not rewarded yet."), joined
    if reason.code == "milestone_open":
        needed = words.event_word(reason.needed or "")
        if referral.deadline_at:
            values = (joined, needed, words.day(referral.deadline_at - AN_INSTANT))
            return _("Not rewarded yet."), format_html(_("{} Still needed: {}, by {}."), *values)
        return _("Not rewarded yet."), format_html(_("{} Still needed: {}."), joined, needed)
    return _("Not rewarded yet."), words.said(reason, telling.core_voice)


def _refused(telling: Telling) -> tuple[str, SafeString]:
    reason = deciding(telling.referral, False) or deciding(telling.referral, None)
    return _("Not rewarded."), words.said(reason, telling.core_voice) if reason else NOTHING


def _expired(telling: Telling) -> tuple[str, SafeString]:
    reason = deciding(telling.referral, None)
    needed = words.event_word(reason.needed or "") if reason and reason.code == "milestone_open" else ""
    since = words.day(telling.referral.state_at)
    if not needed:
        return _("Expired."), format_html(_("The time for the next step ended on {}."), since)
    return _("Expired."), format_html(_("{} did not come in time; the time for it ended on {}."), needed, since)


def _lapsed(telling: Telling) -> tuple[str, SafeString]:
    reason = next((one for one in telling.referral.reasons if one.code == "lapsed"), None)
    return _("Lapsed."), words.said(reason, telling.core_voice) if reason else NOTHING


def _denied(telling: Telling) -> tuple[str, SafeString]:
    review, screening = telling.referral.claim("review"), telling.referral.claim("screening")
    if review and review.granted is False and review.reason:
        why = review.reason.value or "–"
        return _("Denied."), format_html(_("By a person: {}."), words.bdi(str(words.REVIEW_WHYS.get(why, why))))
    if screening and screening.reason:
        values = (words.bdi(screening.value), words.bdi(screening.reason.needed or ""))
        return _("Denied."), format_html(_("{} points in screening, denied from {}."), *values)
    return _refused(telling)


def _reversed(telling: Telling) -> tuple[str, SafeString]:
    gone, since = telling.rewards("voided", "clawed_back", "written_off"), words.day(telling.referral.state_at)
    taken = next((one for one in telling.referral.reasons if one.code == "taken_back"), None)
    if not gone:
        return _("Reversed."), words.said(taken, telling.core_voice) if taken else NOTHING
    taken = taken and with_unit(telling, taken)
    if taken is None or not taken.needed or not taken.needed[0].isdigit():
        return _("Reversed."), format_html(_("{}: taken back on {}."), telling.listed(gone), since)
    values = (telling.listed(gone), since, words.bdi(taken.value or "0"), words.bdi(taken.needed))
    return _("Reversed."), format_html(_("{}: taken back on {}, for {} is left of the order's {}."), *values)


_SENTENCES: dict[str, Callable[[Telling], tuple[str, SafeString]]] = {
    "rewarded": _rewarded,
    "qualified": _qualified,
    "held": _held,
    "joined": _open,
    "waiting": _open,
    "not_qualified": _refused,
    "expired": _expired,
    "lapsed": _lapsed,
    "denied": _denied,
    "reversed": _reversed,
}


# ---- what would change it: the nearest thing that could still happen, or would have been needed


def _changes(telling: Telling) -> list[SafeString]:
    referral = telling.referral
    if referral.state in ("rewarded", "qualified"):
        return _of_standing(telling)
    if referral.state == "held" and _dispute(telling):
        return [
            words.text(_("If the dispute is won, the rewards go on their way; if it is lost, they are taken back."))
        ]
    if referral.state == "held":
        return [words.text(_("If it is cleared, the rewards go on their way; if it is denied, they are voided."))]
    refused = deciding(referral, False)
    if refused is None or referral.state in ("joined", "waiting", "expired"):
        return _of_open(telling)
    if missing := shortfall(refused):
        values = (words.money(*missing), words.bdi(refused.needed or ""), telling.promised())
        return [format_html(_("{} short. At {} it would have paid {}."), *values)]
    return [_of_refusal(telling, refused.code, refused.needed or "")]


def _of_standing(telling: Telling) -> list[SafeString]:
    pending = telling.rewards("pending")
    if pending:
        until = words.day(max(one.due_at for one in pending))
        return [
            format_html(_("A refund or cancellation by {} ends it."), until),
            format_html(_("Nothing is needed from {} or {}."), telling.referrer, telling.friend),
        ]
    return [
        words.text(
            _("A full refund takes it back: unspent rewards are voided, sent ones netted against later rewards.")
        )
    ]


def _of_open(telling: Telling) -> list[SafeString]:
    reason = deciding(telling.referral, None)
    if reason is None:
        return []
    if reason.code == "status_missing":
        return [format_html(_("Decided anew as soon as {} is known."), words.bdi(words.humane(reason.value or "")))]
    if reason.code == "milestone_waiting" and (at := spelled_day(reason.needed)):
        return [format_html(_("Nothing is needed. It is decided anew on {}."), words.day(at))]
    milestone = telling.milestone(reason.about or "")
    needed = words.text(words.event_word(reason.needed or ""))
    if milestone is not None and milestone.min_minor is not None and telling.terms is not None:
        least = words.money(milestone.min_minor, telling.terms.currency)
        needed = format_html(_("{} of at least {}"), words.event_word(milestone.event or ""), least)
    if telling.referral.state == "expired":
        return [format_html(_("{} that happened in time and is only reported late."), needed)]
    return [format_html(_("{}. Then {}."), needed, telling.promised())]


def _of_refusal(telling: Telling, code: str, needed: str) -> SafeString:
    wanted = words.bdi(words.humane(needed))
    sentences = {
        "limit_reached": _(
            "Nothing by itself: the place was taken when it was decided ({}). A person can look at it again."
        ),
        "funds_ended": _("Nothing by itself: the budget was used up ({} needed). A person can look at it again."),
        "budget_ended": _("Nothing by itself: the budget had ended at the join ({} needed)."),
        "friend_not_new": _("Nothing: the offer is for new customers ({})."),
        "too_late": _("Within {} it would have counted."),
        "join_too_late": _("A join by {} would have counted."),
        "milestone_after_end": _("Before the end on {} it would have counted."),
        "wrong_currency": _("An order in {} would have counted."),
        "condition_failed": _("With {} it would have counted."),
        "friend_not_allowed": _("With {} it would have counted."),
        "taken_back": _("A new order that meets the terms takes its place."),
        "lapsed": _("Another referrer may refer this friend again."),
        "screening_denied": _("Only a person's review that clears the findings."),
        "review_denied": _("Only another word by a person; the later one counts."),
    }
    sentence = sentences.get(code, _("Only a later fact, or a person's decision."))
    return format_html(sentence, wanted) if "{}" in sentence else format_html("{}", sentence)


# ---- for the two people themselves


def _participant(telling: Telling) -> tuple[str, SafeString]:
    state = telling.referral.state
    mine, coming = telling.rewards("payable"), telling.rewards("pending")
    sent = _sent(telling)
    if mine or sent:
        return _("Yours."), _one_after_another(sent, format_html("{}.", telling.listed(mine)) if mine else NOTHING)
    if telling.voice == "referrer" and telling.disclosure == "nothing" and not coming:
        return _("On its way."), words.text(_("This program tells the referrer nothing until a reward is theirs."))
    if coming:
        due = words.day(min(promised_by(one, telling.terms) for one in coming))
        return format_html(_("Almost there (until {})."), due), format_html("{}.", telling.listed(coming))
    if state in ("held", "qualified", "waiting"):
        return _("On its way."), _plain_reason(telling, None)
    if state == "joined":
        return _("Joined."), _plain_reason(telling, None)
    if state == "rewarded":
        return _("Joined."), words.text(_("This program promises you nothing more for it."))
    return _("Not this time."), _plain_reason(telling, False)


def _plain_reason(telling: Telling, passed: bool | None) -> SafeString:
    reason = deciding(telling.referral, passed)
    if reason is None or (telling.voice == "referrer" and passed is False and telling.disclosure != "reasons"):
        return NOTHING
    text = words.said(reason, telling.core_voice)
    return NOTHING if text == _("Not this time.") or text == _("On its way.") else text
