"""Returns: the inverse of the decision a purchase is pinned to, in whole or in part."""

from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from bondfire.engine.budgets import funding_of, give_back_to_budget
from bondfire.engine.caps import is_of_cap, use_cap
from bondfire.engine.challenges import recounted, take_back_progress
from bondfire.engine.counting import DECIMALS, take_back_counted
from bondfire.engine.coupons import settle_coupons
from bondfire.engine.errors import ReturnTooLarge, WrongCurrency
from bondfire.engine.occasion import occasion_of
from bondfire.engine.past import CapUse, Granted, Parked, Purchase, ReturnedLine, TierCredit
from bondfire.engine.purchases import purchase_of, what_is_left
from bondfire.engine.redemptions import give_back_paid
from bondfire.engine.referring import order_came_back
from bondfire.engine.scoring import score, score_visit
from bondfire.engine.sliding import tell_kept_alive
from bondfire.engine.standing import credit
from bondfire.engine.taking import take_back_lot
from bondfire.engine.turn import Turn, event_money, event_text
from bondfire.errors import BondfireError
from bondfire.events import Event
from bondfire.kit import EXACT, format_amount, quantise, split_largest_remainder
from bondfire.ledger import ZERO
from bondfire.programs import Program

MONEY_DECIMALS = 6


class Share(NamedTuple):
    """So much money of one line of a purchase comes back."""

    purchase: Purchase
    line: int
    amount: Decimal


def returned_of(turn: Turn, event: Event) -> Parked:
    """What an event gives back, as it is kept when it must wait for its purchase."""
    lines: Any = event.body.get("lines") or ()
    return Parked(
        event=event.id,
        occurred_at=event.occurred_at,
        lines=tuple(ReturnedLine(line.get("sku", ""), line["amount"]) for line in lines),
        total=event_money(event, "total"),
        currency=event_text(event, "currency") if turn.program.exchange else "",
    )


def order_returned(turn: Turn, event: Event) -> None:
    """Take back what the returned goods earned.

    A return that names its order is settled against it, or parked until the order comes (R16). One that
    names none is matched to the latest purchases; what cannot be matched is left for a person (R18).

    Raises:
        ReturnTooLarge: more comes back than is left of the order (R4); nothing is posted.
        WrongCurrency: it is in another currency than its order (U11).
    """
    order, returned = event_text(event, "order"), returned_of(turn, event)
    purchase = purchase_of(turn, order) if order else None
    if not order:
        _return_without_order(turn, returned)
    elif purchase is not None:
        settle(turn, purchase, returned)
    else:
        turn.state.park(order, returned)
        turn.because("parked", order=order)


def order_cancelled(turn: Turn, event: Event) -> None:
    """Take back everything that is left of an order."""
    order = event_text(event, "order")
    whole = Parked(event.id, event.occurred_at, (), None, cancels=bool(turn.program.coupons))
    purchase = purchase_of(turn, order)
    if purchase is not None:
        settle(turn, purchase, whole)
    else:
        turn.state.park(order, whole)
        turn.because("parked", order=order)


def settle_parked(turn: Turn, order: str) -> None:
    """Settle the returns that came before their purchase (R16)."""
    for parked in turn.state.unpark(order):
        purchase = purchase_of(turn, order)
        assert purchase is not None, "it was placed just now"  # noqa: S101
        try:
            settle(turn, purchase, parked)
        except BondfireError as refusal:
            turn.because(refusal.code, order=order, note=f"return {parked.event}: {refusal.message}")
        else:
            turn.because("settled", order=order, note=parked.event)


def settle(turn: Turn, purchase: Purchase, returned: Parked) -> None:
    """Take back the returned part of one purchase."""
    paid_in = _currency_of(turn, purchase)
    if returned.currency and returned.currency != paid_in:
        raise WrongCurrency(
            f"Order {purchase.order} was paid in {paid_in}, and its return is in {returned.currency}.",
            next_step=f"Send what comes back in {paid_in}; it counts at the rate of the order.",
        )
    _apply(turn, returned, _shares_of(purchase, returned))


