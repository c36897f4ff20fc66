"""What an event earns: each rule in its order, its amount, its factor, its caps, and its reason."""

from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from bondfire.engine.basket import Basket
from bondfire.engine.caps import cap_key, cap_moment, left_of_cap, use_cap
from bondfire.engine.model import CapUse, Granted, MemberState
from bondfire.engine.standing import credit, tier_at
from bondfire.engine.turn import Turn, event_text
from bondfire.events import Event
from bondfire.kit import EXACT, MAX_AMOUNT, Weights, format_amount, quantise
from bondfire.ledger import ZERO, Overflow, earn
from bondfire.programs import Award, Cap, EarnRule, Program, Unit
from bondfire.rules import EvaluationError, Expression


class Planned(NamedTuple):
    """An award that will be posted, and how it came about."""

    rule: EarnRule
    unit: Unit
    amount: Decimal
    base: Decimal
    multiplier: Decimal | None
    clipped: Decimal
    lines: list[Decimal]
    values: dict[str, str]
    cap_uses: list[CapUse]


class Occasion(NamedTuple):
    """What rules look at: the event, the member at that time, and the basket of an order."""

    event: Event
    member: dict[str, Any]
    basket: Basket | None

    def seen(self, *, qualifying: bool = False) -> dict[str, Any]:
        """The variables of an expression; status awards never see what was paid with points (T2)."""
        view = self.basket.view(qualifying=qualifying) if self.basket else self.event.body
        return {"event": view, "member": self.member}


class _AwardFailed(Exception):
    """A rule's award could not be computed; the rule is skipped with this reason (U9)."""


def member_view(program: Program, state: MemberState, moment: datetime) -> dict[str, Any]:
    """The member as rules see them at a moment; a wallet nothing was ever in holds 0 (U10)."""
    wallets = state.ledger.wallets
    tiers = {name: tier_at(standing, moment) for name, standing in state.standings.items()}
    return {
        "id": str(state.id),
        "joined_at": state.joined_at,
        "tiers": {name: tier for name, tier in tiers.items() if tier is not None},
        "wallets": {unit: wallets[unit].active if unit in wallets else ZERO for unit in program.units},
        "attributes": state.attributes,
    }


def plan_awards(turn: Turn, event: Event, basket: Basket | None) -> list[Planned]:
    """Decide what each rule gives, without posting anything.

    Rules run by priority, ties by id. A rule that fails is passed over with its reason; the others go on.

    Raises:
        Overflow: the awards would take a balance beyond 10^15.
    """
    occasion = Occasion(event, member_view(turn.program, turn.state, turn.effective_at), basket)
    planned: list[Planned] = []
    taken: dict[str, str] = {}
    for rule in turn.program.rules_on.get(event.type, ()):
        hindrance = _hindrance(turn, rule, planned, taken)
        if hindrance:
            turn.because(hindrance[0], rule=rule.id, note=hindrance[1])
            continue
        given = _awards_of(turn, rule, occasion)
        planned += given
        if given and rule.group:
            taken[rule.group] = rule.id
    _refuse_overflow(turn, planned)
    return planned


def _hindrance(
    turn: Turn, rule: EarnRule, planned: list[Planned], taken: dict[str, str]
) -> tuple[str, str] | None:
    if not rule.runs_at(turn.effective_at):
        return "not_running", ""
    if rule.group and rule.group in taken:
        return "group_taken", f"{taken[rule.group]} came first in the group {rule.group}"
    if planned and not rule.stackable:
        return "not_stackable", f"{planned[0].rule.id} came first"
    if planned and not planned[0].rule.stackable:
        return "not_stackable", f"{planned[0].rule.id} does not share"
    return None


def _awards_of(turn: Turn, rule: EarnRule, occasion: Occasion) -> list[Planned]:
    seen = occasion.seen()
    try:
        if rule.when is not None and rule.when.evaluate(seen) is not True:
            turn.because("condition_false", rule=rule.id, values=_texts(rule.when, seen))
            return []
    except EvaluationError as error:
        turn.because("condition_failed", rule=rule.id, values=_texts(rule.when, seen), note=error.message)
        return []
    given = []
    for award in rule.awards:
        try:
            planned = _plan(turn, rule, award, occasion)
        except (EvaluationError, _AwardFailed) as error:
            turn.because("award_failed", rule=rule.id, unit=award.unit, note=str(error))
            continue
        if planned is not None:
            given.append(planned)
    return given


