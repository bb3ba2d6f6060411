"""What can happen in a scenario? Every verb of the language, read into a native event or an act of the house."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from goodword.core.amounts import to_minor
from goodword.core.contest import round_id
from goodword.core.contest_draw import commitment_of

# Alice refers, Bob is referred, Mallory cheats; the others are friends of theirs.
CAST = ("alice", "bob", "carol", "erin", "frank", "grace", "heidi", "ivan", "judy", "mallory")

Moment = Callable[[str], datetime]

_MONEY = re.compile(r"\d+(\.\d+)?\Z")
# name of an option -> (place in the event, its kind)
_OPTIONS: dict[str, tuple[str, ...]] = {
    "visitor": ("visitor",),
    "program": ("program",),
    "device": ("context", "device"),
    "card": ("context", "payment"),
    "channel": ("context", "channel"),
    "email": ("person", "email"),
    "phone": ("person", "phone"),
    "country": ("person", "address", "country"),
    "company": ("organization", "id"),
    "tax": ("order", "tax"),
    "shipping": ("order", "shipping"),
}


class Act(msgspec.Struct):
    """One fact: a raw event, a publication, time that passes, or an act on something that only the player can name."""

    verb: str
    event: dict[str, Any] = {}
    document: dict[str, Any] | None = None
    codes: tuple[str, ...] = ()
    target: dict[str, str] = {}


def read_fact(text: str, orders: dict[str, list[str]], moment: Moment) -> Act:
    """The fact in "purchase bob 49.00 code ALICE"; `orders` remembers the order ids that each person has used."""
    words = text.split()
    if not words:
        raise ValueError("what happened?")
    verb, rest = words[0], words[1:]
    reader = _VERBS.get(verb)
    if reader is None:
        raise ValueError(f'"{verb}" is not a verb; known are {", ".join(sorted(_VERBS))}')
    return reader(_Words(verb, rest, orders, moment))


class _Words:
    """The words behind a verb, taken one after the other."""

    def __init__(self, verb: str, words: list[str], orders: dict[str, list[str]], moment: Moment) -> None:
        self.verb, self.words, self.orders, self.moment = verb, words, orders, moment

    def take(self, what: str) -> str:
        if not self.words:
            raise ValueError(f"{self.verb} needs {what}")
        return self.words.pop(0)

    def person(self) -> str:
        name = self.take("a person")
        if name not in CAST:
            raise ValueError(f'"{name}" is not of the cast: {", ".join(CAST)}')
        return name

    def item(self) -> dict[str, Any]:
        """An item of the order: `item 20.00 category=shoes`."""
        item: dict[str, Any] = {"amount": self.take("an amount")}
        while self.words and self.words[0].partition("=")[0] in ("sku", "category", "kind"):
            name, _, value = self.words.pop(0).partition("=")
            item[name] = value
        return item

    def options(self, event: dict[str, Any]) -> Act:
        """Read `name value` pairs and `attribute=value` words into the event."""
        codes: list[str] = [event["code"]] if event.get("code") else []
        while self.words:
            word = self.words.pop(0)
            if "=" in word:
                name, _, value = word.partition("=")
                place = ("data", name[5:]) if name.startswith("data.") else ("person", "attributes", name)
                _put(event, place, value)
            elif word == "code":
                code = self.take("a code")
                codes.append(code)
                event["code"] = code
            elif word == "coupon":
                code = self.take("a code")
                codes.append(code)
                event.setdefault("order", {}).setdefault("coupons", []).append({"code": code})
            elif word == "by":
                name = self.take("a name or a CODE")
                event["advocate"] = {"code": name} if name.isupper() else {"id": name}
                codes.append(name.upper())  # whoever is named has a code, so is known
            elif word == "item":
                event["order"].setdefault("items", []).append(self.item())
            elif word == "agent":
                event["agent"] = {"id": self.take("a name")}
            elif word == "paid":
                event["order"] |= {"amount": self.take("an amount"), "currency": "EUR"}
            elif word == "items":
                event["order"]["items"] = [{"amount": self.take("an amount")}]
            elif word == "subject":
                event["subject"] = {"kind": self.take("a kind"), "id": self.take("an id")}
            elif word in _OPTIONS:
                _put(event, _OPTIONS[word], self.take("a value"))
            else:
                raise ValueError(f'"{word}" is not known here')
        if event.get("visitor") == "none":
            del event["visitor"]
        return Act(self.verb, event, codes=tuple(codes))


def _put(event: dict[str, Any], place: tuple[str, ...], value: str) -> None:
    for name in place[:-1]:
        event = event.setdefault(name, {})
    event[place[-1]] = value


def _of_person(words: _Words, type_: str) -> dict[str, Any]:
    """An event of one of the cast; or of `visitor v1`, whom nobody knows yet, of `guest x@y.test`, or of `nobody`."""
    if words.words[:1] == ["visitor"]:
        words.words.pop(0)
        return {"type": type_, "visitor": words.take("a visitor")}
    if words.words[:1] == ["nobody"]:
        words.words.pop(0)
        return {"type": type_}
    if words.words[:1] == ["guest"]:
        words.words.pop(0)
        return {"type": type_, "person": {"email": words.take("an e-mail address")}}
    name = words.person()
    return {"type": type_, "person": {"id": name}, "visitor": f"browser-of-{name}"}


def _click(words: _Words) -> Act:
    shown = words.take("whose link was clicked")
    if words.take("-> and who clicked") != "->":
        raise ValueError('write "click alice -> bob"')
    code = shown.upper()
    event: dict[str, Any] = {"type": "click", "code": code, "visitor": f"browser-of-{words.person()}"}
    return words.options(event)


def _simple(words: _Words) -> Act:
    return words.options(_of_person(words, words.verb))


def _event(words: _Words) -> Act:
    type_ = words.take("a type")
    event = _of_person(words, type_)
    if words.words[:1] == ["order"]:
        words.words.pop(0)
        event["order"] = {"id": words.take("an order id")}
        if words.words[:1] == ["amount"]:
            words.words.pop(0)
            amount = words.take("an amount")
            is_named = bool(words.words) and re.fullmatch(r"[A-Z]{3}", words.words[0]) is not None
            event["order"] |= {"amount": amount, "currency": words.words.pop(0) if is_named else "EUR"}
    return words.options(event)


def _order(words: _Words) -> Act:
    """purchase, renewal, refund: amount, currency and order; the order is the person's next (a refund: the last) one."""
    buyer = words.words[0] if words.words else ""
    event = _of_person(words, words.verb)
    amount = words.take("an amount")
    if not _MONEY.match(amount):
        raise ValueError(f'"{amount}" is not an amount')
    currency = "EUR"
    if words.words and re.fullmatch(r"[A-Z]{3}", words.words[0]):
        currency = words.words.pop(0)
    event["order"] = {"id": _order_id(words, buyer), "amount": amount, "currency": currency}
    return words.options(event)


