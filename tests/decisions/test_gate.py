"""The gate acts where it pays for sure, and on nobody when nobody is moved."""

from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest

from bondfire.decisions import (
    CannotLearn,
    Gate,
    NoGate,
    Terms,
    apply_gate,
    evaluate_gate,
    fit_arms,
    fit_gate,
    load_gate,
    save_gate,
)
from bondfire.errors import BadInput
from bondfire.insights import Table
from decisions.makers import TERMS, made_table, made_trial


@pytest.fixture(scope="module")
def gate() -> Gate:
    return fit_gate(made_table(3000, seed=1), TERMS)


def test_a_gate_acts_on_those_who_are_moved_and_says_what_it_left_out(gate: Gate) -> None:
    fresh = made_table(2000, seed=5)

    judged = apply_gate(gate, fresh)

    moved = np.array([one == "web" for one in fresh.texts("channel")])
    assert judged.act[moved].mean() > 0.95
    assert judged.act[~moved].mean() < 0.05
    assert judged.net[moved].mean() == pytest.approx(10 * 0.2 - 0.5, abs=0.5)
    assert np.array_equal(judged.act == 1, judged.lower > 0)
    assert gate.left_out == ["id"]


def test_a_loaded_gate_judges_to_the_bit_as_before_and_the_same_seed_learns_the_same(
    gate: Gate, tmp_path: Path
) -> None:
    save_gate(gate, tmp_path / "a.gate")
    again = fit_gate(made_table(3000, seed=1), TERMS)

    loaded = load_gate(tmp_path / "a.gate")

    fresh = made_table(500, seed=6)
    assert loaded == gate == again
    assert np.array_equal(apply_gate(loaded, fresh).net, apply_gate(gate, fresh).net)


def test_an_evaluation_sets_the_gate_beside_all_none_and_the_best_rule(gate: Gate) -> None:
    found = evaluate_gate(gate, made_table(4000, seed=9))

    assert found.values["gate"].low <= 0.75 <= found.values["gate"].high
    assert found.values["all"].low <= 0.5 <= found.values["all"].high
    assert found.values["none"].value == 0
    assert found.gains["none"].verdict == "significant gain"
    assert found.rule.startswith("channel=")
    assert found.verdict == "no significant gain"  # the rule knows it all
    assert found.gate_by["ips"].value == pytest.approx(found.gate_by["doubly_robust"].value, abs=0.15)
    assert 0.3 < found.gate_by["doubly_robust"].effective / found.n < 0.7


def test_training_rows_prove_nothing(gate: Gate) -> None:
    assert evaluate_gate(gate, made_table(3000, seed=1)).verdict.startswith("not judged")


def test_where_nobody_is_moved_nobody_is_chosen_even_if_the_action_is_nearly_free() -> None:
    cheap = msgspec.structs.replace(TERMS, cost=0.001)
    shares = [fit_gate(made_table(600, seed=seed, effect=0), cheap).share for seed in range(5)]

    assert shares.count(0) >= 4


def test_categories_and_blanks_that_training_did_not_know_are_told(gate: Gate) -> None:
    strange = Table("new.csv", {"channel": ["web", "moon", ""], "age": ["", "1", "2"]}, "x")

    assert gate.encoder.unseen(strange) == {"channel": 2}
    assert np.isfinite(apply_gate(gate, strange).net).all()


def changed(table: Table, column: str, row: int, text: str) -> Table:
    cells = list(table.columns[column])
    cells[row] = text
    return replace(table, columns={**table.columns, column: cells})


@pytest.mark.parametrize(
    ("table", "terms", "said"),
    [
        (changed(made_table(300, seed=1), "bought", 7, "soon"), TERMS, "column 'bought', row 9 is 'soon'"),
        (changed(made_table(300, seed=1), "age", 4, "old"), TERMS, "column 'age', row 6 is 'old'"),
        (changed(made_table(300, seed=1), "bought", 7, ""), TERMS, "row 9 is empty"),
        (changed(made_table(300, seed=1), "mail", 0, "maybe"), TERMS, "3 values"),
        (made_table(40, seed=1), TERMS, "40 rows; a gate needs 200"),
        (made_table(300, seed=1), Terms("mial", "yes", "bought", 10, 1), "Did you mean 'mail'?"),
        (made_table(300, seed=1), Terms("mail", "yess", "bought", 10, 1), "--treated 'yes'"),
        (made_table(300, seed=1), Terms("mail", "yes", "bought", 0, 1), "--gain above 0"),
        (made_table(300, seed=1), Terms("mail", "yes", "bought", 10, 1, level=0.4), "--level from 0.5"),
    ],
)
def test_what_cannot_teach_is_refused_by_column_and_row(table: Table, terms: Terms, said: str) -> None:
    with pytest.raises(BadInput) as refusal:
        fit_gate(table, terms)
    assert said in str(refusal.value)


def test_a_constant_outcome_is_refused() -> None:
    table = made_table(300, seed=1)
    constant = replace(table, columns={**table.columns, "bought": ["0"] * 300})

    with pytest.raises(CannotLearn, match="is 0 in every row"):
        fit_gate(constant, TERMS)


def test_missing_columns_are_all_named(gate: Gate) -> None:
    with pytest.raises(BadInput, match=r"lacks 'channel', 'age'|lacks 'age', 'channel'"):
        apply_gate(gate, Table("new.csv", {"id": ["1"]}, "x"))


@pytest.mark.parametrize("text", ['{"format": "bondfire-gate-1"}', "not json", '{"a": 1}'])
def test_a_file_that_is_no_gate_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.gate").write_text(text)

    with pytest.raises(NoGate):
        load_gate(tmp_path / "x.gate")


def test_several_actions_leave_the_best_one_only_where_another_is_surely_better() -> None:
    chance = np.random.default_rng(1)
    base = made_trial(6000, seed=1)
    action = chance.integers(0, 3, 6000)
    likely = 0.1 + 0.2 * (action == 1) + 0.35 * ((action == 2) & (base.features[:, 0] > 0.5))
    outcome = (chance.random(6000) < likely).astype(np.float64)

    policy = fit_arms(base.features, action, outcome, gain=10, costs=[0, 1, 1], seed=1)

    chosen = policy.decide(base.features)
    second = base.features[:, 0] > 0.5
    assert policy.anchor == 1
    assert (chosen[second] == 2).mean() > 0.8
    assert (chosen[base.features[:, 0] < 0.3] == 1).mean() > 0.9
