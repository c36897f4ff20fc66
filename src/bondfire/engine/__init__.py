"""This member, this event, this programme: what follows?

Owns: `decide`, the member's state, and the passing of time. Does not own: what a programme says (programs),
how value moves (ledger), what an event may hold (events), where decisions are kept (journal).
Invariants: `decide` is pure: no clock, no I/O, no randomness; the same arguments give the same decision
for ever; every award has its reason, and every return is the inverse of the decision it is pinned to.
"""

from bondfire.engine.boards import board_key
from bondfire.engine.budgets import budgets_by_key, budgets_for, budgets_in_stock
from bondfire.engine.caps import cap_reach
from bondfire.engine.decide import advance, decide
from bondfire.engine.errors import IdentityConflict, UnknownLeaderboard, UnknownMember, UnknownUnit
from bondfire.engine.explaining import explained
from bondfire.engine.goals import Prospect, prospects
from bondfire.engine.holding import hold_named
from bondfire.engine.model import (
    BudgetKey,
    CapUsed,
    Counted,
    Decision,
    Granted,
    Hold,
    MemberState,
    Outcome,
    Parked,
    Placed,
    Played,
    Purchase,
    PurchaseLine,
    Reason,
    Redemption,
    Score,
    Seat,
)
from bondfire.engine.outlook import Outlook, falls_not_before, judged_now, outlook
from bondfire.engine.playing import game_named, next_play
from bondfire.engine.progress import Progress
from bondfire.engine.pseudonyms import shown_member
from bondfire.engine.purchases import order_number
from bondfire.engine.qualifying import Climb
from bondfire.engine.removals import PUBLISHED, REMOVALS, removed_by
from bondfire.engine.ticks import next_due_at, next_lot_due_at, pass_until
from bondfire.engine.tiers import Standing, TierChange
from bondfire.engine.totals import digest_of_chains, totals_of
from bondfire.engine.touches import (
    Touches,
    budgets_in_reach,
    may_be_taken_back,
    rewards_at_stake,
    touches,
)
from bondfire.engine.transfers import addressed, onward

__all__ = [
    "PUBLISHED",
    "REMOVALS",
    "BudgetKey",
    "CapUsed",
    "Climb",
    "Counted",
    "Decision",
    "Granted",
    "Hold",
    "IdentityConflict",
    "MemberState",
    "Outcome",
    "Outlook",
    "Parked",
    "Placed",
    "Played",
    "Progress",
    "Prospect",
    "Purchase",
    "PurchaseLine",
    "Reason",
    "Redemption",
    "Score",
    "Seat",
    "Standing",
    "TierChange",
    "Touches",
    "UnknownLeaderboard",
    "UnknownMember",
    "UnknownUnit",
    "addressed",
    "advance",
    "board_key",
    "budgets_by_key",
    "budgets_for",
    "budgets_in_reach",
    "budgets_in_stock",
    "cap_reach",
    "decide",
    "digest_of_chains",
    "explained",
    "falls_not_before",
    "game_named",
    "hold_named",
    "judged_now",
    "may_be_taken_back",
    "next_due_at",
    "next_lot_due_at",
    "next_play",
    "onward",
    "order_number",
    "outlook",
    "pass_until",
    "prospects",
    "removed_by",
    "rewards_at_stake",
    "shown_member",
    "totals_of",
    "touches",
]