def _order_id(words: _Words, buyer: str) -> str:
    known = words.orders.setdefault(buyer, [])
    if words.words[:1] == ["order"]:
        words.words.pop(0)
        known.append(words.take("an order id"))
    elif words.words[:1] == ["again"]:
        words.words.pop(0)
    elif words.verb in ("purchase", "renewal"):
        known.append(f"{buyer}-{len(known) + 1}")
    return known[-1] if known else f"{buyer}-1"


def _cancel(words: _Words) -> Act:
    buyer = words.words[0] if words.words else ""
    event = _of_person(words, "cancel")
    if not words.words or words.words[0] == "order":
        event["order"] = {"id": _order_id(words, buyer)}
        event["cancels"] = "order"
    else:
        event["cancels"] = words.words.pop(0)
    return words.options(event)


def _dispute(words: _Words) -> Act:
    """`dispute bob opened`, lost or won, about the last order or the one named; `paid 10.00`: what a lost one took."""
    buyer = words.words[0] if words.words else ""
    event = _of_person(words, f"dispute_{words.words.pop(1) if len(words.words) > 1 else ''}")
    event["order"] = {"id": _order_id(words, buyer)}
    return words.options(event)


def _known(words: _Words) -> Act:
    """A row of the people file: `known bob joined d-40 purchased d-10 status=active`."""
    event: dict[str, Any] = {"type": "known", "person": {"id": words.person()}, "act": {}}
    while words.words and words.words[0] in ("joined", "purchased"):
        name = words.words.pop(0)
        event["act"][f"{name}_at"] = words.moment(words.take("a day")).isoformat()
    return words.options(event)


