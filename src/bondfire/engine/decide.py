"""decide(timeline, state, event) -> Decision: the one function everything else is built around."""

import copy
from collections.abc import Callable
from typing import Final

from bondfire.engine.challenges import challenge_joined, count_in
from bondfire.engine.counting import count_event
from bondfire.engine.earning import plan_awards, post_awards
from bondfire.engine.erasing import check_not_erased, member_erased
from bondfire.engine.errors import OrderExists, UnknownMember, WrongCurrency
from bondfire.engine.granting import tier_granted, tier_withdrawn
from bondfire.engine.holding import points_captured, points_held, points_released
from bondfire.engine.merging import check_not_merged, member_absorbed, member_merged
from bondfire.engine.model import Decision, MemberState, Outcome, Placed, Reason
from bondfire.engine.occasion import Occasion, member_view, occasion_of
from bondfire.engine.pseudonyms import shown_member
from bondfire.engine.purchases import order_number
from bondfire.engine.removals import PUBLISHED, REMOVALS, something_removed
from bondfire.engine.returns import order_cancelled, order_returned, settle_parked
from bondfire.engine.sliding import prolong_by
from bondfire.engine.spending import points_adjusted, points_restored, points_spent
from bondfire.engine.standing import open_standings
from bondfire.engine.ticks import is_due, run_due
from bondfire.engine.transfers import points_received, points_sent, points_sent_back
from bondfire.engine.turn import Turn, begin
from bondfire.errors import BondfireError
from bondfire.events import Event
from bondfire.programs import RuleSet, Timeline

KNOWN_ONLY: Final = frozenset(
    {"points.spent", "points.held", "points.captured", "points.released"}
    | {"points.restored", "points.adjusted", "tier.withdrawn"}
    | {"points.sent", "points.received", "points.sent_back", "member.erased"}
    | {"member.merged", "member.absorbed"}
)
RETURNS: Final = frozenset({"order.returned", "order.cancelled", *REMOVALS})


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
    now = max(state.now, event.recorded_at)
    now = max(now, event.occurred_at)
    turn = begin(timeline, state, now=now, effective_at=event.occurred_at)
    if state.joined_at is not None:
        open_standings(turn)
        if is_due(state, now):
            run_due(turn)
        state.now = now
    posted, explained = len(turn.book.entries), len(turn.told)
    try:
        _admit(turn, event)
        HANDLERS.get(event.type, _plain)(turn, event)
    except BondfireError as refusal:
        if len(turn.book.entries) != posted:
            raise AssertionError(f"{event.id} was refused after something was posted for it") from refusal
        return _refused(turn, event, refusal, explained)
    if event.type in turn.program.prolonged_by:
        prolong_by(turn, event)
    outcome = _outcome(turn.told) if turn.told else "accepted"
    turn.book.seal(event.source, event.id, outcome, event.occurred_at)
    return turn.decided(outcome, event)


def _outcome(told: list[Reason]) -> Outcome:
    for reason in told:
        if reason.code == "parked":
            return "parked"
        if reason.code == "unmatched":
            return "unmatched"
    return "accepted"


def _refused(turn: Turn, event: Event, refusal: BondfireError, explained: int) -> Decision:
    del turn.told[explained:]
    decision = turn.decided("refused", event)
    decision.code, decision.message, decision.next_step = refusal.code, refusal.message, refusal.next_step
    turn.book.seal(event.source, event.id, refusal.code, event.occurred_at)
    return decision


def _admit(turn: Turn, event: Event) -> None:
    """Make a member of whoever is seen first, where the programme says so."""
    state = turn.state
    check_not_merged(turn)
    check_not_erased(turn, event)
    if state.joined_at is not None or event.type in KNOWN_ONLY:
        return
    if turn.program.enrolment == "on_join" and event.type != "member.joined":
        if event.type in RETURNS:
            return
        raise UnknownMember(
            f"Nobody is known under the reference {shown_member(state.id)!r}; "
            "members join this programme first.",
            next_step="Send member.joined first, or set `enrolment: automatic` in the programme.",
        )
    state.joined_at = turn.effective_at
    state.now = turn.now
    open_standings(turn)


