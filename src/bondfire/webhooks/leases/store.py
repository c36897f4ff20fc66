"""The tables of leases and workers."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final, TypeAlias

import psycopg

from bondfire.webhooks.leases.model import RANGES, Lease

Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]

OPEN_LEASES: Final = """
INSERT INTO webhook_lease (number, holder, until)
SELECT asked.number, '', %(now)s FROM unnest(%(numbers)s::int[]) AS asked (number)
ON CONFLICT (number) DO NOTHING
"""
LOCK_LEASES: Final = "SELECT number, holder, until FROM webhook_lease ORDER BY number FOR UPDATE"
HOLD: Final = """
UPDATE webhook_lease SET holder = %(worker)s, until = %(until)s WHERE number = ANY(%(numbers)s)
"""
RELEASE: Final = """
UPDATE webhook_lease SET holder = '' WHERE holder = %(worker)s AND NOT number = ANY(%(kept)s)
"""
BEAT: Final = """
INSERT INTO webhook_worker (worker, seen_at) VALUES (%(worker)s, %(now)s)
ON CONFLICT (worker) DO UPDATE SET seen_at = excluded.seen_at
"""
OTHER_WORKERS: Final = """
SELECT COUNT(*) FROM webhook_worker WHERE worker <> %(worker)s AND seen_at > %(since)s
"""
FORGET_WORKERS: Final = "DELETE FROM webhook_worker WHERE worker = %(worker)s OR seen_at <= %(since)s"


def lock_leases(conn: Connection, *, now: datetime) -> list[Lease]:
    """The leases of all ranges, locked until the transaction ends: workers share them out one by one."""
    conn.execute(OPEN_LEASES, {"numbers": list(range(RANGES)), "now": now})
    return [Lease(*row) for row in conn.execute(LOCK_LEASES)]


def hold(conn: Connection, worker: str, numbers: Collection[int], *, until: datetime) -> None:
    """Hold these ranges until a time, and no others."""
    kept = sorted(numbers)
    conn.execute(RELEASE, {"worker": worker, "kept": kept})
    conn.execute(HOLD, {"worker": worker, "numbers": kept, "until": until})


def beat(conn: Connection, worker: str, *, now: datetime, since: datetime) -> int:
    """Say that a worker lives; how many others have said so since."""
    conn.execute(BEAT, {"worker": worker, "now": now})
    row = conn.execute(OTHER_WORKERS, {"worker": worker, "since": since}).fetchone()
    return row[0] if row else 0


def leave(conn: Connection, worker: str, *, since: datetime) -> None:
    """Release everything a worker holds, and forget it and those not seen since."""
    conn.execute(RELEASE, {"worker": worker, "kept": []})
    conn.execute(FORGET_WORKERS, {"worker": worker, "since": since})
