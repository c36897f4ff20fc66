"""The delivering worker: takes its share of the buckets, collects, sends with many hands, writes down."""

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from functools import partial
from random import Random
from threading import Event
from traceback import extract_tb
from typing import Final, NamedTuple, TypeVar
from uuid import UUID

from bondfire.db import Connection, Pool, retrying
from bondfire.kit import show_id
from bondfire.programs import Brand, list_brands
from bondfire.webhooks.collecting import collect
from bondfire.webhooks.endpoints import store as endpoints
from bondfire.webhooks.gateways import Gateway
from bondfire.webhooks.leases import store as leases
from bondfire.webhooks.leases.model import LEASE, buckets_of, range_of, share_of
from bondfire.webhooks.messages import Letter, letters_of, message_of
from bondfire.webhooks.model import Answer, Delivery, Endpoint, Keys
from bondfire.webhooks.queues import store as queues
from bondfire.webhooks.queues.store import Queue, queue_of
from bondfire.webhooks.recording import Recorded, Sent, record
from bondfire.webhooks.tidying import tidy

T = TypeVar("T")

HANDS: Final = 64
"""Messages under way at once in one worker."""
HANDS_EACH: Final = 8
"""At one endpoint: a slow receiver holds only its own."""
SEEN_EVERY: Final = LEASE / 4
"""How often a worker prolongs its lease."""
COLLECT_EVERY: Final = timedelta(seconds=1)
"""While messages are under way; a worker without work collects each time it is asked."""
TIDY_EVERY: Final = timedelta(hours=1)
TIDY_AT_ONCE: Final = 1_000

_log = logging.getLogger("bondfire.webhooks")


def _count_nothing(_outcomes: Mapping[str, int]) -> None:
    """Nobody wants to know."""


class _Target(NamedTuple):
    """An endpoint that something may be sent to."""

    brand: Brand
    endpoint: Endpoint
    keys: Keys


class _UnderWay(NamedTuple):
    """A delivery that is being sent."""

    brand_id: int
    delivery: Delivery
    sent_at: datetime


