"""How much a key and its brand may send: token buckets, told the time."""

from dataclasses import dataclass
from datetime import datetime
from math import ceil
from threading import Lock
from typing import Final, NamedTuple

from bondfire.errors import BadInput, BondfireError

MOST_PER_MINUTE: Final = 1_000_000_000
_SWEEP_AT: Final = 10_000
"""So many buckets are kept before those that are full again are thrown away."""


@dataclass(frozen=True)
class Rate:
    """So many requests and events a minute in the long run, and so many at once.

    Attributes:
        per_minute: what flows in; 0 for no limit.
        burst: how much a bucket holds.
    """

    per_minute: int
    burst: int

    @property
    def window_seconds(self) -> int:
        """How long an empty bucket takes to be full."""
        return max(1, ceil(self.burst * 60 / self.per_minute))


NO_LIMIT: Final = Rate(0, 0)


def check_rate(per_minute: int, burst: int | None) -> Rate:
    """The rate of a new key; without a burst it is what flows in within a minute.

    Raises:
        BadInput: it lets nothing in, or is beyond what can be counted.
    """
    burst = per_minute if burst is None else burst
    if not (0 <= per_minute <= MOST_PER_MINUTE and min(per_minute, 1) <= burst <= MOST_PER_MINUTE):
        raise BadInput(
            f"A rate of {per_minute} a minute with {burst} at once cannot be.",
            next_step=f"Give 1 to {MOST_PER_MINUTE:,} each, or a rate of 0 for no limit.",
            code="bad_rate",
        )
    return Rate(per_minute, burst)


class Left(NamedTuple):
    """What a bucket still has: `remaining` now, and all of it again in `reset_seconds`."""

    policy: str
    rate: Rate
    remaining: int
    reset_seconds: int


class Bucket:
    """A token bucket. A request that finds one token is let in, and may take more than there are.

    What it takes beyond, later ones wait for: so a batch is never too large for its bucket, and the
    sum over any time is what the rate says, plus one burst and one batch.
    """

    __slots__ = ("_at", "_level", "policy", "rate")

    def __init__(self, policy: str, rate: Rate, now: datetime) -> None:
        self.policy = policy
        self.rate = rate
        self._level = float(rate.burst)
        self._at = now

    def wait_seconds(self, now: datetime) -> int:
        """How long until one more may come; 0: now."""
        missing = 1 - self._fill(now)
        return max(1, ceil(missing * 60 / self.rate.per_minute)) if missing > 0 else 0

    def take(self, cost: int) -> None:
        """Take tokens, also more than there are."""
        self._level -= cost

    def is_full(self, now: datetime) -> bool:
        """Whether it says no more than a new one would."""
        return self._fill(now) >= self.rate.burst

    def left(self, now: datetime) -> Left:
        """What to tell the caller."""
        level = self._fill(now)
        reset = ceil((self.rate.burst - level) * 60 / self.rate.per_minute)
        return Left(self.policy, self.rate, max(0, int(level)), reset)

    def _fill(self, now: datetime) -> float:
        """The level now; a clock that goes back adds nothing."""
        passed = (now - self._at).total_seconds()
        if passed > 0:
            self._level = min(self.rate.burst, self._level + passed * self.rate.per_minute / 60)
            self._at = now
        return self._level


class Allowance:
    """What one request may take from, until it is answered."""

    __slots__ = ("_buckets", "_lock")

    def __init__(self, buckets: tuple[Bucket, ...], lock: Lock) -> None:
        self._buckets = buckets
        self._lock = lock

    def take(self, cost: int) -> None:
        """Count what the request turned out to hold: a batch costs as much as its events alone would."""
        with self._lock:
            for bucket in self._buckets:
                bucket.take(cost)

    def left(self, now: datetime) -> list[Left]:
        """What is left of each policy that applies."""
        with self._lock:
            return [bucket.left(now) for bucket in self._buckets]


class RateLimited(BondfireError):
    """More came than the key or its brand may send.

    Attributes:
        policy: `key` or `brand`.
        wait_seconds: when one more may come.
        allowance: what is left, for the header fields of the answer.
    """

    status = 429
    code = "rate_limited"

    def __init__(self, policy: str, wait_seconds: int, allowance: Allowance) -> None:
        whose = "this key" if policy == "key" else "all keys of this brand together"
        super().__init__(
            f"More came than {whose} may send.",
            next_step=f"Send it again in {wait_seconds} s, and fewer at a time.",
        )
        self.policy = policy
        self.wait_seconds = wait_seconds
        self.allowance = allowance


class RateLimiter:
    """The buckets of all keys and brands, in the memory of this process."""

    def __init__(self, *, key: Rate = NO_LIMIT, brand: Rate = NO_LIMIT) -> None:
        self._key = key
        self._brand = brand
        self._buckets: dict[tuple[str, str | int], Bucket] = {}
        self._lock = Lock()

    def enter(self, key_id: str, brand_id: int, own: Rate | None, *, now: datetime) -> Allowance:
        """Let one request in, or say when to come again; whoever is turned away takes nothing.

        Args:
            key_id: who asks.
            brand_id: whose.
            own: the rate of this very key; None: that of every key.
            now: aware time.

        Raises:
            RateLimited: the bucket of the key or of the brand is empty.
        """
        with self._lock:
            wanted = (("key", key_id, own or self._key), ("brand", brand_id, self._brand))
            buckets = tuple(
                self._bucket(policy, owner, rate, now) for policy, owner, rate in wanted if rate.per_minute
            )
            waits = {bucket.policy: bucket.wait_seconds(now) for bucket in buckets}
            allowance = Allowance(buckets, self._lock)
            if any(waits.values()):
                policy = max(waits, key=waits.__getitem__)
                raise RateLimited(policy, waits[policy], allowance)
            for bucket in buckets:
                bucket.take(1)
            return allowance

    def _bucket(self, policy: str, owner: str | int, rate: Rate, now: datetime) -> Bucket:
        bucket = self._buckets.get((policy, owner))
        if bucket is None or bucket.rate != rate:
            if len(self._buckets) >= _SWEEP_AT:
                self._buckets = {name: one for name, one in self._buckets.items() if not one.is_full(now)}
            bucket = self._buckets[policy, owner] = Bucket(policy, rate, now)
        return bucket
