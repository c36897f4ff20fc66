"""This member, this event, this programme: what follows?

Owns: `decide`, the member's state, and the passing of time. Does not own: what a programme says (programs),
how value moves (ledger), what an event may hold (events), where decisions are kept (journal).
Invariants: `decide` is pure: no clock, no I/O, no randomness; the same arguments give the same decision
for ever; every award has its reason, and every return is the inverse of the decision it is pinned to.
"""

from bondfire.engine.boards import board_key
from bondfire.engine.budgets import budgets_by_key, budgets_for, budgets_in_stock
from bondfire.engine.caps import cap_reach
from bondfire.engine.coupons import COUPON_PREFIX, ORDER_ORIGIN, Shopper, code_origin, shopper_of
from bondfire.engine.currency import converted, exchanged, is_foreign, rate_of
from bondfire.engine.decide import advance, decide
from bondfire.engine.doubts import Facts, Person, check_of, doubts_about
from bondfire.engine.errors import (
    IdentityConflict,
    MemberErased,
    MemberMerged,
    NoRedemption,
    NotOffered,
    SameMember,
    UnknownLeaderboard,
    UnknownMember,
    UnknownUnit,
)
from bondfire.engine.estate import Estate, behind, debts_of, estate_of, owned, read_estate
from bondfire.engine.explaining import explained
from bondfire.engine.goals import Prospect, prospects
from bondfire.engine.holding import hold_named
from bondfire.engine.model import Decision, MemberState, Outcome, Reason
from bondfire.engine.offering import why_not
from bondfire.engine.outlook import Outlook, falls_not_before, judged_now, outlook
from bondfire.engine.past import (
    Brought,
    BudgetKey,
    CapUsed,
    Counted,
    CouponCount,
    Former,
    Granted,
    HeldCoupon,
    Hold,
    Parked,
    Placed,
    Played,
    Purchase,
    PurchaseLine,
    Redemption,
    Score,
    Seat,
)
from bondfire.engine.playing import game_named, next_play
from bondfire.engine.progress import Progress
from bondfire.engine.pseudonyms import shown_member
from bondfire.engine.purchases import order_number
from bondfire.engine.qualifying import Climb
from bondfire.engine.redeemed import Redeemed, RewardStatus, redemption_named, spendings_of
from bondfire.engine.redemptions import due_back
from bondfire.engine.referral import Referral
from bondfire.engine.referring import PAYING
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
from bondfire.engine.transfers import addressed, onward, sent_back_behind

__all__ = [
    "COUPON_PREFIX",
    "ORDER_ORIGIN",
    "PAYING",
    "PUBLISHED",
    "REMOVALS",
    "Brought",
    "BudgetKey",
    "CapUsed",
    "Climb",
    "Counted",
    "CouponCount",
    "Decision",
    "Estate",
    "Facts",
    "Former",
    "Granted",
    "HeldCoupon",
    "Hold",
    "IdentityConflict",
    "MemberErased",
    "MemberMerged",
    "MemberState",
    "NoRedemption",
    "NotOffered",
    "Outcome",
    "Outlook",
    "Parked",
    "Person",
    "Placed",
    "Played",
    "Progress",
    "Prospect",
    "Purchase",
    "PurchaseLine",
    "Reason",
    "Redeemed",
    "Redemption",
    "Referral",
    "RewardStatus",
    "SameMember",
    "Score",
    "Seat",
    "Shopper",
    "Standing",
    "TierChange",
    "Touches",
    "UnknownLeaderboard",
    "UnknownMember",
    "UnknownUnit",
    "addressed",
    "advance",
    "behind",
    "board_key",
    "budgets_by_key",
    "budgets_for",
    "budgets_in_reach",
    "budgets_in_stock",
    "cap_reach",
    "check_of",
    "code_origin",
    "converted",
    "debts_of",
    "decide",
    "digest_of_chains",
    "doubts_about",
    "due_back",
    "estate_of",
    "exchanged",
    "explained",
    "falls_not_before",
    "game_named",
    "hold_named",
    "is_foreign",
    "judged_now",
    "may_be_taken_back",
    "next_due_at",
    "next_lot_due_at",
    "next_play",
    "onward",
    "order_number",
    "outlook",
    "owned",
    "pass_until",
    "prospects",
    "rate_of",
    "read_estate",
    "redemption_named",
    "removed_by",
    "rewards_at_stake",
    "sent_back_behind",
    "shopper_of",
    "shown_member",
    "spendings_of",
    "totals_of",
    "touches",
    "why_not",
]
