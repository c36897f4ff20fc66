"""What an event earns: each rule in its order, its amount, its factor, its caps, and its reason."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import msgspec

from bondfire.engine.budgets import fund
from bondfire.engine.caps import left_of_cap, use_cap
from bondfire.engine.occasion import Occasion, Seen
from bondfire.engine.reviewing import earn_within
from bondfire.engine.sliding import slide_awards
from bondfire.engine.standing import credit
from bondfire.engine.turn import Turn
from bondfire.events import Event
from bondfire.kit import EXACT, format_amount
from bondfire.ledger import ZERO, Cause, Grant, earn
from bondfire.programs import Award as Offer
from bondfire.programs import EarnRule, RuleSet, Terms
from bondfire.rules import EvaluationError, Expression, Hit


class Planned(msgspec.Struct, gc=False):
    """What a rule gives of one unit, and how it came about.

    Attributes:
        base: before the multiplier `factor` and the caps; `full`: before the caps; `amount`: after them.
        cap_uses: which caps it uses, in the windows that begin then, and whether those count the base.
        used: what of the base the caps on the base let it use, None without such caps.
        unfunded: what its budget does not pay.
    """

    rule: EarnRule
    offer: Offer
    base: Decimal
    factor: Decimal | None
    full: Decimal
    amount: Decimal = ZERO
    cap_uses: Sequence[tuple[str, datetime, bool]] = ()
    used: Decimal | None = None
    unfunded: Decimal = ZERO


class AwardFailed(Exception):
    """A rule's award could not be computed; the rule is skipped with this reason (U9)."""


def plan_awards(turn: Turn, rules: RuleSet, occasion: Occasion) -> list[Planned]:
    """Decide what each rule gives, without posting anything.

    Rules run by priority, ties by id. A rule that fails is passed over with its reason; the others go on.
    Those whose condition is false leave no reason here: that follows from the event (see `explained`).

    """
    planned: list[Planned] = []
    taken: dict[str, str] = {}
    is_one, free = occasion.seen is occasion.seen_for_status, rules.free
    for hit in rules.which(occasion.seen):
        place: int = hit[0]
        rule = rules.rules[place if place >= 0 else ~place]
        is_free = place >= 0 and free[place]
        if not is_free and not _may_give(turn, rule, hit, occasion=occasion, so_far=(planned, taken)):
            continue
        if len(hit) == 1 or not is_one:
            _evaluate(turn, rule, occasion=occasion, planned=planned)
        else:
            _take(turn, rule, hit, planned)
        if rule.group and planned and planned[-1].rule is rule:
            taken[rule.group] = rule.id
    return planned


def _take(turn: Turn, rule: EarnRule, hit: Hit, planned: list[Planned]) -> None:
    """Plan what a plain rule gives: its amounts are in the hit."""
    place = 0
    for offer in rule.awards:
        place += 1
        base = hit[place]
        if type(base) is not Decimal:
            try:
                base = exact(offer.amount, base)
            except AwardFailed as error:
                turn.because("award_failed", rule=rule.id, unit=offer.unit, note=str(error))
                continue
        full = offer.rounded(base)
        if full > 0 and not offer.is_limited:
            planned.append(Planned(rule, offer, base, None, full, full))
        else:
            _add(turn, Planned(rule, offer, base, None, full), planned)


def _may_give(
    turn: Turn,
    rule: EarnRule,
    hit: Hit,
    *,
    occasion: Occasion,
    so_far: tuple[list[Planned], dict[str, str]],
) -> bool:
    """Whether a rule whose condition holds or has no value gives something; if not it has its reason (U8)."""
    if not rule.runs_at(turn.effective_at) or _is_hindered(turn, rule, *so_far):
        return False
    if hit[0] < 0:
        turn.because("condition_failed", rule=rule.id, note=_failure_of(rule, occasion))
    return bool(hit[0] >= 0)


def _is_hindered(turn: Turn, rule: EarnRule, planned: list[Planned], taken: dict[str, str]) -> bool:
    """Whether what other rules have given keeps a rule from giving; then it has its reason (U8)."""
    if rule.group and rule.group in taken:
        values = {"first": taken[rule.group], "group": rule.group}
        turn.because("group_taken", rule=rule.id, values=values)
        return True
    if planned and not (rule.stackable and planned[0].rule.stackable):
        turn.because("not_stackable", rule=rule.id, values={"first": planned[0].rule.id})
        return True
    return False


def _failure_of(rule: EarnRule, occasion: Occasion) -> str:
    try:
        value = rule.when.evaluate(occasion.seen) if rule.when else True
    except EvaluationError as error:
        return error.message
    return f"it gave {value!r}"


def _evaluate(turn: Turn, rule: EarnRule, *, occasion: Occasion, planned: list[Planned]) -> None:
    """Plan what a rule gives, unit by unit, or tell why it gives nothing."""
    for offer in rule.awards:
        qualifies = turn.program.units[offer.unit].qualifying
        seen = occasion.seen_for_status if qualifies else occasion.seen
        try:
            factor = factor_of(rule, seen)
            lines = line_amounts(rule, offer, occasion, seen)
            base = sum(lines, ZERO) if offer.per_line else number(offer.amount, seen)
            full = _rounded(rule, offer, max(ZERO, base), factor=factor, lines=lines)
        except (EvaluationError, AwardFailed) as error:
            turn.because("award_failed", rule=rule.id, unit=offer.unit, note=str(error))
        else:
            _add(turn, Planned(rule, offer, base, factor, full), planned)


