"""`bondfire bond`: how strong the tie to each member is, judged on days that the score has not seen."""

import csv
import time as clock
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from bondfire.cli.clv import parse_until
from bondfire.cli.options import AsJson, PurchasesFile, ValueColumn
from bondfire.cli.output import print_json, say, show, table

if TYPE_CHECKING:
    from bondfire.insights import Backtest, Judged

bond = App(
    name="bond",
    help="Score how strong the tie to each member is, and prove it on the past.",
    help_epilogue="Example: bondfire bond backtest purchases.csv --member customer_id --time ts "
    "--until 2011-09-09 --horizon 91",
    help_format="plaintext",
)

_METHODS = ("bond", "recency", "bgnbd", "mbgnbd")


@bond.command
def backtest(
    file: PurchasesFile,
    /,
    *,
    member: Annotated[str, Parameter(help="The column that says who bought.")],
    time: Annotated[str, Parameter(help="The column that says when.")],
    until: Annotated[str, Parameter(help="The last day that may be learned from, such as 2011-09-09.")],
    horizon: Annotated[int, Parameter(help="Judge by so many days after it.")],
    value: ValueColumn = None,
    scores: Annotated[Path | None, Parameter(help="Write member and score to this CSV.")] = None,
    picture: Annotated[Path | None, Parameter(help="Write the reliability of the score as SVG.")] = None,
    as_json: AsJson = False,
) -> None:
    """Learn on rows up to a day, score every member seen by then, and judge by the days after.

    The file has a row for each purchase; a day counts once. Beside the bond stand plain recency and the
    BG/NBD and MBG/NBD alone. Where the bond does not beat them it is not proven, and recency is shown.

    Example: bondfire bond backtest purchases.csv --member id --time ts --until 2011-09-09 --horizon 91 --json
    """
    from bondfire.insights import backtest as judge
    from bondfire.insights import day_number, read_purchases, reliability_picture

    begun = clock.perf_counter()
    today = datetime.now(UTC).date()
    last = day_number(parse_until(until))
    purchases = read_purchases(file, member=member, time=time, value=value, today=today)
    found = judge(purchases, last, horizon)
    if scores is not None:
        _write(found, scores)
    if picture is not None:
        title = f"Bond, {found.judged.n:,} members, {horizon} days after {until}"
        picture.write_text(reliability_picture(found.judged.bins, title), encoding="utf-8")
    if as_json:
        seconds = round(clock.perf_counter() - begun, 3)
        print_json(
            {**_as_dict(found.judged), "past": [_as_dict(one) for one in found.past], "seconds": seconds}
        )
    else:
        for judged in (found.judged, *found.past):
            _show(judged)


def _write(found: "Backtest", path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["member", "score"])
        writer.writerows(
            (member, f"{score:.6f}")
            for member, score in zip(found.members, found.scores.tolist(), strict=True)
        )


def _as_dict(judged: "Judged") -> dict[str, Any]:
    from bondfire.insights import ACT, day_of

    return {
        "act": ACT,
        "until": day_of(judged.until),
        "horizon_days": judged.horizon_days,
        "n": judged.n,
        "base_rate": judged.base_rate,
        "method": judged.method,
        "shown": judged.shown,
        "why": judged.why,
        **{name: getattr(judged, name)._asdict() for name in _METHODS},
        "better_than": {name: one._asdict() for name, one in judged.better_than.items()},
        "bins": [one._asdict() for one in judged.bins],
    }


def _show(judged: "Judged") -> None:
    from bondfire.insights import day_of

    rows = [
        [
            name,
            *(_figure(getattr(getattr(judged, name), one)) for one in ("auc", "brier", "ece", "total_error")),
        ]
        for name in _METHODS
    ]
    title = (
        f"{judged.horizon_days} days after {day_of(judged.until)}: {judged.n:,} members, of whom "
        f"{judged.base_rate:.1%} bought again"
    )
    show(table(title, ["", "AUC", "Brier", "ECE", "error of the total"], rows))
    say(judged.why)


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"