def _currency_of(turn: Turn, purchase: Purchase) -> str:
    placed = turn.state.placed.get(purchase.order)
    return event_text(placed.event, "currency") if placed is not None else ""


def _shares_of(purchase: Purchase, returned: Parked) -> list[Share]:
    named = len(purchase.lines) > 1 or (purchase.lines and purchase.lines[0].sku != "")
    if named and any(line.sku for line in returned.lines):
        return _shares_by_article(purchase, returned.lines)
    total = returned.total
    if total is None:
        total = sum((line.amount for line in returned.lines), ZERO) if returned.lines else purchase.left
    return _shares_by_value(purchase, total)


def _shares_by_article(purchase: Purchase, lines: tuple[ReturnedLine, ...]) -> list[Share]:
    shares, left = [], [line.left for line in purchase.lines]
    for returned in lines:
        rest = returned.amount
        for position, line in enumerate(purchase.lines):
            part = _least(rest, left[position]) if line.sku == returned.sku else ZERO
            if part:
                shares.append(Share(purchase, position, part))
                left[position] -= part
                rest -= part
        if rest:
            raise _too_large(purchase, f"of {returned.sku!r} ", returned.amount, returned.amount - rest)
    total = sum((share.amount for share in shares), ZERO)
    if total > purchase.left:
        raise _too_large(purchase, "", total, purchase.left)
    return shares


def _least(asked: Decimal, left: Decimal) -> Decimal:
    """As much of what is asked as is left, of the same sign: discounts are lines below zero."""
    if asked > 0 and left > 0:
        return min(asked, left)
    return max(asked, left) if asked < 0 and left < 0 else ZERO


def _shares_by_value(purchase: Purchase, total: Decimal) -> list[Share]:
    left = [max(ZERO, line.left) for line in purchase.lines]
    if total > purchase.left:
        raise _too_large(purchase, "", total, purchase.left)
    if total == purchase.left:
        return [Share(purchase, i, line.left) for i, line in enumerate(purchase.lines)]
    parts = split_largest_remainder(total, left, MONEY_DECIMALS)
    return [Share(purchase, position, part) for position, part in enumerate(parts) if part]


def _too_large(purchase: Purchase, of_what: str, asked: Decimal, left: Decimal) -> ReturnTooLarge:
    return ReturnTooLarge(
        f"{format_amount(asked)} {of_what}should come back to order {purchase.order}, "
        f"but {format_amount(left)} is left to return.",
        next_step="Check the amount, or whether the return was sent before under another id.",
    )


def _return_without_order(turn: Turn, returned: Parked) -> None:
    candidates = _candidates(turn, returned)
    shares, unmatched = _match_articles(candidates, returned) if returned.lines else ([], returned.lines)
    if not shares and returned.total is not None:
        same_value = next((one for one in candidates if one.left == returned.total), None)
        if same_value is not None:
            shares, unmatched = _shares_by_value(same_value, returned.total), ()
    for order in dict.fromkeys(share.purchase.order for share in shares):
        turn.because("matched", order=order)
    if shares:
        _apply(turn, returned, shares)
    rest = sum((line.amount for line in unmatched), ZERO) if returned.lines else returned.total
    if unmatched or not shares:
        skus = ", ".join(dict.fromkeys(line.sku for line in unmatched[:20]))
        note = f"no purchase in the return window fits {skus}".rstrip()
        turn.because("unmatched", amount=rest, note=note)


def _candidates(turn: Turn, returned: Parked) -> list[Purchase]:
    """The member's purchases that a return without an order may belong to, newest first."""
    program, state = turn.program, turn.state

    def fits(bought_at: datetime) -> bool:
        until = program.returns.window.after(bought_at, program.zone)
        return bought_at <= returned.occurred_at < until

    for order in [order for order, placed in state.placed.items() if fits(placed.event.occurred_at)]:
        purchase_of(turn, order)
    in_window = [
        purchase
        for purchase in state.purchases.values()
        if fits(purchase.occurred_at) and returned.currency in {"", _currency_of(turn, purchase)}
    ]
    return sorted(in_window, key=lambda one: (one.occurred_at, one.order), reverse=True)


