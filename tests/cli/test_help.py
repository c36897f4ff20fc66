"""The command line is found, explained, and quick to say so."""

import pytest

from bondfire.cli.app import COMMANDS, make_app
from cli.conftest import Command, Shell


def test_the_list_of_commands_loads_none_of_them_and_no_heavy_library(shell: Shell) -> None:
    heavy = ("fastapi", "pyarrow", "psycopg", "sqlalchemy", "alembic", "uvicorn", "bondfire.engine")
    asked = (
        "import sys; from bondfire.cli.app import run; run(['--help']);"
        "print('loaded:', [name for name in sys.argv[1:] if name in sys.modules])"
    )

    ended = shell.python(asked, *heavy, *(f"bondfire.cli.{one.place.split(':')[0]}" for one in COMMANDS))

    assert "loaded: []" in ended.out
    assert all(command.name in ended.out for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_each_command_has_help_with_an_example(bondfire: Command, command: object) -> None:
    ended = bondfire(getattr(command, "name", ""), "--help")

    assert ended.code == 0
    assert "Example: bondfire" in ended.out
    assert "--json" in ended.out or "Commands" in ended.out


def test_the_summary_in_the_list_is_the_first_line_of_the_help() -> None:
    app = make_app()
    for command in COMMANDS:
        assert app[command.name].help.splitlines()[0] == command.summary


def test_the_version_is_told(bondfire: Command) -> None:
    assert bondfire("--version").out == "0.1.0\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["smulate"], 'Did you mean "simulate"?'),
        (["simulate"], "PROGRAM"),
        (["simulate", "a", "b", "--jsn"], "Did you mean --json?"),
        (["import", "x.csv", "--brand", "b", "--workers", "many"], "many"),
        (["import", "x.csv", "--brand", "b", "--workers", "0"], "1"),
        (["serve", "--port", "70000"], "65535"),
        (["publish", "x.yaml", "--clock", "sun"], "events"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_is_not_understood_ends_with_2_and_a_hint(
    bondfire: Command, words: list[str], said: str
) -> None:
    ended = bondfire(*words)

    assert ended.code == 2
    assert ended.out == ""
    assert said in ended.err
    assert "--help" in ended.err


def test_with_json_a_usage_mistake_is_a_problem(bondfire: Command) -> None:
    ended = bondfire("simulate", "--json")

    assert ended.code == 2
    assert ended.json["code"] == "usage"
    assert ended.err == ""
