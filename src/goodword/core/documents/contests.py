"""How is a contest written down? Rounds, what counts, who takes part, ties fixed beforehand, prizes and the closing in two steps."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, field

from goodword.core.documents.names import Conditions, Name


class RoundPart(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A round by its dates: calendar days in the program's zone, both inclusive."""

    start: Annotated[date, Meta(description="First day.")] = field(name="from")
    end: Annotated[date, Meta(description="Last day.")] = field(name="to")
    name: Annotated[str, Meta(min_length=1, max_length=60, description="What the board is called.")] | None = None


class PrizePart(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What a place, a range of places or so many drawn entrants get."""

    give: Annotated[dict[str, Any], Meta(description='One kind of reward of a fixed amount: {cash: "500.00"}.')]
    place: Annotated[int | str | None, Meta(description='A place, 1, or a range of them, "2-5".')] = None
    draw: (
        Annotated[int, Meta(ge=1, le=1000, description="So many winners drawn by the committed random number.")] | None
    ) = None
    weight: Annotated[
        Literal["friends", "equal"], Meta(description="Tickets in the draw: one a friend, or one an entrant.")
    ] = "friends"
    minimum: Annotated[
        int | str | None, Meta(description="What an entrant of the draw must have reached; default: anything.")
    ] = None
    worth: Annotated[str | None, Meta(description='Value in the program\'s currency, "1200.00", for taxes.')] = None
    tax: Annotated[str, Meta(max_length=500, description="Who pays which tax on it, told to winners.")] = ""


class ContestPart(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Most friends in a period win. Everything is fixed when a round opens."""

    on: Annotated[Name, Meta(description="The milestone that makes a friend count.")]
    prizes: Annotated[list[PrizePart], Meta(min_length=1, max_length=50, description="By place, or drawn.")]
    rounds: Annotated[
        Literal["day", "week", "month", "quarter", "year"] | RoundPart | list[RoundPart],
        Meta(description="Calendar periods in the program's zone, or dates."),
    ] = "month"
    counts: Annotated[
        Literal["joined", "qualified"],
        Meta(
            description="Joined inside the round and qualified by the freeze (default), or qualified inside the round."
        ),
    ] = "joined"
    metric: Annotated[
        Literal["friends", "amount", "points"],
        Meta(description="Friends, the amount of their orders, or the points that they brought."),
    ] = "friends"
    conditions: Conditions = field(default_factory=list, name="if")
    excluded: Annotated[
        list[str], Meta(description='Who may not win, whichever of these holds: "advocate.audience in [staff]".')
    ] = field(default_factory=list)
    households: Annotated[
        Literal["one", "each"],
        Meta(
            description="Of a household one wins, and nobody where one of it is excluded (default); or each for themselves."
        ),
    ] = "one"
    team: (
        Annotated[
            str,
            Meta(
                pattern=r"^advocate\.[a-z][a-z0-9_]*$",
                description='Attribute that names the team and is shown on the board, "advocate.branch".',
            ),
        ]
        | None
    ) = None
    minimum: Annotated[
        int | str | None, Meta(description="What it takes to win a place: friends, amount or points.")
    ] = None
    ties: Annotated[
        Literal["reached_first", "share", "draw"],
        Meta(description="Who is level: the first to reach it wins (default), prizes are shared, or it is drawn."),
    ] = "reached_first"
    freeze: Annotated[str, Meta(description="How long after the round friends may still qualify.")] = "7d"
    award: Annotated[
        str | None, Meta(description="How long after the freeze it is awarded; default: the longest hold.")
    ] = None
    accept: Annotated[
        str | None,
        Meta(description="How long winners have to accept before the next one moves up; silent: no answer needed."),
    ] = None
