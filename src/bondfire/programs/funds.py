"""What a brand will give, as types: a budget that all members share, and how an award is paid out of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo

from bondfire.kit import EXACT, Day, window_on

BudgetWindow = Literal["day", "week", "month", "quarter", "year", "lifetime"]
Overdrawn = Literal["clip", "nothing"]


@dataclass(frozen=True, slots=True)
class Budget:
    """How much a brand gives to all members together within a window of the calendar.

    Attributes:
        unit: what is counted; None is money, in the programme's currency.
        limit: how much there is in each window.
        key: what its use is remembered under; a changed limit keeps the use so far.
    """

    name: str
    unit: str | None
    limit: Decimal
    window: BudgetWindow

    @property
    def key(self) -> str:
        """See above."""
        return f"{self.name}/{self.unit or 'money'}/{self.window}"

    def moment(self, day: Day, zone: ZoneInfo) -> datetime:
        """The first instant of the window that holds a local day."""
        return window_on(self.window, day, zone, since=day.start)


@dataclass(frozen=True, slots=True)
class Funding:
    """How an award of one unit is paid out of a budget.

    Attributes:
        over: `clip` gives what is left; `nothing` gives nothing when the award does not fit whole.
        rate: what one of the unit takes of the budget.
        step: the smallest amount of the unit.
    """

    budget: Budget
    over: Overdrawn
    rate: Decimal
    step: Decimal

    def cost(self, amount: Decimal) -> Decimal:
        """What so much takes of the budget."""
        return EXACT.multiply(amount, self.rate)

    def fits(self, amount: Decimal, left: Decimal) -> Decimal:
        """How much of an award can be paid out of what is left."""
        if self.cost(amount) <= left:
            return amount
        if self.over == "nothing" or left <= 0:
            return Decimal(0)
        steps = EXACT.divide_int(left, EXACT.multiply(self.rate, self.step))
        return EXACT.multiply(steps, self.step)


def budgets_by_type(paid: Iterable[tuple[str, Funding | None]]) -> dict[str, tuple[Budget, ...]]:
    """The budgets that may pay for each type of event."""
    by_type: dict[str, tuple[Budget, ...]] = {}
    for on, funding in paid:
        if funding is not None and funding.budget not in by_type.get(on, ()):
            by_type[on] = (*by_type.get(on, ()), funding.budget)
    return by_type
