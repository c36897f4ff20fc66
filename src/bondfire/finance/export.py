"""The journal as lines for an accounting system: CSV, double entry, in an order that stays."""

import csv
from collections.abc import Iterable, Iterator
from decimal import Decimal, localcontext
from io import StringIO
from typing import Any, Final

import msgspec

from bondfire.finance.model import price_of
from bondfire.journal import MOVES, Line
from bondfire.kit import EXACT, format_amount, show_id
from bondfire.ledger import ZERO
from bondfire.programs import Timeline

COLUMNS: Final = (
    *(
        "posted_on",
        "effective_at",
        "period",
        "debit",
        "credit",
        "unit",
        "amount",
        "value",
        "currency",
        "kind",
    ),
    *("member_id", "bucket", "seq", "entry", "lot", "source", "event", "rule", "version"),
)
"""The columns in their order; new ones only ever come at the end."""
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "'")
_LINES_AT_ONCE: Final = 500


class Control(msgspec.Struct):
    """What an export holds, to be compared with what the accounting system read.

    Attributes:
        lines: without the heading.
        amounts: by unit, and values: by currency: the sums of their columns.
    """

    lines: int = 0
    amounts: dict[str, Decimal] = {}
    values: dict[str, Decimal] = {}


def as_text(cell: str) -> str:
    """A text that no spreadsheet takes for a formula: what could be one gets an apostrophe before it.

    So does a text that begins with an apostrophe, so whoever takes one away has the text again. (OWASP, CSV
    Injection.)
    """
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def csv_of(lines: Iterable[Line], timeline: Timeline, control: Control) -> Iterator[str]:
    """The export as pieces of CSV (RFC 4180): a heading, then a line an entry; a few at a time are held.

    Each line moves its amount from the account `debit` to the account `credit`, so the lines balance one by
    one. `value` is the exact worth of the amount, by the version that gave the lot; empty without one.

    Args:
        lines: in the order of the export.
        timeline: the versions of the programme.
        control: is told what was written.
    """
    page, writer = _page()
    writer.writerow(COLUMNS)
    for number, line in enumerate(lines, 1):
        writer.writerow(_row(line, timeline, control))
        if not number % _LINES_AT_ONCE:
            yield page.getvalue()
            page, writer = _page()
    yield page.getvalue()


def _page() -> tuple[StringIO, Any]:
    page = StringIO()
    return page, csv.writer(page, lineterminator="\r\n")


def _row(line: Line, timeline: Timeline, control: Control) -> tuple[object, ...]:
    kind, debit, credit = MOVES[line.move]
    price = price_of(timeline, line.unit, line.earned_by, line.posted_on)
    currency, worth = "", ""
    with localcontext(EXACT):
        control.lines += 1
        control.amounts[line.unit] = control.amounts.get(line.unit, ZERO) + line.amount
        if price is not None:
            currency = price.currency
            control.values[currency] = control.values.get(currency, ZERO) + line.amount * price.value
            worth = format_amount(line.amount * price.value)
    return (
        line.posted_on.isoformat(),
        line.effective_at.isoformat(),
        f"{line.posted_on:%Y-%m}",
        debit,
        credit,
        line.unit,
        format_amount(line.amount),
        worth,
        currency,
        kind,
        show_id("mem", line.member_id),
        line.bucket,
        line.seq,
        line.number,
        line.lot or "",
        as_text(line.source),
        "" if line.by_time else as_text(line.event_id),
        as_text(line.rule),
        line.version,
    )
