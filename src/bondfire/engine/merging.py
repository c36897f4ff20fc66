"""Two accounts of one person become one (G1): one hands everything over, the other takes it and counts on.

Each side is a decision about one member, as with a transfer. The survivor keeps their own joining day, so
membership years go on as they were; what they have themselves goes before what comes over where both bear one
name: an order number, the id of a spending or hold, an attribute.
"""

from bondfire.engine.belongings import (
    hand_over_referral,
    unite_boards,
    unite_coupons,
    unite_referral,
    unite_rewards,
)
from bondfire.engine.boards import leave_all
from bondfire.engine.errors import MemberMerged
from bondfire.engine.estate import (
    Estate,
    behind,
    debts_of,
    former_of,
    held_parts,
    read_estate,
    renumber,
)
from bondfire.engine.model import MemberState
from bondfire.engine.past import Brought
from bondfire.engine.pseudonyms import shown_member
from bondfire.engine.returns import settle_parked
from bondfire.engine.turn import Turn, decided_by, event_text
from bondfire.engine.uniting import add_badges, unite_caps, unite_challenges, unite_standings
from bondfire.engine.units import check_known
from bondfire.events import Event
from bondfire.kit import parse_id, untagged
from bondfire.ledger import UNDECIDED, Lot, hand_over, take_over, unite_slides


def check_not_merged(turn: Turn) -> None:
    """Refuse what comes to an account that is part of another one.

    Raises:
        MemberMerged: it is.
    """
    into = turn.state.merged_into
    if into is not None:
        raise MemberMerged(
            f"This account became part of {shown_member(into)}.", next_step="Send it under that one."
        )


def member_merged(turn: Turn, event: Event) -> None:
    """Hand everything over; what is left is the history of an account that nobody has any more."""
    check_known(turn)
    state, into = turn.state, event_text(event, "into")
    turn.because("merged", note=f"{into}: {decided_by(event)}")
    held = held_parts(state.holds.values(), state.rewards)
    for lot in hand_over(turn.book, turn.cause(event.id), held):
        _tell(turn, "handed_over", lot, into)
    hand_over_referral(turn)
    for order in sorted(state.parked):
        state.unpark(order)
    state.merged_into, state.joined_at = parse_id("mem", into), None
    state.attributes, state.holds, state.standings = {}, {}, {}
    state.challenges, state.badges, state.formerly = {}, {}, []
    state.rewards, state.coupons, state.coupon_counts = [], {}, {}
    state.has_ordered, state.plays, state.seats = False, {}, {}
    leave_all(turn)


def _tell(turn: Turn, code: str, lot: Lot, account: str) -> None:
    """A lot went over; one that is held for a person is so on the other side."""
    about = {"unit": lot.unit, "amount": lot.left, "lot": lot.number}
    if lot.available_at == UNDECIDED:
        turn.because(f"award_{code}", rule=lot.rule, note=f"held under {account}", **about)
    else:
        turn.because(code, note=account, **about)


def member_absorbed(turn: Turn, event: Event) -> None:
    """Take over everything of another account, and count on as if it had always been one.

    Raises:
        UnknownMember: nobody is known here.
        Overflow: a balance would be beyond 10^15; then nothing is taken.
    """
    check_known(turn)
    state, other = turn.state, event_text(event, "from")
    estate, former = read_estate(event_text(event, "estate")), parse_id("mem", other)
    before = state.ledger.next_lot - 1
    renumber(estate, before)
    _take_over(turn, event, estate, before)
    turn.because("absorbed", note=f"{other}: {decided_by(event)}")
    for lot in estate.lots:
        if lot.left:
            _tell(turn, "taken_over", lot, other)
    state.attributes = {
        **{name: untagged(value) for name, value in estate.attributes.items()},
        **state.attributes,
    }
    state.has_joined = state.has_joined or estate.has_joined
    state.has_ordered = state.has_ordered or estate.has_ordered
    unite_coupons(state, estate)
    _remember(state, estate, other)
    _bring(state, before)
    state.formerly = [*state.formerly, former_of(estate, former, before), *estate.formerly]
    unite_caps(turn, estate.cap_used, joined_at=estate.joined_at)
    unite_standings(turn, estate.standings, joined_at=estate.joined_at)
    add_badges(state.badges, estate.badges)
    unite_challenges(turn, estate.challenges, event=event.id)
    unite_boards(turn, estate)
    unite_referral(turn, estate)
    for order in sorted(state.parked):
        if order in state.placed or order in state.purchases:
            settle_parked(turn, order)


def _take_over(turn: Turn, event: Event, estate: Estate, before: int) -> None:
    ledger = turn.state.ledger
    unite_slides(ledger, estate.sliding, lots_before=before)
    held, debts = held_parts(estate.holds, estate.rewards), debts_of(estate)
    take_over(turn.book, turn.cause(event.id), estate.lots, held=held, debts=debts)


def _remember(state: MemberState, estate: Estate, other: str) -> None:
    """Know what was paid, held and returned; what bears the name of something that is here gets its own."""
    for purchase in estate.purchases:
        for granted in purchase.granted:
            granted.entry = state.ledger.lots[granted.lot].entry
        if purchase.order not in state.placed and purchase.order not in state.purchases:
            state.purchases[purchase.order] = purchase
            state.changed_purchases.add(purchase.order)
    now_called = {}
    for redemption in estate.redemptions:
        before = redemption.key
        if before in state.redemptions:
            redemption.event = f"{redemption.event} of {other}"
        now_called[before] = redemption.key
        state.add_redemption(redemption)
        state.changed_redemptions.add(redemption.key)
    unite_rewards(state, estate.rewards, other, now_called)
    for held in estate.holds:
        if held.key in state.holds:
            held.event = f"{held.event} of {other}"
        state.holds[held.key] = held
    for order, waiting in sorted(estate.parked.items()):
        for returned in waiting:
            state.park(order, returned)


def _bring(state: MemberState, before: int) -> None:
    """What the other had placed and published, as far as it is at hand."""
    brought, state.brought = state.brought or Brought(), None
    for order, placed in brought.placed.items():
        state.placed.setdefault(order, behind(placed, before, state.joined_at))
    for key, published in brought.published.items():
        state.published.setdefault(key, behind(published, before, state.joined_at))
    state.removed |= brought.removed