def _texts(expression: Expression | None, seen: dict[str, Any]) -> dict[str, str]:
    if expression is None:
        return {}
    return {path: _text(value) for path, value in expression.values(seen).items()}


def _text(value: object) -> str:
    if isinstance(value, Decimal):
        return format_amount(value)
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "1 line" if len(value) == 1 else f"{len(value)} lines"
    return str(value)[:200]


def _plan(turn: Turn, rule: EarnRule, award: Award, occasion: Occasion) -> Planned | None:
    unit = turn.program.units[award.unit]
    seen = occasion.seen(qualifying=unit.qualifying)
    factor = _number(rule.multiplier, seen) if rule.multiplier is not None else None
    if factor is not None and factor < 0:
        raise _AwardFailed(f"the multiplier is {format_amount(factor)}, below zero")
    lines = _line_amounts(rule, award, seen)
    base = sum(lines, ZERO) if award.per_line else max(ZERO, _number(award.amount, seen))
    full, allowed, uses = _apply_caps(turn, rule, unit, base=base, factor=factor, lines=lines)
    values = _texts(rule.when, seen) | ({} if award.per_line else _texts(award.amount, seen))
    if allowed <= 0:
        code = "cap_reached" if full > 0 else "nothing_earned"
        turn.because(code, rule=rule.id, unit=unit.name, amount=ZERO, base=base, clipped=full, values=values)
        return None
    rounded = _rounded_lines(rule, unit, factor, lines)
    split = _split(award, unit, allowed, lines=rounded, occasion=occasion)
    return Planned(rule, unit, allowed, base, factor, full - allowed, split, values, uses)


def _number(expression: Expression, seen: dict[str, Any]) -> Decimal:
    value = expression.evaluate(seen)
    if isinstance(value, Decimal):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    raise _AwardFailed(f"{expression.source} gave {value!r}, which is not an exact amount")


def _line_amounts(rule: EarnRule, award: Award, seen: dict[str, Any]) -> list[Decimal]:
    """What each earning line gives: only of per-line awards; a line below zero gives nothing (U2)."""
    if not award.per_line:
        return []
    amounts = []
    for line in seen["event"].get("lines", []):
        within = {**seen, "line": line}
        counts = rule.lines is None or rule.lines.evaluate(within) is True
        amounts.append(max(ZERO, _number(award.amount, within)) if counts else ZERO)
    return amounts


def _apply_caps(
    turn: Turn, rule: EarnRule, unit: Unit, *, base: Decimal, factor: Decimal | None, lines: list[Decimal]
) -> tuple[Decimal, Decimal, list[CapUse]]:
    """The award before and after its caps, and what it uses of them."""
    full = _rounded(rule, unit, base, factor=factor, lines=lines)
    allowed = full
    caps = [cap for cap in rule.caps if cap.unit == unit.name]
    for cap in caps:
        left = left_of_cap(turn, rule, cap)
        wanted = base if cap.counts == "base" else full
        if wanted > left:
            if cap.over == "nothing":
                return full, ZERO, []
            scaled = _rounded(rule, unit, left, factor=factor, lines=[]) if cap.counts == "base" else left
            allowed = min(allowed, quantise(scaled, unit.decimals))
    used = {"final": allowed, "base": min([base, *(_left_base(turn, rule, cap) for cap in caps)])}
    uses = [
        CapUse(cap_key(rule, cap), cap_moment(turn, cap), used[cap.counts])
        for cap in caps
        if cap.window != "event" and allowed
    ]
    return full, allowed, list(dict.fromkeys(uses))


def _left_base(turn: Turn, rule: EarnRule, cap: Cap) -> Decimal:
    return left_of_cap(turn, rule, cap) if cap.counts == "base" else MAX_AMOUNT


