"""The table of members' states: load them, write them, find those for whom something is due."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from bondfire.engine import next_due_at
from bondfire.journal.log.arrays import array_of, copy_lines, in_columns, line_of
from bondfire.journal.log.store import Connection
from bondfire.journal.record import MemberRecord, Statistics, read_record, write_body, write_wallets
from bondfire.kit import bucket_of

STATES: Final = """
SELECT state.member_id, state.seq, state.chain, state.joined_at, state.first_on, state.last_on,
    state.repeat_days, state.orders, state.order_total, state.wallets, state.body
FROM unnest(%(buckets)s::int[], %(members)s::uuid[]) AS asked (bucket, member_id),
LATERAL (
    SELECT member_id, seq, chain, joined_at, first_on, last_on, repeat_days, orders, order_total, wallets,
        body
    FROM member_state
    WHERE brand_id = %(brand_id)s AND bucket = asked.bucket AND member_id = asked.member_id
    LIMIT 1
) AS state
"""
COPY_STATES: Final = """
COPY member_state (brand_id, bucket, member_id, seq, chain, due_at, joined_at, first_on, last_on, repeat_days,
    orders, order_total, wallets, body)
FROM STDIN
"""
CHANGE_STATES: Final = """
UPDATE member_state AS state SET
    seq = changed.seq, chain = changed.chain, due_at = changed.due_at, joined_at = changed.joined_at,
    first_on = changed.first_on, last_on = changed.last_on, repeat_days = changed.repeat_days,
    orders = changed.orders, order_total = changed.order_total, wallets = changed.wallets, body = changed.body
FROM unnest(%(bucket)s::int[], %(member_id)s::uuid[], %(seq)s::bigint[], %(chain)s::bytea[],
    %(due_at)s::timestamptz[], %(joined_at)s::timestamptz[], %(first_on)s::date[], %(last_on)s::date[],
    %(repeat_days)s::int[], %(orders)s::int[], %(order_total)s::numeric[], %(wallets)s::text[],
    %(body)s::bytea[])
    AS changed (bucket, member_id, seq, chain, due_at, joined_at, first_on, last_on, repeat_days, orders,
        order_total, wallets, body)
WHERE state.brand_id = %(brand_id)s AND state.bucket = changed.bucket AND state.member_id = changed.member_id
"""
DUE_MEMBERS: Final = """
SELECT asked.bucket, found.member_id
FROM unnest(%(buckets)s::int[]) AS asked (bucket),
LATERAL (
    SELECT member_id FROM member_state
    WHERE brand_id = %(brand_id)s AND bucket = asked.bucket AND due_at <= %(until)s
    ORDER BY due_at
    LIMIT %(most)s
) AS found
LIMIT %(most)s
"""
_FIELDS: Final = (
    *("bucket", "member_id", "seq", "chain", "due_at", "joined_at", "first_on", "last_on", "repeat_days"),
    *("orders", "order_total", "wallets", "body"),
)


def load_states(conn: Connection, brand_id: int, members: Sequence[UUID]) -> dict[UUID, MemberRecord]:
    """What is stored of these members, their books closed."""
    cursor = conn.cursor(binary=True)
    values = {
        "brand_id": brand_id,
        "buckets": array_of([bucket_of(member_id) for member_id in members]),
        "members": array_of(members),
    }
    return {row[0]: _record(row) for row in cursor.execute(STATES, values)}


def _record(row: Sequence[Any]) -> MemberRecord:
    member_id, seq, chain, joined_at, first_on, last_on, repeat_days, orders, total, wallets, body = row
    record = read_record(member_id, seq, chain, joined_at=joined_at, wallets=wallets, body=body)
    record.statistics = Statistics(first_on, last_on, repeat_days, orders, total)
    record.state.has_ordered = orders > 0
    return record


def add_states(conn: Connection, brand_id: int, records: Iterable[MemberRecord]) -> None:
    """Write members who are not stored yet."""
    copy_lines(conn, COPY_STATES, (line_of((brand_id, *state_values(record))) for record in records))


def change_states(conn: Connection, brand_id: int, records: Iterable[MemberRecord]) -> None:
    """Write members who are stored already."""
    rows = [state_values(record) for record in records]
    conn.execute(CHANGE_STATES, {"brand_id": brand_id, **in_columns(_FIELDS, rows)})


def state_values(record: MemberRecord) -> tuple[Any, ...]:
    """The columns of a member's row, from the bucket on; the record has been settled."""
    state, statistics = record.state, record.statistics
    return (
        bucket_of(state.id),
        state.id,
        record.seq,
        state.ledger.chain,
        next_due_at(state) if state.joined_at else None,
        state.joined_at,
        statistics.first_on,
        statistics.last_on,
        statistics.repeat_days,
        statistics.orders,
        statistics.order_total,
        write_wallets(state),
        write_body(record),
    )


def due_members(
    conn: Connection, brand_id: int, buckets: Sequence[int], *, until: datetime, most: int
) -> list[tuple[int, UUID]]:
    """Bucket and id of members for whom time alone changes something up to `until`."""
    values = {"brand_id": brand_id, "buckets": array_of(buckets), "until": until, "most": most}
    return [(bucket, member_id) for bucket, member_id in conn.execute(DUE_MEMBERS, values)]
