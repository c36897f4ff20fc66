"""What the engine knows of a member, and what it answers: state, decision, and the reasons in it."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

import msgspec

from bondfire.engine.past import (
    Brought,
    BudgetKey,
    CapUsed,
    Counted,
    CouponCount,
    Former,
    HeldCoupon,
    Hold,
    Parked,
    Placed,
    Played,
    Purchase,
    Redemption,
    Score,
    Seat,
)
from bondfire.engine.progress import Progress
from bondfire.engine.redeemed import Redeemed
from bondfire.engine.referral import Referral
from bondfire.engine.tiers import Standing, TierChange
from bondfire.events import Event
from bondfire.kit import EPOCH
from bondfire.ledger import ZERO, Entry, Ledger, Wallet
from bondfire.programs import Version

Outcome = Literal["accepted", "parked", "unmatched", "refused"]


class MemberState(msgspec.Struct, gc=False):
    """Everything a decision about one member may depend on.

    Purchases, redemptions, parked returns, uses of caps and lots hold at least those that the event can
    touch (see `touches` and `cap_reach`).

    Attributes:
        joined_at: None while nobody knows the member.
        has_joined: whether `member.joined` came.
        now: how far the member's time has come.
        cap_used: by cap, ascending by moment.
        parked: returns waiting for their purchase, by order; `parked_orders`: for how many orders any wait.
        placed: orders as they were placed, by number; `purchases`: those a return has looked at.
        published: reviews and posts, and `removed`: what of them is gone, by source and id of the event.
        challenges: how far they are, by challenge. badges: since when they have each.
        coupons: what they have and what they used, by id; `coupon_counts`: how often, by name.
        paid: the keys of the redemptions that paid an order, by its number.
        holds: everything that is held, by key. rewards: what is held, waited for and was taken lately.
        erased_at: when the person was erased, None for who was not.
        has_ordered: whether they ever did. referral: that somebody invited them.
        plays: of games, by name.
        seats: on leaderboards, by name, of who chose something or was there.
        formerly: the accounts that were merged into this one, in the order in which what is theirs is looked
            for. merged_into: the account that this one is part of now, None for who stands alone.
        brought: of whom is being merged; only while that is decided.
        changed_purchases, changed_redemptions, changed_parked: what differs from what is stored.
    """

    id: UUID
    joined_at: datetime | None = None
    has_joined: bool = False
    now: datetime = EPOCH
    attributes: dict[str, object] = msgspec.field(default_factory=dict)
    ledger: Ledger = msgspec.field(default_factory=Ledger)
    standings: dict[str, Standing] = msgspec.field(default_factory=dict)
    cap_used: dict[str, list[CapUsed]] = msgspec.field(default_factory=dict)
    parked: dict[str, list[Parked]] = msgspec.field(default_factory=dict)
    parked_orders: int = 0
    placed: dict[str, Placed] = msgspec.field(default_factory=dict)
    purchases: dict[str, Purchase] = msgspec.field(default_factory=dict)
    published: dict[tuple[str, str], Placed] = msgspec.field(default_factory=dict)
    removed: set[tuple[str, str]] = msgspec.field(default_factory=set)
    challenges: dict[str, Progress] = msgspec.field(default_factory=dict)
    badges: dict[str, datetime] = msgspec.field(default_factory=dict)
    coupons: dict[str, HeldCoupon] = msgspec.field(default_factory=dict)
    coupon_counts: dict[str, CouponCount] = msgspec.field(default_factory=dict)
    seats: dict[str, Seat] = msgspec.field(default_factory=dict)
    plays: dict[str, Played] = msgspec.field(default_factory=dict)
    redemptions: dict[tuple[str, str], Redemption] = msgspec.field(default_factory=dict)
    erased_at: datetime | None = None
    has_ordered: bool = False
    referral: Referral | None = None
    formerly: list[Former] = msgspec.field(default_factory=list)
    merged_into: UUID | None = None
    brought: Brought | None = None
    paid: dict[str, list[tuple[str, str]]] = msgspec.field(default_factory=dict)
    holds: dict[tuple[str, str], Hold] = msgspec.field(default_factory=dict)
    rewards: list[Redeemed] = msgspec.field(default_factory=list)
    changed_purchases: set[str] = msgspec.field(default_factory=set)
    changed_redemptions: set[tuple[str, str]] = msgspec.field(default_factory=set)
    changed_parked: set[str] = msgspec.field(default_factory=set)

    def balances(self, unit: str) -> Wallet:
        """What there is of a unit, and what the person ever got of it under whichever account."""
        wallets = [former.wallets[unit] for former in self.formerly if unit in former.wallets]
        return sum(wallets, self.ledger.wallet(unit))

    def add_redemption(self, redemption: Redemption) -> None:
        """Know a redemption, also as one that paid its order."""
        key, order = redemption.key, redemption.order
        if order and key not in self.redemptions:
            self.paid.setdefault(order, []).append(key)
        self.redemptions[key] = redemption

    def held(self, unit: str) -> Decimal:
        """How much of a unit is set aside, by holds and by rewards."""
        parts = [part for one in self.holds.values() if one.unit == unit for part in one.parts]
        parts += [part for one in self.rewards for name, some in one.parts if name == unit for part in some]
        return sum((part.amount for part in parts), ZERO)

    def park(self, order: str, returned: Parked) -> None:
        """Let a return wait for its purchase (R16)."""
        waiting = self.parked.setdefault(order, [])
        self.parked_orders += not waiting
        waiting.append(returned)
        self.changed_parked.add(order)

    def unpark(self, order: str) -> list[Parked]:
        """The returns that wait for a purchase, which wait no longer."""
        waiting = self.parked.pop(order, [])
        if waiting:
            self.parked_orders -= 1
            self.changed_parked.add(order)
        return waiting


class Reason(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Why something did or did not happen; together they are the explanation of a decision.

    Attributes:
        code: stable word: awarded, nothing_earned, condition_false, condition_failed, not_running,
            group_taken, not_stackable, cap_reached, budget_reached, award_failed, before_joining,
            already_joined, taken_back, taken_from_others, lapsed, owed, written_off, forgone, matched,
            unmatched, parked, settled, spent, restored, held, captured, let_go, hold_ended, prolonged,
            adjusted, released, expired, upgraded, fell, no_line_earns, prolonging_stays, tier_taken_back,
            sent, received, sent_back, erased;
            of accounts that become one: merged, handed_over, absorbed, taken_over, united,
            award_handed_over, award_taken_over, referral_handed_over, referral_taken_over;
            of tiers: tier_counted, tier_day_counted, tier_kept, tier_count_failed, tier_count_taken_back,
            tier_granted, grant_ended, grant_withdrawn;
            of challenges: counted, not_counted, step_reached, badge_earned, badge_kept, progress_final,
            progress_taken_back, progress_full, joker_used, streak_broken, challenge_lapsed, challenge_over,
            takes_part, takes_part_already;
            of what is gone: removed, removed_before, unknown_removed;
            of rewards: reward_redeemed, reward_held, reward_awaited, reward_captured, reward_moved_up,
            reward_released, reward_ended, reward_used, reward_missed, reward_cancelled;
            of referrals: not_referred, referral_claimed, referral_qualified, referral_ripe, referral_held,
            referral_approved, referral_rejected, referral_cancelled, referral_paid, referral_over,
            referral_limit, referral_rewarded;
            of review: award_held, award_released, award_taken_back, award_gone;
            of coupons: coupon_issued, coupon_used, coupon_given_back, coupon_withdrawn, coupon_lost;
            of an order in another currency: exchanged;
            of leaderboards: board_joined, board_left, board_over, score_failed, board_won, no_prize;
            of games: played, prize_given.
        rule: the earn rule it is about; of others what they are and their name, such as
            `challenge/`, `reward/`, `coupon/`, `leaderboard/`, `game/`.
        unit, amount: what was given or taken.
        base: the award before multiplier and cap; `multiplier`: the factor; `clipped`: what the cap cut off.
        values: what the condition and the award read, as text; of `sent` when its lot was earned and ends;
            of others what their sentence names (tier_set, before, after, until, actor).
        lines: how the award or clawback splits over the lines of the order; it adds up to the amount.
        lot: the lot it concerns. order: the order it concerns.
        note: what else there is to say, in plain words.
    """

    code: str
    rule: str = ""
    unit: str = ""
    amount: Decimal | None = None
    base: Decimal | None = None
    multiplier: Decimal | None = None
    clipped: Decimal | None = None
    values: dict[str, str] = {}
    lines: list[Decimal] = []
    lot: int = 0
    order: str = ""
    note: str = ""