def _add(turn: Turn, one: Planned, planned: list[Planned]) -> None:
    """Add what a rule gives to the plan after its caps, or tell that nothing is left."""
    if one.base < 0:
        one.base = one.full = ZERO
    one.amount = one.full
    if one.full and one.offer.caps:
        _apply_caps(turn, one)
    if one.amount > 0 and one.offer.funding is not None:
        paid = fund(turn, one.offer.funding, one.amount, rule=one.rule.id)
        one.unfunded = one.amount - paid
        one.amount = paid
        if not paid:
            return
    if one.amount > 0:
        planned.append(one)
        return
    code = "cap_reached" if one.full > 0 else "nothing_earned"
    about = {"rule": one.rule.id, "unit": one.offer.unit}
    turn.because(code, amount=ZERO, base=one.base, clipped=one.full, **about)


def factor_of(rule: EarnRule, seen: Seen) -> Decimal | None:
    """The multiplier of a rule, None when it has none.

    Raises:
        AwardFailed: it is below zero.
    """
    if rule.multiplier is None:
        return None
    factor = number(rule.multiplier, seen)
    if factor < 0:
        raise AwardFailed(f"the multiplier is {format_amount(factor)}, below zero")
    return factor


def number(expression: Expression, seen: Seen) -> Decimal:
    """The exact amount that an expression gives.

    Raises:
        AwardFailed: it gives something else.
        EvaluationError: it gives nothing.
    """
    return exact(expression, expression.evaluate(seen))


def exact(expression: Expression, value: object) -> Decimal:
    """What an expression gave, as an exact amount.

    Raises:
        AwardFailed: it is something else.
    """
    if type(value) is Decimal:
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    raise AwardFailed(f"{expression.source} gave {value!r}, which is not an exact amount")


def line_amounts(rule: EarnRule, offer: Offer, occasion: Occasion, seen: Seen) -> list[Decimal]:
    """What each earning line gives: only of per-line awards; a line below zero gives nothing (U2)."""
    if not offer.per_line:
        return []
    amounts = []
    for line in occasion.earning_lines(seen):
        within = {**seen, "line": line}
        counts = rule.lines is None or rule.lines.evaluate(within) is True
        amounts.append(max(ZERO, number(offer.amount, within)) if counts else ZERO)
    return amounts


def _apply_caps(turn: Turn, one: Planned) -> None:
    """Cut an award down to what its caps leave, and note what it uses of them."""
    offer, uses = one.offer, []
    for cap in offer.caps:
        left, moment = left_of_cap(turn, cap)
        is_base = cap.counts == "base"
        if is_base:
            one.used = min(one.base if one.used is None else one.used, left)
        if (one.base if is_base else one.full) > left:
            if cap.over == "nothing":
                one.amount = ZERO
                return
            scaled = _rounded(one.rule, offer, left, factor=one.factor, lines=[]) if is_base else left
            one.amount = min(one.amount, offer.cut(scaled))
        if cap.window != "event":
            uses.append((cap.key, moment, is_base))
    if len(uses) > 1:
        uses = list(dict.fromkeys(uses))
    one.cap_uses = uses


def _rounded(
    rule: EarnRule, offer: Offer, base: Decimal, *, factor: Decimal | None, lines: list[Decimal]
) -> Decimal:
    if lines and rule.rounded == "line":
        return sum(rounded_lines(rule, offer, factor, lines), ZERO)
    return offer.rounded(base if factor is None else EXACT.multiply(base, factor))


def rounded_lines(
    rule: EarnRule, offer: Offer, factor: Decimal | None, lines: list[Decimal]
) -> list[Decimal]:
    """What each line gives: rounded where the rule rounds lines, else what it weighs in the award (U1)."""
    if rule.rounded == "order":
        return lines
    return [offer.rounded(one if factor is None else EXACT.multiply(one, factor)) for one in lines]


def post_awards(turn: Turn, event: Event, planned: list[Planned]) -> None:
    """Post what was planned: lots, caps used, tiers credited; a reason where an entry says too little.

    Raises:
        Overflow: the awards would take a balance beyond 10^15; then nothing is posted.
    """
    if not planned:
        return
    state, at, day, program = turn.state, turn.effective_at, turn.day, turn.program
    units, tier_sets, zone = program.units, program.tier_sets_of, program.zone
    cause = Cause(event.id, turn.version.number, at, turn.posted_at)
    terms: dict[str, Terms] = {}
    grants: list[Grant] = []
    for one in planned:
        unit = one.offer.unit
        until = terms.get(unit)
        if until is None:
            until = terms[unit] = units[unit].terms(at, day, zone)
        grants.append((one.rule.id, unit, one.amount, until))
    limits = program.review.awards
    lot = earn_within(turn, cause, grants) if limits else earn(turn.book, cause, grants, now=turn.now)
    for one in planned:
        for cap, moment, is_base in one.cap_uses:
            use_cap(state, cap, moment, one.used if is_base and one.used is not None else one.amount)
        if one.used is not None:
            turn.used[lot] = one.used
        if one.factor is not None or one.base != one.amount:
            _tell(turn, one, lot)
        if tier_sets[one.offer.unit] or one.offer.unit in program.boards_of:
            credit(turn, one.offer.unit, one.amount, at)
        lot += 1
    if program.prolonged_by:
        slide_awards(turn, lot - len(planned))


def _tell(turn: Turn, one: Planned, lot: int) -> None:
    turn.because(
        "awarded",
        rule=one.rule.id,
        unit=one.offer.unit,
        amount=one.amount,
        base=one.base,
        multiplier=one.factor,
        clipped=one.full - one.amount - one.unfunded or None,
        lot=lot,
    )
