"""Who leaves a contract is learned, kept as plain numbers, and judged on rows not seen."""

from pathlib import Path

import numpy as np
import pytest

from bondfire.errors import BadInput
from bondfire.insights import (
    Table,
    auc_of,
    evaluate_churn,
    fit_churn,
    load_churn,
    load_table,
    quality_of,
    save_churn,
)


def made_contracts(rows: int, seed: int) -> Table:
    """Who pays by the month and has been there for a short time leaves."""
    chance = np.random.default_rng(seed)
    months, monthly = chance.integers(0, 72, rows), chance.random(rows) < 0.5
    left = chance.random(rows) < 1 / (1 + np.exp(1 - 2.5 * monthly + months / 12))
    return Table(
        "contracts.csv",
        {
            "customerID": [f"A{number}" for number in range(rows)],
            "months": [str(one) for one in months],
            "contract": ["monthly" if one else "yearly" for one in monthly],
            "Churn": ["Yes" if one else "No" for one in left],
        },
        "x",
    )


def test_a_model_ranks_those_who_leave_and_says_the_same_when_loaded(tmp_path: Path) -> None:
    model = fit_churn(made_contracts(1500, 1), "Churn", seed=0)
    fresh = made_contracts(1500, 2)

    save_churn(model, tmp_path / "churn.model")
    loaded = load_churn(tmp_path / "churn.model")

    quality = evaluate_churn(loaded, fresh)
    assert quality.auc > 0.75
    assert quality.top_decile_lift > 2
    assert np.array_equal(loaded.probability(fresh), model.probability(fresh))
    assert loaded.left_out == ["customerID"]


def test_figures_are_what_their_definitions_say() -> None:
    left = np.array([1, 0, 1, 0, 0, 0, 0, 0, 0, 0], dtype=np.float64)
    probability = np.array([0.9, 0.8, 0.5, 0.5, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1])

    assert auc_of(left, probability) == pytest.approx((8 + 6.5) / 16)
    assert quality_of(left, probability).top_decile_lift == pytest.approx(5)
    assert quality_of(left, probability).brier == pytest.approx((0.01 + 0.64 + 0.25 + 0.25 + 0.06) / 10)


def test_contracts_of_telco_are_read_with_their_blanks(shared_data: Path) -> None:
    table = load_table(shared_data / "telco_churn" / "telco_customer_churn.csv.gz")

    assert np.isnan(table.numbers("TotalCharges")).sum() == 11
    assert table.binary("Churn").sum() == 1869


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"Churn": ["No"] * 300}, "is 'no' in every row"),
        ({"Churn": ["No", "Yes", "perhaps"] * 100}, "is 'perhaps'"),
        ({"Churn": ["Yes"] * 20 + ["No"] * 280}, "20 of whom left"),
        ({"months": ["3"] * 299 + ["long"]}, "column 'months', row 301 is 'long'"),
    ],
)
def test_what_teaches_nothing_is_refused(change: dict[str, list[str]], said: str) -> None:
    table = made_contracts(300, 1)

    with pytest.raises(BadInput) as refusal:
        fit_churn(Table("c.csv", {**table.columns, **change}, "x"), "Churn", seed=0)
    assert said in str(refusal.value)
