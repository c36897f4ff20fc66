"""`bondfire check` says everything that is wrong, where, and what to do."""

from pathlib import Path

from bondfire.cli.check import excerpt
from cli.conftest import Command


def test_a_good_programme_can_be_published(bondfire: Command, program: Path) -> None:
    ended = bondfire("check", program)

    assert ended.code == 0
    assert "can be published: 1 rule, 2 units, 1 tier set." in ended.out


def test_all_mistakes_are_shown_with_place_line_and_caret(bondfire: Command, program: Path) -> None:
    text = program.read_text().replace("event.total), status", "event.totl), status")
    program.write_text(text.replace("unit: status", "unit: statu"))

    ended = bondfire("check", program)

    lines = ended.out.splitlines()
    place = next(number for number, line in enumerate(lines) if "totl" in line and ": error:" in line)
    column = int(lines[place].removeprefix(str(program)).split(":")[2])
    assert ended.code == 1
    assert lines[place].startswith(f"{program}:16:")
    assert lines[place + 1].endswith("award: {beans: floor(event.totl), status: floor(event.total)}")
    assert lines[place + 2].index("^") == lines[place + 1].index("| ") + 1 + column
    assert "total" in lines[place + 3]
    assert "'status'" in ended.out
    assert "2 problems: it cannot be published." in ended.out


def test_with_json_problems_have_line_and_column(bondfire: Command, program: Path) -> None:
    program.write_text(program.read_text().replace("unit: status", "unit: statu"))

    ended = bondfire("check", program, "--json")

    assert ended.code == 1
    assert ended.json["ok"] is False
    problems = ended.json["problems"]
    assert isinstance(problems, list)
    assert (problems[0]["line"], problems[0]["column"]) == (10, 11)


def test_a_file_that_is_not_there_is_said(bondfire: Command, tmp_path: Path) -> None:
    ended = bondfire("check", tmp_path / "nothing.yaml")

    assert ended.code == 1
    assert "nothing.yaml cannot be read: No such file" in ended.err
    assert "Traceback" not in ended.err


def test_the_caret_of_a_long_line_stands_under_its_column() -> None:
    line = "x" * 300 + "HERE" + "y" * 300

    shown, caret = excerpt(line, 7, 301)

    assert shown[caret.index("^") :].startswith("HERE")
    assert len(shown) < 120
