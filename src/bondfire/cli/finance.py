"""`bondfire finance`: what is owed, what became revenue, whether the books tie out, and their export."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, TypeVar

from cyclopts import App, Parameter

from bondfire.cli import finance_tables as tables
from bondfire.cli.endings import DONE, REFUSED, Usage
from bondfire.cli.house import open_database
from bondfire.cli.options import AsJson, BrandName
from bondfire.cli.output import count, print_json, say, show

if TYPE_CHECKING:
    from bondfire.db import Connection
    from bondfire.finance import Control
    from bondfire.programs import Brand, Timeline

T = TypeVar("T")

finance = App(
    name="finance",
    help="Say what is owed and what became revenue, tie the books out, and export them.",
    help_epilogue="Example: bondfire finance liability --brand corner-cafe --on 2026-03-31",
    help_format="plaintext",
)

On = Annotated[
    str | None, Parameter(help="At the end of which day, such as 2026-03-31; the brand's present without it.")
]
Month = Annotated[str, Parameter(help="Which month, such as 2026-03.")]


class _Asked(NamedTuple):
    """A brand, looked at in one moment."""

    conn: "Connection"
    brand: "Brand"
    timeline: "Timeline"
    now: datetime

    def day(self, on: str | None) -> date:
        """The day that is asked for."""
        from bondfire.finance import checked_day, parse_day, today_of

        wanted = None if on is None else parse_day(on, "--on")
        return checked_day(wanted, today_of(self.brand, self.timeline, self.now))


@contextmanager
def _asking(brand: str) -> Iterator[_Asked]:
    """The books of a brand, all of one moment."""
    from bondfire.db import connect, transaction
    from bondfire.programs import brand_named, load_timeline

    with open_database() as dsn, connect(dsn) as conn, transaction(conn, snapshot=True):
        owner = brand_named(conn, brand)
        yield _Asked(conn, owner, load_timeline(conn, owner.id), datetime.now(UTC))


def _answer(brand: str, query: Callable[[_Asked], T]) -> T:
    with _asking(brand) as asked:
        return query(asked)


@finance.command
def liability(*, brand: BrandName, on: On = None, as_json: AsJson = False) -> None:
    """Say what is owed at the end of a day, by unit, month of earning, and month.

    Example: bondfire finance liability --brand corner-cafe --on 2026-03-31
    """
    from bondfire.finance import read_owed

    with _asking(brand) as asked:
        day = asked.day(on)
        owed = read_owed(asked.conn, asked.brand, asked.timeline, day)
    if as_json:
        print_json({"on": day, "units": owed})
    else:
        show(*(part for one in owed for part in tables.owed(one, day)))


@finance.command
def period(month: Month, /, *, brand: BrandName, as_json: AsJson = False) -> None:
    """Report an accounting period: opening, what was posted, closing, and the revenue deferred at its end.

    Example: bondfire finance period 2026-03 --brand corner-cafe
    """
    from bondfire.finance import parse_month, read_period

    first = parse_month(month, "MONTH")
    found = _answer(
        brand, lambda asked: read_period(asked.conn, asked.brand, asked.timeline, first, now=asked.now)
    )
    if as_json:
        print_json(found)
    else:
        show(*tables.period(found))


@finance.command
def redemption(
    *,
    brand: BrandName,
    on: On = None,
    fit: Annotated[
        str | None,
        Parameter(help="Test it: fit on what was known at the end of this month, compare with what came."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Estimate which share of what was earned is spent in the end, by chain ladder over its months.

    Example: bondfire finance redemption --brand corner-cafe --fit 2025-12
    """
    from bondfire.finance import parse_month, read_redemption

    fit_until = None if fit is None else parse_month(fit, "--fit")
    with _asking(brand) as asked:
        day = asked.day(on)
        found = read_redemption(asked.conn, asked.brand, asked.timeline, day, fit_until=fit_until)
    if as_json:
        print_json({"on": day, "units": found})
    else:
        show(*(part for one in found for part in tables.redemption(one)))


@finance.command
def reconcile(
    *,
    brand: BrandName,
    daily: Annotated[bool, Parameter(negative=(), help="Day by day, not month by month.")] = False,
    as_json: AsJson = False,
) -> int:
    """Tie the books out: the accounts, the lots and what is stored; the exit code is 1 if they do not.

    Example: bondfire finance reconcile --brand corner-cafe --daily
    """
    from bondfire.finance import read_reconciliation

    grain: Any = "day" if daily else "month"
    found = _answer(
        brand, lambda asked: read_reconciliation(asked.conn, asked.brand, asked.timeline, grain=grain)
    )
    if as_json:
        print_json({"ties": found.ties, "steps": found.steps, "untied": found.untied})
    else:
        show(*tables.reconciliation(found))
        print("Everything ties out." if found.ties else f"{count(len(found.untied), 'sum')} do not tie.")
    return DONE if found.ties else REFUSED


