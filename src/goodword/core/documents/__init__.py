"""How is a program written down? The shape of the YAML document, one file a part; JSON Schema, docs and errors derive from it."""

from goodword.core.documents.contests import ContestPart, PrizePart, RoundPart
from goodword.core.documents.markets import MarketPart
from goodword.core.documents.milestones import MilestonePart, RepeatPart
from goodword.core.documents.people import (
    AdvocatesPart,
    AttributionPart,
    ChannelsPart,
    ContractsPart,
    FriendsPart,
    RunsPart,
)
from goodword.core.documents.points import CostPart, ExpiryPart, ItemPart, UnitPart
from goodword.core.documents.problems import document_problem
from goodword.core.documents.program import (
    DisclosurePart,
    FieldPart,
    ObjectivePart,
    ProgramDocument,
    ScreeningPart,
    TargetPart,
    program_schema,
)
from goodword.core.documents.promises import (
    BudgetPart,
    ClaimPart,
    LimitPart,
    PromisePart,
    SharedLimitPart,
    StackingPart,
    TakingBackPart,
    TierPart,
    WhenPart,
)

__all__ = [
    "AdvocatesPart",
    "AttributionPart",
    "BudgetPart",
    "ChannelsPart",
    "ClaimPart",
    "ContestPart",
    "ContractsPart",
    "CostPart",
    "DisclosurePart",
    "ExpiryPart",
    "FieldPart",
    "FriendsPart",
    "ItemPart",
    "LimitPart",
    "MarketPart",
    "MilestonePart",
    "ObjectivePart",
    "PrizePart",
    "ProgramDocument",
    "PromisePart",
    "RepeatPart",
    "RoundPart",
    "RunsPart",
    "ScreeningPart",
    "SharedLimitPart",
    "StackingPart",
    "TakingBackPart",
    "TargetPart",
    "TierPart",
    "UnitPart",
    "WhenPart",
    "document_problem",
    "program_schema",
]
