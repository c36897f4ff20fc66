"""`bondfire demo` on the whole history: killed in the middle, finished, started again, served."""

import json
import signal
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest

from bondfire.cli.demo_history import MEMBER, PROGRAM
from bondfire.examples import events_of_online_retail, example_program
from bondfire.programs import load_program
from bondfire.simulation import simulate
from cli.conftest import Shell


@pytest.fixture(scope="module")
def expected() -> str:
    """The digest of the history run in memory, without any interruption."""
    program = load_program(example_program(PROGRAM))
    return simulate(program, events_of_online_retail(program.catalogue)).digest


def killed_in_the_middle(shell: Shell, database: str) -> None:
    """Given a demo whose import has begun, when it is killed, then only whole batches are there."""
    importing = shell.start("demo", "--no-serve")
    with psycopg.connect(database, autocommit=True) as conn:
        while conn.execute("SELECT 1 FROM journal LIMIT 1").fetchone() is None:
            pass
    importing.send_signal(signal.SIGKILL)
    importing.communicate(timeout=60)


def served(shell: Shell) -> dict[str, Any]:
    """What the demo prints when it serves; then it was asked for its member and ended by Ctrl-C."""
    serving = shell.start("demo", "--port", "0", "--json")
    assert serving.stdout is not None
    said = ""
    for line in serving.stdout:
        said += line
        if line == "}\n":
            break
    told: dict[str, Any] = json.loads(said)
    headers = {"Authorization": f"Bearer {told['key']}"}
    member = httpx2.get(f"{told['url']}/v1/members/{MEMBER}", headers=headers)
    serving.send_signal(signal.SIGINT)
    serving.communicate(timeout=60)
    assert serving.returncode == 0
    assert member.json()["wallets"]["points"]["expired"] != "0"
    return told


def test_a_demo_killed_and_started_again_is_what_an_undisturbed_one_is_simulated_live_and_replayed(
    shell: Shell, database: str, expected: str, tmp_path: Path
) -> None:
    killed_in_the_middle(shell, database)

    second = shell.run("demo", "--no-serve", "--json")
    third = served(shell)
    replayed = shell.run("verify", "--brand", third["brand"], "--json")

    assert second.code == 0, second.err
    assert second.json["digest"] == expected
    assert (second.json["members"], second.json["events"]) == (4372, 22190)
    assert (replayed.json["digest"], replayed.json["ok"]) == (expected, True)
    assert (second.json["lines_without_customer"], second.json["unmatched_returns"]) == (135_080, 900)
    assert {name: third[name] for name in second.json} == second.json
    story = "\n".join(third["story"]["lines"])
    for part in ("reached velvet", "goods of it came back", "expired unspent", "cut off by the cap"):
        assert part in story
