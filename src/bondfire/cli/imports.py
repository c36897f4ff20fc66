"""`bondfire import`: takes the history of a brand out of a file into the journal."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from bondfire.cli.endings import Stopped
from bondfire.cli.house import open_database, settings_of_this_process
from bondfire.cli.options import AT_LEAST_ONE, AsJson, BrandName, EventsFile, MapFile, RejectsPath
from bondfire.cli.output import count, print_json, say
from bondfire.cli.progress import progress
from bondfire.cli.rejected import SHOWN, Rejected

if TYPE_CHECKING:
    from bondfire.events import ColumnMap, Event
    from bondfire.journal import Imported
    from bondfire.programs import Brand, Timeline

Workers = Annotated[
    int | None,
    Parameter(validator=AT_LEAST_ONE, help="Processes that write; BONDFIRE_WORKERS or 2 without it."),
]
Batch = Annotated[int, Parameter(validator=AT_LEAST_ONE, help="Events in one transaction.")]
DryRun = Annotated[bool, Parameter(negative=(), help="Only read the file and say what is wrong with it.")]


def import_events(
    file: EventsFile,
    /,
    *,
    brand: BrandName,
    columns: MapFile = None,
    workers: Workers = None,
    batch: Batch = 1000,
    rejects: RejectsPath = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Import a file of events; a second time changes nothing.

    Rows that cannot be read go to FILE.rejects.ndjson with the reason of each; the others are imported.
    Stopped and started again, it goes on where it was.

    Example: bondfire import orders.csv --brand corner-cafe --map orders.map.yaml
    """
    from bondfire.db import connect, transaction
    from bondfire.events import read_column_map
    from bondfire.programs import brand_named, load_timeline

    mapped = read_column_map(columns) if columns else None
    rejected = Rejected(rejects or file.with_name(f"{file.name}.rejects.ndjson"))
    with open_database() as dsn:
        with connect(dsn) as conn, transaction(conn):
            owner = brand_named(conn, brand)
            timeline = load_timeline(conn, owner.id)
        task = Import(
            dsn, owner, timeline, workers=workers or settings_of_this_process().workers, batch=batch
        )
        with rejected.writing():
            answer = task.read_only(file, mapped, rejected) if dry_run else task.run(file, mapped, rejected)
    answer["rejected"] = rejected.count
    if as_json:
        print_json({**answer, "rejects_file": str(rejected.path) if rejected.count else None})
    else:
        _show(file, answer, rejected)


class Import:
    """One import."""

    def __init__(self, dsn: str, brand: "Brand", timeline: "Timeline", *, workers: int, batch: int) -> None:
        self.dsn = dsn
        self.brand = brand
        self.timeline = timeline
        self.workers = workers
        self.batch = batch

    def rows(self, file: Path, columns: "ColumnMap | None", rejected: Rejected) -> "Iterator[Event]":
        """The events of the file; what cannot be taken is noted as rejected."""
        from bondfire.events import Reject, read_events

        now = datetime.now(UTC) if self.brand.clock == "wall" else None
        catalogue = self.timeline.newest.program.catalogue
        rows = read_events(file, catalogue, columns=columns, recorded_at=now)
        return (row for row in rejected.noting(rows) if not isinstance(row, Reject))

    def read_only(self, file: Path, columns: "ColumnMap | None", rejected: Rejected) -> dict[str, Any]:
        """Read the file to its end and write nothing to the journal."""
        return {"events": sum(1 for _ in self.rows(file, columns, rejected)), "outcomes": {}, "dry_run": True}

    def run(self, file: Path, columns: "ColumnMap | None", rejected: Rejected) -> dict[str, Any]:
        """Import the file, then let time pass up to its end for a brand that lives by its events."""
        from bondfire.cli.referring import settle_referrals
        from bondfire.events import count_rows
        from bondfire.journal import pass_time

        latest = _Latest(self.brand.clock_at)
        events = latest.noting(self.rows(file, columns, rejected))
        done = self.write(events, f"Importing {file.name}", count_rows(file))
        if self.brand.clock == "events" and latest.at is not None:
            pass_time(self.dsn, self.brand, self.timeline, until=latest.at)
            settle_referrals(self.dsn, self.brand, self.timeline, until=latest.at)
        return {
            "events": done.events,
            "outcomes": done.outcomes,
            "refused": [
                {"event": one.event, "code": one.code, "message": one.message} for one in done.refused
            ],
            "dry_run": False,
        }

    def write(self, events: "Iterable[Event]", what: str, total: int | None) -> "Imported":
        """Write events into the journal with a progress bar.

        Raises:
            Stopped: by Ctrl-C; what was committed is kept.
        """
        from bondfire.journal import import_events as write

        kept = 0

        def tick(done: "Imported") -> None:
            nonlocal kept
            kept = done.events
            told(kept)

        try:
            with progress(what, total) as told:
                return write(
                    self.dsn,
                    self.brand,
                    self.timeline,
                    events,
                    batch=self.batch,
                    workers=self.workers,
                    progress=tick,
                )
        except KeyboardInterrupt:
            raise Stopped(
                f"{count(kept, 'event')} are in the journal; the same command goes on from there."
            ) from None


class _Latest:
    """The latest time that passes by."""

    def __init__(self, at: datetime | None) -> None:
        self.at = at

    def noting(self, events: "Iterable[Event]") -> "Iterator[Event]":
        for event in events:
            if self.at is None or event.occurred_at > self.at:
                self.at = event.occurred_at
            yield event


def _show(file: Path, answer: dict[str, Any], rejected: Rejected) -> None:
    if answer["dry_run"]:
        print(f"{file.name}: {count(answer['events'], 'event')} can be imported. Nothing was written.")
    else:
        outcomes = ", ".join(f"{number:,} {outcome}" for outcome, number in answer["outcomes"].items())
        print(f"{file.name}: {count(answer['events'], 'event')}{f' ({outcomes})' if outcomes else ''}.")
        for one in answer["refused"][:SHOWN]:
            say(f"Refused: {one['event']}: {one['message']}")
    for line in rejected.lines():
        say(line)