def _code(words: _Words) -> Act:
    """A row of the codes file: `code SUMMER for alice program winter ended d5`."""
    event: dict[str, Any] = {"type": "code_issued", "code": words.take("a code"), "act": {}}
    if words.take("for and a person") != "for":
        raise ValueError('write "code SUMMER for alice"')
    event["person"] = {"id": words.person()}
    if words.words[:1] == ["program"]:
        words.words.pop(0)
        event["program"] = words.take("a program")
    if words.words[:1] == ["ended"]:
        words.words.pop(0)
        event["act"]["ended_at"] = words.moment(" ".join(words.words)).isoformat()
        words.words.clear()
    return words.options(event)


def _listed(words: _Words) -> Act:
    """A row of an audiences file: `listed alice vip from d1 to d9`."""
    event: dict[str, Any] = {
        "type": "listed",
        "person": {"id": words.person()},
        "act": {"audience": words.take("a list")},
    }
    for word, name in (("from", "since"), ("to", "until")):
        if words.words[:1] == [word]:
            words.words.pop(0)
            event["act"][name] = words.moment(words.take("a day")).isoformat()
    return words.options(event)


def _referred(words: _Words) -> Act:
    """A row of a referrals file: `referred bob rewarded by alice` where it had ended so; `program winter`."""
    event: dict[str, Any] = {"type": "referred", "person": {"id": words.person()}, "act": {"method": "named"}}
    event["act"]["state"] = words.words.pop(0) if words.words[:1] not in (["by"], []) else "joined"
    return words.options(event)


def _rewarded(words: _Words) -> Act:
    """A row of a rewards file: `rewarded bob advocate 10.00 EUR paid on first_order`."""
    event: dict[str, Any] = {"type": "rewarded", "person": {"id": words.person()}, "act": {"to": words.take("a side")}}
    amount, asset = words.take("an amount"), words.take("a currency")
    event["act"] |= {"amount_minor": to_minor(amount, asset), "asset": asset, "state": words.take("paid or owed")}
    if words.words[:1] == ["on"]:
        words.words.pop(0)
        event["act"]["milestone"] = words.take("a milestone")
    return words.options(event)


def _held(words: _Words) -> Act:
    """A row of a balances file: `held alice 12.00 EUR`, or `held alice 12.00 EUR owed` where she owes it."""
    event: dict[str, Any] = {"type": "balance", "person": {"id": words.person()}, "act": {"kind": "credit"}}
    amount, asset = words.take("an amount"), words.take("a currency")
    event["act"] |= {"amount_minor": to_minor(amount, asset), "asset": asset}
    if asset.startswith("PTS:"):
        event["act"]["kind"] = "points"
    elif words.words[:1] == ["owed"]:
        event["act"]["kind"] = words.words.pop(0)
    return words.options(event)


