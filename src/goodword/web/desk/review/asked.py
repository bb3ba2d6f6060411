"""What is the queue narrowed to, and how do reasons, signals and ages read? What every page of the room shares."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlencode

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from goodword.catalog import SHELVES
from goodword.core.reasons import Reason
from goodword.store.reads.review import Money, Wanted, Who
from goodword.store.reads.review_aside import Pause
from goodword.web import words
from goodword.web.desk.door import Ask

LEVELS = (30, 50, 70, 90)  # filters by points

# code word -> (its digit, its name)
WHYS: dict[str, tuple[str, Promise]] = {
    code: (digit, words.REVIEW_WHYS[code])
    for code, digit in (("self_referral", "1"), ("duplicate", "2"), ("fake", "3"), ("terms", "4"), ("other", "9"))
}
SWITCH_WHYS: dict[str, Promise] = {
    "false_alarms": gettext_lazy("It mostly holds honest people"),
    "failing": gettext_lazy("The check itself fails"),
    "shared_place": gettext_lazy("People share devices or cards here (a shop, a family, a stand)"),
    "restored": gettext_lazy("The cause is over"),
    "other": gettext_lazy("Another reason"),
}
VERDICTS: dict[str, Promise] = {
    "clear": gettext_lazy("cleared"),
    "deny": gettext_lazy("denied"),
    "reopen": gettext_lazy("taken back"),
}
PAUSE_WHYS: dict[str, Promise] = {
    "proof": gettext_lazy("Proof is awaited"),
    "person": gettext_lazy("One of the two is asked"),
    "client": gettext_lazy("The client is asked"),
    "other": gettext_lazy("Another reason"),
}
WHOSE: dict[str, Promise] = {
    "mine": gettext_lazy("Handed to me"),
    "waiting": gettext_lazy("Waiting for an answer"),
}
TRAITS: dict[str, Promise] = {
    "device": gettext_lazy("Device"),
    "payment": gettext_lazy("Means of payment"),
    "email_root": gettext_lazy("Mailbox"),
    "phone": gettext_lazy("Telephone number"),
}


def wanted_of(asked: dict[str, str]) -> Wanted:
    """The filters in a query; one that names nothing is no page."""
    signal, program, least = asked.get("signal", ""), asked.get("program", ""), asked.get("least", "")
    whose = asked.get("whose", "")
    if whose and whose not in WHOSE:
        raise Http404
    if (signal and signal not in SHELVES.signals) or (least and (not least.isascii() or not least.isdigit())):
        raise Http404
    if "\x00" in program:  # no text of the database holds it
        raise Http404
    return Wanted(signal, program[:100], min(int(least), 100) if least else 0, whose)


def wanted_in(request: HttpRequest) -> Wanted:
    """The filters of the address."""
    return wanted_of({name: str(value) for name, value in request.GET.items()})


def wanted_kept(request: HttpRequest) -> Wanted:
    """The filters that a form carried along."""
    kept = parse_qs(request.POST.get("filter", ""))
    return wanted_of({name: values[0] for name, values in kept.items()})


def query_of(wanted: Wanted, **more: str) -> str:
    """The filters as they stand in addresses."""
    told = {
        "signal": wanted.signal,
        "program": wanted.program,
        "least": str(wanted.least or ""),
        "whose": wanted.whose,
    } | more
    return urlencode({name: value for name, value in told.items() if value})


def address(ask: Ask, name: str, wanted: Wanted, *arguments: str, **more: str) -> str:
    """An address of the room with the filters in force."""
    query = query_of(wanted, **more)
    return reverse(name, args=[ask.slug, *arguments]) + (f"?{query}" if query else "")


def signal_word(slug: str) -> str:
    """A signal by its title."""
    signal = SHELVES.signals.get(slug)
    return _(signal.title) if signal else words.label(slug)


def sums(money: tuple[Money, ...]) -> SafeString:
    """Amounts, one of each currency."""
    if not money:
        return words.text(_("no money"))
    return format_html_join(", ", "{}", ((words.money(one.amount_minor, one.asset),) for one in money))


def plain_sums(money: tuple[Money, ...]) -> str:
    """The same as plain text, for buttons and messages."""
    return ", ".join(words.plain_money(one.amount_minor, one.asset) for one in money) or _("no money")


def who(ask: Ask) -> Who:
    """Who looks at the queue, just now."""
    return Who(ask.desk.user.id, datetime.now(UTC))


def goal(ask: Ask) -> timedelta:
    """Within which time the client wants what is held to be looked at."""
    assert ask.desk.client is not None
    return timedelta(hours=ask.desk.client.review_hours)


def sla(since: datetime, now: datetime, goal: timedelta, pause: Pause | None = None) -> tuple[str, str]:
    """(level, time left) of something held since then; late counts how long. A pause says until when, and stops the clock."""
    if pause is not None and pause.until > now:
        return "held", _("until {day}").format(day=words.day(pause.until))
    left = since + goal + (pause.stood_still if pause else timedelta()) - now
    if left <= timedelta():
        return "late", _("{} late").format(span(-left))
    level = "late" if left < goal / 10 else "soon" if left < goal / 4 else "ok"
    return level, _("{} left").format(span(left))


def told_after(why: str) -> tuple[SafeString, SafeString]:
    """What referrer and friend may read after a denial for this reason: it never names a rule of screening."""
    reason = Reason("review_denied", False, why)
    return words.said(reason, "advocate"), words.said(reason, "friend")


def span(long: timedelta) -> str:
    """A span in its largest unit: 40 s, 3 min, 5 h, 2 d."""
    seconds = int(long.total_seconds())
    if seconds < 60:
        return _("{} s").format(seconds)
    if seconds < 3600:
        return _("{} min").format(seconds // 60)
    if seconds < 2 * 86400:
        return _("{} h").format(seconds // 3600)
    return _("{} d").format(seconds // 86400)
