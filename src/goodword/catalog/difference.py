"""What does one document promise otherwise than another, in words? "First order, minimum: 50.00 EUR → 40.00 EUR".

Both are read with everything their template and the defaults fill in, so silence never looks like a change. Each fixed
word goes through `say`, so that pages tell the same in other languages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from goodword.core.amounts import is_currency
from goodword.core.documents import ProgramDocument
from goodword.core.kind import Shelves
from goodword.core.reading.whole import filled

Say = Callable[[str], str]
Place = tuple[str, ...]

# What a place of the document is called; a place that is not here goes by its own key.
_CALLED: dict[str, str] = {
    "name": "name",
    "type": "type of program",
    "currency": "currency",
    "timezone": "time zone",
    "landing": "landing page",
    "fiscal_year": "first day of the fiscal year",
    "business_days": "working days until it is there",
    "payout_days": "days on which it is paid out",
    "holidays": "holidays",
    "objective": "objective",
    "runs.from": "first day",
    "runs.last_touch": "last day to be referred",
    "runs.last_join": "last day to join",
    "runs.last_milestone": "last day to reach the goal",
    "runs.notice": "notice before that day ends",
    "advocates.who": "who may refer",
    "advocates.if": "conditions on the referrer",
    "advocates.at": "when the referrer is looked at",
    "friends.new": "who counts as new",
    "friends.if": "conditions on the friend",
    "friends.at": "when the friend is looked at",
    "attribution.methods": "what counts as a referral",
    "attribution.touch": "which of several clicks wins",
    "attribution.window": "how long a referral counts",
    "attribution.bind": "where a friend is bound",
    "attribution.late_claim": "how long a code may be claimed late",
    "attribution.bound": "how long a friend stays bound",
    "budget.amount": "budget",
    "budget.reserve": "when budget is set aside",
    "budget.at_end": "at the end of the budget",
    "budget.alerts": "the client is told at percent of the budget",
    "screening.hold_at": "points from which a person looks",
    "screening.deny_at": "points from which it is denied",
    "screening.off": "signals that do not look",
    "screening": "screening",
    "disclosure.advocate_sees": "what the referrer learns",
    "taking_back.net_within": "how long what was sent is netted",
    "taking_back.friend_debt": "whether a friend owes what was sent",
    "stacking.promises": "several promises for one fact",
    "stacking.programs": "together with other programs",
    "limits": "limits over all promises",
    "event": "what has to happen",
    "count": "which one counts",
    "min": "minimum",
    "of": "base of minimum and percent",
    "within": "in time",
    "first_matching": "the first that meets the conditions counts",
    "first_order_decides": "the first order decides",
    "cancelled_by": "cancelled by",
    "moment": "moment",
    "repeat": "again and again",
    "grace": "how long an unknown may be waited for",
    "without": "unless there was",
    "if": "conditions",
    "reward": "reward",
    "hold": "return window",
    "limit": "limit",
    "claim": "has to be claimed",
}
_ROLES = {"advocate": "referrer", "friend": "friend", "person": "person", "agent": "agent"}
_MONEY = frozenset({"min", "budget.amount"})
_MAY_BE_MISSING = frozenset({"budget", "screening"})


class Difference(msgspec.Struct, frozen=True):
    """One thing that is promised otherwise: `before` is empty where it is new, `after` where it is gone."""

    about: str
    before: str
    after: str

    @property
    def kind(self) -> str:
        """added, gone or changed."""
        return "added" if not self.before else "gone" if not self.after else "changed"

    def line(self) -> str:
        """It as a line of text."""
        return f"{self.about}: {self.before or '–'} → {self.after or '–'}"


class _Told(msgspec.Struct):
    """What a document says by place, and the places where it says other than the default."""

    values: dict[Place, str]
    stated: set[Place]

    def groups(self) -> dict[Place, str]:
        """Each milestone, promise and part as one text of what it states, for what stands on one side alone."""
        found: dict[Place, list[str]] = {}
        for place, value in self.values.items():
            group = _group(place)
            if group and place in self.stated:
                found.setdefault(group, []).append(value)
        return {group: ", ".join(values) for group, values in found.items()}


def differences(
    before: Mapping[str, Any], after: Mapping[str, Any], shelves: Shelves, say: Say = str
) -> list[Difference]:
    """What the second document says otherwise, in the order in which it is written. Both must be readable documents."""
    was, is_now = _told(before, shelves, say), _told(after, shelves, say)
    groups_before, groups_after = was.groups(), is_now.groups()
    alone = groups_before.keys() ^ groups_after.keys()
    found: dict[Place, Difference] = {}
    for place in dict.fromkeys([*is_now.values, *was.values]):
        group = _group(place)
        if group in alone:
            about = _about(group, say)
            found.setdefault(group, Difference(about, groups_before.get(group, ""), groups_after.get(group, "")))
        elif was.values.get(place, "") != is_now.values.get(place, ""):
            found[place] = Difference(_about(place, say), was.values.get(place, ""), is_now.values.get(place, ""))
    return list(found.values())


def _group(place: Place) -> Place:
    """The milestone, promise or part that a place belongs to; () where it stands for itself."""
    if place[0] == "milestone":
        return place[:2]
    if place[0] == "promise":
        return place[:4]
    part, dot, _ = place[0].partition(".")
    return (part,) if dot and part in _MAY_BE_MISSING else ()


def can_be_read(document: Mapping[str, Any], shelves: Shelves) -> bool:
    """Whether this release knows the document's fields; an old one may have been written for another release."""
    try:
        msgspec.convert(filled(dict(document), shelves), ProgramDocument)
    except msgspec.ValidationError:
        return False
    return True


