"""What is the queue narrowed to, and how do reasons, signals and ages read? What every page of the room shares."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlencode

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from goodword.catalog import SHELVES
from goodword.store.reads.review import Money, Wanted
from goodword.web import words
from goodword.web.desk.door import Ask

GOAL = timedelta(hours=24)  # a held referral is looked at within a day
LEVELS = (30, 50, 70, 90)  # filters by points

# code word -> (its digit, its name)
WHYS: dict[str, tuple[str, Promise]] = {
    "self_referral": ("1", gettext_lazy("Self-referral")),
    "duplicate": ("2", gettext_lazy("Duplicate")),
    "fake": ("3", gettext_lazy("Fake")),
    "terms": ("4", gettext_lazy("Against the terms")),
    "other": ("9", gettext_lazy("Other")),
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
TRAITS: dict[str, Promise] = {
    "device": gettext_lazy("Device"),
    "payment": gettext_lazy("Means of payment"),
    "email_root": gettext_lazy("Mailbox"),
    "phone": gettext_lazy("Telephone number"),
}


def wanted_of(asked: dict[str, str]) -> Wanted:
    """The filters in a query; one that names nothing is no page."""
    signal, program, least = asked.get("signal", ""), asked.get("program", ""), asked.get("least", "")
    if (signal and signal not in SHELVES.signals) or (least and (not least.isascii() or not least.isdigit())):
        raise Http404
    if "\x00" in program:  # no text of the database holds it
        raise Http404
    return Wanted(signal, program[:100], min(int(least), 100) if least else 0)


def wanted_in(request: HttpRequest) -> Wanted:
    """The filters of the address."""
    return wanted_of({name: str(value) for name, value in request.GET.items()})


def wanted_kept(request: HttpRequest) -> Wanted:
    """The filters that a form carried along."""
    kept = parse_qs(request.POST.get("filter", ""))
    return wanted_of({name: values[0] for name, values in kept.items()})


def query_of(wanted: Wanted, **more: str) -> str:
    """The filters as they stand in addresses."""
    told = {"signal": wanted.signal, "program": wanted.program, "least": str(wanted.least or "")} | more
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


def sla(since: datetime, now: datetime) -> tuple[str, str]:
    """(level, time left) of something held since then; late counts how long."""
    left = since + GOAL - now
    if left <= timedelta():
        return "late", _("{} late").format(span(-left))
    level = "late" if left < GOAL / 10 else "soon" if left < GOAL / 4 else "ok"
    return level, _("{} left").format(span(left))


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
