"""`bondfire plan`: who would fall and rise if a document were published, and whether it can be."""

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from bondfire.cli.check import ProgramFile, read_document
from bondfire.cli.house import open_database
from bondfire.cli.options import AsJson
from bondfire.cli.output import count, print_json, show, show_time, table
from bondfire.cli.publish import BrandOfDocument, ValidFrom

if TYPE_CHECKING:
    from bondfire.journal import TierMove

Most = Annotated[int, Parameter(help="So many members of each kind are named; all are counted.")]


def plan(
    program: ProgramFile,
    /,
    *,
    brand: BrandOfDocument = None,
    valid_from: ValidFrom = None,
    most: Most = 20,
    as_json: AsJson = False,
) -> None:
    """Say who would fall and rise if a document were published.

    Nothing is changed. Everybody is judged as if it were done now, by the version published last and by
    this one; who would have another tier is counted and listed. A fall takes place when the tier is judged
    next, after its grace, and never before the announced day (no_falls_before). What `publish` would refuse
    is refused here.

    Example: bondfire plan summer.yaml
    """
    from bondfire.db import connect, transaction
    from bondfire.journal import plan_tiers
    from bondfire.kit import parse_time
    from bondfire.programs import brand_named, load_program, load_timeline, plan_program

    text, wall = read_document(program), datetime.now(UTC)
    checked = load_program(text, name=str(program))
    starts = parse_time(valid_from, "--valid-from") if valid_from is not None else None
    counted: Counter[tuple[str, str]] = Counter()
    named: list[tuple[str, TierMove]] = []
    with open_database() as dsn, connect(dsn) as conn, transaction(conn):
        owner = brand_named(conn, brand or checked.brand)
        known = load_timeline(conn, owner.id).newest.program
        version = plan_program(conn, owner, text, published_at=wall, valid_from=starts, name=str(program))
        for move in plan_tiers(conn, owner, known, version.program, now=owner.time(wall)):
            kind = "rises" if move.falls_not_before is None else "falls"
            counted[move.tier_set, kind] += 1
            if counted[move.tier_set, kind] <= most:
                named.append((kind, move))
    sets = sorted(version.program.tier_sets)
    if as_json:
        sums = {name: {kind: counted[name, kind] for kind in ("falls", "rises")} for name in sets}
        moves = [{"kind": kind, **_as_dict(move)} for kind, move in named]
        print_json({"brand": owner.name, "version": version.number, "tier_sets": sums, "moves": moves})
        return
    print(f"{checked.name} would be version {version.number} of {owner.name}.")
    for name in sets:
        falls, rises = counted[name, "falls"], counted[name, "rises"]
        print(f"{name}: {count(falls, 'member')} would fall, {count(rises, 'member')} would rise.")
    if named:
        rows = [_row(kind, move) for kind, move in named]
        show(table("Members", ["tier set", "member", "", "from", "to", "not before"], rows, left=6))


def _as_dict(move: "TierMove") -> dict[str, Any]:
    from bondfire.kit import show_id

    return {
        "member_id": show_id("mem", move.member_id),
        "tier_set": move.tier_set,
        "tier": move.tier,
        "before": move.before,
        "after": move.after,
        "falls_not_before": move.falls_not_before,
    }


def _row(kind: str, move: "TierMove") -> list[str]:
    from bondfire.kit import show_id

    when = show_time(move.falls_not_before) if move.falls_not_before else ""
    member = show_id("mem", move.member_id)
    return [move.tier_set, member, kind, move.before or "(none)", move.after or "(none)", when]
