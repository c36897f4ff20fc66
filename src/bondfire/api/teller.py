"""The teller: one thread that decides all that waits in one transaction, and then answers."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Any, Final, NamedTuple

from bondfire.api.batches import read_rows
from bondfire.db import Connection
from bondfire.errors import BondfireError
from bondfire.events import Catalogue, Event, EventError
from bondfire.journal import Result, StateCache, process_events
from bondfire.programs import Brand, Timeline, advance_clock

MOST_EVENTS: Final = 1_000
"""In one transaction; more is not faster, and makes everybody wait."""


class Told(NamedTuple):
    """What became of a row: the event and its result, or what is wrong with the row."""

    event: Event | None = None
    result: Result | None = None
    error: EventError | None = None


class Decided(NamedTuple):
    """What became of an errand, and the versions that it was decided by."""

    timeline: Timeline
    rows: list[Told]


class Errand(NamedTuple):
    """Events of one caller.

    Attributes:
        rows: JSON of each.
        recorded_at: when they came; None for a brand that lives by its events.
        with_wallets: whether the caller wants to know what the member then has.
        loop: of the caller who waits in it; None for one who waits in a thread.
    """

    brand: Brand
    rows: Sequence[bytes]
    recorded_at: datetime | None
    answer: "asyncio.Future[Decided] | Future[Decided]"
    with_wallets: bool = False
    loop: asyncio.AbstractEventLoop | None = None


Answered = tuple[Errand, Decided | Exception]


@dataclass(frozen=True)
class Books:
    """What the teller needs of the house: transactions, and the compiled versions of each brand."""

    transact: Callable[[Callable[[Connection], Any]], Any]
    timeline: Callable[[Connection, Brand], Timeline]


class Teller:
    """Group commit: while one transaction is made durable others come, and are the next one together.

    So a commit is shared by everybody who waits for one, and nobody waits when nobody else is there. Members
    who came last are remembered as long as nobody else writes in their bucket (`StateCache`).
    """

    def __init__(self, books: Books) -> None:
        self._books = books
        self._waiting: SimpleQueue[Errand | None] = SimpleQueue()
        self._caches: dict[int, StateCache] = defaultdict(StateCache)
        self._thread: Thread | None = None
        self._lock = Lock()

    async def decide(
        self, brand: Brand, rows: Sequence[bytes], *, recorded_at: datetime | None, with_wallets: bool
    ) -> Decided:
        """Decide events; they are durable when this returns.

        Raises:
            NoProgram: the brand has published nothing.
            NotReady: the database does not answer.
        """
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Decided] = loop.create_future()
        self._take(Errand(brand, rows, recorded_at, answer, with_wallets, loop))
        return await answer

    def decide_all(self, brand: Brand, rows: Sequence[bytes], *, recorded_at: datetime | None) -> list[Told]:
        """Decide many events for a caller in a thread; a thousand at a time, so that others get a turn."""
        errands = [
            Errand(brand, rows[first : first + MOST_EVENTS], recorded_at, answer=Future())
            for first in range(0, len(rows), MOST_EVENTS)
        ]
        told: list[Told] = []
        for errand in errands:
            self._take(errand)
            assert isinstance(errand.answer, Future)  # noqa: S101 - made above
            told += errand.answer.result().rows
        return told

    def close(self) -> None:
        """Answer who is waiting, and end."""
        with self._lock:
            thread = self._thread
        if thread is not None:
            self._waiting.put(None)
            thread.join()

    def _take(self, errand: Errand) -> None:
        if self._thread is None:
            with self._lock:
                if self._thread is None:
                    self._thread = Thread(target=self._work, name="teller", daemon=True)
                    self._thread.start()
        self._waiting.put(errand)

    def _work(self) -> None:
        while (first := self._waiting.get()) is not None:
            _answer(self._decide(self._with_who_waits(first)))

    def _with_who_waits(self, first: Errand) -> list[Errand]:
        errands, events = [first], len(first.rows)
        while events < MOST_EVENTS:
            try:
                errand = self._waiting.get_nowait()
            except Empty:
                break
            if errand is None:
                self._waiting.put(None)
                break
            errands.append(errand)
            events += len(errand.rows)
        return errands

    def _decide(self, errands: Sequence[Errand]) -> Iterator[Answered]:
        by_brand: dict[int, list[Errand]] = {}
        for errand in errands:
            by_brand.setdefault(errand.brand.id, []).append(errand)
        for together in by_brand.values():
            yield from self._decide_together(together)

    def _decide_together(self, errands: list[Errand]) -> Iterable[Answered]:
        """Whoever brings what breaks us is found by trying each alone, so that no other suffers from it."""
        try:
            decided = self._books.transact(partial(self._write, errands=errands))
        except BondfireError as refusal:
            return [(errand, refusal) for errand in errands]
        except Exception as error:  # noqa: BLE001 - answered to whom it concerns
            if len(errands) == 1:
                return [(errands[0], error)]
            return [answered for errand in errands for answered in self._decide_together([errand])]
        self._caches[errands[0].brand.id].confirm()
        return zip(errands, decided, strict=True)

    def _write(self, conn: Connection, errands: list[Errand]) -> list[Decided]:
        brand = errands[0].brand
        timeline = self._books.timeline(conn, brand)
        catalogue = timeline.newest.program.catalogue
        read = [_read(errand, catalogue) for errand in errands]
        events = [told.event for rows in read for told in rows if told.event is not None]
        if not events:
            return [Decided(timeline, rows) for rows in read]
        results = iter(
            process_events(
                conn,
                brand,
                timeline,
                events,
                cache=self._caches[brand.id],
                with_wallets=any(errand.with_wallets for errand in errands),
            )
        )
        if brand.clock == "events":
            advance_clock(conn, brand.id, max(event.occurred_at for event in events))
        return [
            Decided(timeline, [Told(told.event, next(results)) if told.event else told for told in rows])
            for rows in read
        ]


def _read(errand: Errand, catalogue: Catalogue) -> list[Told]:
    return [
        Told(error=each) if isinstance(each, EventError) else Told(each)
        for each in read_rows(errand.rows, catalogue, recorded_at=errand.recorded_at)
    ]


def _answer(answers: Iterable[Answered]) -> None:
    by_loop: dict[asyncio.AbstractEventLoop, list[Answered]] = defaultdict(list)
    for errand, said in answers:
        if errand.loop is None:
            _settle([(errand, said)])
        else:
            by_loop[errand.loop].append((errand, said))
    for loop, waiting in by_loop.items():
        with suppress(RuntimeError):  # it was closed, and nobody waits in it any more
            loop.call_soon_threadsafe(_settle, waiting)


def _settle(answers: Sequence[Answered]) -> None:
    for errand, said in answers:
        if errand.answer.done():  # whoever asked has gone
            continue
        if isinstance(said, Exception):
            errand.answer.set_exception(said)
        else:
            errand.answer.set_result(said)
