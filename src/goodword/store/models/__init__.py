"""Which tables are there? One noun a file; all but User, Client and Membership hold rows of clients."""

from __future__ import annotations

from .audit import Action, Checkpoint, LeafBatch, Tree
from .contests import ContestName, ContestRound, ContestScore, ContestSeed, ContestStanding
from .creators import Creator, CreatorBrief, CreatorContract, CreatorPost
from .drafting import ProgramComment, WorkingCopy, WorkingCopyOpen
from .events import DeadLetter, Event, EventBody, EventKey, RejectedEvent, Trail
from .ledger import Account, Entry, Rollup
from .links import Code
from .operations import ImportRun, Outbox
from .own import Draft, SavedView
from .people import Attribute, AudienceMember, Identifier, Party, Personal, Trait
from .programs import Program, ProgramVersion
from .referrals import Counter, Decision, Referral, Reward, SignalSwitch
from .reviews import ReviewClaim, ReviewHandover, ReviewJob, ReviewMessage, ReviewPause
from .sign_in import SignInFailure, SignInLink
from .tenancy import ApiKey, Client, Lane, Membership, User
from .vault import ClientKey, Erasure, PersonKey, Statutory
from .versions import VersionApproval, VersionRelease, VersionTest, VersionWording
from .wallets import Redemption, Wallet

__all__ = [
    "Account",
    "Action",
    "ApiKey",
    "Attribute",
    "AudienceMember",
    "Checkpoint",
    "Client",
    "ClientKey",
    "Code",
    "ContestName",
    "ContestRound",
    "ContestScore",
    "ContestSeed",
    "ContestStanding",
    "Counter",
    "Creator",
    "CreatorBrief",
    "CreatorContract",
    "CreatorPost",
    "DeadLetter",
    "Decision",
    "Draft",
    "Entry",
    "Erasure",
    "Event",
    "EventBody",
    "EventKey",
    "Identifier",
    "ImportRun",
    "Lane",
    "LeafBatch",
    "Membership",
    "Outbox",
    "Party",
    "PersonKey",
    "Personal",
    "Program",
    "ProgramComment",
    "ProgramVersion",
    "Redemption",
    "Referral",
    "RejectedEvent",
    "ReviewClaim",
    "ReviewHandover",
    "ReviewJob",
    "ReviewMessage",
    "ReviewPause",
    "Reward",
    "Rollup",
    "SavedView",
    "SignInFailure",
    "SignInLink",
    "SignalSwitch",
    "Statutory",
    "Trail",
    "Trait",
    "Tree",
    "User",
    "VersionApproval",
    "VersionRelease",
    "VersionTest",
    "VersionWording",
    "Wallet",
    "WorkingCopy",
    "WorkingCopyOpen",
]  # fmt: skip
