"""Coupons of a member: what an event brings, an order uses, and a return takes away or gives back (R15).

A coupon that came by a code is claimed elsewhere; here it is the member's from the order on that used it, so
what a cancelled order gives back is theirs and nobody else's.
"""

from collections.abc import Callable
from copy import deepcopy
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import msgspec

from bondfire.engine.currency import exchanged, is_foreign, rate_of
from bondfire.engine.errors import CouponUsed
from bondfire.engine.model import MemberState
from bondfire.engine.occasion import Occasion, Seen, member_view, occasion_of
from bondfire.engine.past import CouponCount, HeldCoupon, Parked, Purchase
from bondfire.engine.purchases import order_number, what_is_left
from bondfire.engine.standing import open_standings
from bondfire.engine.ticks import is_due, run_due
from bondfire.engine.turn import Turn, begin, event_text
from bondfire.events import CURRENCIES, Event
from bondfire.kit import digest_of, show_id
from bondfire.ledger import ZERO
from bondfire.programs import Coupon, Program, Timeline
from bondfire.rules import EvaluationError

HELD_MOST: Final = 100
"""So many coupons of one member are remembered, used ones included: a state does not grow with its past."""
COUPON_PREFIX: Final = "coupon/"
ORDER_ORIGIN: Final = "order/"
"""How the origin of what an order brought begins."""


class CouponMoved(msgspec.Struct, frozen=True, gc=False):
    """Something happened to a coupon: a fact of the member's chain."""

    id: str
    coupon: str
    what: str
    amount: Decimal


class Shopper(msgspec.Struct):
    """A member in front of a basket.

    Attributes:
        seen: the basket and the member as conditions see them.
        lines: the basket's lines, as conditions see them.
        held: the coupons they have or used; `used`: how often they used each, by name.
    """

    program: Program
    seen: Seen
    lines: list[Seen]
    held: dict[str, HeldCoupon]
    used: dict[str, int]


def shopper_of(timeline: Timeline, state: MemberState, basket: Event) -> Shopper:
    """The member in front of a basket; the state given is brought to the basket's time.

    Whoever is no member yet is seen as one who joins with it, and their state stays as it was.

    Args:
        timeline: the versions of the programme.
        state: the member, to be thought with.
        basket: the order that it would be.
    """
    now = max(state.now, basket.recorded_at, basket.occurred_at)
    if state.joined_at is None:
        state = deepcopy(state)
        state.joined_at = basket.occurred_at
    turn = begin(timeline, state, now=now, effective_at=basket.occurred_at)
    open_standings(turn)
    if is_due(state, now):
        run_due(turn)
    program = turn.program
    member = member_view(program, program.basket_sight, state, turn.effective_at)
    occasion = occasion_of(program, program.basket_sight, basket, member)
    used = {name: count.used for name, count in state.coupon_counts.items()}
    return Shopper(program, occasion.seen, occasion.lines, state.coupons, used)


def _used_by(event: Event) -> list[dict[str, Any]]:
    """The coupons that an order was discounted by: id, name and discount of each."""
    used: Any = event.body.get("coupons") or []
    return list(used)


def check_coupons(turn: Turn, event: Event) -> None:
    """Refuse an order that uses what was used before; before anything is posted for it.

    Raises:
        CouponUsed: the member used one of them before.
    """
    for one in _used_by(event):
        held = turn.state.coupons.get(one["id"])
        if held is not None and held.used_by:
            raise CouponUsed(
                f"The coupon {one['coupon']} was used for order {held.used_by}.",
                next_step="Leave it out.",
            )


def use_coupons(turn: Turn, event: Event) -> None:
    """Let an order use what it was discounted by."""
    state, order = turn.state, order_number(event)
    for one in _used_by(event):
        by_code = HeldCoupon(one["coupon"], turn.effective_at, origin=code_origin(one.get("code", "")))
        held = state.coupons.setdefault(one["id"], by_code)
        held.is_claimed, held.used_by = True, order
        held.worth = _in_own_currency(turn.program, event, one["discount"])
        _counts(turn, held).used += 1
        _move(turn, one["id"], held, "coupon_used", amount=held.worth, order=order)
    forget_coupons(state)


def _in_own_currency(program: Program, event: Event, amount: Decimal) -> Decimal:
    if not is_foreign(program, event):
        return amount
    return exchanged(amount, rate_of(program, event)[1], CURRENCIES[program.currency])


def issue_coupons(turn: Turn, event: Event, occasion: Occasion) -> None:
    """Give the member the coupons that an event brings."""
    for coupon in turn.program.issues_on.get(event.type, ()):
        try:
            brings = _brings(coupon, occasion)
        except EvaluationError as error:
            turn.because("condition_failed", rule=f"{COUPON_PREFIX}{coupon.name}", note=error.message)
        else:
            if brings:
                _issue(turn, coupon, event)


