"""How is a program written down? The shape of the YAML document, one file a part; JSON Schema, docs and errors derive from it."""

from goodword.core.documents.milestones import MilestonePart, RepeatPart
from goodword.core.documents.people import AdvocatesPart, AttributionPart, FriendsPart, RunsPart
from goodword.core.documents.program import (
    DisclosurePart,
    FieldPart,
    ProgramDocument,
    ScreeningPart,
    document_problem,
    program_schema,
)
from goodword.core.documents.promises import BudgetPart, LimitPart, PromisePart, TakingBackPart

__all__ = [
    "AdvocatesPart",
    "AttributionPart",
    "BudgetPart",
    "DisclosurePart",
    "FieldPart",
    "FriendsPart",
    "LimitPart",
    "MilestonePart",
    "ProgramDocument",
    "PromisePart",
    "RepeatPart",
    "RunsPart",
    "ScreeningPart",
    "TakingBackPart",
    "document_problem",
    "program_schema",
]
