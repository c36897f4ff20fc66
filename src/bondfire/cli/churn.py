"""`bondfire churn`: learn who will leave a contract, and judge it on others."""

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from bondfire.cli.options import AsJson
from bondfire.cli.output import count, print_json, show, table

churn = App(
    name="churn",
    help="Learn who will leave a contract, and judge it on rows not seen.",
    help_epilogue="Example: bondfire churn fit customers.csv --label Churn --out churn.model",
    help_format="plaintext",
)

File = Annotated[Path, Parameter(help="CSV with a header, plain or .gz.")]


@churn.command
def fit(
    train: File,
    /,
    *,
    label: Annotated[str, Parameter(help="The column that says who left: 1 and 0, or yes and no.")],
    out: Annotated[Path, Parameter(name="--out", help="Where to write; a file there is replaced.")],
    seed: Annotated[int, Parameter(help="Of every division and every tree.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Learn who leaves, judge the way of learning by five parts of the file, and write the model.

    Every other column is a feature, but those that only name rows. Run `bondfire leaks` on the file first: a
    column that is known only afterwards makes every figure here worthless.

    Example: bondfire churn fit customers.csv --label Churn --out churn.model --seed 1
    """
    from bondfire.insights import cross_validate, fit_churn, load_table, save_churn

    rows = load_table(train)
    model = fit_churn(rows, label, seed=seed)
    quality = cross_validate(rows, model)
    save_churn(model, out)
    if as_json:
        told = {"model": str(out), "rows": model.rows, "left_out": model.left_out}
        print_json({**told, "training_digest": model.training_digest, "cross_validated": quality._asdict()})
        return
    print(f"{out}: a model from {count(model.rows, 'row')}.")
    _show("By five parts, each judged by the other four", quality)


@churn.command
def evaluate(
    model: Annotated[Path, Parameter(help="A file that `churn fit` wrote.")],
    file: File,
    /,
    *,
    as_json: AsJson = False,
) -> None:
    """Judge a model on a file that it has not seen.

    Example: bondfire churn evaluate churn.model newer.csv --json
    """
    from bondfire.insights import evaluate_churn, load_churn, load_table

    quality = evaluate_churn(load_churn(model), load_table(file))
    if as_json:
        print_json(quality._asdict())
    else:
        _show(f"{file.name} by {model.name}", quality)


def _show(title: str, quality: tuple[float, ...]) -> None:
    names = ["rows", "base rate", "AUC", "Brier", "lift of the top tenth"]
    cells = [f"{quality[0]:,.0f}", *(f"{value:.4f}" for value in quality[1:])]
    show(table(title, names, [cells], left=0))