def _match_articles(
    candidates: list[Purchase], returned: Parked
) -> tuple[list[Share], tuple[ReturnedLine, ...]]:
    shares: list[Share] = []
    unmatched = []
    whole = {one.order: one.left for one in candidates}
    wanted = {back.sku for back in returned.lines}
    left: dict[tuple[str, int], Decimal] = {}
    places: dict[str, list[tuple[Purchase, int]]] = {}
    for one in candidates:
        for position, line in enumerate(one.lines):
            if line.sku in wanted:
                left[one.order, position] = line.left
                places.setdefault(line.sku, []).append((one, position))
    for back in returned.lines:
        rest = back.amount
        for purchase, position in places.get(back.sku, ()) if back.sku else ():
            order = purchase.order
            part = min(rest, left[order, position], whole[order])
            if part > 0:
                shares.append(Share(purchase, position, part))
                left[order, position] -= part
                whole[order] -= part
                rest -= part
        if rest > 0:
            unmatched.append(ReturnedLine(back.sku, rest))
    return shares, tuple(unmatched)


def _apply(turn: Turn, returned: Parked, shares: list[Share]) -> None:
    for order in dict.fromkeys(share.purchase.order for share in shares):
        own = [share for share in shares if share.purchase.order == order]
        _take_back_purchase(turn, own[0].purchase, own, event=returned.event)
        settle_coupons(turn, own[0].purchase, returned)


def _take_back_purchase(turn: Turn, purchase: Purchase, shares: list[Share], *, event: str) -> None:
    """Undo the returned part of a purchase.

    First the points that it was paid with come back (R11): what is taken back may come from them.
    """
    for share in shares:
        purchase.lines[share.line].returned += share.amount
    purchase.returns += 1
    turn.state.changed_purchases.add(purchase.order)
    give_back_paid(turn, purchase, event=event)
    take_back_awards(turn, purchase, event=event)
    if purchase.counted:
        _recount(turn, purchase, event=event)
    if not any(line.left for line in purchase.lines):
        pinned = turn.timeline.number(purchase.version).program
        tell_kept_alive(turn, pinned, "order.placed", purchase.granted)
    order_came_back(turn, purchase)


def take_back_awards(turn: Turn, purchase: Purchase, *, event: str) -> None:
    """Take back what the lines that have come back by now had earned."""
    pinned = turn.timeline.number(purchase.version).program
    for granted in purchase.granted:
        parts = _due_back(purchase, granted, pinned.units[granted.unit].decimals)
        if sum(parts, ZERO):
            _take_back_award(turn, purchase, granted, parts, event=event, pinned=pinned)
    for counted in purchase.tier_credits:
        _take_back_counted(turn, purchase, counted, pinned)
    for scored in purchase.scores:
        _take_back_score(turn, purchase, scored, pinned)


def _recount(turn: Turn, purchase: Purchase, *, event: str) -> None:
    """What is left of the order counts for challenges as if no more had been bought (R15)."""
    placed = turn.state.placed[purchase.order]
    pinned, left = turn.timeline.number(purchase.version).program, {}
    if any(line.left for line in purchase.lines):
        rest = what_is_left(placed.event, purchase)
        occasion = occasion_of(pinned, pinned.rules_on[rest.type], rest, placed.member)
        left = recounted(pinned, purchase.counted, rest, occasion)
    take_back_progress(turn, placed, purchase.counted, left, event=event, order=purchase.order)
    purchase.counted = left