class Decision(msgspec.Struct, gc=False):
    """What follows from one event for one member.

    Attributes:
        outcome: accepted; parked (a return that waits for its purchase); unmatched (a return that a
            person must look at); refused (nothing was posted for it, `code` and `message` say why).
        decided_by: the programme version that decided.
        entries: everything posted, first what the passing of time brought.
        tier_changes: in order.
        told: those of the reasons that do not follow from the rest (see `explained`).
        member: what the rules saw of the member.
        event: what it is about; None for the passing of time.
        used: by lot, what an award used of caps on its base; only where there are such caps.
        counted: how the event counted for challenges.
        budgets_seen: by key, how much was used before of each budget that was asked.
        budgets_used: what this decision took of budgets; below zero it gave back.
        scores: what it counts for leaderboards.
    """

    outcome: Outcome
    decided_by: Version
    entries: list[Entry]
    tier_changes: list[TierChange]
    told: list[Reason]
    member: dict[str, Any] = {}
    event: Event | None = None
    used: dict[int, Decimal] = {}
    code: str = ""
    message: str = ""
    next_step: str = ""
    counted: Counted = {}
    budgets_seen: dict[str, Decimal] = {}
    budgets_used: dict[BudgetKey, Decimal] = {}
    scores: list[Score] = []

    @property
    def version(self) -> int:
        """The number of the programme version that decided."""
        return self.decided_by.number
