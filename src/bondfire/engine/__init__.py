"""This member, this event, this programme: what follows?

Owns: `decide`, the member's state, and the passing of time. Does not own: what a programme says (programs),
how value moves (ledger), what an event may hold (events), where decisions are kept (journal).
Invariants: `decide` is pure: no clock, no I/O, no randomness; the same arguments give the same decision
for ever; every award has its reason, and every return is the inverse of the decision it is pinned to.
"""

from bondfire.engine.caps import cap_reach
from bondfire.engine.decide import advance, decide
from bondfire.engine.errors import (
    IdentityConflict,
    MemberErased,
    MemberMerged,
    SameMember,
    UnknownMember,
    UnknownUnit,
)
from bondfire.engine.estate import Estate, behind, debts_of, estate_of, owned, read_estate
from bondfire.engine.explaining import explained
from bondfire.engine.goals import Prospect, prospects
from bondfire.engine.holding import hold_named
from bondfire.engine.model import (
    Brought,
    CapUsed,
    Counted,
    Decision,
    Former,
    Granted,
    Hold,
    MemberState,
    Outcome,
    Parked,
    Placed,
    Purchase,
    PurchaseLine,
    Reason,
    Redemption,
)
from bondfire.engine.outlook import Outlook, falls_not_before, judged_now, outlook
from bondfire.engine.progress import Progress
from bondfire.engine.pseudonyms import shown_member
from bondfire.engine.purchases import order_number
from bondfire.engine.qualifying import Climb
from bondfire.engine.redemptions import due_back
from bondfire.engine.removals import PUBLISHED, REMOVALS, removed_by
from bondfire.engine.ticks import next_due_at, next_lot_due_at, pass_until
from bondfire.engine.tiers import Standing, TierChange
from bondfire.engine.totals import digest_of_chains, totals_of
from bondfire.engine.touches import Touches, may_be_taken_back, rewards_at_stake, touches
from bondfire.engine.transfers import addressed, onward, sent_back_behind

__all__ = [
    "PUBLISHED",
    "REMOVALS",
    "Brought",
    "CapUsed",
    "Climb",
    "Counted",
    "Decision",
    "Estate",
    "Former",
    "Granted",
    "Hold",
    "IdentityConflict",
    "MemberErased",
    "MemberMerged",
    "MemberState",
    "Outcome",
    "Outlook",
    "Parked",
    "Placed",
    "Progress",
    "Prospect",
    "Purchase",
    "PurchaseLine",
    "Reason",
    "Redemption",
    "SameMember",
    "Standing",
    "TierChange",
    "Touches",
    "UnknownMember",
    "UnknownUnit",
    "addressed",
    "advance",
    "behind",
    "cap_reach",
    "debts_of",
    "decide",
    "digest_of_chains",
    "due_back",
    "estate_of",
    "explained",
    "falls_not_before",
    "hold_named",
    "judged_now",
    "may_be_taken_back",
    "next_due_at",
    "next_lot_due_at",
    "onward",
    "order_number",
    "outlook",
    "owned",
    "pass_until",
    "prospects",
    "read_estate",
    "removed_by",
    "rewards_at_stake",
    "sent_back_behind",
    "shown_member",
    "totals_of",
    "touches",
]