def _brings(coupon: Coupon, occasion: Occasion) -> bool:
    issue = coupon.issue
    return issue is not None and (issue.when is None or issue.when.evaluate(occasion.seen) is True)


def _issue(turn: Turn, coupon: Coupon, event: Event) -> None:
    assert coupon.issue is not None, "it brings one"  # noqa: S101
    at, zone = turn.effective_at, turn.program.zone
    ends = [end for end in (coupon.ends_at, coupon.valid.after(at, zone) if coupon.valid else None) if end]
    if ends and min(ends) <= turn.now:
        return
    held = HeldCoupon(
        coupon.name, at, min(ends, default=None), origin=origin_of(event), version=turn.version.number
    )
    counts, most = _counts(turn, held), coupon.issue.most
    if most is not None and counts.issued >= most:
        return
    counts.issued += 1
    coupon_id = digest_of("coupon", turn.state.id.hex, event.source, event.id, coupon.name)
    key = show_id("cpn", UUID(bytes=coupon_id))
    turn.state.coupons[key] = held
    _move(turn, key, held, "coupon_issued", order=event_text(event, "order"))
    forget_coupons(turn.state)


def origin_of(event: Event) -> str:
    """What brought a coupon, told apart among all events of a member: an order, or the event."""
    if event.type == "order.placed":
        return f"{ORDER_ORIGIN}{order_number(event)}"
    return f"event/{event.source}/{event.id}"


def code_origin(code_id: str) -> str:
    """The origin of a coupon that came by a code."""
    return f"code/{code_id}"


def settle_coupons(turn: Turn, purchase: Purchase, returned: Parked) -> None:
    """What of an order's coupons comes back with it, and what goes."""
    state, is_whole = turn.state, not any(line.left for line in purchase.lines)
    if not state.coupons:
        return
    placed, pinned = state.placed[purchase.order], turn.timeline.number(purchase.version).program
    if is_whole:
        _give_back(turn, purchase.order, placed.event, pinned, is_cancelled=returned.cancels)
    rest = None
    if not is_whole and placed.event.type in pinned.issues_on:
        event = what_is_left(placed.event, purchase)
        rest = occasion_of(pinned, pinned.rules_on[event.type], event, placed.member)

    def stays(held: HeldCoupon) -> bool:
        return rest is not None and _still_brings(pinned.coupons[held.coupon], rest)

    withdraw_coupons(turn, f"{ORDER_ORIGIN}{purchase.order}", purchase.order, stays)


def _still_brings(coupon: Coupon, rest: Occasion) -> bool:
    try:
        return _brings(coupon, rest)
    except EvaluationError:
        return False


def _give_back(turn: Turn, order: str, event: Event, pinned: Program, *, is_cancelled: bool) -> None:
    """Let the member use again what the order had used, where the programme says so."""
    for one in _used_by(event):
        held = turn.state.coupons.get(one["id"])
        coupon = pinned.coupons.get(one["coupon"])
        if held is None or coupon is None or held.used_by != order:
            continue
        if coupon.given_back == "returned" or (coupon.given_back == "cancelled" and is_cancelled):
            amount, held.used_by, held.worth = held.worth, "", ZERO
            _counts(turn, held).used -= 1
            _move(turn, one["id"], held, "coupon_given_back", amount=amount, order=order)


def withdraw_coupons(
    turn: Turn, origin: str, order: str = "", stays: Callable[[HeldCoupon], bool] = lambda _: False
) -> None:
    """Take away what an order or event had brought that came back: what was used meanwhile is lost (R15)."""
    state = turn.state
    for key, held in [(key, held) for key, held in state.coupons.items() if held.origin == origin]:
        if stays(held):
            continue
        held.origin = ""
        if held.used_by:
            _move(turn, key, held, "coupon_lost", amount=held.worth, order=order)
        else:
            _counts(turn, held).issued -= 1
            del state.coupons[key]
            _move(turn, key, held, "coupon_withdrawn", order=order)


def _counts(turn: Turn, held: HeldCoupon) -> CouponCount:
    return turn.state.coupon_counts.setdefault(held.coupon, CouponCount())


def _move(turn: Turn, key: str, held: HeldCoupon, what: str, *, order: str, amount: Decimal = ZERO) -> None:
    turn.book.note(CouponMoved(key, held.coupon, what, amount))
    turn.because(what, rule=f"{COUPON_PREFIX}{held.coupon}", amount=amount or None, order=order, note=key)


def forget_coupons(state: MemberState) -> None:
    """Forget the oldest that are used or over, and only then what could still be used."""
    spare = len(state.coupons) - HELD_MOST
    if spare <= 0:
        return
    for key in sorted(state.coupons, key=lambda key: _usefulness(state, key))[:spare]:
        del state.coupons[key]


def _usefulness(state: MemberState, key: str) -> tuple[bool, datetime, str]:
    held = state.coupons[key]
    is_over = bool(held.used_by) or (held.ends_at is not None and held.ends_at <= state.now)
    return not is_over, held.got_at, key
