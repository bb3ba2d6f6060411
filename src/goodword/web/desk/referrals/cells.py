"""How does a referral stand in the list? Its cells, written at once: fifty rows by a template cost half the time of the page."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from goodword.core.referral import STANDING
from goodword.store.reads.listing import Row
from goodword.web import words
from goodword.web.desk.referrals.columns import KNOWN
from goodword.web.templatetags.goodword import method, state
from goodword.web.templatetags.referrals import age

_NONE = SafeString('<span class="quiet">–</span>')


class Cells:
    """The cells of one list: its columns, named in the reader's language."""

    def __init__(self, columns: frozenset[str]) -> None:
        self._writers = [(_WRITERS[name], str(label)) for name, label in KNOWN if name in columns]

    def of(self, row: Row) -> SafeString:
        """A row from the referrer to the day that is due."""
        return format_html_join("\n", "{}", ((write(row, label),) for write, label in self._writers))


def _referrer(row: Row, label: str) -> SafeString:
    named = words.person(row.referrer) if row.referrer else ""
    return format_html('<td data-label="{}" class="named">{}</td>', label, named)


def _friend(row: Row, label: str) -> SafeString:
    return format_html('<td data-label="{}" class="named">{}</td>', label, words.person(row.friend))


def _program(row: Row, label: str) -> SafeString:
    version = format_html(' <span class="quiet"><bdi>v{}</bdi></span>', row.version) if row.version else ""
    return format_html('<td data-label="{}" class="roomy"><bdi>{}</bdi>{}</td>', label, row.program, version)


def _state(row: Row, label: str) -> SafeString:
    return format_html('<td data-label="{}">{}</td>', label, state(row.state))


def _reward(row: Row, label: str) -> SafeString:
    """What the rewards come to, per asset; struck where nothing of it stands any more."""
    standing: dict[str, int] = {}
    gone: dict[str, int] = {}
    for reward in row.rewards:
        sums = standing if reward.state in STANDING else gone
        sums[reward.asset] = sums.get(reward.asset, 0) + reward.amount_minor
    form = "{}" if standing else "<s>{}</s>"
    amounts = ((words.money(minor, asset),) for asset, minor in (standing or gone).items())
    told = format_html_join(SafeString("<br>"), form, amounts) or _NONE
    return format_html('<td data-label="{}" class="num">{}</td>', label, told)


def _method(row: Row, label: str) -> SafeString:
    return format_html('<td data-label="{}" class="nowrap">{}</td>', label, method(row.method))


def _code(row: Row, label: str) -> SafeString:
    told = words.bdi(row.code, "code") if row.code else _NONE
    return format_html('<td data-label="{}" class="nowrap">{}</td>', label, told)


def _joined(row: Row, label: str) -> SafeString:
    at = row.joined_at
    told = format_html('{} <span class="quiet age">{}</span>', words.day(at), age(at)) if at else ""
    return format_html('<td data-label="{}" class="nowrap">{}</td>', label, told)


def _due(row: Row, label: str) -> SafeString:
    told = words.day(row.due_at) if row.due_at else _NONE
    return format_html('<td data-label="{}" class="nowrap">{}</td>', label, told)


_WRITERS: dict[str, Callable[[Row, str], SafeString]] = {
    "referrer": _referrer,
    "friend": _friend,
    "program": _program,
    "state": _state,
    "reward": _reward,
    "method": _method,
    "code": _code,
    "joined": _joined,
    "due": _due,
}