def _take_back_counted(turn: Turn, purchase: Purchase, counted: TierCredit, pinned: Program) -> None:
    """Take back what the returned part counted for a tier set by itself; a visit goes with the last of it."""
    is_visit = pinned.tier_sets[counted.tier_set].by == "visits"
    if is_visit and any(line.left for line in purchase.lines):
        return
    parts = _due_back(purchase, counted, DECIMALS)
    counted.returned = [back + part for back, part in zip(counted.returned, parts, strict=True)]
    amount = sum(parts, ZERO)
    if amount:
        may_lower = _may_lower(turn, purchase, pinned)
        take_back_counted(turn, counted, amount, purchase.occurred_at, may_lower=may_lower)


def _take_back_score(turn: Turn, purchase: Purchase, scored: TierCredit, pinned: Program) -> None:
    """Take back what the returned part counted for a leaderboard; a visit goes with the last of it."""
    is_visit = pinned.boards[scored.tier_set].by == "visits"
    if is_visit and any(line.left for line in purchase.lines):
        return
    parts, board = _due_back(purchase, scored, DECIMALS), turn.program.boards.get(scored.tier_set)
    scored.returned = [back + part for back, part in zip(scored.returned, parts, strict=True)]
    amount = sum(parts, ZERO)
    if board is not None and amount and is_visit:
        score_visit(turn, board, purchase.occurred_at, -1)
    elif board is not None and amount:
        score(turn, board, -amount, purchase.occurred_at)


def _may_lower(turn: Turn, purchase: Purchase, pinned: Program) -> bool:
    """Whether what comes back now takes tiers back at once (R8)."""
    return turn.effective_at < pinned.returns.window.after(purchase.occurred_at, pinned.zone)


def _due_back(purchase: Purchase, granted: Granted | TierCredit, decimals: int) -> list[Decimal]:
    """What must go back for each line by now, less what has; the last return takes the rounding rest (R3)."""
    is_whole = not any(line.left for line in purchase.lines)
    due = []
    for line, earned, back in zip(purchase.lines, granted.lines, granted.returned, strict=True):
        if is_whole or (line.amount and not line.left):
            due.append(earned - back)
        elif not earned or not line.amount:
            due.append(ZERO)
        else:
            share = EXACT.divide(EXACT.multiply(earned, line.returned), line.amount)
            due.append(quantise(share, decimals) - back)
    return due


def _take_back_award(
    turn: Turn, purchase: Purchase, granted: Granted, parts: list[Decimal], *, event: str, pinned: Program
) -> None:
    amount = sum(parts, ZERO)
    _give_back_caps(turn, purchase, granted, amount)
    funding = funding_of(pinned, granted.rule, granted.unit)
    give_back_to_budget(turn, pinned, funding, amount, at=purchase.occurred_at)
    granted.returned = [back + part for back, part in zip(granted.returned, parts, strict=True)]
    lot = turn.state.ledger.lots[granted.lot]
    cause = turn.cause(event, rule=granted.rule, version=purchase.version, reverses=granted.entry)
    taken = take_back_lot(
        turn,
        pinned,
        cause,
        lot,
        amount=amount,
        order=purchase.order,
        lines=parts,
        lapsed_before=granted.lapsed,
    )
    granted.lapsed += taken.lapsed
    may_lower = _may_lower(turn, purchase, pinned)
    credit(turn, granted.unit, -amount, purchase.occurred_at, may_lower=may_lower)


def _give_back_caps(turn: Turn, purchase: Purchase, granted: Granted, amount: Decimal) -> None:
    """Give back what an award used of its caps, in the part in which it is taken back itself (R15)."""
    left = sum(granted.lines, ZERO) - sum(granted.returned, ZERO)
    kept = []
    for use in purchase.cap_uses:
        if not is_of_cap(use.cap, granted.rule, granted.unit):
            kept.append(use)
            continue
        part = use.amount
        if amount < left:
            part = quantise(EXACT.divide(EXACT.multiply(use.amount, amount), left), 6)
            kept.append(CapUse(use.cap, use.moment, use.amount - part))
        use_cap(turn.state, use.cap, use.moment, -part)
    purchase.cap_uses = kept