def _plain(turn: Turn, event: Event) -> None:
    rules = turn.program.rules_on.get(event.type)
    if rules is not None:
        turn.member = member_view(turn.program, rules, turn.state, turn.effective_at)
        _earn(turn, rules, event, occasion_of(turn.program, rules, event, turn.member))
    if turn.program.counting:
        count_event(turn, event)


def _earn(turn: Turn, rules: RuleSet, event: Event, occasion: Occasion) -> range:
    """What rules give, and what it counts for challenges; the lots that the rules made."""
    ledger = turn.state.ledger
    first = ledger.next_lot
    post_awards(turn, event, plan_awards(turn, rules, occasion))
    lots = range(first, ledger.next_lot)
    if turn.program.challenges:
        count_in(turn, event, occasion)
    return lots


def _as_placed(turn: Turn, event: Event, lots: range, *, counts: bool = True) -> Placed:
    joined_at = turn.state.joined_at or turn.effective_at
    return Placed(event, turn.version.number, lots, turn.member, joined_at, turn.used, turn.counted, counts)


def _published(turn: Turn, event: Event) -> None:
    """What can be removed later (C4), or was before it came."""
    state = turn.state
    if event.identity in state.removed:
        turn.because("removed_before", note=f"{event.id} was removed before it came; it earns nothing")
        return
    rules, lots = turn.program.rules_on.get(event.type), range(0)
    if rules is not None:
        turn.member = member_view(turn.program, rules, state, turn.effective_at)
        lots = _earn(turn, rules, event, occasion_of(turn.program, rules, event, turn.member))
    if turn.program.counting:
        count_event(turn, event)
    state.published[event.identity] = _as_placed(turn, event, lots)


def _order_placed(turn: Turn, event: Event) -> None:
    state, order = turn.state, order_number(event)
    if order in state.placed or order in state.purchases:
        by = state.placed[order].event.id if order in state.placed else state.purchases[order].event
        raise OrderExists(
            f"Order {order} was placed already, by event {by}.",
            next_step="Send a changed order as a return and a new order.",
        )
    currency = event.body.get("currency")
    if currency and currency != turn.program.currency:
        raise WrongCurrency(
            f"Order {order} is in {currency}, and the programme counts in {turn.program.currency}.",
            next_step=f"Send its value in {turn.program.currency}.",
        )
    counts = not _is_before_joining(turn)
    lots = range(0)
    if counts:
        lots = _earn_on_order(turn, event, order)
        if turn.program.counting:
            count_event(turn, event)
    else:
        turn.because("before_joining", order=order, note="orders from before the member joined earn nothing")
    state.placed[order] = _as_placed(turn, event, lots, counts=counts)
    if state.parked_orders:
        settle_parked(turn, order)


def _is_before_joining(turn: Turn) -> bool:
    """Whether it happened before the member joined, by any account; then it does not count at all (R17)."""
    state = turn.state
    if not state.has_joined or state.joined_at is None or turn.effective_at >= state.joined_at:
        return False
    return all(turn.effective_at < former.joined_at for former in state.formerly)


def _earn_on_order(turn: Turn, event: Event, order: str) -> range:
    """Ask the rules; the lots that they made."""
    rules = turn.program.rules_on.get(event.type)
    if rules is None:
        return range(0)
    turn.member = member_view(turn.program, rules, turn.state, turn.effective_at)
    occasion = occasion_of(turn.program, rules, event, turn.member)
    if not occasion.earns:
        turn.because("nothing_earned", order=order, note="no line of the order is of a kind that earns")
        return range(0)
    return _earn(turn, rules, event, occasion)


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
    "points.held": points_held,
    "points.captured": points_captured,
    "points.released": points_released,
    "points.restored": points_restored,
    "points.adjusted": points_adjusted,
    "points.sent": points_sent,
    "points.received": points_received,
    "points.sent_back": points_sent_back,
    "member.erased": member_erased,
    "member.merged": member_merged,
    "member.absorbed": member_absorbed,
    "tier.granted": tier_granted,
    "tier.withdrawn": tier_withdrawn,
    "member.joined": _member_joined,
    "member.updated": _member_updated,
    "challenge.joined": challenge_joined,
    **dict.fromkeys(PUBLISHED, _published),
    **dict.fromkeys(REMOVALS, something_removed),
}
