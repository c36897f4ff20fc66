"""`bondfire clv`: fits models of repeat buying and of value to somebody's purchases."""

import time as clock
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import App, Parameter

from bondfire.cli.endings import Usage
from bondfire.cli.options import AsJson, MemberColumn, PurchasesFile, TimeColumn, ValueColumn
from bondfire.cli.output import print_json, say, show, table

if TYPE_CHECKING:
    from bondfire.insights import Buyers, Fitted

clv = App(
    name="clv",
    help="Fit models of repeat buying and of value.",
    help_epilogue="Example: bondfire clv fit purchases.csv --member customer_id --time ts",
    help_format="plaintext",
)

Model = Annotated[
    Literal["bgnbd", "mbgnbd", "paretonbd", "bgbb", "gammagamma"],
    Parameter(
        help="bgnbd, mbgnbd and paretonbd: when they buy; bgbb: in which periods; gammagamma: for how much."
    ),
]
Until = Annotated[str | None, Parameter(help="The last day that is read; the last of the file without it.")]
Unit = Annotated[Literal["days", "weeks"], Parameter(help="The unit of time of the parameters.")]
Frequency = Annotated[
    str | None,
    Parameter(help="For a table with a row for each buyer: the column with x, its repeat purchases."),
]
Recency = Annotated[str | None, Parameter(help="The column with t_x, the age at the last of them.")]
Age = Annotated[
    str | None, Parameter(help="The column with T, the time since the first purchase; for bgbb the periods.")
]
Weights = Annotated[str | None, Parameter(help="The column with how many buyers a row stands for.")]


@clv.command
def fit(
    file: PurchasesFile,
    /,
    *,
    model: Model = "bgnbd",
    member: MemberColumn = None,
    time: TimeColumn = None,
    value: ValueColumn = None,
    until: Until = None,
    unit: Unit = "days",
    frequency: Frequency = None,
    recency: Recency = None,
    age: Age = None,
    weights: Weights = None,
    as_json: AsJson = False,
) -> None:
    """Fit a model by exact maximum likelihood: parameters, standard errors, log-likelihood.

    The file has a row for each purchase (--member, --time and, for gammagamma, --value; a day counts once),
    or a row for each buyer (--frequency, with --recency and --age or --value).

    Example: bondfire clv fit purchases.csv --member customer_id --time ts --json
    """
    from bondfire.insights import fit_model

    if frequency is not None:
        buyers = _of_buyers(file, frequency, recency, age, value, weights)
    else:
        buyers = _of_purchases(file, member, time, value, until=until, days=7 if unit == "weeks" else 1)
    begun = clock.perf_counter()
    fitted = fit_model(model, buyers)
    seconds = clock.perf_counter() - begun
    if as_json:
        print_json({"model": model, **_as_dict(fitted), "seconds": round(seconds, 6)})
    else:
        _show(model, fitted, seconds)


def _of_purchases(
    file: Path, member: str | None, time: str | None, value: str | None, *, until: str | None, days: int
) -> "Buyers":
    from bondfire.insights import buyers_of, day_number, read_purchases

    if member is None or time is None:
        raise Usage(
            "Nobody said which columns hold the purchases.",
            next_step="Give --member and --time, or --frequency for a table with a row for each buyer.",
        )
    today = datetime.now(UTC).date()
    last = None if until is None else day_number(parse_until(until))
    purchases = read_purchases(file, member=member, time=time, value=value, today=today)
    return buyers_of(purchases, last, days_in_unit=days)


def parse_until(text: str) -> date:
    """The day of --until."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Usage(
            f"--until is {text[:40]!r}, which is no day.", next_step="Write a day like 2011-09-09."
        ) from None


def _of_buyers(file: Path, *names: str | None) -> "Buyers":
    from bondfire.insights import Buyers, numbers, read_table

    read = read_table(file, [name for name in names if name is not None])
    return Buyers(*(None if name is None else numbers(read.column(name), name) for name in names))


def _as_dict(fitted: "Fitted[Any]") -> dict[str, Any]:
    return {
        "parameters": fitted.parameters,
        "standard_errors": fitted.standard_errors,
        "log_likelihood": fitted.log_likelihood,
        "at_edge": fitted.at_edge,
        "buyers": round(fitted.buyers),
        "steps": fitted.steps,
    }


def _show(model: str, fitted: "Fitted[Any]", seconds: float) -> None:
    errors: Mapping[str, float] = fitted.standard_errors
    rows = [(name, f"{value:.6g}", f"{errors[name]:.3g}") for name, value in fitted.parameters.items()]
    show(table(f"{model}, {fitted.buyers:,.0f} buyers", ["parameter", "value", "standard error"], rows))
    print(f"Log-likelihood {fitted.log_likelihood:,.4f}, in {seconds:.3f} s.")
    for name in fitted.at_edge:
        say(f"{name} ran to the edge of what is sensible: the data ask for a simpler model.")
