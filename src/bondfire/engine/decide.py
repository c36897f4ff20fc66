"""decide(timeline, state, event) -> Decision: the one function everything else is built around."""

import copy
from collections.abc import Callable
from typing import Final

from bondfire.engine.basket import Basket
from bondfire.engine.earning import plan_awards, post_awards
from bondfire.engine.errors import OrderExists, UnknownMember, WrongCurrency
from bondfire.engine.model import Decision, MemberState, Outcome, Purchase, Reason
from bondfire.engine.returns import order_cancelled, order_returned, settle
from bondfire.engine.spending import points_adjusted, points_restored, points_spent
from bondfire.engine.standing import open_standings
from bondfire.engine.ticks import run_due
from bondfire.engine.turn import Turn, event_text
from bondfire.errors import BondfireError
from bondfire.events import Event
from bondfire.programs import Timeline

KNOWN_ONLY: Final = frozenset({"points.spent", "points.restored", "points.adjusted"})
RETURNS: Final = frozenset({"order.returned", "order.cancelled"})


def decide(timeline: Timeline, state: MemberState, event: Event) -> tuple[Decision, MemberState]:
    """What follows from an event, and the member after it; the state given is left as it was.

    Pure: no clock, no I/O, no randomness, no dependence on the order of a dict or on the machine. The
    same arguments give the same answer for ever.

    Args:
        timeline: the versions of the programme.
        state: the member with everything the event can touch (see `touches`).
        event: what happened.
    """
    after = copy.deepcopy(state)
    return advance(timeline, after, event), after


def advance(timeline: Timeline, state: MemberState, event: Event) -> Decision:
    """`decide`, but the state given becomes the state after; for those who own it.

    Time comes first: what was due before the event is done before it. A refusal posts nothing for the
    event, but time has passed all the same.
    """
    now = max(state.now, event.recorded_at, event.occurred_at)
    turn = Turn(timeline, state, now=now, effective_at=event.occurred_at)
    if state.joined_at is not None:
        open_standings(turn)
        run_due(turn)
        state.now = now
    posted, explained = len(turn.book.entries), len(turn.reasons)
    try:
        _admit(turn, event)
        HANDLERS.get(event.type, _plain)(turn, event)
    except BondfireError as refusal:
        if len(turn.book.entries) != posted:
            raise AssertionError(f"{event.id} was refused after something was posted for it") from refusal
        return _refused(turn, event, refusal, explained)
    decision = turn.decided(_outcome(turn.reasons[explained:]))
    turn.book.seal(f"{event.source}|{event.id}|{decision.outcome}")
    return decision


def _outcome(reasons: list[Reason]) -> Outcome:
    codes = {reason.code for reason in reasons}
    return "parked" if "parked" in codes else "unmatched" if "unmatched" in codes else "accepted"


def _refused(turn: Turn, event: Event, refusal: BondfireError, explained: int) -> Decision:
    del turn.reasons[explained:]
    decision = turn.decided("refused")
    decision.code, decision.message, decision.next_step = refusal.code, refusal.message, refusal.next_step
    turn.book.seal(f"{event.source}|{event.id}|{refusal.code}")
    return decision


def _admit(turn: Turn, event: Event) -> None:
    """Make a member of whoever is seen first, where the programme says so."""
    state = turn.state
    if state.joined_at is not None or event.type in KNOWN_ONLY:
        return
    if turn.program.enrolment == "on_join" and event.type != "member.joined":
        if event.type in RETURNS:
            return
        raise UnknownMember(
            f"Nobody is known under the reference {event.member!r}; members join this programme first.",
            next_step="Send member.joined first, or set `enrolment: automatic` in the programme.",
        )
    state.joined_at = turn.effective_at
    state.now = turn.now
    open_standings(turn)


def _plain(turn: Turn, event: Event) -> None:
    post_awards(turn, event, plan_awards(turn, event, None))


def _order_placed(turn: Turn, event: Event) -> None:
    order = event_text(event, "order") or event.id
    state = turn.state
    if order in state.purchases:
        raise OrderExists(
            f"Order {order} was placed already, by event {state.purchases[order].event}.",
            next_step="Send a changed order as a return and a new order.",
        )
    currency = event_text(event, "currency")
    if currency and currency != turn.program.currency:
        raise WrongCurrency(
            f"Order {order} is in {currency}, and the programme counts in {turn.program.currency}.",
            next_step=f"Send its value in {turn.program.currency}.",
        )
    basket = Basket(event, turn.program)
    planned = plan_awards(turn, event, basket) if _may_earn(turn, order, basket) else []
    purchase = Purchase(
        order=order,
        event=event.id,
        occurred_at=turn.effective_at,
        version=turn.version.number,
        lines=basket.purchase_lines(),
        granted=post_awards(turn, event, planned),
        cap_uses=[use for one in planned for use in one.cap_uses],
    )
    state.purchases[order] = purchase
    state.changed_purchases.add(order)
    _settle_parked(turn, purchase)


def _may_earn(turn: Turn, order: str, basket: Basket) -> bool:
    """Whether rules are asked at all about an order."""
    state = turn.state
    if state.has_joined and state.joined_at is not None and turn.effective_at < state.joined_at:
        turn.because("before_joining", order=order, note="orders from before the member joined earn nothing")
        return False
    if not basket.earning:
        turn.because("nothing_earned", order=order, note="no line of the order is of a kind that earns")
        return False
    return True


def _settle_parked(turn: Turn, purchase: Purchase) -> None:
    """Settle the returns that came before their purchase (R16)."""
    for parked in turn.state.unpark(purchase.order):
        try:
            settle(turn, purchase, parked)
        except BondfireError as refusal:
            turn.because(refusal.code, order=purchase.order, note=f"return {parked.event}: {refusal.message}")
        else:
            turn.because("settled", order=purchase.order, note=f"return {parked.event} had come before")


def _member_joined(turn: Turn, event: Event) -> None:
    if turn.state.has_joined:
        turn.because("already_joined", note="the member joined before; nothing is given twice")
    else:
        turn.state.has_joined = True
        _attributes(turn, event)
        _plain(turn, event)


def _member_updated(turn: Turn, event: Event) -> None:
    _attributes(turn, event)
    _plain(turn, event)


def _attributes(turn: Turn, event: Event) -> None:
    attributes = event.body.get("attributes")
    if isinstance(attributes, dict):
        turn.state.attributes.update(attributes)


HANDLERS: Final[dict[str, Callable[[Turn, Event], None]]] = {
    "order.placed": _order_placed,
    "order.returned": order_returned,
    "order.cancelled": order_cancelled,
    "points.spent": points_spent,
    "points.restored": points_restored,
    "points.adjusted": points_adjusted,
    "member.joined": _member_joined,
    "member.updated": _member_updated,
}