def _review(words: _Words) -> Act:
    """A person clears or denies what was held: `review bob clear`; `seen 0` after having read so many words on it."""
    friend, verdict = words.person(), words.take("clear, deny or reopen")
    act: dict[str, Any] = {"verdict": verdict, "why": "other"}
    if words.words[:1] == ["seen"]:
        words.words.pop(0)
        act["seen"] = int(words.take("a number"))
    return Act("review", {"type": "review", "act": act}, target={"friend": friend})


def _choose(words: _Words) -> Act:
    """The payee of the friend's referral chooses gift number 0, 1, ...: `choose bob 1`."""
    friend = words.person()
    event = {
        "type": "choose",
        "act": {"option": int(words.take("the number of a gift")), "promise": "advocate:first_order:0"},
    }
    return Act("choose", event, target={"friend": friend})


def _draw(words: _Words) -> Act:
    """The house draws for a gift that chance decides, a number from 0 to 1: `draw bob 0.75`."""
    friend, drawn = words.person(), float(words.take("a number from 0 to 1"))
    act = {"number": int(drawn * 2**53), "promise": "advocate:first_order:0"}
    return Act("draw", {"type": "drawn", "act": act}, target={"friend": friend})


def _signal(words: _Words) -> Act:
    """A signal is switched off for a program, or on again: `signal same_device off program winter`."""
    signal, turn = words.take("a signal"), words.take("off or on")
    if turn not in ("off", "on"):
        raise ValueError('write "signal same_device off"')
    act: dict[str, Any] = {"program": "acme", "signal": signal, "off": turn == "off", "why": "other"}
    if words.words[:1] == ["program"]:
        words.words.pop(0)
        act["program"] = words.take("a program")
    return Act("signal", {"type": "signal", "act": act})


def _move(words: _Words) -> Act:
    """Open referrals are to be judged by a newer version from now on: `move to 2`."""
    number = words.words[1:2] or ["0"]
    words.words.clear()
    return Act("move", {"type": "move", "act": {"program": "acme", "version": int(number[0]), "named": []}})


def _stop(words: _Words) -> Act:
    """The law ends the program: `stop`, or `stop void`, which voids what is not payable yet; `stop alone` names one person."""
    how = set(words.words)
    words.words.clear()
    act = {"program": "acme", "by": "ana", "second": "" if "alone" in how else "carl", "voids": "void" in how}
    return Act("stop", {"type": "stop", "act": act})


def _sent(words: _Words) -> Act:
    """A payable reward left the house: `sent alice for bob`."""
    payee = words.person()
    friend = payee
    if words.words[:1] == ["for"]:
        words.words.pop(0)
        friend = words.person()
    return Act("sent", {"type": "sent", "act": {}}, target={"friend": friend, "payee": payee})


def _waive(words: _Words) -> Act:
    return Act("waive", {"type": "waive", "act": {}}, target={"party": words.person()})


def _redeem(words: _Words) -> Act:
    """Points are spent: `redeem bob mug`, `redeem bob mug 3 program club`."""
    event: dict[str, Any] = {"type": "redeem", "person": {"id": words.person()}, "act": {}}
    event["act"]["item"] = words.take("an item of the catalogue")
    if words.words and words.words[0].isdigit():
        event["act"]["quantity"] = int(words.take("a number"))
    if words.words[:1] == ["program"]:
        words.words.pop(0)
        event["act"]["program"] = words.take("a program")
    return Act("redeem", event)


def _cancel_redemption(words: _Words) -> Act:
    """The last redemption of that item by that person is taken back: `cancel-redemption bob mug`."""
    target = {"party": words.person(), "item": words.take("an item")}
    return Act("cancel-redemption", {"type": "redeem_cancelled", "act": {}}, target=target)


