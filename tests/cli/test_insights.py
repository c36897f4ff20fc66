"""`bond backtest` and `clv fit` read somebody's purchases, answer in one object, and refuse clearly."""

import csv
import gzip
from datetime import timedelta
from pathlib import Path

import pytest

from cli.conftest import Command, Ended
from insights.makers import FIRST_DAY, shop_of

UNTIL = (FIRST_DAY + timedelta(days=300)).isoformat()
JUDGED = ("bond", "recency", "bgnbd", "mbgnbd")
COLUMNS = ("--member", "member", "--time", "time")


@pytest.fixture(scope="module")
def purchases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shop_of(600, 400, seed=3).write(tmp_path_factory.mktemp("shop") / "purchases.csv")


def backtest(bondfire: Command, path: Path, *more: object, horizon: object = 60) -> Ended:
    return bondfire("bond", "backtest", path, *COLUMNS, "--until", UNTIL, "--horizon", horizon, *more)


def test_backtest_answers_with_one_object_and_writes_every_score(
    bondfire: Command, purchases: Path, tmp_path: Path
) -> None:
    scores, picture = tmp_path / "scores.csv", tmp_path / "reliability.svg"
    ended = backtest(
        *(bondfire, purchases, "--json", "--value", "value", "--scores", scores, "--picture", picture)
    )
    assert (ended.code, ended.err) == (0, "")
    found = ended.json
    for name in JUDGED:
        judged = found[name]
        assert isinstance(judged, dict)
        assert {"auc", "brier", "ece", "total_error"} <= judged.keys()
    assert {"n", "base_rate", "shown", "seconds", "past", "why", "better_than"} <= found.keys()
    assert found["until"] == UNTIL
    rows = list(csv.DictReader(scores.read_text().splitlines()))
    assert len(rows) == found["n"]
    assert all(0 < float(row["score"]) < 1 for row in rows)
    assert picture.read_text().startswith("<svg")


def test_backtest_gives_the_same_for_a_zipped_file_and_other_rows_order(
    bondfire: Command, purchases: Path, tmp_path: Path
) -> None:
    zipped = tmp_path / "purchases.csv.gz"
    header, *rows = purchases.read_text().splitlines(keepends=True)
    zipped.write_bytes(gzip.compress("".join([header, *sorted(rows)]).encode()))
    one, other = (backtest(bondfire, path, "--json").json for path in (purchases, zipped))
    assert one["n"] == other["n"]
    for name in JUDGED:
        ours, theirs = one[name], other[name]
        assert isinstance(ours, dict)
        assert isinstance(theirs, dict)
        assert ours["auc"] == pytest.approx(theirs["auc"], abs=1e-9)
        assert ours["brier"] == pytest.approx(theirs["brier"], abs=1e-9)


def test_backtest_tells_people_what_is_shown_and_why(bondfire: Command, purchases: Path) -> None:
    ended = backtest(bondfire, purchases)
    assert ended.code == 0
    assert "bought again" in ended.out
    assert "bond" in ended.err


@pytest.mark.parametrize(
    ("row", "code", "named"),
    [
        (",2024-02-01,1", "bad_cell", "'member' in row 2"),
        ("m-1,,1", "bad_cell", "'time' in row 2"),
        ("m-1,soon,1", "bad_cell", "'time' in row 2"),
        ("m-1,2999-01-01,1", "bad_cell", "'time' in row 2 lies in the future"),
        ("m-1,2024-02-01,much", "bad_cell", "'value' in row 2"),
    ],
)
def test_a_row_that_cannot_be_used_is_refused_and_nothing_is_written(
    *, bondfire: Command, tmp_path: Path, row: str, code: str, named: str
) -> None:
    path, scores = tmp_path / "bad.csv", tmp_path / "scores.csv"
    path.write_text(f"member,time,value\nm-1,2024-01-01,1\n{row}\n")
    ended = backtest(bondfire, path, "--json", "--value", "value", "--scores", scores)
    assert (ended.code, ended.json["code"]) == (1, code)
    assert named in str(ended.json["detail"])
    assert ended.json["next_step"]
    assert not scores.exists()


def test_a_window_longer_than_the_data_is_refused(bondfire: Command, purchases: Path) -> None:
    ended = backtest(bondfire, purchases, "--json", horizon=500)
    assert (ended.code, ended.json["code"]) == (1, "window_too_long")
    assert "(--horizon)" in str(ended.json["next_step"])


def test_an_until_that_is_no_day_is_not_understood(bondfire: Command, purchases: Path) -> None:
    ended = bondfire("bond", "backtest", purchases, *COLUMNS, "--until", "autumn", "--horizon", 9, "--json")
    assert (ended.code, ended.json["code"]) == (2, "usage")


def test_too_few_members_are_refused(bondfire: Command, tmp_path: Path) -> None:
    path = shop_of(12, 400, seed=1).write(tmp_path / "few.csv")
    ended = backtest(bondfire, path, "--json")
    assert (ended.code, ended.json["code"]) == (1, "too_few")


@pytest.mark.parametrize("model", ["bgnbd", "mbgnbd", "paretonbd"])
def test_clv_fit_prints_parameters_errors_and_likelihood(
    bondfire: Command, purchases: Path, model: str
) -> None:
    found = bondfire("clv", "fit", purchases, *COLUMNS, "--model", model, "--json").json
    parameters, errors = found["parameters"], found["standard_errors"]
    assert isinstance(parameters, dict)
    assert isinstance(errors, dict)
    assert parameters.keys() == errors.keys()
    assert isinstance(found["log_likelihood"], float)
    assert {"seconds", "buyers", "at_edge"} <= found.keys()
    weeks = bondfire("clv", "fit", purchases, *COLUMNS, "--model", model, "--unit", "weeks", "--json").json
    in_weeks = weeks["parameters"]
    assert isinstance(in_weeks, dict)
    assert in_weeks["alpha"] == pytest.approx(parameters["alpha"] / 7, rel=1e-3)


def test_clv_fit_reads_a_table_of_buyers(bondfire: Command, tmp_path: Path) -> None:
    path = tmp_path / "donors.csv"
    rows = [f"{x},{last},6,{count}" for x, last, count in [(0, 0, 300), (1, 2, 60), (2, 5, 40), (4, 6, 50)]]
    path.write_text("\n".join(["x,last,periods,donors", *rows]) + "\n")
    words = ("--frequency", "x", "--recency", "last", "--age", "periods", "--weights", "donors")
    found = bondfire("clv", "fit", path, *words, "--model", "bgbb", "--json").json
    assert found["buyers"] == 450
    shown = bondfire("clv", "fit", path, *words, "--model", "bgbb")
    assert "bgbb, 450 buyers" in shown.out


def test_clv_fit_says_which_columns_it_needs(bondfire: Command, purchases: Path) -> None:
    ended = bondfire("clv", "fit", purchases, "--json")
    assert (ended.code, ended.json["code"]) == (2, "usage")
    ended = bondfire("clv", "fit", purchases, *COLUMNS, "--model", "gammagamma", "--json")
    assert (ended.code, ended.json["code"]) == (1, "bad_history")
    assert "--value" in str(ended.json["next_step"])
