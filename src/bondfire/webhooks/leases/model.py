"""Who delivers for which buckets: ranges of them are leased to workers, in fair shares."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from bondfire.kit import BUCKETS

RANGES: Final = 16
"""Parts of the buckets that are delivered by one worker each."""
LEASE: Final = timedelta(seconds=60)
"""So long nobody else takes the ranges of a worker that says nothing any more."""


class Lease(NamedTuple):
    """Which worker delivers for a range of buckets, and until when; "" for none."""

    number: int
    holder: str
    until: datetime


def buckets_of(ranges: Collection[int]) -> list[int]:
    """All buckets of some ranges, ascending."""
    size = BUCKETS // RANGES
    return [bucket for number in sorted(ranges) for bucket in range(number * size, (number + 1) * size)]


def range_of(bucket: int) -> int:
    """The range that a bucket belongs to."""
    return bucket // (BUCKETS // RANGES)


def share_of(
    leases: Sequence[Lease], worker: str, others: int, *, now: datetime, busy: Collection[int]
) -> list[int]:
    """The ranges that a worker holds from now on: its own and free ones, up to its fair share.

    Args:
        leases: of all ranges.
        worker: who asks.
        others: how many other workers there are.
        now: the time.
        busy: ranges of its own for which something is under way; these it keeps.
    """
    fair = -(-RANGES // (others + 1))
    own = [lease.number for lease in leases if lease.holder == worker]
    free = [
        lease.number
        for lease in leases
        if not lease.holder or (lease.holder != worker and lease.until <= now)
    ]
    return sorted({*(own + free)[:fair], *(number for number in own if number in busy)})