def _contest(words: _Words) -> Act:
    """`contest open seed dice`, `contest freeze 2026-03`, `contest award 2026-03 seed dice leaving 1`,
    `contest accept alice`, `contest disqualify alice fake`."""
    deed = words.take("open, freeze, award, accept or disqualify")
    act: dict[str, Any] = {}
    if deed == "open":
        act["program"] = "acme"
    elif deed in ("freeze", "award"):
        act["round"] = round_id("acme", words.take("a round"))
    else:
        target = {"party": words.person()}
        if deed == "disqualify":
            act["why"] = words.take("why")
        return Act("contest", {"type": f"contest_{deed}", "act": act | {"round": "", "record": ""}}, target=target)
    if words.words[:1] == ["seed"]:
        words.words.pop(0)
        seed = words.take("a seed")
        act |= {"commitment": commitment_of(seed)} if deed == "open" else {"seed": seed}
    if words.words[:1] == ["leaving"]:
        words.words.pop(0)
        act["leave_out"] = int(words.take("a number"))
    return Act("contest", {"type": f"contest_{deed}", "act": act})


def _own_gifts(words: _Words) -> dict[str, Any]:
    """`commission 15% max 90.00`; or by their places `tier 5 cash 80.00 tier 10 cash 200.00`, `choice 2 voucher 60.00`."""
    part = words.words[0] if words.words[:1] in (["tier"], ["choice"]) else ""
    places: dict[str, Any] = {}
    while part and words.words[:1] == [part]:
        words.words.pop(0)
        place = words.take("a place")
        places[place] = _own_gift(words)
    return {"tiers" if part == "tier" else part: places} if part else _own_gift(words)


def _own_gift(words: _Words) -> dict[str, Any]:
    kind, value = words.take("a kind of reward"), words.take("an amount")
    if kind == "points":
        return {kind: int(value)}
    if not value.endswith("%"):
        return {kind: value}
    share = {"percent": value.removesuffix("%")}
    if words.words[:1] == ["max"]:
        words.words.pop(0)
        share["max"] = words.take("an amount")
    return {kind: share}


def _contract(words: _Words) -> Act:
    """`contract alice accept 2 order commission 15% max 90.00 from d10`, `contract alice pause`, resume or end."""
    event: dict[str, Any] = {"type": "contract", "program": "acme", "person": {"id": words.person()}, "act": {}}
    deed = event["act"]["deed"] = words.take("accept, pause, resume or end")
    if deed == "accept":
        event["act"] |= {"number": int(words.take("a number")), "text": "0" * 64, "values": {}}
        if words.words[:1] not in ([], ["from"], ["program"]):
            event["act"]["values"] = {words.take("a milestone"): _own_gifts(words)}
        if words.words[:1] == ["from"]:
            words.words.pop(0)
            event["act"]["from"] = words.moment(words.take("a day")).isoformat()
    if words.words[:1] == ["program"]:
        words.words.pop(0)
        event["program"] = words.take("a program")
    return Act("contract", event)


def _extend(words: _Words) -> Act:
    """The friend's referral lapses later: `extend bob 60`."""
    friend = words.person()
    days = words.take("a number of days")
    return Act("extend", {"type": "extend", "act": {"days": int(days)}}, target={"friend": friend})


def _time(words: _Words) -> Act:
    if words.words:
        raise ValueError("time passes; nothing else is said about it")
    return Act("time")


_VERBS: dict[str, Callable[[_Words], Act]] = {
    "click": _click,
    "signup": _simple,
    "update": _simple,
    "share": _simple,
    "claim": _simple,
    "purchase": _order,
    "renewal": _order,
    "refund": _order,
    "cancel": _cancel,
    "dispute": _dispute,
    "event": _event,
    "known": _known,
    "code": _code,
    "listed": _listed,
    "held": _held,
    "referred": _referred,
    "rewarded": _rewarded,
    "review": _review,
    "signal": _signal,
    "move": _move,
    "stop": _stop,
    "sent": _sent,
    "choose": _choose,
    "draw": _draw,
    "extend": _extend,
    "contract": _contract,
    "waive": _waive,
    "redeem": _redeem,
    "cancel-redemption": _cancel_redemption,
    "contest": _contest,
    "time": _time,
}
