"""Write a stream of events in micro-batches, each in its own transaction."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

import msgspec

from bondfire.db import connect, retrying, transaction
from bondfire.events import Event
from bondfire.journal.cache import StateCache
from bondfire.journal.log.store import Connection
from bondfire.journal.process import Result, process_events
from bondfire.journal.transfers.carrying import carry_transfers
from bondfire.kit import bucket_of
from bondfire.members import resolve_members
from bondfire.programs import Brand, Timeline

LOOK_AHEAD: Final = 16
"""Batches read at once and sorted by bucket: one batch then meets few buckets, and their rows share pages.
Measured: twice as fast."""
MOST_KEPT: Final = 1_000
"""Refusals that are kept for the report; the journal has them all."""


class Imported(msgspec.Struct):
    """What an import has done so far.

    Attributes:
        events: how many were answered. outcomes: how many of each outcome.
        refused: the first answers that moved nothing and say why, without their decisions.
    """

    events: int = 0
    outcomes: dict[str, int] = {}
    refused: list[Result] = []

    def count(self, results: Sequence[Result]) -> None:
        """Count the answers of a batch in."""
        refused = [one for one in results if one.outcome in {"refused", "conflict"}]
        self.add(
            Counter(result.outcome for result in results),
            [msgspec.structs.replace(one, decision=None) for one in refused],
        )

    def add(self, outcomes: Counter[str], refused: Sequence[Result]) -> None:
        """Count the figures of several batches in."""
        self.events += outcomes.total()
        self.outcomes = dict(sorted((Counter(self.outcomes) + outcomes).items()))
        self.refused += refused[: MOST_KEPT - len(self.refused)]


Progress = Callable[[Imported], None]
Stop = Callable[[], bool]


class Writer:
    """A connection and a cache that write one batch after the other, each in its own transaction."""

    def __init__(self, dsn: str, brand: Brand, timeline: Timeline) -> None:
        self._dsn = dsn
        self._brand = brand
        self._timeline = timeline
        self.shares_budgets = timeline.has_budgets
        self._cache = StateCache()
        self._conn: Connection | None = None

    def write(self, events: Sequence[Event]) -> list[Result]:
        """Decide and commit a batch; after errors that may pass the whole batch is run again."""
        return retrying(lambda: self._attempt(events))

    def _attempt(self, events: Sequence[Event]) -> list[Result]:
        with transaction(self.connection) as conn:
            results = process_events(conn, self._brand, self._timeline, events, cache=self._cache)
        self._cache.confirm()
        return results

    def carry_transfers(self) -> None:
        """Tell members of everything that others sent them so far."""
        while retrying(self._carry_some):
            pass

    def _carry_some(self) -> int:
        with transaction(self.connection) as conn:
            carried = carry_transfers(conn, self._brand, self._timeline, cache=self._cache)
        self._cache.confirm()
        return carried

    @property
    def connection(self) -> Connection:
        """The connection, opened again when it broke."""
        if self._conn is None or self._conn.closed:
            self._conn = connect(self._dsn)
        return self._conn

    def buckets_of(self, events: Sequence[Event]) -> list[int]:
        """The bucket of each event's member."""
        references = list(dict.fromkeys(event.member for event in events))
        buckets = retrying(lambda: self._resolve(references))
        return [buckets[event.member] for event in events]

    def _resolve(self, references: Sequence[str]) -> dict[str, int]:
        with transaction(self.connection) as conn:
            members = resolve_members(conn, self._brand, references)
        return {reference: bucket_of(member_id) for reference, member_id in members.items()}

    def close(self) -> None:
        """Close the connection."""
        if self._conn is not None:
            self._conn.close()


def windows(events: Iterable[Event], batch: int) -> Iterator[list[Event]]:
    """The events in pieces of several batches; what a member sends to another is the last of its piece.

    It is carried on before the next piece, so that whatever comes later finds it there, as in a simulation.
    """
    window: list[Event] = []
    for event in events:
        window.append(event)
        if len(window) == batch * LOOK_AHEAD or sends(event):
            yield window
            window = []
    if window:
        yield window


def sends(event: Event) -> bool:
    """Whether another member has to hear of it."""
    return event.type == "points.sent"


def batches(writer: Writer, window: Sequence[Event], batch: int) -> Iterator[list[Event]]:
    """Batches of events that lie in neighbouring buckets; each member's in the order given.

    Where members share budgets all stay in the order given: who comes first gets what is left.
    """
    ordered = list(window)
    if not writer.shares_budgets:
        buckets = writer.buckets_of(window)
        ordered = [window[place] for place in sorted(range(len(window)), key=buckets.__getitem__)]
    for first in range(0, len(ordered), batch):
        yield ordered[first : first + batch]
