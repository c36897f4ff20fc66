"""Rewards are redeemed: in one step, or held and then captured, released or ended; or waited for."""

from datetime import datetime
from decimal import Decimal
from typing import cast

import msgspec

from bondfire.engine.caps import left_of_cap, use_cap
from bondfire.engine.errors import HoldOver, NoRedemption, NotOffered, NotPaid
from bondfire.engine.holding import let_go_parts, split_parts
from bondfire.engine.offering import check_affordable, check_offer, reward_named
from bondfire.engine.redeemed import (
    Parts,
    Redeemed,
    RewardPayment,
    RewardStatus,
    next_reward_due,
    price_of,
    redemption_named,
    remember,
)
from bondfire.engine.redemptions import redeem
from bondfire.engine.standing import grant
from bondfire.engine.tiers import TierGrant
from bondfire.engine.turn import Turn, event_money, event_text
from bondfire.engine.units import check_known
from bondfire.events import OWN_SOURCE, Event
from bondfire.kit import format_amount
from bondfire.ledger import ZERO, Cause, LotPart, capture, hold, spend
from bondfire.programs import Reward


def reward_redeemed(turn: Turn, event: Event) -> None:
    """Give a reward for its price, at once.

    Raises:
        UnknownReward, NotOffered: the member cannot have it, or nobody has claimed one of what is limited.
        NotPaid: its money was not paid.
        NotEnough: a wallet holds less; nothing is taken.
    """
    reward, quantity = _offered(turn, event)
    _check_claimed(reward, event)
    check_money(turn, reward, event, quantity)
    check_affordable(turn, reward, quantity)
    made = _made(turn, event, reward, "taken")
    made.code = event_text(event, "code")
    parts = []
    for unit, amount in price_of(reward.price, quantity):
        taken = spend(turn.book, turn.cause(event.id), unit=unit, amount=amount)
        for part in taken:
            turn.because("spent", unit=unit, amount=part.amount, lot=part.lot, order=made.order)
        parts.append((unit, list(taken)))
    _remember_payment(turn, event, made, parts, quantity=quantity)
    _give(turn, reward, made)
    _tell(turn, "reward_redeemed", made, quantity)


def reward_held(turn: Turn, event: Event) -> None:
    """Set a reward and its price aside until a moment; raises as `reward_redeemed`, and HoldOver."""
    reward, quantity = _offered(turn, event)
    _check_claimed(reward, event)
    _set_aside(turn, event, reward, "held", quantity=quantity)


def reward_awaited(turn: Turn, event: Event) -> None:
    """Set the price of a reward aside until one comes free; raises as `reward_redeemed`, and HoldOver."""
    reward, quantity = _offered(turn, event)
    if not reward.waiting_list:
        raise NotOffered(
            f"The reward {reward.name!r} has no waiting list.",
            next_step="Choose another one.",
            code="no_list",
        )
    _set_aside(turn, event, reward, "waiting", quantity=quantity)


def reward_captured(turn: Turn, event: Event) -> None:
    """Take what is held, all of it or a part; the rest stays held.

    Raises:
        NoRedemption: nothing is held under this id, or less.
        NotPaid: its money was not paid.
    """
    held, quantity = _open_and_quantity(turn, event, "held")
    reward = reward_of(turn, held)
    check_money(turn, reward, event, quantity)
    held.code = event_text(event, "code") or held.code
    held.order = event_text(event, "order") or held.order
    _take(turn, event, held, reward, quantity=quantity)
    _tell(turn, "reward_captured", held, quantity)


def reward_moved_up(turn: Turn, event: Event) -> None:
    """Give a member who waited what came free.

    Raises:
        NoRedemption: nobody waits under this id.
    """
    held, quantity = _open_and_quantity(turn, event, "waiting")
    _take(turn, event, held, reward_of(turn, held), quantity=quantity)
    _tell(turn, "reward_moved_up", held, quantity)


def reward_released(turn: Turn, event: Event) -> None:
    """Give up what is held or waited for, all of it or a part.

    Raises:
        NoRedemption: nothing is held or waited for under this id, or less.
    """
    held, quantity = _open_and_quantity(turn, event, "held", "waiting")
    parts = _split(held, held.open - quantity, rest_first=True)
    held.open -= quantity
    for unit, some in parts:
        let_go_parts(turn, turn.cause(event.id), some, program=turn.program, now=turn.now)
        for part in reversed(some):
            turn.because("let_go", unit=unit, amount=part.amount, lot=part.lot, order=held.order)
    _close_if_empty(turn, held, "released")
    _tell(turn, "reward_released", held, quantity)


