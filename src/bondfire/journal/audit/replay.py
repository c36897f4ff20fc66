"""Replay a journal from its first row, and verify that what is stored follows from it."""

from collections.abc import Callable, Iterable, Iterator
from multiprocessing.connection import Connection as Pipe
from typing import Final, Literal
from uuid import UUID

import msgspec

from bondfire.db import connect, transaction
from bondfire.engine import digest_of_chains
from bondfire.journal.audit import store
from bondfire.journal.audit.comparing import compare
from bondfire.journal.audit.retelling import Difference, retell
from bondfire.journal.audit.store import Progress
from bondfire.journal.budgets.store import UnequalBudget, unequal_budgets
from bondfire.journal.crew import Task, crew, is_idle, pump, serve, task_of
from bondfire.journal.log.store import Connection
from bondfire.kit import format_amount
from bondfire.programs import Brand, Timeline

Purpose = Literal["replay", "verify"]
PIECE: Final = 16
"""Buckets that are looked at between two commits of the progress."""
MOST_KEPT: Final = 100
"""Differences that are kept of all that were found."""


class ReplayResult(msgspec.Struct, frozen=True):
    """What a replay or a verification found.

    Attributes:
        digest: of everybody's history as the journal tells it.
        events: rows of the journal, those of passing time included. members: everybody they name.
        differences: what is stored otherwise, in the order of buckets: the first of each table and bucket.
    """

    digest: str
    events: int
    members: int
    differences: list[Difference]

    @property
    def is_true(self) -> bool:
        """Whether everything stored follows from the journal."""
        return not self.differences


class Retelling(msgspec.Struct, frozen=True):
    """How far a replay has come: buckets done of all, rows read, differences found."""

    buckets: int
    of: int
    events: int
    differences: int


class _Found(msgspec.Struct):
    """What is remembered of a bucket beside its chains."""

    events: int
    differences: list[Difference]


def replay(
    dsn: str,
    brand: Brand,
    timeline: Timeline,
    *,
    workers: int = 1,
    progress: Callable[[Retelling], None] | None = None,
) -> ReplayResult:
    """Decide the whole journal again in memory and compare everybody's chain with the stored one.

    A run that was interrupted goes on where it stopped, unless a bucket or the programmes have changed.

    Args:
        dsn: the database; nothing but the progress is written.
        brand: whose journal.
        timeline: the versions of its programme.
        workers: processes that share the buckets.
        progress: called after each bucket.
    """
    return _run("replay", task_of(dsn, brand, timeline, PIECE), timeline, workers=workers, progress=progress)


def verify(
    dsn: str,
    brand: Brand,
    timeline: Timeline,
    *,
    workers: int = 1,
    progress: Callable[[Retelling], None] | None = None,
) -> ReplayResult:
    """Derive everything from the journal again and compare it with what is stored, row by row.

    Also that debits equal credits and each balance is the sum of its postings and of its open lots (L18).
    Each bucket is compared within one snapshot, so others may write meanwhile. Arguments as of `replay`.
    """
    return _run("verify", task_of(dsn, brand, timeline, PIECE), timeline, workers=workers, progress=progress)


def _run(
    purpose: Purpose,
    task: Task,
    timeline: Timeline,
    *,
    workers: int,
    progress: Callable[[Retelling], None] | None,
) -> ReplayResult:
    with connect(task.dsn) as conn:
        heads, done = _resume(conn, task.brand, purpose, _fingerprint(timeline))
        missing = [bucket for bucket in heads if bucket not in done]
        events = wrong = 0
        reader = _Reader(conn, purpose, task.brand, timeline)
        for one in _look_everywhere(reader, purpose, task, buckets=missing, workers=workers):
            done[one.bucket] = one
            if progress is not None:
                found = _read_found(one)
                events, wrong = events + found.events, wrong + len(found.differences)
                progress(Retelling(len(done), len(heads), events, wrong))
        with transaction(conn):
            store.clear_progress(conn, task.brand.id, purpose)
            unequal = unequal_budgets(conn, task.brand.id) if purpose == "verify" else []
    result = _result(done[bucket] for bucket in sorted(done))
    return msgspec.structs.replace(result, differences=[*result.differences, *map(_of_budget, unequal)])


