"""Which signals look at which program, what does each hold, and what would a switch change?"""

from __future__ import annotations

from uuid import UUID

import msgspec

from goodword.catalog import SHELVES
from goodword.core import referral as core
from goodword.core.reading import read_terms
from goodword.core.terms import Terms
from goodword.store.models import Program, ProgramVersion, Referral, SignalSwitch
from goodword.store.reads.review import MOST_COUNTED, decode_referral, rows_of


def switches(client_id: str) -> dict[tuple[str, str], SignalSwitch]:
    """Every switch that was ever touched, by program and signal."""
    slugs = dict(Program.objects.of(client_id).values_list("id", "slug"))
    return {(slugs[one.program_id], one.signal): one for one in SignalSwitch.objects.of(client_id)}


def held_by(client_id: str) -> dict[tuple[str, str], int]:
    """How many each signal holds, by program and signal."""
    rows = rows_of(
        "SELECT p.slug, s, count(*) FROM (SELECT r.program_id, r.client_id, unnest(r.signals) AS s FROM referral r"
        " WHERE r.client_id = %s AND r.state = 'held') h JOIN program p ON p.client_id = h.client_id AND p.id = h.program_id"
        " GROUP BY 1, 2",
        [client_id],
    )
    return {(slug, signal): int(n) for slug, signal, n in rows}


def concerned(client_id: str, program_id: UUID, signal: str, *, is_off: bool) -> list[core.Referral]:
    """Referrals that a switch (to off, or to on) would have judged anew."""
    rows = Referral.objects.of(client_id).filter(program_id=program_id)
    rows = rows.filter(state="held", signals__contains=[signal]) if is_off else rows.filter(without__contains=[signal])
    return [decode_referral(body) for body in rows.values_list("body", flat=True)[:MOST_COUNTED]]


def hold_at(client_id: str, program: str) -> int | None:
    """The points from which the live version of a program holds; None where its screening is off."""
    live = (
        ProgramVersion.objects.of(client_id)
        .filter(program__slug=program, live_from__isnull=False)
        .order_by("-live_from", "-number")
        .values_list("document", "number", "live_from")
        .first()
    )
    if live is None or live[2] is None:
        return None
    terms = read_terms(msgspec.json.decode(live[0]), SHELVES, version=live[1], live_from=live[2])
    return terms.screening.hold_at if isinstance(terms, Terms) and terms.screening else None
