"""`bondfire leaks`: finds columns and rows that know the answer before a model is trained on them."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from bondfire.cli.options import AsJson
from bondfire.cli.output import print_json, show, table


def leaks(
    file: Annotated[Path, Parameter(help="CSV with a header, plain or .gz.")],
    /,
    *,
    label: Annotated[str, Parameter(help="The column with the answer: 1 and 0, or yes and no.")],
    group: Annotated[str | None, Parameter(help="A column whose rows belong together.")] = None,
    time: Annotated[str | None, Parameter(help="A column that orders rows: numbers or ISO dates.")] = None,
    seed: Annotated[int, Parameter(help="Of the random parts.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Find columns and rows that know the answer before a model is trained on them.

    Looks for single columns that answer alone, columns filled only afterwards, doubled and shifted rows; with
    --group or --time also for a model that is good on random parts and not on new groups or later rows. What
    it does not find may still be there.

    Example: bondfire leaks customers.csv --label Churn --json
    """
    from bondfire.insights import find_leaks, load_table

    rows = load_table(file)
    found = find_leaks(rows, label, group=group, time=time, seed=seed)
    if as_json:
        print_json({"rows": len(rows), "leaks": [leak._asdict() for leak in found], "clean": not found})
    elif found:
        cells = [[leak.kind, leak.column, f"{leak.strength:.3f}", leak.why] for leak in found]
        show(table("Leaks", ["kind", "column", "strength", "why"], cells, left=4))
        print("Leave these columns and rows out, or explain why they are known beforehand.")
    else:
        print(f"No leak found in {len(rows):,} rows.")
