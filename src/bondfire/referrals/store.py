"""The tables of referrals: who invited whom, how far that has come, and how far the journal was read."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg import Connection

from bondfire.kit import bucket_of
from bondfire.referrals.model import StoredReferral

REPORT_POSITIONS: Final = "SELECT bucket, seq FROM referral_position WHERE brand_id = %(brand_id)s"
MOVE_POSITIONS: Final = """
INSERT INTO referral_position AS known (brand_id, bucket, seq)
SELECT %(brand_id)s, moved.bucket, moved.seq
FROM unnest(%(buckets)s::int[], %(seqs)s::bigint[]) AS moved (bucket, seq)
ORDER BY moved.bucket
ON CONFLICT (brand_id, bucket) DO UPDATE SET seq = excluded.seq WHERE known.seq < excluded.seq
"""
ADD_REFERRAL: Final = """
INSERT INTO referral
    (brand_id, bucket, member_id, referrer_id, claimed_at, stage, is_held, reasons, order_number, decision,
     check_at)
VALUES
    (%(brand_id)s, %(bucket)s, %(member_id)s, %(referrer_id)s, %(claimed_at)s, 'open', false, '', '', '',
     %(claimed_at)s)
ON CONFLICT (brand_id, bucket, member_id) DO NOTHING
"""
CHANGE_REFERRAL: Final = """
UPDATE referral SET
    stage = COALESCE(%(stage)s, stage), is_held = COALESCE(%(is_held)s, is_held),
    reasons = COALESCE(%(reasons)s, reasons), order_number = COALESCE(%(order)s, order_number),
    decision = COALESCE(%(decision)s, decision), check_at = COALESCE(%(check_at)s, check_at)
WHERE brand_id = %(brand_id)s AND bucket = %(bucket)s AND member_id = %(member_id)s
"""
ADD_SIGN_UP: Final = """
INSERT INTO sign_up (brand_id, bucket, member_id, referred_id, claimed_at)
VALUES (%(brand_id)s, %(bucket)s, %(member_id)s, %(referred_id)s, %(claimed_at)s)
ON CONFLICT (brand_id, bucket, member_id, referred_id) DO NOTHING
"""
SIGN_UPS: Final = """
SELECT referred_id, claimed_at FROM sign_up
WHERE brand_id = %(brand_id)s AND bucket = %(bucket)s AND member_id = %(member_id)s
    AND claimed_at > %(after)s AND claimed_at < %(before)s
ORDER BY claimed_at, referred_id
LIMIT %(most)s
"""
REFERRALS_OF: Final = """
SELECT known.member_id, known.referrer_id, known.claimed_at, known.stage, known.is_held, known.reasons,
    known.order_number, known.decision
FROM unnest(%(buckets)s::int[], %(members)s::uuid[]) AS asked (bucket, member_id),
LATERAL (
    SELECT member_id, referrer_id, claimed_at, stage, is_held, reasons, order_number, decision
    FROM referral
    WHERE brand_id = %(brand_id)s AND bucket = asked.bucket AND member_id = asked.member_id
    LIMIT 1
) AS known
ORDER BY known.claimed_at, known.member_id
"""
REPORT_HELD: Final = """
SELECT member_id, referrer_id, claimed_at, stage, is_held, reasons, order_number, decision
FROM referral
WHERE brand_id = %(brand_id)s AND is_held AND (claimed_at, member_id) > (%(after_at)s, %(after_member)s)
ORDER BY claimed_at, member_id
LIMIT %(most)s
"""
REPORT_TO_CHECK: Final = """
SELECT member_id, referrer_id, claimed_at, stage, is_held, reasons, order_number, decision, check_at
FROM referral
WHERE brand_id = %(brand_id)s AND check_at IS NOT NULL
ORDER BY check_at, member_id
LIMIT %(most)s
"""
CHECKED: Final = """
UPDATE referral SET check_at = NULL
FROM unnest(%(buckets)s::int[], %(members)s::uuid[], %(times)s::timestamptz[])
    AS checked (bucket, member_id, check_at)
WHERE referral.brand_id = %(brand_id)s AND referral.bucket = checked.bucket
    AND referral.member_id = checked.member_id AND referral.check_at = checked.check_at
"""
REMOVE_REFERRAL: Final = """
DELETE FROM referral WHERE brand_id = %(brand_id)s AND bucket = %(bucket)s AND member_id = %(member_id)s
RETURNING referrer_id
"""
REMOVE_SIGN_UP: Final = """
DELETE FROM sign_up
WHERE brand_id = %(brand_id)s AND bucket = %(bucket)s AND member_id = %(member_id)s
    AND referred_id = %(referred_id)s
"""
MOVE_SIGN_UPS: Final = """
UPDATE sign_up SET bucket = %(new_bucket)s, member_id = %(survivor_id)s
WHERE brand_id = %(brand_id)s AND bucket = %(bucket)s AND member_id = %(member_id)s
RETURNING referred_id
"""
MOVE_REFERRALS: Final = """
UPDATE referral SET referrer_id = %(survivor_id)s
FROM unnest(%(buckets)s::int[], %(members)s::uuid[]) AS asked (bucket, member_id)
WHERE referral.brand_id = %(brand_id)s AND referral.bucket = asked.bucket
    AND referral.member_id = asked.member_id