class Postman:
    """Delivers for the ranges of buckets that it holds; several of them share the work by lease.

    Every step is a transaction of its own: positions and deliveries commit together, and a delivery counts
    as sent only when its answer is written down. So it may be killed at any moment: what was under way is
    sent again, by it or by whoever gets its ranges.

    Attributes:
        outcomes: what became of what was sent: delivered, failed, given_up.
    """

    def __init__(
        self,
        pool: Pool,
        gateway: Gateway,
        *,
        worker: str,
        now: Callable[[], datetime],
        chance: Random | None = None,
        stop: Event | None = None,
        count: Callable[[Mapping[str, int]], None] = _count_nothing,
    ) -> None:
        """A worker that has not begun.

        Args:
            pool: one connection is enough.
            gateway: posts.
            worker: its name, unlike any other's.
            now: the wall clock.
            chance: spreads what is tried again.
            stop: once set, nothing more is sent; what is under way is finished.
            count: is told what became of messages, as soon as it is written down.
        """
        self._pool = pool
        self._gateway = gateway
        self._worker = worker
        self._now = now
        self._chance = chance or Random()  # noqa: S311 - spreads retries, guards nothing
        self._stop = stop or Event()
        self._count = count
        self._threads = ThreadPoolExecutor(HANDS, thread_name_prefix="bondfire-webhooks")
        self._under_way: dict[Future[Answer], _UnderWay] = {}
        self._ranges: list[int] = []
        self._last: dict[str, datetime] = {}
        self._turn = 0
        self.outcomes: Counter[str] = Counter()

    def deliver(self) -> None:
        """Do everything that can be done now: until nothing is due, nothing new, and nothing under way."""
        while True:
            if self._is_time_to("share", SEEN_EVERY):
                self._share()
            targets = [] if self._stop.is_set() else self._transact(_targets)
            goes_on = self._collect(targets) + self._send(targets) + self._tidy()
            if not goes_on and not self._under_way:
                break
            self._write_down()

    def close(self) -> None:
        """Give the ranges back, so that others need not wait for the end of the lease."""
        self._threads.shutdown()
        self._transact(lambda conn: leases.leave(conn, self._worker, since=self._now() - LEASE))

    def _transact(self, act: Callable[[Connection], T]) -> T:
        def once() -> T:
            with self._pool.transaction() as conn:
                return act(conn)

        return retrying(once, chance=self._chance)

    def _is_time_to(self, what: str, every: timedelta) -> bool:
        """Whether something that is done now and then is to be done now, and then it counts as done."""
        now, last = self._now(), self._last.get(what)
        if last is not None and last <= now < last + every:
            return False
        self._last[what] = now
        return True

    def _share(self) -> None:
        """Prolong the lease, and take or give back ranges as workers come and go."""
        now = self._now()
        busy = {range_of(one.delivery.bucket) for one in self._under_way.values()}

        def act(conn: Connection) -> list[int]:
            held = leases.lock_leases(conn, now=now)
            others = leases.beat(conn, self._worker, now=now, since=now - LEASE)
            ranges = share_of(held, self._worker, others, now=now, busy=busy)
            leases.hold(conn, self._worker, ranges, until=now + LEASE)
            return ranges

        self._ranges = self._transact(act)

    def _collect(self, targets: Sequence[_Target]) -> int:
        """How many rows of the journal were gone through."""
        if self._under_way and not self._is_time_to("collect", COLLECT_EVERY):
            return 0
        now, buckets = self._now(), buckets_of(self._ranges)
        heard = 0
        for brand, endpoint, _ in targets:
            heard += self._transact(
                partial(collect, brand=brand, endpoint=endpoint, buckets=buckets, now=now)
            )
        return heard

    def _send(self, targets: Sequence[_Target]) -> int:
        """Put free hands to work, each time with another endpoint first; how many."""
        self._turn += 1
        before = len(self._under_way)
        for number in range(len(targets)):
            target = targets[(self._turn + number) % len(targets)]
            free = self._free_hands(target.endpoint)
            for letter in self._due(target, free) if free > 0 else ():
                self._post(target, letter)
        return len(self._under_way) - before

    def _free_hands(self, endpoint: Endpoint) -> int:
        """How many more messages the endpoint may be sent now; one at a time after it was in trouble."""
        health = endpoint.health
        if health.rests_until is not None and self._now() < health.rests_until:
            return 0
        most = 1 if health.strikes else HANDS_EACH
        return min(most - len(self._busy_queues(endpoint.id)), HANDS - len(self._under_way))

    def _busy_queues(self, endpoint_id: UUID) -> set[Queue]:
        waited_for = (one.delivery for one in self._under_way.values())
        return {queue_of(one) for one in waited_for if one.endpoint_id == endpoint_id}

    def _due(self, target: _Target, free: int) -> list[Letter]:
        """What is due for an endpoint, of members for whom nothing is under way."""
        busy, now, buckets = self._busy_queues(target.endpoint.id), self._now(), buckets_of(self._ranges)

        def act(conn: Connection) -> list[Letter]:
            due = queues.due_deliveries(
                conn, target.brand.id, target.endpoint.id, buckets, now=now, most=free + len(busy)
            )
            chosen = [one for one in due if queue_of(one) not in busy][:free]
            return letters_of(conn, target.brand, chosen)

        return self._transact(act)

    def _post(self, target: _Target, letter: Letter) -> None:
        delivery, sent_at = letter.delivery, self._now()
        message = message_of(target.endpoint, target.keys, delivery.shown_id, letter.body, sent_at=sent_at)
        sending = self._threads.submit(self._gateway.post, message)
        self._under_way[sending] = _UnderWay(target.brand.id, delivery, sent_at)

    def _write_down(self) -> None:
        """Wait for the next answers, for a second at most, and write down what has come."""
        answered, _ = wait(self._under_way, timeout=1.0, return_when=FIRST_COMPLETED)
        by_brand: dict[int, list[Future[Answer]]] = {}
        for sending in answered:
            by_brand.setdefault(self._under_way[sending].brand_id, []).append(sending)
        for brand_id, ended in by_brand.items():
            sent = [(self._under_way[sending], _answer_of(sending)) for sending in ended]
            self._record(brand_id, [Sent(one.delivery, one.sent_at, answer) for one, answer in sent])
            for sending in ended:  # not before: what could not be written down is not to be sent again
                del self._under_way[sending]

    def _record(self, brand_id: int, sent: Sequence[Sent]) -> None:
        now = self._now()

        def act(conn: Connection) -> Recorded:
            return record(conn, brand_id, sent, now=now, chance=self._chance)

        recorded = self._transact(act)
        self.outcomes += recorded.outcomes
        self._count(recorded.outcomes)
        for endpoint in recorded.disabled:
            _log.warning(
                "webhook endpoint %s was disabled: %s", show_id("ep", endpoint.id), endpoint.health.reason
            )

    def _tidy(self) -> bool:
        """Now and then remove some of what is old; whether there may be more of it."""
        if self._stop.is_set() or not self._is_time_to("tidy", TIDY_EVERY):
            return False
        now = self._now()

        def act(conn: Connection) -> int:
            return tidy(conn, [brand.id for brand in list_brands(conn)], now=now, most=TIDY_AT_ONCE)

        goes_on = self._transact(act) >= TIDY_AT_ONCE
        if goes_on:
            del self._last["tidy"]
        return goes_on


def _targets(conn: Connection) -> list[_Target]:
    active = endpoints.active_endpoints(conn)
    brands = {brand.id: brand for brand in list_brands(conn)} if active else {}
    return [_Target(brands[endpoint.brand_id], endpoint, keys) for endpoint, keys in active]


def _answer_of(sending: Future[Answer]) -> Answer:
    try:
        return sending.result()
    except Exception as error:  # noqa: BLE001 - the worker's loop: a fault of ours counts as a failed attempt
        _log.error("a message could not be posted: %s in %s", type(error).__name__, _place_of(error))
        return Answer(None, "internal")


def _place_of(error: BaseException) -> str:
    """Where it broke; its message may hold what is nobody's business."""
    frame = extract_tb(error.__traceback__)[-1]
    return f"{frame.filename}:{frame.lineno}"
