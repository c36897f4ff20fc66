"""decide(timeline, state, event) -> Decision: the one function everything else is built around."""

import copy
from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from bondfire.engine.boards import board_joined, board_left, board_won, score_event, scores_of
from bondfire.engine.challenges import challenge_joined, count_in
from bondfire.engine.counting import count_event
from bondfire.engine.coupons import check_coupons, issue_coupons, use_coupons
from bondfire.engine.currency import converted, is_foreign, rate_of
from bondfire.engine.earning import plan_awards, post_awards
from bondfire.engine.erasing import check_not_erased, member_erased
from bondfire.engine.errors import OrderExists, UnknownMember
from bondfire.engine.granting import tier_granted, tier_withdrawn
from bondfire.engine.holding import points_captured, points_held, points_released
from bondfire.engine.merging import check_not_merged, member_absorbed, member_merged
from bondfire.engine.model import Decision, MemberState, Outcome, Reason
from bondfire.engine.occasion import Occasion, member_view, occasion_of
from bondfire.engine.past import Placed
from bondfire.engine.playing import game_played
from bondfire.engine.pseudonyms import shown_member
from bondfire.engine.purchases import order_number
from bondfire.engine.referring import (
    member_referred,
    order_counts,
    referral_approved,
    referral_checked,
    referral_rejected,
    referral_rewarded,
)
from bondfire.engine.removals import PUBLISHED, REMOVALS, something_removed
from bondfire.engine.returns import order_cancelled, order_returned, settle_parked
from bondfire.engine.reviewing import award_released, award_taken_back
from bondfire.engine.rewarded import reward_cancelled, reward_missed, reward_used
from bondfire.engine.rewarding import (
    reward_awaited,
    reward_captured,
    reward_held,
    reward_moved_up,
    reward_redeemed,
    reward_released,
)
from bondfire.engine.sliding import prolong_by
from bondfire.engine.spending import points_adjusted, points_restored, points_spent
from bondfire.engine.standing import open_standings
from bondfire.engine.ticks import is_due, run_due
from bondfire.engine.transfers import points_received, points_sent, points_sent_back
from bondfire.engine.turn import Turn, begin
from bondfire.errors import BondfireError
from bondfire.events import REWARD_TYPES, Event
from bondfire.kit import format_amount
from bondfire.programs import RuleSet, Timeline

KNOWN_ONLY: Final = frozenset(
    {"points.spent", "points.held", "points.captured", "points.released"}
    | {"points.restored", "points.adjusted", "tier.withdrawn"}
    | {"points.sent", "points.received", "points.sent_back", "member.erased"}
    | {one.name for one in REWARD_TYPES}
    | {"award.released", "award.taken_back"}
    | {"referral.checked", "referral.approved", "referral.rejected", "referral.rewarded"}
    | {"leaderboard.won", "game.played"}
    | {"member.merged", "member.absorbed"}
)
UNUSED: Final[Mapping[str, Decimal]] = MappingProxyType({})
RETURNS: Final = frozenset({"order.returned", "order.cancelled", *REMOVALS})


def decide(
    timeline: Timeline, state: MemberState, event: Event, budgets: Mapping[str, Decimal] = UNUSED
) -> tuple[Decision, MemberState]:
    """What follows from an event, and the member after it; the state given is left as it was.

    Pure: no clock, no I/O, no randomness, no dependence on the order of a dict or on the machine. The
    same arguments give the same answer for ever.

    Args:
        timeline: the versions of the programme.
        state: the member with everything the event can touch (see `touches`).
        event: what happened.
        budgets: how much was used of each budget that may pay for it, by its key; the rest is unused.
    """
    after = copy.deepcopy(state)
    return advance(timeline, after, event, budgets), after


def advance(
    timeline: Timeline, state: MemberState, event: Event, budgets: Mapping[str, Decimal] = UNUSED
) -> Decision:
    """`decide`, but the state given becomes the state after; for those who own it.

    Time comes first: what was due before the event is done before it. A refusal posts nothing for the
    event, but time has passed all the same.
    """
    now = max(state.now, event.recorded_at)
    now = max(now, event.occurred_at)
    turn = begin(timeline, state, now=now, effective_at=event.occurred_at)
    turn.budgets = budgets
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
    decision = turn.decided(outcome, event)
    if turn.scored:
        decision.scores = scores_of(turn)
    return decision


def _outcome(told: list[Reason]) -> Outcome:
    for reason in told:
        if reason.code == "parked":
            return "parked"
        if reason.code == "unmatched":
            return "unmatched"
    return "accepted"


def _refused(turn: Turn, event: Event, refusal: BondfireError, explained: int) -> Decision:
    del turn.told[explained:]
    turn.budgets_seen, turn.budgets_used = {}, {}
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
    _count(turn, event)


