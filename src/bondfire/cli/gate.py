"""`bondfire gate`: learn from a randomised test whom an action pays for, and say so for others."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from bondfire.cli.options import AsJson
from bondfire.cli.output import count, print_json, say, show, table

if TYPE_CHECKING:
    from bondfire.decisions import Estimate, Evaluation, Gate, Judged
    from bondfire.insights import Table

gate = App(
    name="gate",
    help="Learn from a randomised test whom an action pays for, and act on nobody else.",
    help_epilogue="Example: bondfire gate apply promotion.gate members.csv --out chosen.csv",
    help_format="plaintext",
)

File = Annotated[Path, Parameter(help="CSV with a header, plain or .gz.")]
Model = Annotated[Path, Parameter(help="A file that `gate fit` wrote.")]
Out = Annotated[Path, Parameter(name="--out", help="Where to write; a file there is replaced.")]


@gate.command
def fit(
    train: File,
    /,
    *,
    treatment: Annotated[str, Parameter(help="The column that says who got the action.")],
    treated: Annotated[str, Parameter(help="Its value for who did; the other value is the comparison.")],
    outcome: Annotated[str, Parameter(help="The column that says what followed: a number, or yes and no.")],
    gain: Annotated[float, Parameter(help="What one unit of outcome is worth, in money.")],
    cost: Annotated[float, Parameter(help="What acting on one member costs, in the same money.")],
    out: Out,
    seed: Annotated[
        int, Parameter(help="Of every division and every tree: the same seed learns the same.")
    ] = 0,
    level: Annotated[float, Parameter(help="How sure a member's net must be above 0, from 0.5 to 1.")] = 0.75,
    as_json: AsJson = False,
) -> None:
    """Learn a gate from a randomised test and write it as one file.

    Every other column is a feature, but those that only name rows (an id, a running number). Whom to act on
    is decided on this file alone.

    Example: bondfire gate fit test.csv --treatment Promotion --treated Yes --outcome purchase --gain 10
    --cost 0.15 --out promotion.gate --seed 1
    """
    from bondfire.decisions import Terms, fit_gate, save_gate
    from bondfire.insights import load_table

    terms = Terms(treatment, treated, outcome, gain, cost, level=level, seed=seed)
    say(f"Learning from {train.name} ...")
    learned = fit_gate(load_table(train), terms)
    save_gate(learned, out)
    told = _told(learned)
    if as_json:
        print_json({"model": str(out), **told})
        return
    print(f"{out}: a gate from {count(learned.rows, 'row')}, {learned.propensity:.1%} of them treated.")
    if learned.left_out:
        print(f"Left out, because they only name rows: {', '.join(learned.left_out)}.")
    if learned.share:
        print(f"It would act on {learned.share:.1%}, worth {learned.value:.4f} a member of the file.")
    else:
        print("It acts on nobody: it is not proven that the action is worth its cost for anyone.")


@gate.command
def apply(model: Model, file: File, /, *, out: Out, as_json: AsJson = False) -> None:
    """Say for each row whether to act: adds `net`, `lower` and `act` (1 or 0) to the columns of a file.

    `net` is the expected money of acting beyond doing nothing, `lower` its lower bound; `act` is 1 where
    `lower` is above 0. A category that the gate has not seen counts as none of those it knows, and is told.

    Example: bondfire gate apply promotion.gate members.csv --out chosen.csv
    """
    from bondfire.decisions import apply_gate, load_gate
    from bondfire.insights import load_table

    learned, rows = load_gate(model), load_table(file)
    judged, unseen = apply_gate(learned, rows), learned.encoder.unseen(rows)
    _write(out, rows, judged)
    chosen = int(judged.act.sum())
    if as_json:
        print_json({"rows": len(rows), "act": chosen, "unseen": unseen, "out": str(out)})
        return
    print(f"{out}: act on {chosen:,} of {count(len(rows), 'row')}.")
    for column, number in unseen.items():
        say(f"Column {column!r}: {count(number, 'cell')} with a category that training did not know.")


@gate.command
def evaluate(
    model: Model,
    file: File,
    /,
    *,
    level: Annotated[float, Parameter(help="Of the intervals, two-sided.")] = 0.9,
    as_json: AsJson = False,
) -> None:
    """Judge a gate on a test that it has not seen, beside acting on all, on none, and by the best rule.

    Values are money a member beyond doing nothing, doubly robust, with intervals. A gain whose interval holds
    0 is told as no significant gain.

    Example: bondfire gate evaluate promotion.gate second_half.csv --json
    """
    from bondfire.decisions import evaluate_gate, load_gate
    from bondfire.insights import load_table

    judged = evaluate_gate(load_gate(model), load_table(file), level=level)
    if as_json:
        print_json(_as_dict(judged))
        return
    rows = [[name, *_row(one)] for name, one in judged.values.items()]
    gains = [[f"gate - {name}", *_row(one), one.verdict] for name, one in judged.gains.items()]
    show(
        table(f"Value a member ({judged.level:.0%} intervals)", ["policy", "value", "from", "to"], rows),
        table("What the gate gains", ["over", "value", "from", "to", ""], gains),
    )
    print(f"The gate acts on {judged.share:.1%} of {judged.n:,}; the rule: {judged.rule}.")
    print(f"Beside the best of the others: {judged.verdict}.")


def _told(learned: "Gate") -> dict[str, Any]:
    import msgspec

    return {
        "rows": learned.rows,
        "training_digest": learned.training_digest,
        "terms": msgspec.to_builtins(learned.terms),
        "features": [feature.name for feature in learned.encoder.features],
        "left_out": learned.left_out,
        "treated_share": learned.propensity,
        "share": learned.share,
        "value": learned.value,
        "rule": str(learned.rule),
        "weights": learned.ensemble.weights,
        "effect": learned.ensemble.calibration.mean,
    }


def _write(out: Path, rows: "Table", judged: "Judged") -> None:
    """The file's own cells and three more, whole or not at all."""
    columns: Mapping[str, Sequence[object]] = {
        **rows.columns,
        "net": [f"{value:.6f}" for value in judged.net],
        "lower": [f"{value:.6f}" for value in judged.lower],
        "act": [int(value) for value in judged.act],
    }
    draft = out.with_name(f".{out.name}.part")
    with draft.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(columns)
        lines.writerows(zip(*columns.values(), strict=True))
    draft.replace(out)


def _row(one: "Estimate") -> list[str]:
    return [f"{value:.4f}" for value in (one.value, one.low, one.high)]


def _as_dict(judged: "Evaluation") -> dict[str, Any]:
    def told(estimates: "Mapping[str, Estimate]") -> dict[str, Any]:
        return {name: {**one._asdict(), "total": one.value * one.n} for name, one in estimates.items()}

    gains = {name: {**one._asdict(), "verdict": one.verdict} for name, one in judged.gains.items()}
    return {
        "n": judged.n,
        "share": judged.share,
        "level": judged.level,
        "rule": judged.rule,
        **told(judged.values),
        "gate_by": told(judged.gate_by),
        "gains": gains,
        "qini_auc": judged.qini_auc,
        "uplift_at_30": judged.uplift_at_30,
        "is_training": judged.is_training,
        "verdict": judged.verdict,
    }
