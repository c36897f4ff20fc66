"""Statements that read a page: of lots that have rows, of what comes, of unmatched returns."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple
from uuid import UUID

from bondfire.journal.log.arrays import array_of
from bondfire.journal.log.store import Connection
from bondfire.kit import BUCKETS, EPOCH, bucket_of
from bondfire.ledger import SLIDING, UNDECIDED, Lot

LOTS_THAT_EXPIRE: Final = """
SELECT number, unit, amount, remaining, event_id, rule, entry, earned_at, available_at, expires_at,
    is_pending, expired
FROM lot
WHERE brand_id = %(brand_id)s AND bucket = %(bucket)s AND member_id = %(member_id)s AND unit = %(unit)s
    AND is_open AND is_pending = %(is_pending)s AND (due_at IS NULL OR due_at > %(now)s)
    AND (expires_at, earned_at, number) > (%(expires_at)s, %(earned_at)s, %(number)s)
    AND expires_at < %(sliding)s AND number <> ALL (%(held)s::bigint[])
ORDER BY expires_at, earned_at, number
LIMIT %(most)s
"""
LOTS_FOR_EVER: Final = """
SELECT number, unit, amount, remaining, event_id, rule, entry, earned_at, available_at, expires_at,
    is_pending, expired
FROM lot
WHERE brand_id = %(brand_id)s AND bucket = %(bucket)s AND member_id = %(member_id)s AND unit = %(unit)s
    AND is_open AND is_pending = %(is_pending)s AND expires_at IS NULL
    AND (due_at IS NULL OR due_at > %(now)s)
    AND (earned_at, number) > (%(earned_at)s, %(number)s) AND number <> ALL (%(held)s::bigint[])
ORDER BY expires_at, earned_at, number
LIMIT %(most)s
"""
LOTS_THAT_SLIDE: Final = """
SELECT number, unit, amount, remaining, event_id, rule, entry, earned_at, available_at, expires_at,
    is_pending, expired
FROM lot
WHERE brand_id = %(brand_id)s AND bucket = %(bucket)s AND member_id = %(member_id)s AND unit = %(unit)s
    AND is_open AND is_pending = %(is_pending)s AND expires_at = %(sliding)s
    AND (due_at IS NULL OR due_at > %(now)s)
    AND (earned_at, number) > (%(earned_at)s, %(number)s) AND number <> ALL (%(held)s::bigint[])
ORDER BY expires_at, earned_at, number
LIMIT %(most)s
"""
EXPIRIES: Final = """
SELECT expires_at, SUM(remaining) FROM lot
WHERE brand_id = %(brand_id)s AND bucket = %(bucket)s AND member_id = %(member_id)s AND unit = %(unit)s
    AND is_open AND is_pending = %(is_pending)s AND expires_at > %(now)s AND expires_at < %(sliding)s
    AND (due_at IS NULL OR due_at > %(now)s) AND number <> ALL (%(held)s::bigint[])
GROUP BY expires_at
ORDER BY expires_at
LIMIT %(most)s
"""
SLIDING_SUM: Final = """
SELECT SUM(remaining) FROM lot
WHERE brand_id = %(brand_id)s AND bucket = %(bucket)s AND member_id = %(member_id)s AND unit = %(unit)s
    AND is_open AND is_pending = %(is_pending)s AND expires_at = %(sliding)s
    AND (due_at IS NULL OR due_at > %(now)s) AND number <> ALL (%(held)s::bigint[])
"""
RELEASES: Final = """
SELECT due_at, SUM(remaining) FROM lot
WHERE brand_id = %(brand_id)s AND bucket = %(bucket)s AND member_id = %(member_id)s AND unit = %(unit)s
    AND is_open AND is_pending AND due_at > %(now)s AND due_at < %(undecided)s
GROUP BY due_at
ORDER BY due_at
LIMIT %(most)s
"""
REPORT_UNMATCHED_PAGE: Final = """
SELECT member_id, source, event_id, occurred_at, decision, bucket, seq
FROM journal
WHERE brand_id = %(brand_id)s AND outcome = 'unmatched' AND occurred_at <= %(occurred_at)s
    AND (occurred_at < %(occurred_at)s OR (bucket, seq) > (%(bucket)s, %(seq)s))