def end_next_reward(turn: Turn) -> None:
    """Let go what is still held or waited for when its time is over, at its very instant."""
    held = next_reward_due(turn.state.rewards)
    assert held is not None, "it is due"  # noqa: S101
    until = cast("datetime", held.until)
    version = turn.timeline.at(until)
    cause, quantity = Cause("", version.number, until, until), held.open
    for _, parts in held.parts:
        let_go_parts(turn, cause, parts, program=version.program, now=until)
    held.open, held.parts = 0, []
    _close_if_empty(turn, held, "ended")
    _tell(turn, "reward_ended", held, quantity)
    turn.book.note(("reward_ended", held.key))
    turn.book.seal()


def reward_of(turn: Turn, held: Redeemed) -> Reward:
    """What a redemption is of, by the version that it was made by."""
    return turn.timeline.number(held.version).program.rewards[held.reward]


def find_redemption(turn: Turn, event: Event) -> Redeemed:
    """The redemption that an event names.

    Raises:
        NoRedemption: there is none, or it was so long ago that only the journal has it.
    """
    check_known(turn)
    name = event_text(event, "redemption")
    found = redemption_named(turn.state.rewards, event.source, name)
    if found is None:
        raise NoRedemption(
            f"The member has no redemption {name!r}.",
            next_step="Check the id; only the latest redemptions of a member can be changed.",
        )
    return found


def _offered(turn: Turn, event: Event) -> tuple[Reward, int]:
    reward, quantity = reward_named(turn, event_text(event, "reward")), cast("int", event.body["quantity"])
    check_offer(turn, reward, quantity)
    return reward, quantity


def _check_claimed(reward: Reward, event: Event) -> None:
    """Whoever competes for it needs a claim, which only bondfire can make; what has no end needs none."""
    if reward.is_shared and not (event.source == OWN_SOURCE and event.body.get("granted") is True):
        raise NotOffered(
            f"The reward {reward.name!r} is limited, and nobody has claimed one for this event.",
            next_step="Redeem it with POST /v1/members/{member}/redemptions.",
            code="not_claimed",
        )


def check_money(turn: Turn, reward: Reward, event: Event, quantity: int) -> None:
    """Refuse unless the money of the price was paid; it is paid at the shop, which says so.

    Raises:
        NotPaid: it was not, or another amount.
    """
    due, paid = reward.money * quantity, event_money(event, "paid") or ZERO
    if paid != due:
        currency = turn.program.currency
        raise NotPaid(
            f"{format_amount(due)} {currency} are to be paid beside the points, and "
            f"{format_amount(paid)} were.",
            next_step="Take the money first, and say so in `paid`."
            if due
            else "Leave `paid` out: this reward costs no money.",
        )


def _made(turn: Turn, event: Event, reward: Reward, status: RewardStatus) -> Redeemed:
    return Redeemed(
        event.source,
        event.id,
        reward.name,
        turn.effective_at,
        turn.version.number,
        status,
        parts=[],
        payments=[],
        order=event_text(event, "order"),
    )


def _set_aside(turn: Turn, event: Event, reward: Reward, status: RewardStatus, *, quantity: int) -> None:
    until = cast("datetime", event.body["until"])
    if until <= turn.now:
        raise HoldOver(
            f"Its end, {until:%Y-%m-%dT%H:%M:%SZ}, was over when it came.", next_step="Choose a later end."
        )
    check_affordable(turn, reward, quantity)
    made = _made(turn, event, reward, status)
    made.open, made.until = quantity, until
    ends = {"until": until.isoformat()}
    for unit, amount in price_of(reward.price, quantity):
        parts = hold(turn.book, turn.cause(event.id), unit=unit, amount=amount)
        for part in parts:
            turn.because("held", unit=unit, amount=part.amount, lot=part.lot, order=made.order, values=ends)
        made.parts.append((unit, list(parts)))
    remember(turn.state.rewards, made)
    _tell(turn, "reward_held" if status == "held" else "reward_awaited", made, quantity, ends=ends)


