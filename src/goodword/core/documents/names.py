"""Which words may name things in a document? Slugs, names and lists of conditions."""

from typing import Annotated

from msgspec import Meta

Slug = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{0,63}$", description="Lower case letters, digits and hyphens.")]
Name = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Conditions = Annotated[list[str], Meta(description='Conditions such as "friend.country in [DE, AT]"; all must be met.')]
IfLate = Annotated[
    str | None,
    Meta(
        description="What follows where a condition fails after the join: forfeit (the reward, default), deny (the whole"
        ' referral), or "defer 90d" (wait until it holds, so long at most).'
    ),
]
