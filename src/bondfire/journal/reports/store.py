"""What is asked of a whole brand: digest, totals, tiers, events, returns that wait for a person."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from bondfire.journal.log.store import Connection
from bondfire.kit import bucket_of
from bondfire.ledger import Wallet

REPORT_CHAINS: Final = "SELECT member_id, chain FROM member_state WHERE brand_id = %(brand_id)s"
REPORT_TOTALS: Final = """
SELECT wallet.key,
    COALESCE(SUM((wallet.value ->> 'issued')::numeric), 0),
    COALESCE(SUM((wallet.value ->> 'active')::numeric), 0),
    COALESCE(SUM((wallet.value ->> 'pending')::numeric), 0),
    COALESCE(SUM((wallet.value ->> 'debt')::numeric), 0),
    COALESCE(SUM((wallet.value ->> 'spent')::numeric), 0),
    COALESCE(SUM((wallet.value ->> 'expired')::numeric), 0),
    COALESCE(SUM((wallet.value ->> 'clawed_back')::numeric), 0),
    COALESCE(SUM((wallet.value ->> 'written_off')::numeric), 0)
FROM member_state AS state, LATERAL json_each(state.body::json -> 'wallets') AS wallet
WHERE state.brand_id = %(brand_id)s
GROUP BY wallet.key
ORDER BY wallet.key
"""
REPORT_TIERS: Final = """
SELECT standing.key, standing.value ->> 'tier', COUNT(*)
FROM member_state AS state, LATERAL json_each(state.body::json -> 'standings') AS standing
WHERE state.brand_id = %(brand_id)s AND state.joined_at IS NOT NULL
GROUP BY 1, 2
ORDER BY 1, 2
"""
REPORT_EVENTS: Final = """
SELECT type, outcome, COUNT(*) FROM journal
WHERE brand_id = %(brand_id)s
GROUP BY type, outcome
ORDER BY type, outcome
"""
REPORT_MEMBERS: Final = """
SELECT COUNT(*) FROM member_state WHERE brand_id = %(brand_id)s AND joined_at IS NOT NULL
"""
REPORT_LATEST: Final = "SELECT MAX(recorded_at), MAX(occurred_at) FROM journal WHERE brand_id = %(brand_id)s"
REPORT_UNMATCHED: Final = """
SELECT told.member_id, told.source, told.event_id, told.occurred_at, told.body, told.decision
FROM outbox AS announced
JOIN journal AS told USING (brand_id, bucket, seq)
WHERE announced.brand_id = %(brand_id)s AND announced.kind = 'ReturnUnmatched'
ORDER BY told.occurred_at DESC, told.bucket, told.seq
LIMIT %(most)s
"""
REPORT_EVENTS_NAMED: Final = """
SELECT member_id, source FROM journal
WHERE brand_id = %(brand_id)s AND event_id = %(event_id)s
    AND (%(source)s::text IS NULL OR source = %(source)s)
    AND (%(member_id)s::uuid IS NULL OR (bucket = %(bucket)s AND member_id = %(member_id)s))
ORDER BY source, member_id
LIMIT %(most)s
"""
REPORT_MEMBER_IDS: Final = """
SELECT member_id, joined_at FROM member_state
WHERE brand_id = %(brand_id)s AND (bucket, member_id) > (%(bucket)s, %(after)s) AND joined_at IS NOT NULL
ORDER BY bucket, member_id
LIMIT %(most)s
"""


class TierCount(NamedTuple):
    """How many members stand in a tier; `tier` is None for those below the first."""

    tier_set: str
    tier: str | None
    members: int


class EventCount(NamedTuple):
    """How many events of a type came to an outcome."""

    type: str
    outcome: str
    events: int


class EventPlace(NamedTuple):
    """Whose event it is and who sent it."""

    member_id: UUID
    source: str


class UnmatchedReturn(NamedTuple):
    """A return that fits no purchase and that a person should look at (R18)."""

    member_id: UUID
    source: str
    event_id: str
    occurred_at: datetime
    body: str
    decision: str


def chains(conn: Connection, brand_id: int) -> Iterator[tuple[UUID, bytes]]:
    """Every member and their chain, in no order."""
    yield from conn.cursor(binary=True).execute(REPORT_CHAINS, {"brand_id": brand_id})


def totals(conn: Connection, brand_id: int) -> dict[str, Wallet]:
    """What became of each unit."""
    return {unit: Wallet(*sums) for unit, *sums in conn.execute(REPORT_TOTALS, {"brand_id": brand_id})}


def tier_counts(conn: Connection, brand_id: int) -> list[TierCount]:
    """Members by tier set and tier."""
    return [TierCount(*row) for row in conn.execute(REPORT_TIERS, {"brand_id": brand_id})]


def event_counts(conn: Connection, brand_id: int) -> list[EventCount]:
    """Rows of the journal by type and outcome."""
    return [EventCount(*row) for row in conn.execute(REPORT_EVENTS, {"brand_id": brand_id})]


def count_members(conn: Connection, brand_id: int) -> int:
    """How many members there are."""
    row = conn.execute(REPORT_MEMBERS, {"brand_id": brand_id}).fetchone()
    return row[0] if row else 0


def latest_at(conn: Connection, brand_id: int) -> datetime | None:
    """The latest time that any event of the journal says."""
    row = conn.execute(REPORT_LATEST, {"brand_id": brand_id}).fetchone()
    return max((moment for moment in row or () if moment is not None), default=None)


def unmatched_returns(conn: Connection, brand_id: int, *, most: int) -> list[UnmatchedReturn]:
    """Returns that fit no purchase, the newest first."""
    values = {"brand_id": brand_id, "most": most}
    return [UnmatchedReturn(*row) for row in conn.execute(REPORT_UNMATCHED, values)]


def events_named(
    conn: Connection, brand_id: int, event_id: str, *, source: str | None, member_id: UUID | None, most: int
) -> list[EventPlace]:
    """The events that have an id; without a member the whole journal is read."""
    values = {"brand_id": brand_id, "event_id": event_id, "source": source, "member_id": member_id}
    values |= {"bucket": bucket_of(member_id) if member_id else -1, "most": most}
    return [EventPlace(*row) for row in conn.execute(REPORT_EVENTS_NAMED, values)]


def member_ids(
    conn: Connection, brand_id: int, *, bucket: int, after: UUID, most: int
) -> list[tuple[UUID, datetime]]:
    """Members and when they joined, by bucket and id, behind a place."""
    values = {"brand_id": brand_id, "bucket": bucket, "after": after, "most": most}
    return [(member_id, joined_at) for member_id, joined_at in conn.execute(REPORT_MEMBER_IDS, values)]
