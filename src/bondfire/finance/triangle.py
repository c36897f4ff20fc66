"""Which share of what was earned is spent in the end: run-off triangles of vintages, by chain ladder.

A vintage is what was earned in one month. Its row of the triangle is what of it is not spent yet, month by
month since: what was issued and not taken back, less what was spent. The chain ladder (T. Mack,
"Distribution-free calculation of the standard error of chain ladder reserve estimates", ASTIN Bulletin 23,
1993, whose estimator of the development factors this is) takes for each age the factor by which all vintages
together went on, weighted by volume:

    factor(k) = sum of unspent(k + 1) / sum of unspent(k), over the vintages that have come to age k + 1

and lets each vintage go on by the factors of the ages it has before it. It is what is unspent that is
developed, and not what is spent, because it never begins at nothing: points that wait for their release
cannot be spent in the month in which they are earned. Beyond the oldest age nothing more is spent.

Factors are rounded half even to 12 decimals, shares to 6; amounts are exact.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal, localcontext
from typing import Final, Literal

import msgspec

from bondfire.finance.model import Figures, History, month_of, months_between, next_month
from bondfire.kit import EXACT
from bondfire.ledger import ZERO

Basis = Literal["declared", "estimated", "assumed"]
LEAST_MONTHS: Final = 12
"""Before the oldest vintage has seen so many whole months, and as long as nothing was ever spent, all is
assumed to be spent: breakage may be expected only where it is highly probable (IFRS 15.B46 with 56)."""
ONE: Final = Decimal(1)
_FACTOR: Final = Decimal("1e-12")
_SHARE: Final = Decimal("1e-6")


class Vintage(msgspec.Struct, frozen=True):
    """What was earned in one month, and what became of it.

    Attributes:
        kept: what was issued and not taken back.
        spent: in all, at the end of each whole month since, the month of earning first.
        redeemed: in all, up to now. open: what is still there.
    """

    earned_in: date
    kept: Decimal
    spent: tuple[Decimal, ...]
    redeemed: Decimal
    open: Decimal

    @property
    def age(self) -> int:
        """How many whole months it has seen."""
        return len(self.spent)

    def unspent(self, age: int) -> Decimal:
        """What of it was not spent at an age; at 0, all of it."""
        return self.kept - self.spent[age - 1] if age else self.kept


class Estimate(msgspec.Struct, frozen=True):
    """What is expected to be spent, from what has been.

    Attributes:
        urr: ultimate redemption rate: which share of everything kept is spent in the end.
        factors: by age, by how much what is unspent goes on.
        of_open: by month of earning, which share of what is still open will be spent.
        basis: `estimated`, or `assumed` to be all while there is too little history.
    """

    urr: Decimal
    basis: Basis
    factors: tuple[Decimal, ...]
    vintages: tuple[Vintage, ...]
    of_open: dict[date, Decimal]


class Foreseen(msgspec.Struct, frozen=True):
    """What was foreseen of a vintage and what came: spendings after the fit.

    Attributes:
        error: foreseen less what came, as a share of what came; None when nothing came.
    """

    earned_in: date | None
    foreseen: Decimal
    came: Decimal
    error: Decimal | None


class BackTest(msgspec.Struct, frozen=True):
    """The estimate on history it has not seen.

    Attributes:
        fitted_until, tested_until: the last months known to the fit, and to the test.
        urr: as the fit knew it.
        total: over all vintages the fit knew.
    """

    fitted_until: date
    tested_until: date
    urr: Decimal
    vintages: tuple[Foreseen, ...]
    total: Foreseen


def vintages_of(history: History, day: date) -> tuple[Vintage, ...]:
    """The rows of the triangle of one unit as of a day, the oldest first."""
    whole = month_of(day + timedelta(days=1))
    spent: dict[date, dict[date, Decimal]] = {}
    for one in history.moved:
        sign = {"spend": 1, "restore": -1}.get(one.move, 0)
        if sign:
            by_month = spent.setdefault(one.earned_in, {})
            month = month_of(one.posted)
            by_month[month] = by_month.get(month, ZERO) + sign * one.amount
    return tuple(
        _vintage(earned_in, figures, spent.get(earned_in, {}), whole)
        for earned_in, figures in history.by_vintage().items()
    )


def _vintage(earned_in: date, figures: Figures, spent: dict[date, Decimal], whole: date) -> Vintage:
    row, total, month = [], ZERO, earned_in
    while month < whole:
        total += spent.get(month, ZERO)
        row.append(total)
        month = next_month(month)
    return Vintage(earned_in, figures.kept, tuple(row), figures.redeemed, figures.change)


def factors_of(vintages: Sequence[Vintage]) -> tuple[Decimal, ...]:
    """By how much what is unspent goes on from each age to the next (Mack 1993, volume-weighted)."""
    factors = []
    for age in range(max((one.age for one in vintages), default=0)):
        older = [one for one in vintages if one.age > age]
        before = sum((one.unspent(age) for one in older), ZERO)
        after = sum((one.unspent(age + 1) for one in older), ZERO)
        factors.append(_ratio(after, before, _FACTOR) if before > 0 else ONE)
    return tuple(factors)


def going_on(factors: Sequence[Decimal], age: int, until: int | None = None) -> Decimal:
    """Which share of what is unspent at an age is still unspent at a later one, or in the end."""
    share = ONE
    for factor in factors[age:until]:
        share *= factor
    return share


def estimate(history: History, day: date) -> Estimate:
    """What is expected to be spent, as of a day; the history is that of one unit up to the day."""
    with localcontext(EXACT):
        vintages = vintages_of(history, day)
        factors = factors_of(vintages)
        is_young = max((one.age for one in vintages), default=0) < LEAST_MONTHS
        if is_young or not any(one.redeemed for one in vintages):
            return Estimate(ONE, "assumed", factors, vintages, {})
        coming = {one.earned_in: _coming(one, factors) for one in vintages}
        kept = sum((one.kept for one in vintages), ZERO)
        ultimate = sum((one.redeemed + coming[one.earned_in] for one in vintages), ZERO)
        of_open = {one.earned_in: _bounded(coming[one.earned_in], one.open) for one in vintages}
        return Estimate(_bounded(ultimate, kept), "estimated", factors, vintages, of_open)


def _coming(vintage: Vintage, factors: Sequence[Decimal]) -> Decimal:
    """What is still to be spent of a vintage: never less than nothing, never more than is open."""
    coming = (vintage.kept - vintage.redeemed) * (1 - going_on(factors, vintage.age))
    return min(max(coming, ZERO), vintage.open)


def back_test(history: History, fit_until: date, day: date) -> BackTest:
    """Fit on what was known at the end of a month, foresee what was spent since, and compare.

    Args:
        history: of one unit, up to the day.
        fit_until: the first day of the last month that the fit knows.
        day: up to the last whole month by then it is compared.
    """
    end = next_month(fit_until) - timedelta(days=1)
    with localcontext(EXACT):
        fit = estimate(history.until(end), end)
        later = {one.earned_in: one for one in vintages_of(history, day)}
        tested_until = month_of(month_of(day + timedelta(days=1)) - timedelta(days=1))
        months = months_between(fit_until, tested_until)
        tested = []
        for one in fit.vintages:
            foreseen = one.unspent(one.age) * (1 - going_on(fit.factors, one.age, one.age + months))
            came = later[one.earned_in].spent[one.age + months - 1] - one.spent[-1]
            tested.append(_tested(one.earned_in, foreseen, came))
        total = _tested(
            None, sum((one.foreseen for one in tested), ZERO), sum((one.came for one in tested), ZERO)
        )
    return BackTest(fit_until, tested_until, fit.urr, tuple(tested), total)


def _tested(earned_in: date | None, foreseen: Decimal, came: Decimal) -> Foreseen:
    foreseen = foreseen.quantize(_SHARE)
    return Foreseen(earned_in, foreseen, came, _ratio(foreseen - came, came, _SHARE) if came else None)


def _bounded(part: Decimal, whole: Decimal) -> Decimal:
    """A share between 0 and 1; of nothing, 1."""
    return min(max(_ratio(part, whole, _SHARE), ZERO), ONE) if whole > 0 else ONE


def _ratio(part: Decimal, whole: Decimal, step: Decimal) -> Decimal:
    return (part / whole).quantize(step, context=EXACT)
