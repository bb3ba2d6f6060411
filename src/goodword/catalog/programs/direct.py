"""One-sided: the referrer is rewarded after the friend's first purchase."""

from __future__ import annotations

from goodword.core.kind import Template

DIRECT = Template(
    slug="direct",
    title="Direct",
    help=__doc__ or "",
    defaults={"milestones": {"joined": {"event": "signup"}, "first_order": {"event": "purchase", "count": 1}}},
)