ORDER BY occurred_at DESC, bucket, seq
LIMIT %(most)s
"""
FIRST_DUE: Final = """
SELECT MIN(due.due_at)
FROM unnest(%(buckets)s::int[]) AS asked (bucket),
LATERAL (
    SELECT due_at FROM member_state
    WHERE brand_id = %(brand_id)s AND bucket = asked.bucket AND due_at IS NOT NULL
    ORDER BY due_at
    LIMIT 1
) AS due
"""

"""What is pending is due when it is released; so this goes by `lot_due`. The others go by the spending order:
they ask for `due_at` in a way that no index can answer, and sort by `expires_at` also where it is null."""

_BEGINNING: Final = {"earned_at": EPOCH, "number": 0}


class StoredReturn(NamedTuple):
    """A return that fits no purchase, and where it stands."""

    member_id: UUID
    source: str
    event: str
    occurred_at: datetime
    decision: str
    bucket: int
    seq: int


class LotPlace(NamedTuple):
    """Where a lot stands in the spending order; None: it never expires."""

    expires_at: datetime | None
    earned_at: datetime
    number: int


class ReturnPlace(NamedTuple):
    """Where a return stands in the list of those that nobody could match."""

    occurred_at: datetime
    bucket: int
    seq: int


class Wanted(NamedTuple):
    """Lots of one unit that nothing was due for until now.

    Attributes:
        now: the present.
        most: how many of each kind.
        kinds: False for lots that are not pending, True for those that are.
        held: numbers of lots that are at hand and so not wanted.
        ends_at: when those that slide end; None: none does.
    """

    unit: str
    now: datetime
    most: int
    kinds: Sequence[bool]
    held: Sequence[int]
    ends_at: datetime | None

    def values(self, place: dict[str, Any]) -> dict[str, Any]:
        """The arguments of a statement."""
        asked = {"unit": self.unit, "now": self.now, "most": self.most, "held": list(self.held)}
        return place | asked | {"sliding": SLIDING}


def open_lots(
    conn: Connection, brand_id: int, member_id: UUID, wanted: Wanted, *, after: LotPlace
) -> Iterator[Lot]:
    """Lots behind a place, which goes by the ends they have now: at least the first `most`, in no order."""
    values = wanted.values(_place(brand_id, member_id)) | after._asdict()
    beginning = values | _BEGINNING
    cursor = conn.cursor(binary=True)
    for is_pending in wanted.kinds:
        pending = {"is_pending": is_pending}
        if after.expires_at is not None:
            yield from (Lot(*row) for row in cursor.execute(LOTS_THAT_EXPIRE, values | pending))
        if after.expires_at is not None and wanted.ends_at is not None and after.expires_at <= wanted.ends_at:
            sliding = values if after.expires_at == wanted.ends_at else beginning
            yield from (Lot(*row) for row in cursor.execute(LOTS_THAT_SLIDE, sliding | pending))
        forever = values if after.expires_at is None else beginning
        yield from (Lot(*row) for row in cursor.execute(LOTS_FOR_EVER, forever | pending))


def expiries(
    conn: Connection, brand_id: int, member_id: UUID, wanted: Wanted
) -> Iterator[tuple[datetime, Decimal]]:
    """When how much is gone; an instant may come once for each kind, and the first `most` are whole."""
    values = wanted.values(_place(brand_id, member_id))
    cursor = conn.cursor(binary=True)
    for is_pending in wanted.kinds:
        pending = {"is_pending": is_pending}
        yield from cursor.execute(EXPIRIES, values | pending)
        row = cursor.execute(SLIDING_SUM, values | pending).fetchone() if wanted.ends_at else None
        if row and row[0] and wanted.ends_at:
            yield wanted.ends_at, row[0]


def releases(
    conn: Connection, brand_id: int, member_id: UUID, unit: str, *, now: datetime, most: int
) -> Iterator[tuple[datetime, Decimal]]:
    """When how much can be spent: the first `most` instants."""
    values = _place(brand_id, member_id) | {"unit": unit, "now": now, "most": most}
    values["undecided"] = UNDECIDED
    yield from conn.cursor(binary=True).execute(RELEASES, values)


def unmatched_returns(
    conn: Connection, brand_id: int, *, after: ReturnPlace, most: int
) -> list[StoredReturn]:
    """Returns that fit no purchase behind a place, the newest first."""
    values = {"brand_id": brand_id, **after._asdict(), "most": most}
    return [StoredReturn(*row) for row in conn.execute(REPORT_UNMATCHED_PAGE, values)]


def first_due(conn: Connection, brand_id: int) -> datetime | None:
    """When something is due next, or was."""
    values = {"brand_id": brand_id, "buckets": array_of(range(BUCKETS))}
    row = conn.execute(FIRST_DUE, values).fetchone()
    return row[0] if row else None


def _place(brand_id: int, member_id: UUID) -> dict[str, Any]:
    return {"brand_id": brand_id, "bucket": bucket_of(member_id), "member_id": member_id}
