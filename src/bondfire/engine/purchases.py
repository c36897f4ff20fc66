"""An order as a return sees it: its lines, and what each of them earned."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Final

import msgspec

from bondfire.engine.caps import cap_moment
from bondfire.engine.counting import DECIMALS, ONE, counted_amount, counted_occasion
from bondfire.engine.earning import AwardFailed, factor_of, line_amounts, number, rounded_lines
from bondfire.engine.occasion import MONEY_DECIMALS, Occasion, Seen, lines_of, occasion_of
from bondfire.engine.past import CapUse, Granted, Placed, Purchase, PurchaseLine, TierCredit
from bondfire.engine.turn import Turn, event_text
from bondfire.events import Event
from bondfire.kit import EXACT, Weights, day_of, quantise
from bondfire.ledger import ZERO, Lot
from bondfire.programs import Award as Offer
from bondfire.programs import Board, EarnRule, Program, RuleSet, TierSet, Timeline, rule_set
from bondfire.rules import EvaluationError, Expression

_NO_RULES = rule_set(())
QUANTITY_DECIMALS: Final = 3


def order_number(event: Event) -> str:
    """The number of the order that was placed: its own, else the event's id."""
    return event_text(event, "order") or event.id


def purchase_of(turn: Turn, order: str) -> Purchase | None:
    """The member's purchase with this number, opened if nothing has come back of it yet."""
    state = turn.state
    placed = state.placed.get(order)
    if placed is not None and order not in state.purchases:
        lots = [state.ledger.lots[number] for number in placed.lots]
        state.purchases[order] = open_purchase(turn.timeline, placed, lots)
    return state.purchases.get(order)


def open_purchase(timeline: Timeline, placed: Placed, lots: Iterable[Lot]) -> Purchase:
    """The order with everything that a return needs: made by the version that decided it, as it was then.

    What is no order, but can be removed, is one thing that comes back whole.

    Args:
        timeline: the versions of the programme.
        placed: the order.
        lots: those its awards made, in their order.
    """
    event, program = placed.event, timeline.number(placed.version).program
    rules = program.rules_on.get(event.type, _NO_RULES)
    occasion = occasion_of(program, rules, event, placed.member)
    is_order = event.type == "order.placed"
    by_id = {rule.id: rule for rule in rules.rules}
    granted: list[Granted] = []
    uses: list[CapUse] = []
    for lot in lots:
        rule = by_id[lot.rule]
        offer = next(one for one in rule.awards if one.unit == lot.unit)
        lines = split(program, rule, offer, lot.amount, occasion=occasion) if is_order else [lot.amount]
        granted.append(Granted(rule.id, lot.unit, lot.number, lot.entry, lines, [ZERO] * len(lines)))
        uses += _uses_of(program, placed, offer, lot)
    return Purchase(
        order=order_number(event) if is_order else "",
        event=event.id,
        occurred_at=event.occurred_at,
        version=placed.version,
        lines=[PurchaseLine(line.get("sku", ""), line["amount"]) for line in lines_of(event.body)]
        if is_order
        else [PurchaseLine("", Decimal(1))],
        granted=granted,
        cap_uses=uses,
        counted=placed.counted,
        tier_credits=list(_counted(program, placed)) if placed.counts and program.counting else [],
        scores=list(_scored(program, placed)) if placed.counts and program.scoring else [],
    )


def _counted(program: Program, placed: Placed) -> Iterator[TierCredit]:
    """What it counted for tier sets by itself, of an order split over its lines."""
    counting = program.counting.get(placed.event.type)
    if counting is not None:
        yield from _credits(program, placed, counting.rules, counting.tier_sets)


def _scored(program: Program, placed: Placed) -> Iterator[TierCredit]:
    """The same for leaderboards."""
    scoring = program.scoring.get(placed.event.type)
    if scoring is not None:
        yield from _credits(program, placed, scoring.rules, scoring.boards)