def _told(document: Mapping[str, Any], shelves: Shelves, say: Say) -> _Told:
    """Everything the document says, with what its template and the defaults say for it."""
    part = msgspec.convert(filled(dict(document), shelves), ProgramDocument)
    whole = _places(_written(part, with_defaults=True), part.currency, say)
    stated = _places(_written(part, with_defaults=False), part.currency, say)
    return _Told({**whole, **stated}, set(stated))


def _places(whole: Mapping[str, Any], currency: str, say: Say) -> dict[Place, str]:
    found: dict[Place, str] = {}
    for key, value in whole.items():
        if key == "milestones":
            for name, milestone in value.items():
                for field, said in milestone.items():
                    found[("milestone", name, field)] = _value(field, said, currency, say)
        elif key == "promises":
            found |= _promises(value, currency, say)
        elif key == "fields":
            found |= {("field", name): _plain(value[name], say) for name in value}
        elif key != "objective" and isinstance(value, Mapping):
            for field, said in value.items():
                found[(f"{key}.{field}",)] = _value(f"{key}.{field}", said, currency, say)
        elif key != "program":
            found[(key,)] = _value(key, value, currency, say)
    return {place: text for place, text in found.items() if text}


def _promises(promises: Iterable[Mapping[str, Any]], currency: str, say: Say) -> dict[Place, str]:
    """Promises go by who gets something at which milestone; of several alike by their order."""
    found: dict[Place, str] = {}
    counted: dict[tuple[str, str], int] = {}
    for promise in promises:
        whom = (str(promise["to"]), str(promise["on"]))
        counted[whom] = counted.get(whom, 0) + 1
        place = ("promise", *whom, str(counted[whom]))
        found[(*place, "reward")] = _reward(promise, currency, say)
        for field, value in promise.items():
            if field not in ("to", "on", "give", "when"):
                found[(*place, field)] = _value(field, value, currency, say)
    return found


def _about(place: Place, say: Say) -> str:
    if place[0] == "milestone":
        name = _name(place[1])
        if len(place) == 2:
            return say("Milestone {name}").format(name=name)
        return f"{name}, {say(_CALLED.get(place[2], place[2]))}"
    if place[0] == "field":
        return say("Field {name}").format(name=place[1])
    if place[0] == "promise":
        role, on, number = place[1:4]
        field = place[4] if len(place) > 4 else "reward"
        about = say("{what} of the {whom} for {milestone}").format(
            what=_first_upper(say(_CALLED.get(field, field))), whom=say(_ROLES.get(role, role)), milestone=_name(on)
        )
        return about if number == "1" else f"{about} ({number})"
    known = _CALLED.get(place[0]) or _CALLED.get(f"{place[0]}.amount") or place[0].replace("_", " ")
    return _first_upper(say(known))


# -- values ------------------------------------------------------------------------------------------------------------


def _value(field: str, value: Any, currency: str, say: Say) -> str:
    if value is None:
        return ""
    if field in _MONEY:
        return f"{value} {currency}"
    if field in ("limit", "limits"):
        limits = value if isinstance(value, list) else [value]
        return "; ".join(_limit(one, say) for one in limits)
    return _plain(value, say)


def _plain(value: Any, say: Say) -> str:
    """A value as people write it; nothing for what is left out."""
    if value is None or value in ([], {}):
        return ""
    if isinstance(value, bool):
        return say("yes") if value else say("no")
    if isinstance(value, Mapping):
        return ", ".join(f"{_name(str(key))}: {_plain(one, say)}" for key, one in value.items() if _plain(one, say))
    if isinstance(value, list):
        return ", ".join(_plain(one, say) for one in value)
    return str(value).replace("_", " ") if str(value).replace("_", "").isalpha() else str(value)


