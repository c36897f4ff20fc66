"""The passing of time, in bounded batches: releases, expiries and tier windows that came due."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from bondfire.db import connect, transaction
from bondfire.journal.batch import Batch
from bondfire.journal.cache import StateCache
from bondfire.journal.loading import Need, load_records
from bondfire.journal.log import store as journal
from bondfire.journal.log.store import Connection
from bondfire.journal.records import store as states
from bondfire.kit import BUCKETS
from bondfire.programs import Brand, Timeline, advance_clock

EVERY_BUCKET: Final = range(BUCKETS)


def run_due(
    conn: Connection,
    brand: Brand,
    timeline: Timeline,
    *,
    until: datetime,
    limit: int = 1_000,
    buckets: Sequence[int] = EVERY_BUCKET,
    cache: StateCache | None = None,
) -> int:
    """Do what came due up to `until` for at most `limit` members, in the caller's transaction.

    Each thing is done as of its own moment, so a run after an outage gives what punctual runs would have
    given. Every member whose books change gets one row in the journal, so replay repeats it. Call it
    again until it gives 0.

    Args:
        conn: in a transaction; never committed here.
        brand: whose members.
        timeline: the versions of its programme.
        until: the present for a brand that lives by the wall clock, else the time its history has come to.
        limit: how many members at most.
        buckets: only these.
        cache: as of `process_events`.

    Returns:
        For how many members something was done.
    """
    until = until.astimezone(UTC)
    due = states.due_members(conn, brand.id, buckets, until=until, most=limit)
    if not due:
        return 0
    heads = journal.lock_heads(conn, brand.id, sorted({bucket for bucket, _ in due}))
    members: list[UUID] = [member_id for _, member_id in due]
    held = cache.find(members, heads) if cache is not None else {}
    needs = {member_id: Need(until) for member_id in members}
    records = load_records(conn, brand, timeline, needs, held=held)
    batch = Batch(brand, timeline, heads=heads, records=records)
    done = sum(batch.pass_time(member_id, until) for member_id in members)
    batch.write(conn)
    if cache is not None:
        cache.keep(batch.changed.values(), batch.heads)
    return done


def pass_time(
    dsn: str,
    brand: Brand,
    timeline: Timeline,
    *,
    until: datetime,
    batch: int = 1_000,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Bring a whole brand up to `until`, batch by batch, each committed; the brand's clock moves last.

    Interrupted and run again, it goes on where it stopped (L5).

    Args:
        dsn: the database.
        brand: whose members.
        timeline: the versions of its programme.
        until: see `run_due`.
        batch: members in one transaction.
        progress: called after each commit with the number of members done.
    """
    done = 0
    with connect(dsn) as conn:
        while True:
            with transaction(conn):
                passed = run_due(conn, brand, timeline, until=until, limit=batch)
                if not passed and brand.clock == "events":
                    advance_clock(conn, brand.id, until)
            if not passed:
                return done
            done += passed
            if progress is not None:
                progress(done)
