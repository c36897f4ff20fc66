"""This member, this event, this programme: what follows?

Owns: `decide`, the member's state, and the passing of time. Does not own: what a programme says (programs),
how value moves (ledger), what an event may hold (events), where decisions are kept (journal).
Invariants: `decide` is pure: no clock, no I/O, no randomness; the same arguments give the same decision
for ever; every award has its reason, and every return is the inverse of the decision it is pinned to.
"""

from bondfire.engine.caps import cap_reach
from bondfire.engine.decide import advance, decide
from bondfire.engine.errors import IdentityConflict, UnknownMember
from bondfire.engine.explaining import explained
from bondfire.engine.holding import hold_named
from bondfire.engine.model import (
    CapUsed,
    Decision,
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
    Standing,
    TierChange,
)
from bondfire.engine.pseudonyms import shown_member
from bondfire.engine.purchases import order_number
from bondfire.engine.standing import Outlook, outlook
from bondfire.engine.ticks import next_due_at, next_lot_due_at, pass_until
from bondfire.engine.totals import digest_of_chains, totals_of
from bondfire.engine.touches import Touches, may_be_taken_back, touches

__all__ = [
    "CapUsed",
    "Decision",
    "Granted",
    "Hold",
    "IdentityConflict",
    "MemberState",
    "Outcome",
    "Outlook",
    "Parked",
    "Placed",
    "Purchase",
    "PurchaseLine",
    "Reason",
    "Redemption",
    "Standing",
    "TierChange",
    "Touches",
    "UnknownMember",
    "advance",
    "cap_reach",
    "decide",
    "digest_of_chains",
    "explained",
    "hold_named",
    "may_be_taken_back",
    "next_due_at",
    "next_lot_due_at",
    "order_number",
    "outlook",
    "pass_until",
    "shown_member",
    "totals_of",
    "touches",
]
