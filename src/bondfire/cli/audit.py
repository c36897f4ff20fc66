"""What replay and verify have in common: run over a brand's journal with progress, and say what was found."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import msgspec
from cyclopts import Parameter

from bondfire.cli.endings import DONE, REFUSED, Stopped
from bondfire.cli.house import open_database, settings_of_this_process
from bondfire.cli.options import AT_LEAST_ONE
from bondfire.cli.output import count, print_json
from bondfire.cli.progress import progress

if TYPE_CHECKING:
    from bondfire.journal import ReplayResult, Retelling

Workers = Annotated[
    int | None,
    Parameter(
        validator=AT_LEAST_ONE, help="Processes that share the work; BONDFIRE_WORKERS or 2 without it."
    ),
]
_SHOWN = 20


def audit(
    run: "Callable[..., ReplayResult]", what: str, brand: str, *, workers: int | None, as_json: bool
) -> int:
    """Run `replay` or `verify` of the engine over a brand; the exit code."""
    from bondfire.db import connect, transaction
    from bondfire.programs import brand_named, load_timeline

    with open_database() as dsn:
        with connect(dsn) as conn, transaction(conn):
            owner = brand_named(conn, brand)
            timeline = load_timeline(conn, owner.id)
        try:
            with progress(f"{what} buckets", None) as tick:

                def told(far: "Retelling") -> None:
                    tick(far.buckets, far.of)

                crew = workers or settings_of_this_process().workers
                result = run(dsn, owner, timeline, workers=crew, progress=told)
        except KeyboardInterrupt:
            raise Stopped("The same command goes on where it stopped; nothing stored was changed.") from None
    if as_json:
        differences = [msgspec.to_builtins(one) for one in result.differences]
        print_json({**_figures(result), "ok": result.is_true, "differences": differences})
    else:
        _show(result)
    return DONE if result.is_true else REFUSED


def _figures(result: "ReplayResult") -> dict[str, object]:
    return {"digest": result.digest, "events": result.events, "members": result.members}


def _show(result: "ReplayResult") -> None:
    print(f"{count(result.events, 'row')} of the journal, {count(result.members, 'member')}.")
    print(f"Digest: {result.digest}")
    if result.is_true:
        print("Everything stored follows from the journal.")
        return
    for one in result.differences[:_SHOWN]:
        print(f"  {one}")
    if len(result.differences) > _SHOWN:
        print(f"  ... and {len(result.differences) - _SHOWN} more; --json lists them all.")
    print("What is stored does not follow from the journal. Restore a backup, or report it with these lines.")