@finance.command
def journal(
    *,
    brand: BrandName,
    since: Annotated[str, Parameter(name="--from", help="The first day of posting, such as 2026-03-01.")],
    until: Annotated[str, Parameter(name="--to", help="The last day of posting, such as 2026-03-31.")],
    output: Annotated[Path | None, Parameter(help="Write to this file; to stdout without it.")] = None,
    as_json: AsJson = False,
) -> None:
    """Export the entries posted from a day to a day as CSV for an accounting system.

    What --json prints are the control totals; then --output is needed.

    Example: bondfire finance journal --brand corner-cafe --from 2026-03-01 --to 2026-03-31 --output march.csv
    """
    from bondfire.finance import Control, export_lines, parse_day

    if as_json and output is None:
        raise Usage("--json leaves no room for the export on stdout.", next_step="Give --output too.")
    first, last = parse_day(since, "--from"), parse_day(until, "--to")
    control = Control()
    with _asking(brand) as asked:
        pieces = export_lines(
            asked.conn, asked.brand, asked.timeline, since=first, until=last, control=control
        )
        if output is None:
            for piece in pieces:
                sys.stdout.write(piece)
        else:
            with output.open("w", encoding="utf-8", newline="") as file:
                file.writelines(pieces)
    if as_json:
        print_json({"file": str(output), **_control(control)})
    else:
        say(f"{count(control.lines, 'line')}; {tables.control(control)}.")


def _control(control: "Control") -> dict[str, Any]:
    return {"lines": control.lines, "amounts": control.amounts, "values": control.values}


@finance.command
def allocate(
    *,
    brand: BrandName,
    price: Annotated[str, Parameter(help="What was paid for goods and points together.")],
    product: Annotated[str, Parameter(help="What the goods cost on their own.")],
    unit: Annotated[str, Parameter(help="The unit that came with them.")],
    amount: Annotated[str, Parameter(help="How much of it.")],
    on: On = None,
    as_json: AsJson = False,
) -> None:
    """Share a price between goods and points by stand-alone selling prices (IFRS 15).

    Example: bondfire finance allocate --brand air --price 800 --product 800 --unit miles --amount 2000
    """
    from bondfire.finance import Sale, read_allocation
    from bondfire.kit import parse_amount

    paid = parse_amount(price, decimals=4, name="--price")
    alone = parse_amount(product, decimals=4, name="--product")
    sale = Sale(paid, alone, unit, parse_amount(amount, decimals=6, name="--amount"))
    with _asking(brand) as asked:
        found = read_allocation(asked.conn, asked.brand, asked.timeline, sale, day=asked.day(on))
    if as_json:
        print_json(found)
    else:
        show(tables.allocated(found))


@finance.command
def recognise(
    *,
    allocated: Annotated[str, Parameter(help="The points' share of the price.")],
    redeemed: Annotated[str, Parameter(help="How many points were spent in all.")],
    expected: Annotated[str, Parameter(help="How many are now expected to be spent in all.")],
    before: Annotated[str, Parameter(help="What was recognised earlier.")] = "0",
    decimals: Annotated[int, Parameter(help="Decimals of the currency.")] = 2,
    as_json: AsJson = False,
) -> None:
    """Say what of the points' share is revenue by now; a changed expectation is caught up (IFRS 15).

    Example: bondfire finance recognise --allocated 8676 --redeemed 4500 --expected 9500
    """
    from bondfire.finance import recognise as work_out
    from bondfire.kit import parse_amount

    if not 0 <= decimals <= 4:
        raise Usage("--decimals is 0 to 4.", next_step="Give the decimals of the currency, such as 2.")
    found = work_out(
        parse_amount(allocated, decimals=4, name="--allocated"),
        redeemed=parse_amount(redeemed, decimals=6, name="--redeemed"),
        expected=parse_amount(expected, decimals=6, name="--expected"),
        before=parse_amount(before, decimals=4, name="--before"),
        decimals=decimals,
    )
    if as_json:
        print_json(found._asdict())
    else:
        show(tables.recognised(found))
