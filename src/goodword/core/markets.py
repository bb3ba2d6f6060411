"""In which market does a friend count? By the country at the binding event; each market has terms of its own."""

from __future__ import annotations

from goodword.core.events import Event
from goodword.core.reasons import Reason
from goodword.core.situation import Situation
from goodword.core.terms import Terms


def in_market(situation: Situation, terms: Terms, friend: str, binding: Event) -> Terms:
    """The terms of the friend's market; the program's own where there are no markets, or the country is not known (yet)."""
    if not terms.markets:
        return terms
    return dict(terms.markets).get(country_of(situation, friend, binding) or "", terms)


def outside_markets(
    situation: Situation, terms: Terms, friend: str, binding: Event
) -> tuple[Reason | None, tuple[tuple[str, str], ...]]:
    """Why the friend's country is not served, or that it is not known yet, with whom that waits for."""
    if not terms.markets:
        return None, ()
    served = ", ".join(country for country, _ in terms.markets)
    country = country_of(situation, friend, binding)
    if country is None:
        return None, ((f"friend.country in [{served}]", friend),)
    if country in dict(terms.markets):
        return None, ()
    return Reason("friend_not_allowed", False, country, f"friend.country in [{served}]"), ()


def country_of(situation: Situation, friend: str, binding: Event) -> str | None:
    """The friend's country as it stood at the binding event; None where nobody said."""
    known = situation.attribute(friend, "country", binding.at) or binding.country
    return str(known).strip().upper() if known else None
