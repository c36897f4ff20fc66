"""The section `earn`: when something is earned and how much."""

from typing import Final

from bondfire.events import REWARD_TYPES
from bondfire.kit import Rounding, format_amount, rounder
from bondfire.programs.budgets import BUDGET, read_funding
from bondfire.programs.caps import CAP, read_caps
from bondfire.programs.expressions import compile_at
from bondfire.programs.findings import Fields, Place
from bondfire.programs.leaves import choice, expression, flag, moment, name, whole
from bondfire.programs.limits import Cap
from bondfire.programs.rule import Award, EarnRule
from bondfire.programs.scope import Scope, known_event_type, read_schedule
from bondfire.programs.shapes import SLUG, WORD, Key, MapOf, Record
from bondfire.rules import BOOL, DECIMAL, Expression

UNDOING: Final = frozenset(
    {"order.returned", "order.cancelled", "points.spent", "points.held", "points.captured"}
    | {"points.released", "points.restored", "points.adjusted", "tier.granted", "tier.withdrawn"}
    | {"points.sent", "points.received", "points.sent_back", "member.erased"}
    | {"review.removed", "post.removed", "challenge.joined"}
    | {one.name for one in REWARD_TYPES} - {"reward.used"}
    | {"leaderboard.joined", "leaderboard.left", "leaderboard.won", "game.played"}
)
"""Event types that undo, spend, send or correct; earning on them would pay twice."""

EVENT_TYPE: Final = name(
    "The event type it looks at, such as order.placed.", "event type", r"[a-z0-9_.]{1,100}"
)
_ROUND: Final = Record(
    "How an award is rounded to the decimals of its unit.",
    {
        "to": Key(choice("down (default), half_up, half_even or up.", "down", "half_up", "half_even", "up")),
        "per": Key(choice("Rounds the sum of the order (default) or each line.", "order", "line")),
    },
)
_AWARD: Final = MapOf(
    "How much of which unit: a number or an expression. One that reads `line` is added up over the lines.",
    expression("A number or an expression.", "amount"),
    noun="unit",
    pattern=WORD,
    least=1,
)
EARN: Final = MapOf(
    "Rules that give something, by name. The order written never matters.",
    Record(
        "One rule.",
        {
            "on": Key(EVENT_TYPE, required=True),
            "when": Key(expression("Condition over event and member; without it, always.", "condition")),
            "lines": Key(
                expression("Condition over line: which lines a line-level award counts.", "condition")
            ),
            "award": Key(_AWARD, required=True),
            "multiplier": Key(expression("Factor on the award, before the cap; never negative.", "amount")),
            "cap": Key(CAP),
            "budget": Key(BUDGET),
            "round": Key(_ROUND),
            "group": Key(
                name("Of an exclusive group only the first rule that applies gives.", "group", SLUG)
            ),
            "stackable": Key(
                flag("false: gives only when nothing else does, and then nothing else follows.")
            ),
            "priority": Key(whole("Higher goes first, 0 by default; ties by name.", -1000, 1000)),
            "starts": Key(moment("First day or local time it runs, in the programme's time zone.")),
            "ends": Key(moment("Last day (included), or the local time it stops.")),
        },
    ),
    noun="rule",
    most=1_000,
)


def read_rules(fields: Fields | None, scope: Scope) -> tuple[EarnRule, ...]:
    """The rules that could be read, highest priority first, ties by name."""
    if fields is None:
        return ()
    read = [_rule(name, fields.get(name), scope) for name in fields.places]
    rules = [rule for rule in read if rule]
    return tuple(sorted(rules, key=lambda rule: (-rule.priority, rule.id)))


def _rule(name: str, fields: Fields | None, scope: Scope) -> EarnRule | None:
    if fields is None:
        return None
    on = known_event_type(fields, scope.catalogue)
    if on is not None and on in UNDOING:
        refuse_undoing(fields.places["on"], on)
    awarded: Fields | None = fields.get("award")
    caps = read_caps(fields, name, awarded.places if awarded else (), scope)
    awards = _awards(fields, on, caps, scope)
    starts_at, ends_at = read_schedule(fields, scope.zone)
    rounding: Fields | None = fields.get("round")
    when = _condition(fields, "when", on, scope)
    lines = _condition(fields, "lines", on, scope)
    multiplier = _multiplier(fields, on, scope)
    if on is None:
        return None
    _refuse_unused_lines(fields, awards)
    return EarnRule(
        id=name,
        on=on,
        awards=awards,
        when=when,
        lines=lines,
        multiplier=multiplier,
        caps=caps,
        rounding=_rounding(fields),
        rounded=rounding.get("per", "order") if rounding else "order",
        group=fields.get("group"),
        stackable=fields.get("stackable", True),
        priority=fields.get("priority", 0),
        starts_at=starts_at,
        ends_at=ends_at,
        position=fields.place.head.position,
    )