def _open_and_quantity(turn: Turn, event: Event, *statuses: RewardStatus) -> tuple[Redeemed, int]:
    held = find_redemption(turn, event)
    if held.status not in statuses:
        raise NoRedemption(
            f"The redemption {held.event!r} is {held.status}, not {' or '.join(statuses)}.",
            next_step="Read the member's redemptions to see what can be done.",
        )
    quantity = cast("int", event.body.get("quantity", held.open))
    if quantity > held.open:
        raise NoRedemption(
            f"{quantity} were asked for, but {held.open} of {held.event!r} are open.",
            next_step="Ask for fewer, or leave the quantity out for all of them.",
        )
    return held, quantity


def _split(held: Redeemed, first: int, *, rest_first: bool = False) -> Parts:
    """Cut what is set aside behind so many: one side is given back, the other stays."""
    cut: Parts = []
    kept: Parts = []
    for unit, parts in held.parts:
        each = sum((part.amount for part in parts), ZERO) / held.open
        one, other = split_parts(parts, each * first)
        cut.append((unit, other if rest_first else one))
        kept.append((unit, one if rest_first else other))
    held.parts = [(unit, parts) for unit, parts in kept if parts]
    return [(unit, parts) for unit, parts in cut if parts]


def _take(turn: Turn, event: Event, held: Redeemed, reward: Reward, *, quantity: int) -> None:
    parts = _split(held, quantity)
    held.open -= quantity
    for unit, some in parts:
        capture(turn.book, turn.cause(event.id), unit=unit, parts=some)
        for part in some:
            turn.because("captured", unit=unit, amount=part.amount, lot=part.lot, order=held.order)
    _remember_payment(turn, event, held, parts, quantity=quantity)
    _give(turn, reward, held)
    _close_if_empty(turn, held, "taken")


def _close_if_empty(turn: Turn, held: Redeemed, status: RewardStatus) -> None:
    """Nothing is open any more: it moves to the rest, where it was taken if anything of it was."""
    if held.open:
        return
    held.status = "taken" if held.payments else status
    held.until = None
    turn.state.rewards.remove(held)
    remember(turn.state.rewards, held)


def _remember_payment(
    turn: Turn, event: Event, made: Redeemed, parts: list[tuple[str, list[LotPart]]], *, quantity: int
) -> None:
    """What it was paid with, so that it can be given back, and that it counts for the limits."""
    keys = []
    for place, (unit, some) in enumerate(parts):
        named = _as_spending(event, unit) if place else event
        redeem(turn, named, unit=unit, order=made.order, parts=some)
        keys.append(named.identity)
    made.payments.append(RewardPayment(turn.effective_at, quantity, keys))
    for cap in reward_of(turn, made).limits:
        use_cap(turn.state, cap.key, left_of_cap(turn, cap)[1], Decimal(quantity))


def _as_spending(event: Event, unit: str) -> Event:
    """The event as the spending of a further unit, under an id that no sender can have."""
    name = f"{event.source}/{event.id}/{unit}"
    return msgspec.structs.replace(event, source=OWN_SOURCE, id=name)


def _give(turn: Turn, reward: Reward, made: Redeemed) -> None:
    """What taking it gives at once: a tier; and until when it gives anything."""
    if made.status == "taken" and made not in turn.state.rewards:
        remember(turn.state.rewards, made)
    if reward.window is not None:
        made.ends_at = reward.window.closes_at
    upgrade = reward.upgrade
    if upgrade is None or upgrade.tier_set not in turn.program.tier_sets:
        return
    tier_set = turn.program.tier_sets[upgrade.tier_set]
    at, zone = turn.effective_at, turn.program.zone
    until = upgrade.lasts.after(at, zone) if upgrade.lasts else cast("datetime", upgrade.until)
    before = [one.until for one in turn.state.standings[tier_set.name].grants if one.tier == upgrade.tier]
    made.ends_at = until = max([until, *before])
    if until > turn.now:
        grant(turn, tier_set, TierGrant(upgrade.tier, until, f"reward {reward.name}"))


def _tell(
    turn: Turn, code: str, made: Redeemed, quantity: int, *, ends: dict[str, str] | None = None
) -> None:
    values = {"redemption": made.event} | (ends or {})
    turn.because(
        code, rule=f"reward/{made.reward}", order=made.order, amount=Decimal(quantity), values=values
    )
