"""The entries of a brand as its accountants read them, and what is stored of what they came to."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final, Literal

from bondfire.journal.log.rows import MOVES
from bondfire.journal.log.store import Connection
from bondfire.journal.postings import store
from bondfire.journal.postings.store import Line, Moved
from bondfire.journal.record import open_in
from bondfire.journal.reports import store as reports
from bondfire.kit import BUCKETS
from bondfire.ledger import ZERO, Account, Kind, Wallet
from bondfire.programs import Brand, Timeline

Grain = Literal["day", "month"]
OWED: Final = frozenset({Account.PENDING, Account.ACTIVE, Account.HELD})
"""The accounts of what members can still claim; what is held is part of its lot until it is captured."""
COMING: Final = tuple(
    name for name, (_, debit, credit) in MOVES.items() if {debit, credit} & OWED == {credit}
)
GOING: Final = tuple(name for name, (_, debit, credit) in MOVES.items() if {debit, credit} & OWED == {debit})
"""The movements that put something into a lot, and those that take something out."""
WHOLE: Final = tuple(name for name, (kind, _, _) in MOVES.items() if kind in {Kind.EARN, Kind.RECEIVE})
"""Those that bring a lot as a whole."""
_STEP: Final = 64
"""So many buckets at a time: what PostgreSQL sorts is a sixteenth of a brand."""


def entries_moved(
    conn: Connection, brand: Brand, timeline: Timeline, *, until: date, grain: Grain = "month"
) -> Iterator[Moved]:
    """What was posted up to a day, added up by unit, vintage, version, day or month, and kind of movement.

    The same sum may come in several parts. What is posted in a closed month never changes afterwards.

    Args:
        conn: in a transaction; with a snapshot everything is of one moment.
        brand: whose entries.
        timeline: its versions: their time zones and when their months close.
        until: the last day that counts, in the programme's time zone.
        grain: whether what is posted is told by day or by month.
    """
    asked = _asked(brand, timeline) | {"until": until, "grain": grain}
    for buckets in _ranges():
        yield from store.moved(conn, asked, buckets)


def posted_lines(
    conn: Connection, brand: Brand, timeline: Timeline, *, since: date, until: date
) -> Iterator[Line]:
    """Every entry that was posted from a day to a day, by bucket, row and number: an order that stays.

    Entries are read a few at a time, however many there are.
    """
    asked = _asked(brand, timeline) | {"since": since, "until": until}
    for buckets in _ranges():
        yield from store.lines(conn, asked, buckets)


def open_lots_stored(conn: Connection, brand: Brand) -> dict[str, Decimal]:
    """What is left in all lots that are stored, by unit."""
    found = store.open_in_rows(conn, brand.id)
    for body in store.bodies(conn, brand.id):
        for unit, left in open_in(body):
            found[unit] = found.get(unit, ZERO) + left
    return found


def wallets_stored(conn: Connection, brand: Brand) -> dict[str, Wallet]:
    """What all wallets that are stored hold together, by unit."""
    return reports.totals(conn, brand.id)


def _ranges() -> Iterator[Sequence[int]]:
    return (range(first, first + _STEP) for first in range(0, BUCKETS, _STEP))


def _asked(brand: Brand, timeline: Timeline) -> dict[str, Any]:
    versions = timeline.versions
    return {
        "brand_id": brand.id,
        "closes": brand.clock == "wall",
        "numbers": [version.number for version in versions],
        "zones": [version.program.zone.key for version in versions],
        "close_months": [version.program.books.close_after.months for version in versions],
        "close_days": [version.program.books.close_after.days for version in versions],
        "coming": list(COMING),
        "going": list(GOING),
        "whole": list(WHOLE),
    }
