"""The section `budgets` and the key `budget`: what a brand gives to all members together (U7)."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final, get_args

from bondfire.programs.findings import Fields, Place
from bondfire.programs.funds import Budget, BudgetWindow, Funding, Overdrawn
from bondfire.programs.leaves import choice, name, positive
from bondfire.programs.scope import Scope, known_unit, of_unit
from bondfire.programs.shapes import SLUG, WORD, Either, Key, MapOf, Record

BUDGETS: Final = MapOf(
    "What is given to all members together at most, by name. Never exceeded, however many come at once.",
    Record(
        "One budget: `amount` of a unit, or `money` in the programme's currency.",
        {
            "unit": Key(name("The unit that is counted.", "unit", WORD)),
            "amount": Key(positive("How much of the unit there is.")),
            "money": Key(positive("How much money there is; an award costs the `value` of its unit.")),
            "per": Key(
                choice(
                    "The window in which there is so much, in the programme's time zone: lifetime (default) "
                    "is once.",
                    *get_args(BudgetWindow),
                )
            ),
        },
    ),
    noun="budget",
    most=100,
)
_FROM: Final = name("The budget that pays.", "budget", SLUG)
BUDGET: Final = Either(
    "The budget that pays what is given; when it is empty nothing is.",
    _FROM,
    Record(
        "The budget, and what happens when an award does not fit.",
        {
            "from": Key(_FROM, required=True),
            "over": Key(
                choice(
                    "When an award does not fit: clip (default) gives what is left, nothing gives none.",
                    "clip",
                    "nothing",
                )
            ),
        },
    ),
)


def read_budgets(fields: Fields | None, scope: Scope) -> dict[str, Budget]:
    """The budgets that could be read, by name."""
    if fields is None:
        return {}
    read = [_budget(each, fields.get(each), scope) for each in sorted(fields.places)]
    return {one.name: one for one in read if one}


def _budget(name: str, fields: Fields | None, scope: Scope) -> Budget | None:
    if fields is None:
        return None
    places = fields.places
    if ("money" in places) == ("amount" in places) or ("unit" in places) != ("amount" in places):
        fields.place.head.refuse(
            "bad_budget",
            f"{fields.place.where} needs either `unit` and `amount`, or `money`.",
            "Write it like {unit: points, amount: 50000, per: month} or {money: 5000.00}.",
        )
        return None
    window: BudgetWindow = fields.get("per", "lifetime")
    unit: str | None = fields.get("unit") if "unit" in places else None
    limit: Decimal | None = fields.get("money" if unit is None else "amount")
    if limit is None:
        return None
    if unit is not None:
        known_unit(places["unit"], unit, scope.units)
        of_unit(places["amount"], limit, scope.units.get(unit))
    return Budget(name, unit, limit, window)


def read_funding(fields: Fields, awarded: Iterable[str], scope: Scope) -> Mapping[str, Funding]:
    """How each unit that a rule or challenge awards is paid out of its budget, if it has one."""
    if "budget" not in fields.values:
        return {}
    place: Place = fields.places["budget"]
    read: str | Fields = fields.values["budget"]
    named: str = read.get("from", "") if isinstance(read, Fields) else read
    over: Overdrawn = read.get("over", "clip") if isinstance(read, Fields) else "clip"
    budget = scope.budgets.get(named)
    if budget is None:
        if named:
            place.unknown("budget", named, scope.budgets)
        return {}
    units = [scope.units[unit] for unit in awarded if unit in scope.units]
    funded = {}
    for unit in units:
        rate = unit.value if budget.unit is None else Decimal(1)
        if budget.unit in {None, unit.name} and rate:
            funded[unit.name] = Funding(budget, over, rate, Decimal(1).scaleb(-unit.decimals))
    if units and not funded:
        what = "a unit that has a `value`" if budget.unit is None else repr(budget.unit)
        place.refuse(
            "budget_without_award",
            f"{place.where}: the budget {named!r} pays {what}, and none is awarded here.",
            "Award what it pays, or name another budget.",
        )
    return funded
