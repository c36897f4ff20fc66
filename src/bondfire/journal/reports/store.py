"""What is asked of a whole brand: digest, totals, tiers, events, returns that wait for a person."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Final, NamedTuple
from uuid import UUID

from bondfire.engine import Standing
from bondfire.journal.log.store import Connection
from bondfire.journal.record import standings_in, tiers_in
from bondfire.kit import bucket_of
from bondfire.ledger import Wallet

REPORT_CHAINS: Final = "SELECT member_id, chain FROM member_state WHERE brand_id = %(brand_id)s"
REPORT_TOTALS: Final = """
SELECT wallet.key,
    SUM((wallet.value ->> 0)::numeric),
    SUM((wallet.value ->> 1)::numeric),
    SUM((wallet.value ->> 2)::numeric),
    SUM((wallet.value ->> 3)::numeric),
    SUM((wallet.value ->> 4)::numeric),
    SUM((wallet.value ->> 5)::numeric),
    SUM((wallet.value ->> 6)::numeric),
    SUM((wallet.value ->> 7)::numeric),
    COALESCE(SUM((wallet.value ->> 8)::numeric), 0),
    COALESCE(SUM((wallet.value ->> 9)::numeric), 0)
FROM member_state AS state, LATERAL json_each(state.wallets::json) AS wallet
WHERE state.brand_id = %(brand_id)s
GROUP BY wallet.key
ORDER BY wallet.key
"""
"""By unit the figures of a wallet in their order."""
REPORT_BODIES: Final = "SELECT body FROM member_state WHERE brand_id = %(brand_id)s AND joined_at IS NOT NULL"
REPORT_STANDINGS: Final = """
SELECT member_id, joined_at, body FROM member_state
WHERE brand_id = %(brand_id)s AND joined_at IS NOT NULL
ORDER BY bucket, member_id
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
SELECT member_id, source, event_id, occurred_at, decision
FROM journal
WHERE brand_id = %(brand_id)s AND outcome = 'unmatched'
ORDER BY occurred_at DESC, bucket, seq
LIMIT %(most)s
"""
REPORT_COUPONS: Final = """
SELECT reason.value ->> 'rule', reason.value ->> 'code', COUNT(*),
    COALESCE(SUM((reason.value ->> 'amount')::numeric), 0)
FROM journal, LATERAL json_array_elements(journal.decision::json -> 'told') AS reason
WHERE journal.brand_id = %(brand_id)s AND POSITION('"coupon_' IN journal.decision) > 0
    AND (%(since)s::timestamptz IS NULL OR journal.recorded_at >= %(since)s)
    AND (%(until)s::timestamptz IS NULL OR journal.recorded_at < %(until)s)
    AND STARTS_WITH(reason.value ->> 'code', 'coupon_')
GROUP BY 1, 2
ORDER BY 1, 2
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
    decision: str


def chains(conn: Connection, brand_id: int) -> Iterator[tuple[UUID, bytes]]:
    """Every member and their chain, in no order."""
    yield from conn.cursor(binary=True).execute(REPORT_CHAINS, {"brand_id": brand_id})


def totals(conn: Connection, brand_id: int) -> dict[str, Wallet]:
    """What became of each unit."""
    return {unit: Wallet(*sums) for unit, *sums in conn.execute(REPORT_TOTALS, {"brand_id": brand_id})}


def tier_counts(conn: Connection, brand_id: int) -> list[TierCount]:
    """Members by tier set and tier."""
    counted: Counter[tuple[str, str | None]] = Counter()
    for (body,) in conn.cursor(binary=True).stream(REPORT_BODIES, {"brand_id": brand_id}):
        counted.update(tiers_in(body))
    ordered = sorted(counted.items(), key=lambda one: (one[0][0], one[0][1] is None, one[0][1] or ""))
    return [TierCount(tier_set, tier, members) for (tier_set, tier), members in ordered]


def standings(conn: Connection, brand_id: int) -> Iterator[tuple[UUID, datetime, dict[str, Standing]]]:
    """Every member with when they joined and where they stand, in a fixed order."""
    for member_id, joined_at, body in conn.cursor(binary=True).stream(
        REPORT_STANDINGS, {"brand_id": brand_id}
    ):
        yield member_id, joined_at, standings_in(body)


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


def coupon_moves(
    conn: Connection, brand_id: int, *, since: datetime | None, until: datetime | None
) -> list[tuple[str, str, int, Decimal]]:
    """Rule, reason, how often and how much money, of every reason about coupons."""
    asked = {"brand_id": brand_id, "since": since, "until": until}
    return [(row[0], row[1], row[2], row[3]) for row in conn.execute(REPORT_COUPONS, asked)]
