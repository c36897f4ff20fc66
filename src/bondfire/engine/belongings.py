"""What two accounts of one person have besides points, made one: rewards, coupons, boards, referrals."""

from collections.abc import Mapping, Sequence

import msgspec

from bondfire.engine.boards import touch
from bondfire.engine.counting import ONE
from bondfire.engine.coupons import ORDER_ORIGIN, code_origin, forget_coupons
from bondfire.engine.estate import Estate
from bondfire.engine.model import MemberState
from bondfire.engine.past import CouponCount, HeldCoupon, Seat
from bondfire.engine.pseudonyms import shown_member
from bondfire.engine.redeemed import Redeemed, forget_closed
from bondfire.engine.referral import UNDECIDED, Referral
from bondfire.engine.referring import end_referral
from bondfire.engine.scoring import score
from bondfire.engine.turn import Turn
from bondfire.programs import Board

_Key = tuple[str, str]


def unite_rewards(
    state: MemberState, rewards: Sequence[Redeemed], other: str, now_called: Mapping[_Key, _Key]
) -> None:
    """Have what both have of rewards, in the order of time; what is held or waited for stays that.

    Args:
        state: of the survivor.
        rewards: of the other.
        other: who that is, as shown.
        now_called: the keys of what the other paid, by the keys they had.
    """
    own = {one.key for one in state.rewards}
    for redeemed in rewards:
        if redeemed.key in own:
            redeemed.event = f"{redeemed.event} of {other}"
        redeemed.payments = [
            msgspec.structs.replace(payment, spent=[now_called.get(key, key) for key in payment.spent])
            for payment in redeemed.payments
        ]
    state.rewards = sorted([*state.rewards, *rewards], key=lambda one: one.at)
    forget_closed(state.rewards)


def unite_coupons(state: MemberState, estate: Estate) -> None:
    """Have the coupons of both, and add up how often they got and used each.

    Done while the survivor's own orders are the only ones in the state: a coupon of the other's order stays,
    whatever becomes of an own order of the same number.
    """
    own = {held.origin for held in state.coupons.values()}
    for key, held in sorted(estate.coupons.items()):
        if _is_named_here(state, held, own):
            held.origin = ""
        state.coupons.setdefault(key, held)
    for name, count in sorted(estate.coupon_counts.items()):
        counts = state.coupon_counts.setdefault(name, CouponCount())
        counts.issued += count.issued
        counts.used += count.used
    forget_coupons(state)


def _is_named_here(state: MemberState, held: HeldCoupon, own: set[str]) -> bool:
    """Whether what brought a coupon bears the name of something of the survivor; a code is one for both."""
    if held.origin.startswith(code_origin("")):
        return False
    order = held.origin.removeprefix(ORDER_ORIGIN)
    is_placed = order != held.origin and (order in state.placed or order in state.purchases)
    return is_placed or held.origin in own


def unite_boards(turn: Turn, estate: Estate) -> None:
    """Let what both scored in the running periods count once; who left a leaderboard has left it."""
    boards = turn.program.boards
    for name, moment, amount in estate.scores:
        if name in boards:
            score(turn, boards[name], amount, moment)
    for name, other in sorted(estate.seats.items()):
        seat = turn.state.seats.setdefault(name, Seat())
        chosen = [one.is_shown for one in (seat, other) if one.is_shown is not None]
        seat.is_shown = all(chosen) if chosen else None
        if name in boards:
            _count_days_once(turn, boards[name], seat, other)
            touch(turn, boards[name])
        days = sorted(seat.days.keys() | other.days.keys())
        seat.days = {day: seat.days.get(day, 0) + other.days.get(day, 0) for day in days}


def _count_days_once(turn: Turn, board: Board, seat: Seat, other: Seat) -> None:
    """A day of the running period on which both came is one visit."""
    stretch = board.stretch_at(turn.now, turn.program.zone)
    for day in sorted(seat.days.keys() & other.days.keys()):
        if stretch is not None and day >= stretch.start:
            score(turn, board, -ONE, day)


def hand_over_referral(turn: Turn) -> None:
    """Tell that an invitation is of this account no more."""
    referral, turn.state.referral = turn.state.referral, None
    if referral is not None:
        turn.because("referral_handed_over", order=referral.order, note=referral.by)


def unite_referral(turn: Turn, estate: Estate) -> None:
    """Keep the survivor's own invitation, else take over the other's; nobody invites themselves."""
    state, other = turn.state, estate.referral
    if state.referral is None and other is not None:
        state.referral = other
        turn.because("referral_taken_over", order=other.order, note=other.by, values=_stands(other))
    referral = state.referral
    accounts = {shown_member(one) for one in (state.id, *(former.member_id for former in state.formerly))}
    if referral is not None and referral.stage in UNDECIDED and referral.by in accounts:
        end_referral(turn, referral, referral.order, "nobody invites themselves")


def _stands(referral: Referral) -> dict[str, str]:
    """How far it has come, for those who keep a list."""
    return {
        "since": referral.since.isoformat(),
        "stage": referral.stage,
        "reasons": ", ".join(referral.reasons),
        "is_held": "yes" if referral.is_held else "no",
        "check_at": (referral.ripe_at or referral.since).isoformat(),
    }
