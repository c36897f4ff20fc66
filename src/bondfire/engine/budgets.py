"""Budgets that all members share: what was used comes with the event, what is taken with the decision."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from bondfire.engine.past import BudgetKey
from bondfire.engine.turn import Turn
from bondfire.events import Event
from bondfire.kit import EPOCH, day_of
from bondfire.ledger import ZERO
from bondfire.programs import Budget, Funding, Game, Program


def fund(turn: Turn, funding: Funding, amount: Decimal, *, rule: str) -> Decimal:
    """Take an award out of its budget; how much of it the budget pays, and if not all of it a reason."""
    budget = funding.budget
    seen = turn.budgets_seen.setdefault(budget.key, turn.budgets.get(budget.key, ZERO))
    key = budget.key, budget.moment(turn.day, turn.program.zone)
    taken = turn.budgets_used.get(key, ZERO)
    paid = funding.fits(amount, budget.limit - seen - taken)
    if paid:
        turn.budgets_used[key] = taken + funding.cost(paid)
    if paid != amount:
        turn.because("budget_reached", rule=rule, amount=paid, clipped=amount - paid, note=budget.name)
    return paid


def give_back_to_budget(
    turn: Turn, pinned: Program, funding: Funding | None, amount: Decimal, *, at: datetime
) -> None:
    """Give back what an award of that moment took, in the part in which it is taken back itself (R15)."""
    if funding is None:
        return
    budget, zone = funding.budget, pinned.zone
    key = budget.key, budget.moment(day_of(at, zone), zone)
    turn.budgets_used[key] = turn.budgets_used.get(key, ZERO) - funding.cost(amount)


def funding_of(program: Program, rule: str, unit: str) -> Funding | None:
    """The budget that paid an award of a rule, by the programme that gave it."""
    by_id = next((one for one in program.rules if one.id == rule), None)
    offers = by_id.awards if by_id is not None else ()
    return next((offer.funding for offer in offers if offer.unit == unit), None)


def budgets_for(program: Program, event: Event) -> list[BudgetKey]:
    """The budgets that may pay for an event, each in the window that holds it."""
    if event.type == "member.absorbed":
        budgets = _of_challenges(program)
    else:
        budgets = program.budgets_on.get(event.type, ()) or _stock(program, event)
    if not budgets:
        return []
    day = day_of(event.occurred_at, program.zone)
    return [(one.key, one.moment(day, program.zone)) for one in budgets]


def _of_challenges(program: Program) -> tuple[Budget, ...]:
    """What may pay for steps that two accounts reach only together."""
    fundings = [one for challenge in program.challenges.values() for one in challenge.funding.values()]
    return tuple({one.budget.key: one.budget for one in fundings}.values())


def _stock(program: Program, event: Event) -> tuple[Budget, ...]:
    """The stock of the prize that was drawn, which is a budget of prizes."""
    game = program.games.get(str(event.body["game"])) if event.type == "game.played" else None
    drawn = str(event.body.get("drawn"))
    stock = game.stock_of(drawn) if game is not None and drawn in game.prizes else None
    return () if stock is None else (stock,)


def budgets_in_stock(game: Game) -> dict[str, tuple[BudgetKey, Decimal]]:
    """The prizes of which there are only so many: under which key their use is kept, and how many."""
    stocks = {name: game.stock_of(name) for name in sorted(game.prizes)}
    return {name: ((one.key, EPOCH), one.limit) for name, one in stocks.items() if one is not None}


def budgets_by_key(keys: list[BudgetKey], used: Mapping[BudgetKey, Decimal]) -> dict[str, Decimal]:
    """How much was used of the budgets of one event, by the key of the budget alone."""
    return {key[0]: used.get(key, ZERO) for key in keys}
