"""Two-sided: referrer and friend are both rewarded after the friend's first purchase."""

from __future__ import annotations

from goodword.core.kind import Template

TWO_SIDED = Template(
    slug="two_sided",
    title="Two-sided",
    help=__doc__ or "",
    defaults={"milestones": {"joined": {"event": "signup"}, "first_order": {"event": "purchase", "count": 1}}},
)
