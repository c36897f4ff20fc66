"""One bucket of the journal, decided again in memory from its first row."""

from typing import Any
from uuid import UUID

import msgspec

from bondfire.engine import shown_member
from bondfire.errors import BondfireError
from bondfire.journal.arrivals import arrival_of
from bondfire.journal.batch import Batch
from bondfire.journal.log.rows import JournalRow, event_of_row, read_kept
from bondfire.journal.log.store import Connection, rows_of_bucket
from bondfire.journal.merging import all_brought
from bondfire.journal.record import MemberRecord, new_record
from bondfire.programs import Brand, Timeline


class Difference(msgspec.Struct, frozen=True):
    """A stored row that is not what the journal says, or a row of the journal that cannot have been decided.

    Attributes:
        table, key: which row; the key as `column value` pairs.
        field: the column, with the path inside JSON; "row" when one of the two is not there.
        stored, derived: as text.
    """

    table: str
    key: str
    field: str
    stored: str
    derived: str

    def __str__(self) -> str:
        return f"{self.table} ({self.key}): {self.field} is {self.stored}, but follows as {self.derived}"


class Retold(msgspec.Struct):
    """A bucket as its journal tells it.

    Attributes:
        rows: the journal as stored. batch: everything that follows from it.
        unreadable: the first row that no version of the programme can read; what comes after it is left.
    """

    bucket: int
    rows: list[JournalRow]
    batch: Batch
    unreadable: Difference | None = None

    def chains(self) -> list[tuple[UUID, bytes]]:
        """Everybody in the bucket and their chain."""
        changed = self.batch.changed
        return [(member_id, changed[member_id].state.ledger.chain) for member_id in sorted(changed)]


class _Everybody(dict[UUID, MemberRecord]):
    """Members by id, new ones made when they are first asked for."""

    def __missing__(self, member_id: UUID) -> MemberRecord:
        record = self[member_id] = new_record(member_id)
        return record


def retell(conn: Connection, brand: Brand, timeline: Timeline, bucket: int) -> Retold:
    """Decide a bucket's journal again, with everything of its members in memory.

    Args:
        conn: in a transaction whose snapshot holds.
        brand: whose journal.
        timeline: the versions of its programme.
        bucket: which; it holds a thousandth of the members, so it fits into memory.
    """
    told = Retold(bucket, [], Batch(brand, timeline, heads={bucket: 1}, records=_Everybody()))
    for row in rows_of_bucket(conn, brand.id, bucket):
        told.rows.append(row)
        try:
            event = event_of_row(timeline, row, shown_member(row.member_id))
        except BondfireError as error:
            key = f"bucket {bucket}, seq {row.seq}"
            told.unreadable = Difference("journal", key, "body", row.body[:200], str(error))
            break
        if event is None:
            told.batch.pass_time(row.member_id, row.recorded_at, row.known_version)
        else:
            if event.type == "member.absorbed":
                told.batch.records[row.member_id].state.brought = all_brought(conn, brand, timeline, event)
            seen = read_kept(row.decision).budgets if timeline.has_budgets else None
            told.batch.decide(arrival_of(brand.name, event, row.member_id), row.known_version, seen)
    return told


def text_of(value: Any) -> str:
    """A value of a column for people."""
    if isinstance(value, bytes):
        return value.hex()
    return str(value)[:200]
