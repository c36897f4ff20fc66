"""`bondfire finance`: the page is true, its example answers what it shows; what cannot be is refused."""

import csv
import re
from pathlib import Path

import psycopg
import pytest

from bondfire.finance import COLUMNS, FIGURES
from bondfire.finance.triangle import LEAST_MONTHS
from cli.conftest import Command

PATH = Path(__file__).parents[2] / "docs" / "reference" / "finance.md"
PAGE = PATH.read_text(encoding="utf-8")
SHOWN = re.findall(r"^```console\n\$ bondfire (finance .*)\n((?:.*\n)*?)```$", PAGE, re.MULTILINE)


def block(language: str) -> str:
    """The first block of a language."""
    return str(re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)[0])


@pytest.fixture
def sky(installed: Command, tmp_path: Path) -> Command:
    """The command line over the example of the page."""
    (tmp_path / "sky.yaml").write_text(block("yaml"), encoding="utf-8")
    (tmp_path / "events.ndjson").write_text(block("json"), encoding="utf-8")
    assert installed("publish", tmp_path / "sky.yaml", "--clock", "events").code == 0
    assert installed("import", tmp_path / "events.ndjson", "--brand", "sky", "--workers", "1").code == 0
    return installed


def test_every_command_of_the_page_answers_what_it_shows(sky: Command) -> None:
    assert len(SHOWN) == 7
    for command, answer in SHOWN:
        ended = sky(*command.split())
        assert ended.code == 0, ended.err
        printed = "\n".join(line.rstrip() for line in ended.out.replace("\r\n", "\n").splitlines())
        assert printed.strip("\n") == answer.strip("\n"), command


def test_the_page_names_every_column_figure_and_limit() -> None:
    named = set(re.findall(r"`(\w+)`", PAGE))

    assert set(COLUMNS) | set(FIGURES) <= named
    assert f"Before there are {LEAST_MONTHS} whole months" in PAGE


def test_books_that_do_not_tie_end_with_an_exit_code(sky: Command, database: str) -> None:
    assert sky("finance", "reconcile", "--brand", "sky", "--daily", "--json").json["ties"] is True
    with psycopg.connect(database) as conn:
        conn.execute("""UPDATE member_state SET wallets = replace(wallets, '"1000"', '"1001"')""")

    ended = sky("finance", "reconcile", "--brand", "sky")
    as_json = sky("finance", "reconcile", "--brand", "sky", "--json")

    assert (ended.code, as_json.code, as_json.json["ties"]) == (1, 1, False)
    assert "miles: issued of all wallets, as stored" in ended.out
    assert {"what": "miles: issued of all wallets, as stored", "expected": "3000", "found": "3001"} in (
        as_json.json["untied"]  # type: ignore[operator]
    )


def test_an_export_to_a_file_prints_its_control_totals(sky: Command, tmp_path: Path) -> None:
    file = tmp_path / "february.csv"
    span = ("--brand", "sky", "--from", "2026-02-01", "--to", "2026-02-28")

    ended = sky("finance", "journal", *span, "--output", file, "--json")

    with file.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert ended.json["lines"] == len(rows) == 4
    assert ended.json["amounts"] == {"miles": str(sum(int(row["amount"]) for row in rows))}
    assert ended.json["values"] == {"EUR": "21.6"}


@pytest.mark.parametrize("verb", ["liability", "period 2026-02", "redemption --fit 2026-01", "reconcile"])
def test_every_report_is_one_json_object(sky: Command, verb: str) -> None:
    ended = sky("finance", *verb.split(), "--brand", "sky", "--json")

    assert ended.code in (0, 1)
    assert ended.json


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("liability --brand sky --on 2026-02-30", "bad_date"),
        ("liability --brand sky --on 2099-01-01", "bad_date"),
        ("liability --brand sly", "no_program"),
        ("period 2026-13 --brand sky", "bad_date"),
        ("period 2099-01 --brand sky", "bad_date"),
        ("redemption --brand sky --fit 2026-02", "bad_date"),
        ("journal --brand sky --from 2026-03-01 --to 2026-02-01 --output /dev/null", "bad_date"),
        ("journal --brand sky --from 2026-02-01 --to 2026-03-01", "usage"),
        ("allocate --brand sky --price 8 --product 8 --unit mile --amount 1", "unknown_unit"),
        ("allocate --brand sky --price 8e3 --product 8 --unit miles --amount 1", "bad_amount"),
        ("allocate --brand sky --price 8 --product 0 --unit miles --amount 0", "bad_allocation"),
        ("recognise --allocated 10 --redeemed 1 --expected 0", "bad_allocation"),
        ("recognise --allocated 10 --redeemed 1 --expected 1 --decimals 7", "usage"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_what_to_do(sky: Command, words: str, code: str) -> None:
    ended = sky("finance", *words.split(), "--json")

    assert ended.code in (1, 2)
    assert ended.json["code"] == code
    assert ended.json["next_step"]
