"""With whom does somebody belong together? The organization a person acts for and the household a person lives in.

Both are owners of tokens like an e-mail is: who came first is found by the earliest moment, and the group joined last counts.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from goodword.core.events import Event, ident
from goodword.core.situation import HOUSEHOLD, MEMBER_OF, Owner, Party, Situation, ordered_ids

Tokens = tuple[tuple[str, str], ...]


class Belonging(msgspec.Struct, frozen=True):
    """What an event says about the groups of its person: parties that changed, and owners of tokens."""

    parties: tuple[Party, ...] = ()
    owners: tuple[Owner, ...] = ()


def belonging(event: Event, situation: Situation, person: Party, since: datetime) -> Belonging:
    """The person's household and organization as the event tells of them. `person` is as known with this event."""
    owners: list[Owner] = []
    parties: list[Party] = []
    company = person.organization
    if event.organization:
        named, parties_of_company = organization_of(event.organization, situation)
        parties.extend(parties_of_company)
        owners += [Owner(kind, token, named, since) for kind, token in event.organization]
        owners.append(Owner(MEMBER_OF, named, person.id, since))
        company = _last(situation, person.id, MEMBER_OF, since, named)
    household = person.household
    if event.household:
        owners.append(Owner(HOUSEHOLD, event.household, person.id, since))
        household = _last(situation, person.id, HOUSEHOLD, since, event.household)
    if (company, household) != (person.organization, person.household):
        parties.append(msgspec.structs.replace(person, organization=company, household=household))
    return Belonging(tuple(parties), tuple(owners))


def organization_of(tokens: Tokens, situation: Situation) -> tuple[str, tuple[Party, ...]]:
    """The organization that is meant (by its own id, else its tax number, else its domain), and its party where it changed."""
    found = _known(tokens, situation)
    if found is None:
        company = ident("party", *tokens[0])
        return company, (Party(company, ordered_ids(tokens), kind="organization"),)
    known = situation.parties.get(found) or Party(found, kind="organization")
    news = tuple(pair for pair in tokens if pair not in known.ids)
    return found, (msgspec.structs.replace(known, ids=ordered_ids((*known.ids, *news))),) if news else ()


def _known(tokens: Tokens, situation: Situation) -> str | None:
    named = {token for kind, token in tokens if kind == "org"}
    for kind, token in tokens:
        for company in situation.owners_of(kind, token):
            known = situation.parties.get(company)
            others = {mark for of, mark in known.ids if of == "org"} - named if known else set()
            if kind == "org" or not (named and others):  # two companies may share a domain, never an id
                return company
    return None


def _last(situation: Situation, person: str, kind: str, since: datetime, token: str) -> str:
    """The group that a person came to last, whatever order this was told in."""
    groups = dict(situation.groups.get(person, {}))
    groups[(kind, token)] = min(since, groups.get((kind, token), since))
    return max((at, mark) for (of, mark), at in groups.items() if of == kind)[1]
