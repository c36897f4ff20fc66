"""`bondfire simulate`: tries a programme on a file of events, in memory, without a server."""

from collections import Counter
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from bondfire.cli.check import ProgramFile, read_document
from bondfire.cli.endings import Stopped
from bondfire.cli.options import AsJson, EventsFile, MapFile, RejectsPath
from bondfire.cli.output import count, print_json, say, show, show_time
from bondfire.cli.progress import progress
from bondfire.cli.rejected import SHOWN, Rejected
from bondfire.cli.tables import tier_tables, totals_table

if TYPE_CHECKING:
    from bondfire.simulation import Simulation

Until = Annotated[
    str | None, Parameter(help="Let time pass up to here (RFC 3339); later events are left out.")
]


def simulate(
    program: ProgramFile,
    events: EventsFile,
    /,
    *,
    until: Until = None,
    columns: MapFile = None,
    rejects: RejectsPath = None,
    as_json: AsJson = False,
) -> None:
    """Run a programme over a file of events, in memory.

    Nothing is stored and no server is needed. The digest is the one that importing the same events gives.

    Example: bondfire simulate summer.yaml events.ndjson --until 2026-12-31T00:00:00Z
    """
    from bondfire.events import count_rows, read_column_map, read_events
    from bondfire.kit import parse_time
    from bondfire.programs import load_program
    from bondfire.simulation import simulate as run

    checked = load_program(read_document(program), name=str(program))
    end = parse_time(until, "--until") if until is not None else None
    rows = read_events(events, checked.catalogue, columns=read_column_map(columns) if columns else None)
    rejected = Rejected(rejects)
    try:
        with rejected.writing(), progress("Simulating events", count_rows(events)) as tick:
            result = run(checked, rejected.noting(rows), until=end, progress=tick)
    except KeyboardInterrupt:
        raise Stopped("A simulation keeps nothing.") from None
    if as_json:
        print_json(result.as_dict())
    else:
        _show(result, rejected)


def _show(result: "Simulation", rejected: Rejected) -> None:
    from bondfire.engine import totals_of
    from bondfire.journal import TierCount

    until = f" up to {show_time(result.until)} UTC" if result.until else ""
    again = f", {result.duplicates:,} of them came twice" if result.duplicates else ""
    print(f"{result.program.name}: {count(result.events, 'event')}{until}{again}.")
    print(f"Members: {len(result.members):,}")
    print(f"Digest:  {result.digest}\n")
    totals = totals_of(state.ledger for state in result.states.values())
    show(totals_table(totals, result.program))
    tiers = Counter(
        (name, standing.tier)
        for state in result.members.values()
        for name, standing in state.standings.items()
    )
    counted = [TierCount(name, tier, number) for (name, tier), number in tiers.items()]
    show(*tier_tables(counted, result.program))
    refused = [one for one in result.refused if one.is_readable]
    for one in refused[:SHOWN]:
        say(f"Refused: {one.event}: {one.message} {one.next_step}".rstrip())
    if len(refused) > SHOWN:
        say(f"... and {len(refused) - SHOWN:,} more refused events; --json lists them all.")
    for line in rejected.lines():
        say(line)