def _credits(
    program: Program, placed: Placed, values: RuleSet, counted: Sequence[TierSet | Board]
) -> Iterator[TierCredit]:
    occasion = counted_occasion(program, values, placed.event)
    is_order = placed.event.type == "order.placed"
    nothing = [ZERO] * (len(occasion.lines) if is_order else 1)
    for each in counted:
        if each.value is None:
            yield TierCredit(each.name, [ONE, *nothing[1:]], nothing.copy())
            continue
        try:
            amount = counted_amount(each, occasion)
        except (EvaluationError, AwardFailed):
            continue
        lines = [amount]
        if is_order:
            weights = _weights(each.value, occasion, occasion.seen_for_status)
            lines = _over_lines(occasion, weights.split(amount, DECIMALS))
        yield TierCredit(each.name, lines, nothing.copy())


def what_is_left(event: Event, purchase: Purchase) -> Event:
    """The order without what has come back of it by now."""
    body: Seen = {**event.body, "total": purchase.left}
    paid, total = body.get("paid_with_points"), event.body["total"]
    if paid and isinstance(total, Decimal) and total:
        share = EXACT.divide(EXACT.multiply(paid, purchase.left), total)
        body["paid_with_points"] = quantise(share, MONEY_DECIMALS)
    sent: list[Seen] = body.get("lines") or []
    if sent:
        lines = zip(sent, purchase.lines, strict=True)
        body["lines"] = [_left_of(line, one) for line, one in lines if one.left]
        still = {word for line in body["lines"] for word in line["categories"]}
        gone = {word for line in sent for word in line["categories"]} - still
        body["categories"] = [word for word in body["categories"] if word not in gone]
    return msgspec.structs.replace(event, body=body)


def _left_of(line: Seen, one: PurchaseLine) -> Seen:
    left = {**line, "amount": one.left}
    if "quantity" in line and one.returned:
        share = EXACT.divide(EXACT.multiply(line["quantity"], one.left), one.amount)
        left["quantity"] = quantise(share, QUANTITY_DECIMALS)
    return left


def _uses_of(program: Program, placed: Placed, offer: Offer, lot: Lot) -> list[CapUse]:
    """What an award used of the caps of its rule: of a cap on the base the base, as far as the cap let it."""
    moment = placed.event.occurred_at
    day = day_of(moment, program.zone)
    uses = [
        CapUse(
            cap.key,
            cap_moment(cap, program, day, moment, joined_at=placed.joined_at),
            lot.amount if cap.counts == "final" else placed.used[lot.number],
        )
        for cap in offer.caps
        if cap.window != "event"
    ]
    return list(dict.fromkeys(uses))


def split(
    program: Program, rule: EarnRule, offer: Offer, amount: Decimal, *, occasion: Occasion
) -> list[Decimal]:
    """The award of each line of the order, adding up to it (U1); lines that do not earn have none."""
    unit = program.units[offer.unit]
    seen = occasion.seen_for_status if unit.qualifying else occasion.seen
    if offer.per_line:
        lines = line_amounts(rule, offer, occasion, seen)
        weights = Weights(rounded_lines(rule, offer, factor_of(rule, seen), lines))
    else:
        weights = _weights(offer.amount, occasion, seen)
    return _over_lines(occasion, weights.split(amount, unit.decimals))


def _over_lines(occasion: Occasion, parts: list[Decimal]) -> list[Decimal]:
    """The parts of the earning lines among all lines of the order."""
    if len(parts) == len(occasion.lines):
        return parts
    shares = [ZERO] * len(occasion.lines)
    for position, share in zip(occasion.earning, parts, strict=True):
        shares[position] = share
    return shares


def _weights(amount: Expression, occasion: Occasion, seen: Seen) -> Weights:
    """What each line alone would have earned; where that says nothing, its money."""
    lines = occasion.earning_lines(seen)
    if len(lines) > 1 and any(path.startswith("event.lines") for path in amount.paths):
        alone = [_earned_alone(amount, seen, line) for line in lines]
        if any(alone):
            return Weights(alone)
    return occasion.money(seen)


def _earned_alone(amount: Expression, seen: Seen, line: Seen) -> Decimal:
    event = {**seen["event"], "lines": [line], "total": line["amount"]}
    try:
        return max(ZERO, number(amount, {**seen, "event": event}))
    except (EvaluationError, AwardFailed):
        return ZERO
