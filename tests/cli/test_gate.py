"""`bondfire gate`, `churn` and `leaks` as somebody types them."""

import csv
from pathlib import Path

import pytest

from bondfire.insights import Table
from cli.conftest import Command
from decisions.makers import made_table
from insights.test_contracts import made_contracts


def saved(table: Table, path: Path) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        lines = csv.writer(file)
        lines.writerow(table.columns)
        lines.writerows(zip(*table.columns.values(), strict=True))
    return path


FIT = ["--treatment", "mail", "--treated", "yes", "--outcome", "bought", "--gain", "10", "--cost", "0.5"]


def test_a_gate_is_fitted_applied_and_judged(bondfire: Command, tmp_path: Path) -> None:
    train = saved(made_table(1500, seed=1), tmp_path / "train.csv")
    fresh = saved(made_table(1500, seed=5), tmp_path / "fresh.csv")
    model, chosen = tmp_path / "mail.gate", tmp_path / "chosen.csv"

    fitted = bondfire("gate", "fit", train, *FIT, "--out", model, "--seed", "3", "--json")
    applied = bondfire("gate", "apply", model, fresh, "--out", chosen, "--json")
    judged = bondfire("gate", "evaluate", model, fresh, "--json")
    shown = bondfire("gate", "evaluate", model, fresh)

    assert (fitted.json["rows"], fitted.json["left_out"]) == (1500, ["id"])
    rows = list(csv.DictReader(chosen.read_text(encoding="utf-8").splitlines()))
    assert list(rows[0]) == ["id", "mail", "bought", "channel", "age", "net", "lower", "act"]
    assert all((float(row["lower"]) > 0) == (row["act"] == "1") for row in rows)
    assert applied.json["act"] == sum(row["act"] == "1" for row in rows) > 500
    assert {"gate", "all", "none", "rule", "gains", "verdict"} <= set(judged.json)
    assert "Beside the best of the others: " in shown.out


def test_a_refused_fit_writes_nothing(bondfire: Command, tmp_path: Path) -> None:
    train = saved(made_table(50, seed=1), tmp_path / "train.csv")

    ended = bondfire("gate", "fit", train, *FIT, "--out", tmp_path / "mail.gate")

    assert ended.code == 1
    assert "a gate needs 200" in ended.err
    assert [path.name for path in tmp_path.iterdir()] == ["train.csv"]


@pytest.mark.parametrize("as_json", [True, False])
def test_churn_is_fitted_and_judged(bondfire: Command, tmp_path: Path, *, as_json: bool) -> None:
    train = saved(made_contracts(400, 1), tmp_path / "train.csv")
    words = ["--json"] if as_json else []

    fitted = bondfire("churn", "fit", train, "--label", "Churn", "--out", tmp_path / "m", *words)
    judged = bondfire("churn", "evaluate", tmp_path / "m", train, *words)

    assert (fitted.code, judged.code) == (0, 0)
    if as_json:
        assert judged.json["n"] == 400
        assert "cross_validated" in fitted.json
    else:
        assert "Brier" in judged.out


def test_leaks_are_listed(bondfire: Command, tmp_path: Path) -> None:
    table = made_contracts(400, 1)
    knows = Table("t", {**table.columns, "status": list(table.columns["Churn"])}, "x")
    file = saved(knows, tmp_path / "t.csv")

    told = bondfire("leaks", file, "--label", "Churn", "--json")
    shown = bondfire("leaks", file, "--label", "Churn")

    assert told.json["clean"] is False
    assert "knows_the_answer" in shown.out
    assert "No leak found" in bondfire("leaks", saved(table, tmp_path / "u.csv"), "--label", "Churn").out
