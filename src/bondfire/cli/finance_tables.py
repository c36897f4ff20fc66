"""What `bondfire finance` shows to people: tables of what is owed, posted, expected and compared."""

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from bondfire.cli.output import grouped, show_time, table

if TYPE_CHECKING:
    from rich.console import RenderableType

    from bondfire.finance import (
        Allocated,
        Control,
        Liability,
        Owed,
        Period,
        Recognition,
        Reconciliation,
        Redemption,
        Step,
    )

_SHOWN = 20


def owed(one: "Owed", day: date) -> "list[RenderableType]":
    """What is owed in one unit: by month of earning, and at each month's end."""
    found = one.liability
    columns = ["earned in", "version", "issued", "open", "value", "redemption", "deferred"]
    rows = [
        [
            f"{row.earned_in:%Y-%m}",
            row.earned_by,
            row.issued,
            row.open,
            row.value,
            row.redemption,
            row.deferred,
        ]
        for row in found.vintages
    ]
    rows.append(["in all", None, None, found.open, None, None, found.deferred])
    ends = [[f"{end.month:%Y-%m}", end.open, end.added, end.recognised, end.deferred] for end in one.months]
    months = ["month", "open at its end", "added", "recognised", "deferred at its end"]
    return [
        table(f"Owed on {day}: {_expectation(found)}", columns, rows),
        table(f"{found.unit} by month, in {found.currency}", months, ends),
    ]


def _expectation(found: "Liability") -> str:
    return f"{found.unit}, in {found.currency}, redemption {found.basis} {grouped(found.urr)}"


def period(found: "Period") -> "list[RenderableType]":
    """The report of an accounting period."""
    state = "final" if found.is_final else f"may change; closes {show_time(found.closes_at)} UTC"
    rows = [[one.unit, one.currency, one.open, one.basis, one.urr, one.deferred] for one in found.liabilities]
    columns = ["unit", "currency", "open", "redemption", "rate", "deferred"]
    return [
        table(f"{found.month:%Y-%m} ({state})", _STEPS, map(_step, found.steps), left=2),
        table(f"Deferred revenue on {found.until}", columns, rows, left=2),
    ]


_STEPS = ["unit", "posted", "opening", "issued", "spent", "expired", "clawed back", "others", "closing"]


def _step(one: "Step") -> list[object]:
    told = one.figures
    others = told.received - told.sent - told.corrected - told.debt_paid
    return [
        *(one.unit, one.posted, one.opening, told.issued, told.redeemed, told.expired, told.clawed_back),
        *(others, one.closing),
    ]


def reconciliation(found: "Reconciliation") -> "list[RenderableType]":
    """The roll-forward, and what does not tie."""
    shown = [table("Roll-forward", _STEPS, map(_step, found.steps), left=2)]
    if found.untied:
        rows: Iterable[list[object]] = ([one.what, one.expected, one.found] for one in found.untied[:_SHOWN])
        shown.append(table("What does not tie", ["what", "by the journal", "found"], rows))
    return shown


def redemption(one: "Redemption") -> "list[RenderableType]":
    """The estimate of one unit by month of earning, and its test."""
    told = one.estimate
    rows = [
        [f"{row.earned_in:%Y-%m}", row.age, row.kept, row.redeemed, row.open, told.of_open.get(row.earned_in)]
        for row in told.vintages
    ]
    columns = ["earned in", "months", "kept", "spent", "open", "of it to be spent"]
    shown = [table(f"{one.unit}: {told.basis} {grouped(told.urr)} spent in the end", columns, rows)]
    if one.back_test is not None:
        test = one.back_test
        tested = [
            [f"{row.earned_in:%Y-%m}" if row.earned_in else "in all", row.foreseen, row.came, row.error]
            for row in (*test.vintages, test.total)
        ]
        title = f"Fitted until {test.fitted_until:%Y-%m}, compared until {test.tested_until:%Y-%m}"
        shown.append(table(title, ["earned in", "foreseen", "came", "error"], tested))
    return shown


def allocated(found: "Allocated") -> "RenderableType":
    """How a price is shared."""
    rows = [
        ["product", found.product],
        [found.unit, found.points],
        [f"stand-alone price of {found.unit}", found.stand_alone],
        [f"{found.unit} expected to be spent ({found.basis})", found.expected],
    ]
    return table(f"The price shared, in {found.currency}", ["", ""], rows)


def recognised(found: "Recognition") -> "RenderableType":
    """What is revenue by now."""
    return table("Recognised", ["", ""], [["in all", found.in_all], ["now", found.now]])


def control(found: "Control") -> str:
    """Control totals in one line."""
    sums = {**found.amounts, **found.values}
    return ", ".join(f"{grouped(total)} {name}" for name, total in sorted(sums.items())) or "nothing posted"