def refuse_undoing(place: Place, on: str) -> None:
    """Refuse an event type that undoes, spends or corrects."""
    place.refuse(
        "cannot_earn",
        f"{place.where}: nothing can be earned on {on}.",
        "It undoes, spends or corrects; choose another type.",
    )


def _rounding(fields: Fields) -> Rounding:
    read: Fields | None = fields.get("round")
    rounding: Rounding = read.get("to", "down") if read else "down"
    return rounding


def _condition(fields: Fields, key: str, on: str | None, scope: Scope) -> Expression | None:
    if on is None or key not in fields.values:
        return None
    return compile_at(fields.places[key], scope, on, expects=BOOL, line=key == "lines")


def _awards(fields: Fields, on: str | None, caps: tuple[Cap, ...], scope: Scope) -> tuple[Award, ...]:
    awarded: Fields | None = fields.get("award")
    funded = read_funding(fields, awarded.places if awarded else (), scope)
    awards = []
    for unit, place in awarded.places.items() if awarded else ():
        if unit not in scope.units:
            place.head.unknown("unit", unit, scope.units)
        if awarded is None or on is None or unit not in awarded.values:
            continue
        amount = compile_at(place, scope, on, expects=DECIMAL, line=True)
        if amount:
            judge_award(place, amount)
            limits = tuple(cap for cap in caps if cap.unit == unit)
            decimals = scope.units[unit].decimals if unit in scope.units else 0
            rounded, cut = rounder(decimals, _rounding(fields)), rounder(decimals)
            per_line = "line" in amount.variables
            awards.append(Award(unit, amount, per_line, limits, rounded, cut, funded.get(unit)))
    return tuple(awards)


def judge_award(place: Place, amount: Expression) -> None:
    """Refuse what takes instead of giving (U9); an event's own negative amount gives nothing (U2)."""
    highs = [high for _, high in amount.branches]
    negative = [high for high in highs if high is not None and high < 0]
    if negative:
        place.refuse(
            "negative_award",
            f"{place.where} can be {format_amount(negative[0])}; a rule only gives.",
            "Award 0 or more in every branch.",
        )
    elif all(high is not None and high <= 0 for high in highs):
        place.warn("empty_award", f"{place.where} is never above 0, so it gives nothing.")


def _multiplier(fields: Fields, on: str | None, scope: Scope) -> Expression | None:
    if on is None or "multiplier" not in fields.values:
        return None
    place = fields.places["multiplier"]
    factor = compile_at(place, scope, on, expects=DECIMAL)
    lows = [low for low, _ in factor.branches] if factor else []
    negative = [low for low in lows if low is not None and low < 0]
    if negative:
        place.refuse(
            "negative_multiplier",
            f"{place.where} can fall to {format_amount(negative[0])}; a multiplier is never negative.",
            "Use a factor of 0 or more in every branch.",
        )
    elif None in lows:
        place.warn(
            "unproven_multiplier",
            f"{place.where} may fall below 0; the rule would then be skipped.",
            "Write max(0, ...) around it.",
        )
    return factor


def _refuse_unused_lines(fields: Fields, awards: tuple[Award, ...]) -> None:
    if not awards or any(award.per_line for award in awards):
        return
    if "lines" in fields.places:
        place = fields.places["lines"]
        place.refuse(
            "lines_unused",
            f"{place.where} chooses lines, but no award of the rule reads `line`.",
            "Award an expression such as line.amount.",
        )
    rounding: Fields | None = fields.get("round")
    if rounding and rounding.get("per") == "line":
        place = rounding.places["per"]
        place.refuse(
            "lines_unused",
            f"{place.where} rounds lines, but no award of the rule reads `line`.",
            "Round per: order.",
        )