def _limit(limit: Mapping[str, Any], say: Say) -> str:
    counts = [_counted(limit[key], say(key)) for key in ("grants", "joins", "open", "payments") if limit.get(key)]
    counts += [str(limit["amount"])] if limit.get("amount") else []
    more = [say("over {what}").format(what=say(str(limit["over"])))] if limit.get("over", "person") != "person" else []
    edge = [_plain(limit["edge"], say)] if limit.get("edge", "none") != "none" else []
    whom = [say(_ROLES.get(str(limit["to"]), str(limit["to"])))] if limit.get("to") else []
    return ", ".join([*whom, *counts, *more, *edge])


def _counted(most: Any, what: str) -> str:
    """ "5 per month" of grants as "5 grants per month"; the words of the period stay as they are written."""
    number, _, rest = str(most).partition(" ")
    return f"{number} {what} {rest}".rstrip()


def _reward(promise: Mapping[str, Any], currency: str, say: Say) -> str:
    """What is given, and how many friends it takes: "10.00 EUR", "3 tiers (at 1: …)"."""
    gift, when = _gift(promise.get("give"), currency, say), promise.get("when")
    if not when:
        return gift
    tiers = when.get("tiers")
    more = [_plain(when[key], say) for key in ("by", "per", "apply", "shrinks") if when.get(key)]
    if tiers:
        told = "; ".join([*(_tier(tier, currency, say) for tier in tiers), *more])
        return say("{n} tiers ({tiers})").format(n=len(tiers), tiers=told)
    for key, words in (
        ("nth", "{gift} once, at friend {n}"), ("every", "{gift} at every {n} friends"),
        ("from", "{gift} from friend {n} on"),
    ):  # fmt: skip
        if when.get(key):
            return ", ".join([say(words).format(gift=gift, n=when[key]), *more])
    return gift


def _tier(tier: Mapping[str, Any], currency: str, say: Say) -> str:
    gift = _gift(tier.get("give"), currency, say)
    if tier.get("at") is not None:
        return say("at {n}: {gift}").format(n=tier["at"], gift=gift)
    return say("from {n}: {gift}").format(n=tier.get("from"), gift=gift)


def _gift(give: Any, currency: str, say: Say) -> str:
    """A gift, or a table, choice or chance of several."""
    if isinstance(give, list):
        lines = [
            say("{gift} if {conditions}").format(gift=_gift(_without(line, "if"), currency, say), conditions=_plain(line["if"], say))
            if line.get("if") else _gift(line, currency, say)
            for line in give
        ]  # fmt: skip
        return say("the first that holds of: {lines}").format(lines="; ".join(lines))
    if not isinstance(give, Mapping) or not give:
        return ""
    kind, value = next(iter(give.items()))
    if kind in ("choice", "chance") and isinstance(value, list):
        words = "a choice of: {lines}" if kind == "choice" else "by chance one of: {lines}"
        return say(words).format(lines="; ".join(_gift(one, currency, say) for one in value))
    if isinstance(value, Mapping):
        most = value.get("max")
        share = value.get("percent")
        base = f"{share} %" if share is not None else _plain(_without(value, "max"), say)
        text = say("{gift} (at most {most})").format(gift=base, most=f"{most} {currency}") if most else base
        rest = _plain(_without(value, "max", "percent"), say) if share is not None else ""
        text = f"{text}, {rest}" if rest else text
    elif kind == "percent":
        text = f"{value} %"
    else:
        text = f"{value} {currency}" if isinstance(value, str) and _is_number(value) else _plain(value, say)
    return text if kind in ("cash", "percent") else f"{say(kind.replace('_', ' '))} {text}"


def _is_number(text: str) -> bool:
    number, _, unit = text.partition(" ")
    return number.replace(".", "", 1).isdigit() and (not unit or is_currency(unit))


def _without(value: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: one for key, one in value.items() if key not in keys}


def _written(part: Any, *, with_defaults: bool) -> Any:
    """A part of the document under the keys that it uses, with every default written out or with none."""
    if isinstance(part, msgspec.Struct):
        return {
            field.encode_name: _written(getattr(part, field.name), with_defaults=with_defaults)
            for field in msgspec.structs.fields(part)
            if with_defaults or getattr(part, field.name) != _default(field)
        }
    if isinstance(part, Mapping):
        return {key: _written(value, with_defaults=with_defaults) for key, value in part.items()}
    if isinstance(part, list):
        return [_written(one, with_defaults=with_defaults) for one in part]
    return part


def _default(field: msgspec.structs.FieldInfo) -> Any:
    return field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()


def _name(key: str) -> str:
    return _first_upper(key.replace("_", " "))


def _first_upper(text: str) -> str:
    return text[:1].upper() + text[1:]