def _of_budget(one: UnequalBudget) -> Difference:
    """A budget that is not what its buckets used together."""
    key = f"budget {one.budget}, moment {one.moment.isoformat()}"
    return Difference("budget_use", key, "used", format_amount(one.used), format_amount(one.shares))


def _resume(
    conn: Connection, brand: Brand, purpose: Purpose, programs: str
) -> tuple[dict[int, int], dict[int, Progress]]:
    """Where each bucket ends, and what an interrupted run found out that is still so."""
    with transaction(conn):
        heads = store.heads(conn, brand.id)
        before = store.progress_of(conn, brand.id, purpose)
    return heads, {
        one.bucket: one
        for one in before
        if one.programs == programs and heads.get(one.bucket) == one.next_seq
    }


def _fingerprint(timeline: Timeline) -> str:
    return " ".join(
        f"{one.number}:{one.valid_from.isoformat()}:{one.program.digest}" for one in timeline.versions
    )


class _Reader:
    """Looks at buckets, over one connection."""

    def __init__(self, conn: Connection, purpose: Purpose, brand: Brand, timeline: Timeline) -> None:
        self._conn = conn
        self._purpose: Purpose = purpose
        self._brand = brand
        self._timeline = timeline
        self._programs = _fingerprint(timeline)

    def look_at(self, piece: Iterable[int]) -> Iterator[Progress]:
        """Look at some buckets and remember what was found."""
        found = []
        for bucket in piece:
            with transaction(self._conn, snapshot=True):
                found.append(self._look(bucket))
            yield found[-1]
        with transaction(self._conn):
            store.save_progress(self._conn, self._brand.id, self._purpose, found)

    def _look(self, bucket: int) -> Progress:
        told = retell(self._conn, self._brand, self._timeline, bucket)
        head = store.head_of(self._conn, self._brand.id, bucket)
        differences = list(compare(told, self._tables(bucket), head))
        chains = b"".join(member_id.bytes + chain for member_id, chain in told.chains())
        body = msgspec.json.encode(_Found(len(told.rows), differences)).decode()
        return Progress(bucket, head, self._programs, chains, body)

    def _tables(self, bucket: int) -> Iterator[store.StoredTable]:
        if self._purpose == "verify":
            yield from store.stored_tables(self._conn, self._brand.id, bucket)
            return
        table = store.stored_table(self._conn, self._brand.id, bucket, "member_state")
        up_to_chain = table.columns.index("chain") + 1
        rows = [row[:up_to_chain] for row in table.rows]
        yield table._replace(columns=table.columns[:up_to_chain], rows=rows)


def _look_everywhere(
    reader: _Reader, purpose: Purpose, task: Task, *, buckets: list[int], workers: int
) -> Iterator[Progress]:
    pieces = [buckets[first : first + PIECE] for first in range(0, len(buckets), PIECE)]
    if workers <= 1 or len(pieces) <= 1:
        for piece in pieces:
            yield from reader.look_at(piece)
        return
    reports: list[Progress] = []
    with crew({"replay": _replay_work, "verify": _verify_work}[purpose], task, workers) as hands:
        for number, piece in enumerate(pieces):
            hands[number % workers].parcels.append(piece)
        while not is_idle(hands):
            pump(hands, reports.append, until=lambda: bool(reports) or is_idle(hands))
            yield from reports
            reports.clear()


def _replay_work(pipe: Pipe, task: Task) -> None:
    _work("replay", pipe, task)


def _verify_work(pipe: Pipe, task: Task) -> None:
    _work("verify", pipe, task)


def _work(purpose: Purpose, pipe: Pipe, task: Task) -> None:
    with connect(task.dsn) as conn:
        serve(pipe, _Reader(conn, purpose, task.brand, task.timeline()).look_at)


def _read_found(one: Progress) -> _Found:
    return msgspec.json.decode(one.body, type=_Found)


def _result(done: Iterable[Progress]) -> ReplayResult:
    chains: list[tuple[UUID, bytes]] = []
    events = 0
    differences: list[Difference] = []
    for one in done:
        chains += [
            (UUID(bytes=one.chains[place : place + 16]), one.chains[place + 16 : place + 32])
            for place in range(0, len(one.chains), 32)
        ]
        found = _read_found(one)
        events += found.events
        differences += found.differences[: MOST_KEPT - len(differences)]
    return ReplayResult(digest_of_chains(chains), events, len(chains), differences)
