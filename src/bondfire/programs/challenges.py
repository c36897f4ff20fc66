"""The section `challenges`: goals that members reach over time, and what they get for it."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final, get_args

from bondfire.kit import day_of, format_amount
from bondfire.programs.budgets import BUDGET, read_funding
from bondfire.programs.caps import DAYS
from bondfire.programs.earn import EVENT_TYPE, UNDOING
from bondfire.programs.expressions import compile_at
from bondfire.programs.findings import Fields, Place
from bondfire.programs.goals import (
    LONGEST_STREAK,
    MARKS_KEPT,
    Action,
    Challenge,
    GoalKind,
    Step,
    StreakUnit,
)
from bondfire.programs.leaves import amount, choice, expression, flag, moment, name, period, times, whole
from bondfire.programs.scope import Scope, known_event_type, of_unit, read_schedule
from bondfire.programs.shapes import SLUG, WORD, Key, ListOf, MapOf, Record
from bondfire.rules import BOOL, DECIMAL, EvaluationError, Expression, Type

_WORTH: Final = ("money", "effort", "free")
_WHEN: Final = expression("Condition over event and member; without it, always.", "condition")
AWARD: Final = MapOf(
    "How much of which unit is given, as plain numbers.", amount("How much of this unit."), "unit", WORD
)
BADGE: Final = name("The badge that is given; who has it keeps it.", "badge", SLUG)
_STEP: Final = Record(
    "Something on the way.",
    {
        "at": Key(amount("How much must be reached; less than the target."), required=True),
        "award": Key(AWARD),
        "badge": Key(BADGE),
    },
)
_ACTION: Final = Record(
    "One action of a sequence.", {"on": Key(EVENT_TYPE, required=True), "when": Key(_WHEN)}
)
CHALLENGES: Final = MapOf(
    "Goals that members reach over time, by name.",
    Record(
        "One challenge. Without count_distinct, sum, sequence and streak it counts events.",
        {
            "on": Key(EVENT_TYPE),
            "when": Key(_WHEN),
            "count_distinct": Key(expression("Counts different values of this expression.", "value")),
            "of": Key(
                ListOf("The values to collect; others do not count.", name("", "value", r"\S(.{0,198}\S)?"))
            ),
            "sum": Key(expression("Adds up this amount; what is below zero counts nothing.", "amount")),
            "sequence": Key(ListOf("Actions, each after the one before.", _ACTION)),
            "streak": Key(
                choice("Counts days or weeks in a row in which it happened.", *get_args(StreakUnit))
            ),
            "jokers": Key(whole("So many missed days or weeks of a streak are bridged.", 0, LONGEST_STREAK)),
            "week_starts": Key(choice("The first day of a week: monday (default) to sunday.", *DAYS)),
            "target": Key(amount("How many or how much is needed.")),
            "within": Key(period("All within such a time; without it, ever.")),
            "steps": Key(ListOf("What is given on the way.", _STEP)),
            "award": Key(AWARD),
            "badge": Key(BADGE),
            "budget": Key(BUDGET),
            "repeat": Key(times("true: again and again; a number: so often in all. Once by default.")),
            "opt_in": Key(flag("true: only who sent challenge.joined takes part, from then on.")),
            "starts": Key(moment("First day or local time it runs, in the programme's time zone.")),
            "ends": Key(moment("Last day (included), or the local time it stops.")),
        },
    ),
    noun="challenge",
)
_COUNTS: Final[dict[str, GoalKind]] = {
    "count_distinct": "distinct",
    "sum": "sum",
    "sequence": "sequence",
    "streak": "streak",
}
_BELONGS: Final[dict[str, tuple[GoalKind, ...]]] = {
    "of": ("distinct",),
    "jokers": ("streak",),
    "week_starts": ("streak",),
    "within": ("count", "sum", "distinct", "sequence"),
    "on": ("count", "sum", "distinct", "streak"),
    "when": ("count", "sum", "distinct", "streak"),
    "target": ("count", "sum", "distinct", "streak"),
}
"""Which keys mean something for which kinds."""


def read_challenges(fields: Fields | None, scope: Scope) -> dict[str, Challenge]:
    """The challenges that could be read, by name."""
    if fields is None:
        return {}
    read = [_challenge(each, fields.get(each), scope) for each in sorted(fields.places)]
    return {one.name: one for one in read if one}


def _challenge(name: str, fields: Fields | None, scope: Scope) -> Challenge | None:
    if fields is None:
        return None
    kind = _kind(fields)
    actions = _actions(fields, kind, scope)
    starts_at, ends_at = read_schedule(fields, scope.zone)
    streak: StreakUnit = fields.get("streak", "day")
    target = _target(fields, kind)
    steps = _steps(fields, target, scope)
    awarded = dict.fromkeys(unit for step in steps for unit, _ in step.awards)
    funding = read_funding(fields, awarded, scope)
    if target is None or actions is None:
        return None
    challenge = Challenge(
        name=name,
        kind=kind,
        actions=actions,
        steps=steps,
        within=fields.get("within"),
        only=frozenset(fields.get("of", ())),
        streak=streak,
        week_starts=DAYS.index(fields.get("week_starts", "monday")),
        jokers=fields.get("jokers", 0),
        most=fields.get("repeat", 1),
        opt_in=fields.get("opt_in", False),
        starts_at=starts_at,
        ends_at=ends_at,
        funding=funding,
    )
    _judge_reach(fields, challenge, scope)
    _judge_cost(fields, challenge, scope)
    return challenge


def _kind(fields: Fields) -> GoalKind:
    named = [key for key in _COUNTS if key in fields.places]
    for key in named[1:]:
        fields.places[key].head.refuse(
            "bad_value", f"{fields.place.where} has both {named[0]} and {key}.", "Keep the one that is meant."
        )
    kind = _COUNTS[named[0]] if named else "count"
    for key, kinds in _BELONGS.items():
        if key in fields.places and kind not in kinds:
            place = fields.places[key]
            place.head.refuse(
                "bad_value",
                f"{place.where}: {key} means nothing for {_worded(kind)}.",
                f"It belongs to {' or '.join(map(_worded, kinds))}.",
            )
    for key in ("on", "target"):
        if (
            kind in _BELONGS[key]
            and key not in fields.places
            and not (key == "target" and "of" in fields.places)
        ):
            fields.place.head.refuse("missing_key", f"{fields.place.where} lacks the key {key!r}.")
    return kind


def _worded(kind: GoalKind) -> str:
    return {"count": "a count of events", "distinct": "count_distinct"}.get(kind, f"a {kind}")


def _actions(fields: Fields, kind: GoalKind, scope: Scope) -> tuple[Action, ...] | None:
    """What counts, or None after recording that it cannot be read."""
    parts: list[Fields] = fields.get("sequence", []) if kind == "sequence" else [fields]
    value, expects = {"distinct": ("count_distinct", None), "sum": ("sum", DECIMAL)}.get(kind, ("", None))
    read = [_action(part, value, expects, scope) for part in parts]
    actions = tuple(one for one in read if one)
    if kind == "sequence" and "sequence" in fields.places and len(parts) < 2:
        place = fields.places["sequence"]
        place.refuse("wrong_shape", f"{place.where} needs at least two actions.", "Count events instead.")
        return None
    return actions if len(actions) == len(parts) else None


def _action(fields: Fields, value: str, expects: Type | None, scope: Scope) -> Action | None:
    on = known_event_type(fields, scope.catalogue)
    if on is None:
        return None
    if on in UNDOING:
        place = fields.places["on"]
        place.refuse(
            "cannot_earn", f"{place.where}: {on} cannot count.", "It undoes or spends; choose another type."
        )
    compiled: dict[str, Expression | None] = {}
    for key, wanted in (("when", BOOL), (value, expects)):
        if key in fields.values:
            compiled[key] = compile_at(fields.places[key], scope, on, expects=wanted)
    when, counted = compiled.get("when"), compiled.get(value)
    if None in compiled.values() or (value and counted is None):
        return None
    _judge_when(fields, when)
    if counted is not None:
        _judge_value(fields.places[value], counted, is_sum=value == "sum")
    return Action(on, when, counted)


def _judge_when(fields: Fields, when: Expression | None) -> None:
    if when is not None and not when.paths and _constant(when) is not True:
        _cannot(fields.places["when"], "it never holds")


def _constant(expression: Expression) -> Any:
    """The value of an expression that reads nothing; None when it has none."""
    try:
        return expression.evaluate({})
    except EvaluationError:
        return None


def _judge_value(place: Place, value: Expression, *, is_sum: bool) -> None:
    if is_sum:
        high = value.bounds[1]
        if high is not None and high <= 0:
            _cannot(place, "the sum never rises")
        return
    kind = value.type.parameters[0].kind if value.type.kind == "list" else value.type.kind
    if kind not in {"string", "int", "bool"}:
        place.refuse(
            "type",
            f"{place.where} gives {value.type}; words, whole numbers or a list of them can be told apart.",
            "Count values such as event.categories.",
        )


def _target(fields: Fields, kind: GoalKind) -> Decimal | None:
    """How much is needed, or None after recording that it cannot be."""
    if kind == "sequence":
        return Decimal(len(fields.get("sequence", ())) or 1)
    read: Decimal | None = fields.get("target")
    if read is None:
        return (
            Decimal(len(set(fields.get("of", ()))))
            if fields.get("of") and "target" not in fields.places
            else None
        )
    place = fields.places["target"]
    if read == 0:
        place.refuse("no_target", f"{place.where} is 0, so everybody has done it.", "Ask for 1 or more.")
        return None
    if kind != "sum" and read != int(read):
        place.refuse("bad_value", f"{place.where}: whole things are counted.", "Write it without a point.")
    return read


def _steps(fields: Fields, target: Decimal | None, scope: Scope) -> tuple[Step, ...]:
    steps: dict[Decimal, Step] = {}
    for step in fields.get("steps", ()):
        at: Decimal | None = step.get("at")
        awards = read_awards(step.get("award"), scope)
        if at is None:
            continue
        place = step.places["at"]
        if at == 0 or at in steps or (target is not None and at >= target):
            limit = f"below the target of {format_amount(target)}" if target is not None else "of its own"
            place.refuse(
                "bad_step", f"{place.where} is {format_amount(at)}.", f"Give it a place above 0, {limit}."
            )
        steps[at] = Step(at, awards, step.get("badge"))
    awards = read_awards(fields.get("award"), scope)
    last = Step(target or Decimal(1), awards, fields.get("badge"))
    given = [*(steps[at] for at in sorted(steps)), last]
    if not any(step.awards or step.badge for step in given) and not {"award", "badge"} & fields.places.keys():
        fields.place.head.warn(
            "gives_nothing", f"{fields.place.where} gives nothing.", "Add an award or a badge."
        )
    return tuple(given)


def read_awards(fields: Fields | None, scope: Scope) -> tuple[tuple[str, Decimal], ...]:
    """Units and amounts that are given, by unit; what is 0 is not."""
    awards = []
    for unit, place in fields.places.items() if fields else ():
        if unit not in scope.units:
            place.head.unknown("unit", unit, scope.units)
        elif fields and unit in fields.values:
            given: Decimal = fields.values[unit]
            of_unit(place, given, scope.units[unit])
            if given:
                awards.append((unit, given))
    return tuple(sorted(awards))


def _cannot(place: Place, why: str, step: str = "Ask for less, or for something else.") -> None:
    place.refuse("unreachable_goal", f"{place.where}: nobody can do this, because {why}.", step)


def _judge_reach(fields: Fields, challenge: Challenge, scope: Scope) -> None:
    """Refuse what nobody can ever do (U9), and what would have to remember more than it may."""
    place, target = fields.places.get("target", fields.place), challenge.target
    within = challenge.within
    if within is not None and not any(within):
        _cannot(fields.places["within"], "the time is over at once")
    if challenge.only and target > len(challenge.only):
        _cannot(place, f"there are only {len(challenge.only)} values")
    most = _most_values(challenge.actions[0].value) if challenge.kind == "distinct" else None
    if most is not None and target > most and not challenge.only:
        _cannot(place, f"its expression has at most {most} different values")
    remembers = challenge.kind in {"distinct", "sequence"} or (
        challenge.kind == "count" and within is not None
    )
    if challenge.kind == "streak":
        _judge_streak(place, challenge, scope)
    elif remembers and target > MARKS_KEPT:
        place.refuse(
            "target_too_large",
            f"{place.where}: at most {MARKS_KEPT} can be remembered of a member.",
            f"Ask for {MARKS_KEPT} or fewer, or count events without `within`.",
        )


def _most_values(value: Expression | None) -> int | None:
    """How many different values an expression can have, None where that is not known."""
    if value is None:
        return None
    kind = value.type.parameters[0] if value.type.kind == "list" else value.type
    if kind.kind == "bool":
        return 2
    if value.paths:
        return None
    found = _constant(value)
    return len(set(found)) if isinstance(found, list) else 1


def _judge_streak(place: Place, challenge: Challenge, scope: Scope) -> None:
    if challenge.target > LONGEST_STREAK:
        place.refuse(
            "target_too_large",
            f"{place.where}: a streak is remembered for at most {LONGEST_STREAK} {challenge.streak}s.",
            "Ask for a shorter one.",
        )
    if challenge.starts_at is None or challenge.ends_at is None:
        return
    first = day_of(challenge.starts_at, scope.zone).date
    last = day_of(challenge.ends_at - timedelta(microseconds=1), scope.zone).date
    fit = _units_between(first, last, challenge)
    if challenge.target > fit:
        _cannot(place, f"it runs for {fit} {challenge.streak}{'' if fit == 1 else 's'}")


def _units_between(first: date, last: date, challenge: Challenge) -> int:
    if challenge.streak == "day":
        return (last - first).days + 1
    starts = [day - timedelta(days=(day.weekday() - challenge.week_starts) % 7) for day in (first, last)]
    return (starts[1] - starts[0]).days // 7 + 1


def _judge_cost(fields: Fields, challenge: Challenge, scope: Scope) -> None:
    """Refuse what a member could farm without end: free events that never stop giving (U9)."""
    gives = any(step.awards for step in challenge.steps)
    if challenge.most is not None or not gives or challenge.kind == "streak":
        return
    cost = min((scope.catalogue.types[one.on].cost for one in challenge.actions), key=_WORTH.index)
    if cost == "money":
        return
    place = fields.places["repeat"].head
    if cost == "free":
        place.refuse(
            "unbounded_cost",
            f"{place.where}: it gives without end for what is free.",
            "Say how often at most, such as repeat: 12.",
        )
    else:
        place.warn(
            "uncapped_effort",
            f"{place.where}: only the member's effort limits how often it gives.",
            "Say how often at most, such as repeat: 12.",
        )
