"""What every route needs: transactions, the clock, and the compiled programme versions of each brand."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Final, TypeVar

from bondfire.access import NO_LIMIT, Key, KeyCache, Rate, RateLimiter
from bondfire.api.logs import Log
from bondfire.api.metrics import Metrics
from bondfire.api.teller import Books, Teller
from bondfire.api.visits import Visit
from bondfire.db import Connection, Pool, check_server, is_retryable, retrying
from bondfire.errors import NotReady
from bondfire.programs import Brand, Timeline, load_timeline, newest_version
from bondfire.webhooks import Gateway, HttpGateway

T = TypeVar("T")

POOL_SIZE: Final = 8
TRIAL_TIMEOUT_S: Final = 5.0
"""A message that tries an endpoint holds a thread of the server for no longer."""


def wall_clock() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What an installation sets for its door.

    Attributes:
        key_rate, brand_rate: how much each key, and all keys of a brand together, may send.
        key_cache_seconds: for how long a key is let in without asking the database again.
        metrics_token: opens /metrics; None closes it.
    """

    key_rate: Rate = NO_LIMIT
    brand_rate: Rate = NO_LIMIT
    key_cache_seconds: int = 5
    metrics_token: str | None = field(default=None, repr=False)


NO_TERMS: Final = Terms()


@dataclass
class House:
    """One database and everybody who knocks at it.

    Attributes:
        now: the wall clock; tests pass their own.
        log: where each request gets its line.
        timelines: the compiled versions of each brand, as far as they have been asked for.
        brands: those that live by the wall clock, so that nothing about them ever changes.
        keys, rates: who was here a moment ago, and what is left to them; of this process.
        teller: decides events.
        chance: spreads the pauses before something is tried again.
        gateway: posts messages that try an endpoint.
    """

    pool: Pool
    now: Callable[[], datetime]
    terms: Terms
    log: Log
    timelines: dict[int, Timeline] = field(default_factory=dict)
    brands: dict[int, Brand] = field(default_factory=dict)
    chance: Random = field(default_factory=Random)
    gateway: Gateway = field(default_factory=lambda: HttpGateway(timeout_s=TRIAL_TIMEOUT_S))
    metrics: Metrics = field(init=False)
    keys: KeyCache = field(init=False)
    rates: RateLimiter = field(init=False)
    teller: Teller = field(init=False)

    def __post_init__(self) -> None:
        self.metrics = Metrics(self.pool)
        self.keys = KeyCache(self.terms.key_cache_seconds)
        self.rates = RateLimiter(key=self.terms.key_rate, brand=self.terms.brand_rate)
        self.teller = Teller(Books(self.transact, self.timeline))

    def transact(self, act: Callable[[Connection], T]) -> T:
        """Run an act in one transaction and commit it; after an error that may pass, run all of it again.

        Raises:
            NotReady: the database does not answer, also not after several attempts.
        """
        return self._run(act, snapshot=False)

    def read(self, act: Callable[[Connection], T]) -> T:
        """Run an act that only reads, on what was true at one moment; otherwise as `transact`."""
        return self._run(act, snapshot=True)

    def _run(self, act: Callable[[Connection], T], *, snapshot: bool) -> T:
        def once() -> T:
            with self.pool.transaction(snapshot=snapshot) as conn:
                return act(conn)

        try:
            return retrying(once, chance=self.chance, pause=self._pause)
        except Exception as error:
            if not is_retryable(error):
                raise
            raise NotReady(
                "The database does not answer.", next_step="Send it again in a moment.", code="busy"
            ) from error

    def _pause(self, seconds: float) -> None:
        self.metrics.retries.inc()
        time.sleep(seconds)

    def count(self, outcomes: Mapping[tuple[str, str], int]) -> None:
        """Count what became of events, by type and outcome."""
        for (kind, outcome), events in outcomes.items():
            self.metrics.events.labels(kind, outcome).inc(events)

    def check(self) -> None:
        """Whether work is possible now.

        Raises:
            NotReady: the database does not answer, is unsafe, or has another schema.
        """
        self.transact(check_server)

    def timeline(self, conn: Connection, brand: Brand) -> Timeline:
        """The versions of a brand's programme, compiled again only when a newer one was published.

        Raises:
            NoProgram: nothing has been published.
        """
        known = self.timelines.get(brand.id)
        if known is None or known.newest.number != newest_version(conn, brand.id):
            known = self.timelines[brand.id] = load_timeline(conn, brand.id)
        return known


@dataclass(frozen=True)
class Caller:
    """Who is let in: their key, their brand, the house they are in, and the request they came with."""

    house: House
    key: Key
    brand: Brand
    visit: Visit

    def transact(self, act: Callable[[Connection], T]) -> T:
        """See `House.transact`."""
        return self.house.transact(act)

    def read(self, act: Callable[[Connection], T]) -> T:
        """See `House.read`."""
        return self.house.read(act)

    def timeline(self, conn: Connection) -> Timeline:
        """The versions of the caller's programme."""
        return self.house.timeline(conn, self.brand)

    @property
    def now(self) -> datetime:
        """What time it is for the caller's brand."""
        return self.brand.time(self.house.now())

    @property
    def recorded_at(self) -> datetime | None:
        """When an event that comes now is learned of; None for a brand that lives by its events."""
        return self.house.now() if self.brand.clock == "wall" else None

    def take_rows(self, rows: int) -> None:
        """Count what a batch held: it costs as much as its events alone would, of which one was paid."""
        self.house.metrics.batches.observe(rows)
        if self.visit.allowance is not None and rows > 1:
            self.visit.allowance.take(rows - 1)

    def count(self, outcomes: Mapping[tuple[str, str], int]) -> None:
        """See `House.count`."""
        self.house.count(outcomes)