def _count(turn: Turn, event: Event) -> None:
    """What an event counts for tiers and leaderboards by itself, beside the units that it earns."""
    if turn.program.counting:
        count_event(turn, event)
    if turn.program.scoring:
        score_event(turn, event)


def _earn(turn: Turn, rules: RuleSet, event: Event, occasion: Occasion) -> range:
    """What rules give, and what it counts for challenges; the lots that the rules made."""
    ledger = turn.state.ledger
    first = ledger.next_lot
    post_awards(turn, event, plan_awards(turn, rules, occasion))
    lots = range(first, ledger.next_lot)
    if turn.program.challenges:
        count_in(turn, event, occasion)
    if turn.program.issues_on:
        issue_coupons(turn, event, occasion)
    return lots


def _as_placed(turn: Turn, event: Event, lots: range, *, counts: bool = True) -> Placed:
    joined_at = turn.state.joined_at or turn.effective_at
    return Placed(event, turn.version.number, lots, turn.member, joined_at, turn.used, turn.counted, counts)


def _published(turn: Turn, event: Event) -> None:
    """What can be removed later (C4), or was before it came."""
    state = turn.state
    if event.identity in state.removed:
        turn.because("removed_before", note=event.id)
        return
    rules, lots = turn.program.rules_on.get(event.type), range(0)
    if rules is not None:
        turn.member = member_view(turn.program, rules, state, turn.effective_at)
        lots = _earn(turn, rules, event, occasion_of(turn.program, rules, event, turn.member))
    _count(turn, event)
    state.published[event.identity] = _as_placed(turn, event, lots)


def _order_placed(turn: Turn, event: Event) -> None:
    state, order = turn.state, order_number(event)
    if order in state.placed or order in state.purchases:
        by = state.placed[order].event.id if order in state.placed else state.purchases[order].event
        raise OrderExists(
            f"Order {order} was placed already, by event {by}.",
            next_step="Send a changed order as a return and a new order.",
        )
    if is_foreign(turn.program, event):
        _tell_rate(turn, event, order)
    has_coupons = "coupons" in event.body
    if has_coupons:
        check_coupons(turn, event)
    counts = not _is_before_joining(turn)
    lots = range(0)
    if counts:
        lots = _earn_on_order(turn, event, order)
        _count(turn, event)
    else:
        turn.because("before_joining", order=order)
    if has_coupons:
        use_coupons(turn, event)
    state.placed[order] = _as_placed(turn, event, lots, counts=counts)
    state.has_ordered = True
    if counts:
        order_counts(turn, order, event)
    if state.parked_orders:
        settle_parked(turn, order)


def _tell_rate(turn: Turn, event: Event, order: str) -> None:
    day, rate = rate_of(turn.program, event)
    currency, total = event.body["currency"], converted(turn.program, event)["total"]
    note = f"1 {currency} is {format_amount(rate)} {turn.program.currency} since {day}"
    turn.because("exchanged", amount=total, order=order, note=note)


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
        turn.because("no_line_earns", order=order)
        return range(0)
    return _earn(turn, rules, event, occasion)


def _member_joined(turn: Turn, event: Event) -> None:
    if turn.state.has_joined:
        turn.because("already_joined")
    else:
        turn.state.has_joined = True
        _attributes(turn, event)
        _plain(turn, event)
        if "referrer" in event.body:
            member_referred(turn, event)


def _member_referred(turn: Turn, event: Event) -> None:
    _plain(turn, event)
    member_referred(turn, event)


def _member_updated(turn: Turn, event: Event) -> None:
    _attributes(turn, event)
    _plain(turn, event)


def _reward_used(turn: Turn, event: Event) -> None:
    """Who came can earn by it: it was paid for, and it happens once."""
    reward_used(turn, event)
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
    "reward.redeemed": reward_redeemed,
    "reward.held": reward_held,
    "reward.awaited": reward_awaited,
    "reward.captured": reward_captured,
    "reward.moved_up": reward_moved_up,
    "reward.released": reward_released,
    "reward.used": _reward_used,
    "reward.missed": reward_missed,
    "reward.cancelled": reward_cancelled,
    "member.referred": _member_referred,
    "referral.checked": referral_checked,
    "referral.approved": referral_approved,
    "referral.rejected": referral_rejected,
    "referral.rewarded": referral_rewarded,
    "award.released": award_released,
    "award.taken_back": award_taken_back,
    "leaderboard.joined": board_joined,
    "leaderboard.left": board_left,
    "leaderboard.won": board_won,
    "game.played": game_played,
    **dict.fromkeys(PUBLISHED, _published),
    **dict.fromkeys(REMOVALS, something_removed),
}
