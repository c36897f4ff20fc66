"""A member's entries, each with the event that caused it."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

from bondfire.journal.log.store import Connection, written_of
from bondfire.kit import bucket_of
from bondfire.ledger import Entry

ENTRIES_AFTER: Final = """
SELECT told.source, told.type, told.decision, posted.number, posted.seq, posted.unit, posted.kind,
    posted.debit, posted.credit, posted.amount, posted.lot, posted.event_id, posted.rule, posted.version,
    posted.effective_at, posted.posted_at, posted.reverses
FROM entry AS posted
JOIN journal AS told USING (brand_id, bucket, seq)
WHERE posted.brand_id = %(brand_id)s AND posted.bucket = %(bucket)s AND posted.member_id = %(member_id)s
    AND posted.number > %(after)s AND told.bucket = %(bucket)s
ORDER BY posted.number
LIMIT %(most)s
"""
ENTRIES_BEFORE: Final = """
SELECT told.source, told.type, told.decision, posted.number, posted.seq, posted.unit, posted.kind,
    posted.debit, posted.credit, posted.amount, posted.lot, posted.event_id, posted.rule, posted.version,
    posted.effective_at, posted.posted_at, posted.reverses
FROM entry AS posted
JOIN journal AS told USING (brand_id, bucket, seq)
WHERE posted.brand_id = %(brand_id)s AND posted.bucket = %(bucket)s AND posted.member_id = %(member_id)s
    AND posted.number < %(before)s AND told.bucket = %(bucket)s
ORDER BY posted.number DESC
LIMIT %(most)s
"""
END_OF_NUMBERS: Final = 2**62


class Told(NamedTuple):
    """An entry, the journal row it belongs to, and what that row says."""

    source: str
    type: str
    decision: str
    seq: int
    entry: Entry


def entries_after(conn: Connection, brand_id: int, member_id: UUID, *, after: int, most: int) -> list[Told]:
    """The oldest first, from behind a number on."""
    values = _place(brand_id, member_id) | {"after": after, "most": most}
    return [_told(row) for row in conn.cursor(binary=True).execute(ENTRIES_AFTER, values)]


def entries_before(
    conn: Connection, brand_id: int, member_id: UUID, *, before: int | None, most: int
) -> list[Told]:
    """The newest first, from before a number back; None begins with the last one."""
    values = _place(brand_id, member_id) | {"before": before or END_OF_NUMBERS, "most": most}
    return [_told(row) for row in conn.cursor(binary=True).execute(ENTRIES_BEFORE, values)]


def _place(brand_id: int, member_id: UUID) -> dict[str, Any]:
    return {"brand_id": brand_id, "bucket": bucket_of(member_id), "member_id": member_id}


def _told(row: Sequence[Any]) -> Told:
    source, kind, decision, *values = row
    written = written_of(values)
    return Told(source, kind, decision, written.seq, written.entry)