"""
REPORT_BURSTS: Final = """
SELECT member_id, count(*) FROM sign_up
WHERE brand_id = %(brand_id)s AND claimed_at >= %(since)s AND claimed_at < %(until)s
GROUP BY member_id HAVING count(*) >= %(least)s
ORDER BY count(*) DESC, member_id
LIMIT %(most)s
"""
_FIRST: Final = UUID(int=0)


def positions(conn: Connection, brand_id: int) -> dict[int, int]:
    """The row that was read last, by bucket."""
    return dict(conn.execute(REPORT_POSITIONS, {"brand_id": brand_id}).fetchall())


def move_positions(conn: Connection, brand_id: int, positions: Mapping[int, int]) -> bool:
    """Remember how far it has come; False when somebody else had come as far somewhere."""
    values = {"brand_id": brand_id, "buckets": [*positions], "seqs": [*positions.values()]}
    return conn.execute(MOVE_POSITIONS, values).rowcount == len(positions)


def add_referral(
    conn: Connection, brand_id: int, member_id: UUID, *, referrer_id: UUID, claimed_at: datetime
) -> None:
    """Know that a member was invited by another, on either side."""
    values = {"claimed_at": claimed_at, "referrer_id": referrer_id, "referred_id": member_id}
    conn.execute(ADD_REFERRAL, _place(brand_id, member_id) | values)
    conn.execute(ADD_SIGN_UP, _place(brand_id, referrer_id) | values)


def remove_referral(conn: Connection, brand_id: int, member_id: UUID) -> None:
    """Nobody is known any more to have invited this account, on either side."""
    for (referrer_id,) in conn.execute(REMOVE_REFERRAL, _place(brand_id, member_id)).fetchall():
        conn.execute(REMOVE_SIGN_UP, _place(brand_id, referrer_id) | {"referred_id": member_id})


def move_invited(conn: Connection, brand_id: int, referrer_id: UUID, survivor_id: UUID) -> None:
    """Let whom one member invited have been invited by another; nobody was invited by both."""
    survivor = {"survivor_id": survivor_id, "new_bucket": bucket_of(survivor_id)}
    moved = [one for (one,) in conn.execute(MOVE_SIGN_UPS, _place(brand_id, referrer_id) | survivor)]
    values = {"buckets": [bucket_of(one) for one in moved], "members": moved, "survivor_id": survivor_id}
    conn.execute(MOVE_REFERRALS, {"brand_id": brand_id, **values})


def change_referral(conn: Connection, brand_id: int, member_id: UUID, **changes: object) -> None:
    """Change `stage`, `is_held`, `reasons`, `order`, `decision` or `check_at` of one; the others stay."""
    nothing = dict.fromkeys(("stage", "is_held", "reasons", "order", "decision", "check_at"))
    conn.execute(CHANGE_REFERRAL, _place(brand_id, member_id) | nothing | changes)


def sign_ups(
    conn: Connection, brand_id: int, member_id: UUID, *, between: tuple[datetime, datetime], most: int
) -> list[tuple[UUID, datetime]]:
    """Whom a member invited between two moments, and when, in order."""
    values = {"after": between[0], "before": between[1], "most": most}
    return conn.execute(SIGN_UPS, _place(brand_id, member_id) | values).fetchall()


def referrals_of(conn: Connection, brand_id: int, members: Sequence[UUID]) -> list[StoredReferral]:
    """By whom these members were invited, in the order in which they said so."""
    values = {
        "brand_id": brand_id,
        "buckets": [bucket_of(member_id) for member_id in members],
        "members": list(members),
    }
    return [_referral(row) for row in conn.execute(REFERRALS_OF, values)]


def held_referrals(
    conn: Connection, brand_id: int, *, after: tuple[datetime, UUID] | None, most: int
) -> list[StoredReferral]:
    """What is held for a person, the longest first."""
    at, member_id = after or (datetime.min, _FIRST)  # noqa: DTZ901 - before every moment, in any zone
    values = {"brand_id": brand_id, "after_at": at, "after_member": member_id, "most": most}
    return [_referral(row) for row in conn.execute(REPORT_HELD, values)]


def referrals_to_check(
    conn: Connection, brand_id: int, *, most: int
) -> list[tuple[StoredReferral, datetime]]:
    """What has to be looked at, and as of when, in order of time."""
    rows = conn.execute(REPORT_TO_CHECK, {"brand_id": brand_id, "most": most})
    return [(_referral(row[:-1]), row[-1]) for row in rows]


def set_checked(conn: Connection, brand_id: int, checked: Sequence[tuple[UUID, datetime]]) -> None:
    """These were looked at as of then."""
    members = [member_id for member_id, _ in checked]
    values = {"buckets": [bucket_of(member_id) for member_id in members], "members": members}
    conn.execute(CHECKED, {"brand_id": brand_id, "times": [at for _, at in checked], **values})


def _referral(row: Sequence[Any]) -> StoredReferral:
    member_id, referrer_id, claimed_at, stage, is_held, reasons, order, decision = row
    why = tuple(reasons.split(", ")) if reasons else ()
    return StoredReferral(member_id, referrer_id, claimed_at, stage, is_held, why, order, decision)


def busiest(
    conn: Connection, brand_id: int, *, between: tuple[datetime, datetime], least: int, most: int
) -> list[tuple[UUID, int]]:
    """Who invited at least so many members in a time, and how many, the busiest first."""
    values = {"since": between[0], "until": between[1], "least": least, "most": most}
    return conn.execute(REPORT_BURSTS, {"brand_id": brand_id, **values}).fetchall()


def _place(brand_id: int, member_id: UUID) -> dict[str, Any]:
    return {"brand_id": brand_id, "bucket": bucket_of(member_id), "member_id": member_id}