def _rounded(
    rule: EarnRule, unit: Unit, base: Decimal, *, factor: Decimal | None, lines: list[Decimal]
) -> Decimal:
    if rule.rounded == "line" and lines:
        return sum(_rounded_lines(rule, unit, factor, lines), ZERO)
    return quantise(_times(base, factor), unit.decimals, rule.rounding)


def _rounded_lines(rule: EarnRule, unit: Unit, factor: Decimal | None, lines: list[Decimal]) -> list[Decimal]:
    """What each line gives: rounded where the rule rounds lines, else what it weighs in the award (U1)."""
    if rule.rounded == "order":
        return lines
    return [quantise(_times(one, factor), unit.decimals, rule.rounding) for one in lines]


def _times(amount: Decimal, factor: Decimal | None) -> Decimal:
    return amount if factor is None else EXACT.multiply(amount, factor)


def _split(
    award: Award, unit: Unit, amount: Decimal, *, lines: list[Decimal], occasion: Occasion
) -> list[Decimal]:
    """The award of each line of the order, adding up to it (U1); lines that do not earn have none."""
    basket = occasion.basket
    if basket is None:
        return []
    weights = Weights(lines) if award.per_line else _weights(award, unit, occasion, basket)
    parts = weights.split(amount, unit.decimals)
    if len(parts) == len(basket.lines):
        return parts
    shares = [ZERO] * len(basket.lines)
    for position, share in zip(basket.earning, parts, strict=True):
        shares[position] = share
    return shares


def _weights(award: Award, unit: Unit, occasion: Occasion, basket: Basket) -> Weights:
    """What each line alone would have earned; where that says nothing, its money."""
    seen = occasion.seen(qualifying=unit.qualifying)
    lines = seen["event"]["lines"]
    if len(lines) > 1 and any(path.startswith("event.lines") for path in award.amount.paths):
        alone = [_earned_alone(award, seen, line) for line in lines]
        if any(alone):
            return Weights(alone)
    return basket.money(qualifying=unit.qualifying)


def _earned_alone(award: Award, seen: dict[str, Any], line: dict[str, Any]) -> Decimal:
    event = {**seen["event"], "lines": [line], "total": line["amount"]}
    try:
        return max(ZERO, _number(award.amount, {**seen, "event": event}))
    except (EvaluationError, _AwardFailed):
        return ZERO


def _refuse_overflow(turn: Turn, planned: list[Planned]) -> None:
    added: dict[str, Decimal] = {}
    for one in planned:
        added[one.unit.name] = added.get(one.unit.name, ZERO) + one.amount
    for unit, amount in added.items():
        if turn.state.ledger.wallet(unit).issued + amount > MAX_AMOUNT:
            raise Overflow(
                f"{format_amount(amount)} {unit} would take the wallet beyond 10^15.",
                next_step="Check the amounts of the event and of the rule.",
            )


def post_awards(turn: Turn, event: Event, planned: list[Planned]) -> list[Granted]:
    """Post what was planned: a lot each, caps used, tiers credited, a reason each."""
    granted = []
    for one in planned:
        zone, unit = turn.program.zone, one.unit
        available_at = unit.pending.after(turn.effective_at, zone) if unit.pending else turn.effective_at
        lot = earn(
            turn.book,
            turn.cause(event.id, rule=one.rule.id),
            unit=unit.name,
            amount=one.amount,
            available_at=available_at,
            expires_at=unit.expires_at(earned_at=turn.effective_at, available_at=available_at, zone=zone),
            now=turn.now,
        )
        for use in one.cap_uses:
            use_cap(turn, use)
        granted.append(
            Granted(one.rule.id, unit.name, lot.number, lot.entry, one.lines, [ZERO] * len(one.lines))
        )
        turn.because(
            "awarded",
            rule=one.rule.id,
            unit=unit.name,
            amount=one.amount,
            base=one.base,
            multiplier=one.multiplier,
            clipped=one.clipped or None,
            values=one.values,
            lines=one.lines,
            lot=lot.number,
            order=event_text(event, "order"),
        )
        credit(turn, unit.name, one.amount, turn.effective_at)
    return granted
