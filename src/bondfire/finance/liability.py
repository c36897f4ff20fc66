"""What is owed: open lots, what they are worth, and the revenue that is deferred for them.

Deferred revenue is, for every vintage and version, open lots times value times expected redemption, summed
for a unit and rounded once, half up, to the currency; its vintages add up to it by largest remainder.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, localcontext

import msgspec

from bondfire.events import CURRENCIES
from bondfire.finance.model import (
    Figures,
    History,
    Price,
    last_day,
    month_of,
    next_month,
    price_of,
    version_on,
)
from bondfire.finance.triangle import Basis, estimate
from bondfire.kit import EXACT, quantise, split_largest_remainder
from bondfire.ledger import ZERO
from bondfire.programs import Timeline


class VintageLiability(msgspec.Struct, frozen=True):
    """What is open of the lots of one month and one programme version.

    Attributes:
        earned_in: the first day of the month. earned_by: the version that gave them.
        value: of one unit; None where no version declares one.
        redemption: which share of what is open is expected to be spent.
        deferred: its part of the deferred revenue.
    """

    earned_in: date
    earned_by: int
    issued: Decimal
    open: Decimal
    value: Decimal | None
    redemption: Decimal
    deferred: Decimal | None


class Liability(msgspec.Struct, frozen=True):
    """What is owed in one unit at the end of a day.

    Attributes:
        basis: where the expected redemption comes from.
        urr: the ultimate redemption rate; what the programme declares, where it does.
        deferred: None where no version declares a value.
        vintages: the oldest first; only those of which something is open.
    """

    unit: str
    currency: str
    open: Decimal
    basis: Basis
    urr: Decimal
    deferred: Decimal | None
    vintages: tuple[VintageLiability, ...]


class MonthEnd(msgspec.Struct, frozen=True):
    """What was owed in one unit at the end of a month, or of the last day of the history in it.

    Attributes:
        added: revenue deferred for what was issued in the month and kept: at its end's expectation.
        recognised: what became revenue: what was deferred before and added, less what is deferred now.
    """

    month: date
    open: Decimal
    deferred: Decimal | None
    added: Decimal | None
    recognised: Decimal | None


def liability_of(history: History, timeline: Timeline, unit: str, day: date) -> Liability:
    """What is owed in a unit at the end of a day.

    Args:
        history: of the whole brand, told by day, or by month up to the day.
        timeline: the versions of the programme; those that are not valid by the day do not count.
        unit: one that can be spent.
        day: in the programme's time zone.
    """
    known = history.of_unit(unit).until(day)
    basis, urr, shares = expected_redemption(known, timeline, unit, day)
    decimals = CURRENCIES[version_on(timeline, day).program.currency]
    rows: list[tuple[date, int, Figures, Price | None]] = []
    exact: list[Decimal] = []
    for (earned_in, earned_by), figures in known.by_lot_value().items():
        if figures.change:
            price = price_of(timeline, unit, earned_by, day)
            rows.append((earned_in, earned_by, figures, price))
            exact.append(_worth(figures.change, price, shares.get(earned_in, urr)))
    is_valued = price_of(timeline, unit, 1, day) is not None
    total = quantise(sum(exact, ZERO), decimals, "half_up") if is_valued else None
    parts = split_largest_remainder(total or ZERO, exact, decimals)
    return Liability(
        unit,
        version_on(timeline, day).program.currency,
        sum((figures.change for _, _, figures, _ in rows), ZERO),
        basis,
        urr,
        total,
        tuple(
            VintageLiability(
                earned_in,
                earned_by,
                figures.issued,
                figures.change,
                price.value if price else None,
                shares.get(earned_in, urr),
                part if price else None,
            )
            for (earned_in, earned_by, figures, price), part in zip(rows, parts, strict=True)
        ),
    )


def _worth(amount: Decimal, price: Price | None, share: Decimal) -> Decimal:
    with localcontext(EXACT):
        return amount * price.value * share if price else ZERO


def expected_redemption(
    known: History, timeline: Timeline, unit: str, day: date
) -> tuple[Basis, Decimal, Mapping[date, Decimal]]:
    """Where the expectation comes from, the ultimate rate, and shares of what is open that differ from it."""
    declared = version_on(timeline, day).program.units.get(unit)
    if declared is not None and declared.redemption is not None:
        return "declared", declared.redemption, {}
    found = estimate(known, day)
    return found.basis, found.urr, found.of_open


def month_ends(history: History, timeline: Timeline, unit: str, day: date) -> tuple[MonthEnd, ...]:
    """What was owed in a unit at the end of each month of the history, up to a day."""
    known = history.of_unit(unit)
    first = min((one.posted for one in known.moved), default=None)
    ends: list[MonthEnd] = []
    before: Decimal | None = None
    month = month_of(first) if first is not None else next_month(day)
    while month <= day:
        end = min(last_day(month), day)
        found = liability_of(known, timeline, unit, end)
        added = _added(known, timeline, unit, (month, end)) if found.deferred is not None else None
        recognised = (
            None if added is None or found.deferred is None else (before or ZERO) + added - found.deferred
        )
        ends.append(MonthEnd(month, found.open, found.deferred, added, recognised))
        before, month = found.deferred, next_month(month)
    return tuple(ends)


def _added(history: History, timeline: Timeline, unit: str, span: tuple[date, date]) -> Decimal:
    """What is deferred for what was posted as issued and not taken back within a month."""
    since, day = span
    posted = History(tuple(one for one in history.moved if since <= one.posted <= day))
    _, urr, shares = expected_redemption(history.until(day), timeline, unit, day)
    exact = [
        _worth(figures.kept, price_of(timeline, unit, earned_by, day), shares.get(earned_in, urr))
        for (earned_in, earned_by), figures in posted.by_lot_value().items()
    ]
    decimals = CURRENCIES[version_on(timeline, day).program.currency]
    return quantise(sum(exact, ZERO), decimals, "half_up")


def spendable(timeline: Timeline, day: date) -> list[str]:
    """The units that could be spent on a day, and so were owed, by name."""
    units = version_on(timeline, day).program.units
    return sorted(name for name, unit in units.items() if not unit.qualifying)
