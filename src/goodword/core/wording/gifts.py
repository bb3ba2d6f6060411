"""What is given, in words? One place for each shape of a gift; a kind that nobody foresaw is told by its title."""

from __future__ import annotations

from goodword.core.amounts import is_currency
from goodword.core.kind import Give, RewardKind
from goodword.core.wording.voice import Speaker


def gift(voice: Speaker, kind: RewardKind, give: Give) -> str:
    """A gift as the object of "gets"."""
    if give.bands:
        return _bands(voice, give)
    if give.percent is not None:
        return _share(voice, kind, give)
    if give.per_minor:
        return voice.say(
            "g.points.per", amount=voice.amount(give.fixed_minor or 0, give.asset), per=voice.amount(give.per_minor)
        )
    if give.name and not is_currency(give.asset):
        return voice.say("g.pieces", n=voice.number(give.fixed_minor or 1), name=give.name)
    amount = voice.amount(give.fixed_minor or 0, give.asset)
    if kind.slug == "donation":
        return voice.say("g.donation", amount=amount, name=give.name)
    if voice.knows(f"g.{kind.slug}"):
        return voice.say(f"g.{kind.slug}", amount=amount)
    return voice.say("g.other", kind=kind.title, amount=amount)


def _share(voice: Speaker, kind: RewardKind, give: Give) -> str:
    assert give.percent is not None
    share = voice.percent(give.percent)
    shape = "share" if give.max_minor is None else "most"
    most = {} if give.max_minor is None else {"most": voice.amount(give.max_minor, give.asset)}
    if voice.knows(f"g.{kind.slug}.{shape}"):
        return voice.say(f"g.{kind.slug}.{shape}", percent=share, **most)
    return voice.say(f"g.other.{shape}", kind=kind.title, percent=share, **most)


def _bands(voice: Speaker, give: Give) -> str:
    bands = voice.listed(
        voice.say("g.band.above", percent=voice.percent(band.percent))
        if band.to_minor is None
        else voice.say(
            "g.band.below", percent=voice.percent(band.percent), amount=voice.amount(band.to_minor, give.asset)
        )
        for band in give.bands
    )
    told = voice.say("g.bands.slice" if give.is_sliced else "g.bands.whole", bands=bands)
    if give.max_minor is None:
        return told
    return voice.say("g.bands.capped", gift=told, most=voice.amount(give.max_minor, give.asset))
