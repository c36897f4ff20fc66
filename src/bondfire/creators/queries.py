"""What can be asked of creators: codes, what each brought, what waits for a person."""

import csv
from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from io import StringIO
from typing import Final
from uuid import UUID

from bondfire.creators import store
from bondfire.creators.model import Brought, Content, TrackedCode
from bondfire.db import Connection
from bondfire.kit import EXACT, format_amount, quantise, show_id
from bondfire.programs import Brand, Program

COLUMNS: Final = ("creator", "code", "campaign", "orders", "total", "commission", "currency")
_CENTS: Final = 2


def list_codes(conn: Connection, brand: Brand, *, after: str = "", limit: int = 100) -> list[TrackedCode]:
    """The codes of a brand, in their order."""
    return store.codes(conn, brand.id, after=after, most=limit)


def waiting_content(
    conn: Connection, brand: Brand, *, after: tuple[datetime, UUID, str] | None = None, limit: int = 100
) -> list[Content]:
    """What creators submitted and nobody has decided about, the oldest first."""
    return store.submitted_content(conn, brand.id, after=after, most=limit)


def brought_by_codes(conn: Connection, brand: Brand, *, since: datetime, until: datetime) -> list[Brought]:
    """What each code brought, of orders that were credited from a moment on and before another."""
    return store.brought(conn, brand.id, since=since, until=until)


def commission_on(program: Program, total: Decimal) -> Decimal:
    """What a creator gets of so much money, rounded down to hundredths; 0 without a commission."""
    rate = program.creators.commission if program.creators else Decimal(0)
    return quantise(EXACT.multiply(total, rate), _CENTS)


def as_csv(program: Program, found: Iterable[Brought]) -> Iterator[str]:
    """The report as CSV (RFC 4180), line by line, the heading first."""
    rows = (
        (
            show_id("mem", one.member_id),
            one.code,
            one.campaign,
            str(one.orders),
            format_amount(one.total),
            format_amount(commission_on(program, one.total)),
            program.currency,
        )
        for one in found
    )
    for row in (COLUMNS, *rows):
        line = StringIO()
        csv.writer(line).writerow(row)
        yield line.getvalue()
