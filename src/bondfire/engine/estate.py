"""All an account has when it becomes part of another: what a person owns, owes, counts and awaits (G1).

It travels inside of an event, so that the books of whoever takes it over follow from their own journal. What
was placed and published stays where it is and is looked for there.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import msgspec

from bondfire.engine.model import MemberState
from bondfire.engine.past import (
    CapUsed,
    CouponCount,
    Former,
    HeldCoupon,
    Hold,
    Parked,
    Placed,
    Purchase,
    Redemption,
    Seat,
)
from bondfire.engine.progress import Progress
from bondfire.engine.redeemed import Redeemed
from bondfire.engine.referral import Referral
from bondfire.engine.tiers import Standing
from bondfire.kit import tagged
from bondfire.ledger import ZERO, Ledger, Lot, LotPart, Slide, Wallet, handed_over

BoardScore = tuple[str, datetime, Decimal]
"""What counts for a leaderboard in the period that begins then."""


class Estate(msgspec.Struct, kw_only=True, omit_defaults=True, gc=False):
    """What comes over, under the numbers of the account that it comes from; see `MemberState`.

    Attributes:
        attributes: by name, amounts and times wrapped (`kit.tagged`).
        lots: all there ever were, in their order. wallets: by unit, before anything was handed over.
        purchases: those that something came back of. redemptions: all.
        rewards, coupons: what a state holds of them. scores: on leaderboards, in the running periods.
    """

    joined_at: datetime
    has_joined: bool = False
    attributes: dict[str, Any] = {}
    lots: list[Lot] = []
    wallets: dict[str, Wallet] = {}
    sliding: dict[str, Slide] = {}
    holds: list[Hold] = []
    purchases: list[Purchase] = []
    redemptions: list[Redemption] = []
    parked: dict[str, list[Parked]] = {}
    cap_used: dict[str, list[CapUsed]] = {}
    standings: dict[str, Standing] = {}
    challenges: dict[str, Progress] = {}
    badges: dict[str, datetime] = {}
    formerly: list[Former] = []
    has_ordered: bool = False
    rewards: list[Redeemed] = []
    coupons: dict[str, HeldCoupon] = {}
    coupon_counts: dict[str, CouponCount] = {}
    referral: Referral | None = None
    seats: dict[str, Seat] = {}
    scores: list[BoardScore] = []


read_estate: Final = msgspec.json.Decoder(Estate).decode


def estate_of(state: MemberState, *, purchases: Iterable[Purchase], scores: Iterable[BoardScore]) -> Estate:
    """What a member has at the end of their own account; the state is left as it is.

    Args:
        state: the member with all lots, redemptions, parked returns and uses of caps; they are known.
        purchases: those that something came back of.
        scores: what counts for leaderboards in the running periods.
    """
    assert state.joined_at is not None, "only a member has something"  # noqa: S101
    ledger = state.ledger
    return Estate(
        joined_at=state.joined_at,
        has_joined=state.has_joined,
        attributes={name: tagged(value) for name, value in sorted(state.attributes.items())},
        lots=[_ending(ledger, ledger.lots[number]) for number in range(1, ledger.next_lot)],
        wallets=ledger.wallets,
        sliding=ledger.sliding,
        holds=list(state.holds.values()),
        purchases=list(purchases),
        redemptions=list(state.redemptions.values()),
        parked=state.parked,
        cap_used=state.cap_used,
        standings=state.standings,
        challenges=state.challenges,
        badges=state.badges,
        formerly=state.formerly,
        has_ordered=state.has_ordered,
        rewards=state.rewards,
        coupons=state.coupons,
        coupon_counts=state.coupon_counts,
        referral=state.referral,
        seats=state.seats,
        scores=list(scores),
    )


def _ending(ledger: Ledger, lot: Lot) -> Lot:
    """A lot with an end of its own, where it slides no more."""
    return lot if ledger.is_sliding(lot) else ledger.as_now(lot)


def renumber(estate: Estate, lots_before: int) -> None:
    """Give the lots of an estate the numbers that they have with whoever takes it over."""
    for lot in estate.lots:
        lot.number += lots_before
    for held in estate.holds:
        held.parts = _behind(held.parts, lots_before)
    for reward in estate.rewards:
        reward.parts = [(unit, _behind(parts, lots_before)) for unit, parts in reward.parts]
    for redemption in estate.redemptions:
        redemption.parts = _behind(redemption.parts, lots_before)
    for purchase in estate.purchases:
        for granted in purchase.granted:
            granted.lot += lots_before
    for progress in estate.challenges.values():
        progress.rewards = [
            msgspec.structs.replace(
                given, parts=[(unit, amount, lot + lots_before) for unit, amount, lot in given.parts]
            )
            for given in progress.rewards
        ]
    estate.formerly = [
        msgspec.structs.replace(former, lots=former.lots + lots_before) for former in estate.formerly
    ]


def _behind(parts: Iterable[LotPart], lots_before: int) -> list[LotPart]:
    return [LotPart(part.lot + lots_before, part.amount) for part in parts]


def behind(placed: Placed, lots_before: int, joined_at: datetime | None) -> Placed:
    """What an account had placed, as it stands with whoever took the account over."""
    first, end = placed.lots.start + lots_before, placed.lots.stop + lots_before
    return msgspec.structs.replace(
        placed,
        lots=range(first, end) if placed.lots else range(0),
        used={lot + lots_before: amount for lot, amount in placed.used.items()},
        joined_at=joined_at or placed.joined_at,
    )


def held_parts(holds: Iterable[Hold], rewards: Iterable[Redeemed]) -> list[tuple[str, LotPart]]:
    """Unit and part of everything that is set aside, by holds and by rewards."""
    held = [(one.unit, part) for one in holds for part in one.parts]
    return held + [(unit, part) for one in rewards for unit, parts in one.parts for part in parts]


def debts_of(estate: Estate) -> dict[str, Decimal]:
    """What comes over as owed, by unit."""
    return {unit: wallet.debt for unit, wallet in sorted(estate.wallets.items()) if wallet.debt}


def former_of(estate: Estate, member_id: UUID, lots_before: int) -> Former:
    """What is remembered of the account that an estate is from."""
    left = {unit: handed_over(wallet) for unit, wallet in sorted(estate.wallets.items())}
    return Former(member_id, lots_before, estate.joined_at, left)


def owned(estate: Estate) -> Mapping[str, Decimal]:
    """What of each unit comes over, debts not taken off."""
    sums: dict[str, Decimal] = {}
    parts = [*((lot.unit, lot.left) for lot in estate.lots)]
    parts += [(unit, part.amount) for unit, part in held_parts(estate.holds, estate.rewards)]
    for unit, amount in parts:
        sums[unit] = sums.get(unit, ZERO) + amount
    return {unit: amount for unit, amount in sorted(sums.items()) if amount}
