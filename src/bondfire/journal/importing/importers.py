"""Several processes import one history: the reader hands each its own buckets, and they never meet."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from multiprocessing.connection import Connection as Pipe

from bondfire.events import Event
from bondfire.journal.crew import Task, crew, is_idle, pump, serve
from bondfire.journal.importing.writer import Imported, Progress, Stop, Writer, batches, sends, windows
from bondfire.kit import BUCKETS
from bondfire.programs import Timeline

Parcel = list[Event]


def _work(pipe: Pipe, task: Task) -> None:
    writer = Writer(task.dsn, task.brand, task.timeline())

    def write(parcel: Parcel) -> Iterator[Imported]:
        for batch in batches(writer, parcel, task.batch):
            done = Imported()
            done.count(writer.write(batch))
            yield done

    try:
        serve(pipe, write)
    finally:
        writer.close()


def import_with_workers(
    task: Task,
    timeline: Timeline,
    events: Iterable[Event],
    *,
    workers: int,
    progress: Progress | None,
    stop: Stop | None,
) -> Imported:
    """As `import_events`; see there."""
    done = Imported()
    reader = Writer(task.dsn, task.brand, timeline)

    def told(report: Imported) -> None:
        done.add(Counter(report.outcomes), report.refused)
        if progress is not None:
            progress(done)

    try:
        with crew(_work, task, workers) as hands:
            for window in windows(events, task.batch):
                for hand, parcel in zip(hands, _split(reader, window, workers), strict=True):
                    if parcel:
                        hand.parcels.append(parcel)
                if sends(window[-1]):
                    pump(hands, told, until=lambda: is_idle(hands))
                    reader.carry_transfers()
                pump(hands, told, until=lambda: all(len(hand.parcels) <= 1 for hand in hands))
                if stop is not None and stop():
                    for hand in hands:
                        hand.parcels.clear()
                    break
            pump(hands, told, until=lambda: is_idle(hands))
    finally:
        reader.close()
    return done


def _split(reader: Writer, window: Sequence[Event], workers: int) -> list[Parcel]:
    """The events of each worker's range of buckets, in their order."""
    parcels: list[Parcel] = [[] for _ in range(workers)]
    for event, bucket in zip(window, reader.buckets_of(window), strict=True):
        parcels[bucket * workers // BUCKETS].append(event)
    return parcels
