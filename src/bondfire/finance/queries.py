"""What finance asks of a brand's books; each reads, best in a snapshot, and writes nothing."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

import msgspec

from bondfire.db import Connection
from bondfire.engine import UnknownUnit
from bondfire.events import CURRENCIES
from bondfire.finance.allocation import BadAllocation, allocate, stand_alone_price
from bondfire.finance.export import Control, csv_of
from bondfire.finance.liability import (
    Liability,
    MonthEnd,
    expected_redemption,
    liability_of,
    month_ends,
    spendable,
)
from bondfire.finance.model import (
    BadDate,
    Figures,
    History,
    closing_of,
    history_of,
    last_day,
    month_of,
    next_month,
    price_of,
    version_on,
)
from bondfire.finance.reconciling import Reconciliation, Step, reconcile, roll_forward
from bondfire.finance.triangle import BackTest, Basis, Estimate, back_test, estimate
from bondfire.journal import Grain, entries_moved, open_lots_stored, posted_lines, wallets_stored
from bondfire.kit import EXACT, nearest
from bondfire.programs import Brand, Timeline

SETTLES_AFTER: Final = timedelta(days=1)
"""What was under way when a month closed, such as a long import, has been written by then."""
_EVER: Final = date(9999, 12, 31)


class Owed(msgspec.Struct, frozen=True):
    """What is owed in one unit, and what was at the end of each month."""

    liability: Liability
    months: tuple[MonthEnd, ...]


class Redemption(msgspec.Struct, frozen=True):
    """What is expected to be spent of one unit, and how good the estimate was on what it had not seen."""

    unit: str
    estimate: Estimate
    back_test: BackTest | None


class Period(msgspec.Struct, frozen=True):
    """One accounting period: a month.

    Attributes:
        until: the last day in it that has come.
        closes_at: what comes from then on is posted later.
        is_final: nothing about this report will ever change. A brand that lives by its events has no final
            period: its past can still be told.
        steps: opening, movements and closing of each unit.
    """

    month: date
    until: date
    closes_at: datetime
    is_final: bool
    steps: tuple[Step, ...]
    liabilities: tuple[Liability, ...]


def today_of(brand: Brand, timeline: Timeline, now: datetime) -> date:
    """What day it is for a brand, in its programme's time zone; before every day while its history is empty.

    Args:
        brand: whose day.
        timeline: its versions.
        now: the wall clock.
    """
    if brand.clock == "events" and brand.clock_at is None:
        return date.min
    return brand.time(now).astimezone(timeline.newest.program.zone).date()


def checked_day(day: date | None, today: date) -> date:
    """The day to report on; today without one.

    Raises:
        BadDate: it has not come yet.
    """
    if day is not None and day > today:
        raise BadDate(
            f"{day} has not come yet: for this brand it is {today}.",
            next_step="Ask for a day of its history, or for none to see the present.",
        )
    return day or today


def read_history(
    conn: Connection, brand: Brand, timeline: Timeline, until: date, *, grain: Grain = "month"
) -> History:
    """What was posted up to a day."""
    return history_of(entries_moved(conn, brand, timeline, until=until, grain=grain))


def read_owed(conn: Connection, brand: Brand, timeline: Timeline, day: date) -> tuple[Owed, ...]:
    """What is owed in each unit at the end of a day: by vintage, and at the end of each month before."""
    history = read_history(conn, brand, timeline, day)
    return tuple(
        Owed(liability_of(history, timeline, unit, day), month_ends(history, timeline, unit, day))
        for unit in spendable(timeline, day)
    )


def read_redemption(
    conn: Connection, brand: Brand, timeline: Timeline, day: date, *, fit_until: date | None = None
) -> tuple[Redemption, ...]:
    """What of each unit is expected to be spent, with the triangle; and tested, if a fit is asked for.

    Args:
        conn: in a transaction.
        brand: whose units.
        timeline: its versions.
        day: the estimate knows what was posted up to then.
        fit_until: a month: an estimate that knows no more than it is compared with what came after.

    Raises:
        BadDate: no whole month follows the fit.
    """
    if fit_until is not None and next_month(fit_until) >= month_of(day + timedelta(days=1)):
        raise BadDate(
            f"No whole month follows {fit_until:%Y-%m} by {day}, so nothing can be compared.",
            next_step="Fit on an earlier month.",
        )
    history = read_history(conn, brand, timeline, day)
    found = []
    for unit in spendable(timeline, day):
        known = history.of_unit(unit)
        tested = back_test(known, fit_until, day) if fit_until is not None else None
        found.append(Redemption(unit, estimate(known, day), tested))
    return tuple(found)


def read_period(conn: Connection, brand: Brand, timeline: Timeline, month: date, *, now: datetime) -> Period:
    """The report of an accounting period.

    Raises:
        BadDate: the month has not begun.
    """
    checked_day(month, today := today_of(brand, timeline, now))
    until = min(last_day(month), today)
    closes_at = closing_of(timeline, month, until)
    history = read_history(conn, brand, timeline, until)
    return Period(
        month,
        until,
        closes_at,
        brand.clock == "wall" and now >= closes_at + SETTLES_AFTER,
        _steps_of(history, month),
        tuple(liability_of(history, timeline, unit, until) for unit in spendable(timeline, until)),
    )


def _steps_of(history: History, month: date) -> tuple[Step, ...]:
    """The month of each unit, also of one in which nothing was posted then."""
    last: dict[str, Step] = {step.unit: step for step in roll_forward(history)}
    return tuple(
        step
        if step.posted == month
        else Step(unit, month, step.closing, Figures(), step.closing, step.open_lots)
        for unit, step in last.items()
    )


def read_reconciliation(
    conn: Connection, brand: Brand, timeline: Timeline, *, grain: Grain = "month"
) -> Reconciliation:
    """Whether the books of a brand tie out: on every day or month of its history, and in what is stored."""
    history = read_history(conn, brand, timeline, _EVER, grain=grain)
    return reconcile(history, wallets_stored(conn, brand), open_lots_stored(conn, brand))


class Allocated(msgspec.Struct, frozen=True):
    """A price shared between what was sold and the points that came with it.

    Attributes:
        value: of one unit. redemption: the share expected to be spent; basis: where that comes from.
        stand_alone: the stand-alone selling price of the points.
        product, points: the shares; they add up to the price.
        expected: how many units are expected to be spent.
    """

    unit: str
    currency: str
    value: Decimal
    redemption: Decimal
    basis: Basis
    stand_alone: Decimal
    expected: Decimal
    product: Decimal
    points: Decimal


class Sale(msgspec.Struct, frozen=True):
    """What was paid for goods and points together.

    Attributes:
        price: that was paid. product: what the goods cost on their own.
        amount: how much of the unit came with them.
    """

    price: Decimal
    product: Decimal
    unit: str
    amount: Decimal


def read_allocation(
    conn: Connection, brand: Brand, timeline: Timeline, sale: Sale, *, day: date
) -> Allocated:
    """Share the price of a sale, by the value and the expected redemption that hold on a day (IFRS 15).

    Raises:
        UnknownUnit: the programme has no such unit; says the nearest.
        BadAllocation: the unit has no value, or the prices cannot be shared by.
    """
    version = version_on(timeline, day)
    units = version.program.units
    if sale.unit not in units:
        like = nearest(sale.unit, units)
        raise UnknownUnit(
            f"The programme has no unit {sale.unit[:80]!r}.",
            next_step=f"Did you mean {like!r}?" if like else f"It has {', '.join(sorted(units))}.",
        )
    price = price_of(timeline, sale.unit, version.number, day)
    if price is None:
        raise BadAllocation(
            f"No value is declared for {sale.unit}, so it has no stand-alone selling price.",
            next_step="Publish a version whose unit has a value, such as value: 0.01.",
        )
    known = read_history(conn, brand, timeline, day).of_unit(sale.unit)
    basis, share, _ = expected_redemption(known, timeline, sale.unit, day)
    alone = stand_alone_price(sale.amount, price.value, share)
    decimals = CURRENCIES[price.currency]
    product, points = allocate(sale.price, product=sale.product, points=alone, decimals=decimals)
    expected = EXACT.multiply(sale.amount, share)
    return Allocated(sale.unit, price.currency, price.value, share, basis, alone, expected, product, points)


def export_lines(
    conn: Connection, brand: Brand, timeline: Timeline, *, since: date, until: date, control: Control
) -> Iterator[str]:
    """The entries posted from a day to a day as pieces of CSV; see `csv_of`.

    Raises:
        BadDate: the last day is before the first.
    """
    if until < since:
        raise BadDate(f"{until} is before {since}.", next_step="Give the earlier day first.")
    return csv_of(posted_lines(conn, brand, timeline, since=since, until=until), timeline, control)
