"""Import a history: micro-batches, each committed, by one process or by several that share the buckets."""

from collections.abc import Iterable

from bondfire.events import Event
from bondfire.journal.crew import task_of
from bondfire.journal.importing.importers import import_with_workers
from bondfire.journal.importing.writer import Imported, Progress, Stop, Writer, batches, sends, windows
from bondfire.programs import Brand, Timeline


def import_events(
    dsn: str,
    brand: Brand,
    timeline: Timeline,
    events: Iterable[Event],
    *,
    batch: int = 1_000,
    workers: int = 1,
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> Imported:
    """Write a history into the journal; run again, it goes on where it stopped and repeats nothing.

    Each member's events are decided in the order given; between members the order is that of their
    buckets, which changes nothing. Only where members share budgets it does: then all events are decided in
    the order given, by one process. Interrupted at any moment, the batch at hand is there whole or not at
    all.

    Args:
        dsn: the database.
        brand: whose events.
        timeline: the versions of its programme.
        events: may be produced while it runs.
        batch: events in one transaction.
        workers: processes that write; each owns a range of buckets.
        progress: called after each commit with what has been done; it must not change it.
        stop: asked after each commit whether to end here.
    """
    if workers > 1 and not timeline.has_budgets:
        task = task_of(dsn, brand, timeline, batch)
        return import_with_workers(task, timeline, events, workers=workers, progress=progress, stop=stop)
    done = Imported()
    writer = Writer(dsn, brand, timeline)
    try:
        for window in windows(events, batch):
            for chunk in batches(writer, window, batch):
                done.count(writer.write(chunk))
                if progress is not None:
                    progress(done)
                if stop is not None and stop():
                    return done
            if sends(window[-1]):
                writer.carry_transfers()
    finally:
        writer.close()
    return done
