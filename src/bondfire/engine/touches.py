"""What of a member's past an event can touch, so that no more than that is loaded (L20)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

import msgspec

from bondfire.engine.budgets import budgets_for
from bondfire.engine.model import MemberState
from bondfire.engine.past import BudgetKey, Purchase
from bondfire.engine.progress import Reward
from bondfire.engine.redeemed import price_of
from bondfire.engine.removals import PUBLISHED, REMOVALS, removed_by
from bondfire.engine.transfers import lots_sent_back
from bondfire.engine.turn import event_money, event_text
from bondfire.events import Event
from bondfire.kit import day_of
from bondfire.ledger import ZERO
from bondfire.programs import Program, Timeline


class Touches(msgspec.Struct, frozen=True, gc=False):
    """What of the past a decision about an event may read or change.

    Beside what is named here: the lots that its purchases and redemptions name, every lot that comes due up
    to the event, the lots that a return of its purchases may take from (see `may_be_taken_back`), and
    the uses of caps around it (see `cap_reach`).

    Attributes:
        order: the purchase with this number and the returns that wait for it, "" for none.
        purchases_since: every purchase from then on (a return that names no order, R18), None for none.
        redemption: the redemption of this event, "" for none.
        redemptions_of: every redemption of this order, "" for none; also of the orders that
            `purchases_since` finds, and of one that returns wait for.
        redemptions_in: every redemption of this unit that is not wholly restored, "" for none.
        paid: the order with this number, if something came back of it, "" for none.
        hold: the hold of this event, of this `source` if it has one, and what came back of its order, "" for
            none.
        spends: the unit that something is taken of, "" for none, from the lots that come first in the
            spending order; `amount`: how much at most.
        lots: the lots with these numbers.
        removes: source and id of the review or post that is gone; `published`: of the one that comes.
        prices: by unit, what a reward costs.
        reward: the redemption with this id, of this `source` if it has one, with what paid for it.
        takes: whether it may take from lots or give back to them; what only earns does not.
    """

    order: str = ""
    purchases_since: datetime | None = None
    redemption: str = ""
    redemptions_of: str = ""
    redemptions_in: str = ""
    paid: str = ""
    hold: str = ""
    source: str = ""
    spends: str = ""
    amount: Decimal = ZERO
    lots: frozenset[int] = frozenset()
    removes: tuple[str, str] | None = None
    published: tuple[str, str] | None = None
    prices: tuple[tuple[str, Decimal], ...] = ()
    reward: str = ""
    takes: bool = False


def touches(timeline: Timeline, event: Event) -> Touches:
    """What of the member's past `decide` may look at for this event."""
    order = event_text(event, "order")
    if event.type.startswith("order."):
        return _of_order(timeline, event, order)
    if event.type == "points.restored":
        named = event_text(event, "spend")
        return Touches(
            redemption=named,
            redemptions_of="" if named else order,
            redemptions_in="" if named or order else event_text(event, "unit"),
            takes=True,
        )
    if event.type in {"points.captured", "points.released"}:
        return Touches(hold=event_text(event, "hold"), source=event.source, paid=order, takes=True)
    if event.type == "points.sent_back":
        return Touches(lots=lots_sent_back(event), takes=True)
    if event.type in {"points.spent", "points.held", "points.sent", "points.adjusted"}:
        amount = event_money(event, "amount") or ZERO
        taken = max(ZERO, -amount) if event.type == "points.adjusted" else amount
        paid = order if event.type == "points.spent" else ""
        return Touches(spends=event_text(event, "unit"), amount=taken, takes=taken > 0, paid=paid)
    if event.type.startswith("reward."):
        return _of_reward(timeline, event, order)
    if event.type in {"award.released", "award.taken_back"}:
        number = event.body["lot"]
        return Touches(lots=frozenset({number} if isinstance(number, int) else ()), takes=True)
    if event.type == "game.played":
        game = timeline.at(event.occurred_at).program.games.get(event_text(event, "game"))
        unit, price = (game and game.price) or ("", ZERO)
        return Touches(spends=unit, amount=price, takes=price > 0)
    if event.type in REMOVALS:
        return Touches(removes=removed_by(event), takes=True)
    return Touches(published=event.identity) if event.type in PUBLISHED else Touches()


def _of_order(timeline: Timeline, event: Event, order: str) -> Touches:
    if event.type == "order.placed":
        return Touches(order or event.id)
    if order:
        return Touches(order=order, redemptions_of=order, takes=True)
    return Touches(purchases_since=event.occurred_at - _longest_window(timeline), takes=True)


def _of_reward(timeline: Timeline, event: Event, order: str) -> Touches:
    named = event_text(event, "redemption")
    if named:
        return Touches(reward=named, source=event.source, paid=order, takes=True)
    reward = timeline.at(event.occurred_at).program.rewards.get(event_text(event, "reward"))
    quantity = event.body.get("quantity")
    if reward is None or not isinstance(quantity, int):
        return Touches()
    prices = tuple(price_of(reward.price, quantity))
    return Touches(prices=prices, paid=order, takes=bool(prices))


def _longest_window(timeline: Timeline) -> timedelta:
    windows = [version.program.returns.window for version in timeline.versions]
    return max(timedelta(days=window.months * 31 + window.days + 1) for window in windows)


def may_be_taken_back(purchase: Purchase) -> dict[str, Decimal]:
    """How much of each unit a return of the purchase may still take, in the end from other lots (R9)."""
    left: dict[str, Decimal] = {}
    for granted in purchase.granted:
        part = sum(granted.lines, ZERO) - sum(granted.returned, ZERO)
        left[granted.unit] = left.get(granted.unit, ZERO) + part
    return left


def rewards_at_stake(state: MemberState) -> list[Reward]:
    """The rewards of challenges that a return or removal of what is at hand may take back."""
    if not state.challenges:
        return []
    at_hand = (*state.placed.values(), *state.published.values())
    names = sorted({name for placed in at_hand for name in placed.counted} & state.challenges.keys())
    return [reward for name in names for reward in state.challenges[name].rewards]


def budgets_in_reach(timeline: Timeline, state: MemberState, events: list[Event]) -> Iterator[BudgetKey]:
    """Every budget that deciding these events can take from or give back to.

    Args:
        timeline: the versions of the programme.
        state: the member with everything the events can touch.
        events: what will be decided.
    """
    for event in events:
        yield from budgets_for(timeline.at(event.occurred_at).program, event)
    for placed in (*state.placed.values(), *state.published.values()):
        yield from budgets_for(timeline.number(placed.version).program, placed.event)
    for reward in rewards_at_stake(state):
        yield from _of_step(timeline.number(reward.version).program, state, reward)


def _of_step(program: Program, state: MemberState, reward: Reward) -> Iterator[BudgetKey]:
    days = {day_of(state.ledger.lots[lot].earned_at, program.zone) for _, _, lot in reward.parts}
    for challenge in program.challenges.values():
        for funding in challenge.funding.values():
            yield from ((funding.budget.key, funding.budget.moment(day, program.zone)) for day in days)
