"""As whom is the desk seen just now? Somebody who manages a team may look at it as a role or a person does: read only.

What is then seen is never more than one's own rights allow: for every client it is what both may.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse

from goodword.actions.permissions import GIVEN, May, allowed
from goodword.store.models import User
from goodword.store.reads.desk import Served, served_by
from goodword.store.scope import user_scope

_KEPT = "see_as"
_READS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True)
class Seeing:
    """As which role (or, with `user_id`, as whom) the desk is seen; for one client, or ('') for all of them."""

    role: str
    user_id: str
    slug: str
    name: str = ""
    own_house: frozenset[str] = frozenset()


def begin(request: HttpRequest, *, role: str = "", user_id: str = "", slug: str = "") -> None:
    """See it so from the next request on."""
    request.session[_KEPT] = {"role": role, "user_id": user_id, "slug": slug}


def end(request: HttpRequest) -> None:
    """See it as oneself again."""
    request.session.pop(_KEPT, None)


def is_refused(request: HttpRequest) -> bool:
    """Whether this request would change something while the desk is seen as somebody else sees it."""
    return request.method not in _READS and request.path_info not in (reverse("see_as_end"), reverse("sign_out"))


def seen(
    request: HttpRequest, house: frozenset[str], served: tuple[Served, ...]
) -> tuple[Seeing, frozenset[str], tuple[Served, ...]] | None:
    """(as whom, their roles for the house, the clients to be seen); None where one sees it as oneself.

    Asked anew on each request: whoever loses the right, or whom one sees it as, ends it by that.
    """
    kept = request.session.get(_KEPT)
    if not isinstance(kept, dict):
        return None
    wanted = Seeing(kept.get("role", ""), kept.get("user_id", ""), kept.get("slug", ""), own_house=house)
    found = _as_role(wanted, served) if wanted.role else _as_person(wanted, served)
    if found is None or not (found[1] or found[2]):
        end(request)
    return found


def _as_role(wanted: Seeing, served: tuple[Served, ...]) -> tuple[Seeing, frozenset[str], tuple[Served, ...]] | None:
    if wanted.role not in GIVEN:
        return None
    only = frozenset({wanted.role})
    house = only if not wanted.slug and May.SEE_AS in allowed(wanted.own_house) else frozenset[str]()
    return wanted, house, tuple(replace(one, roles=only, within=one.roles) for one in _open(wanted, served))


def _as_person(wanted: Seeing, served: tuple[Served, ...]) -> tuple[Seeing, frozenset[str], tuple[Served, ...]] | None:
    try:
        user = User.objects.filter(id=UUID(wanted.user_id), is_active=True).first()
    except ValueError:
        return None
    if user is None:
        return None
    with user_scope(user.id):
        their_house, theirs = served_by(user.id)
    roles = {one.id: one.roles for one in theirs}
    house = their_house if not wanted.slug and May.SEE_AS in allowed(wanted.own_house) else frozenset[str]()
    clients = tuple(
        replace(one, roles=roles[one.id], within=one.roles) for one in _open(wanted, served) if one.id in roles
    )
    return replace(wanted, name=user.get_full_name()), house, clients


def _open(wanted: Seeing, served: tuple[Served, ...]) -> tuple[Served, ...]:
    """The clients for which this person may look at the desk as others do."""
    return tuple(one for one in served if wanted.slug in ("", one.slug) and May.SEE_AS in allowed(one.roles))
