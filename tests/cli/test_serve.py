"""`bondfire serve` and `bondfire worker` as processes, ended by real signals."""

import json
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from fastapi.testclient import TestClient

from bondfire.api import create_app
from bondfire.api.examples import ORDER
from cli.conftest import Command, Shell


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_the_api_is_served_until_a_signal_and_ends_in_order(shell: Shell, ending: signal.Signals) -> None:
    serving = shell.start("serve", "--port", "0", "--json")
    assert serving.stdout is not None
    said = ""
    while not said.rstrip().endswith("}"):
        said += serving.stdout.readline()
    url = json.loads(said)["url"]

    health = httpx2.get(f"{url}/health")
    page = httpx2.get(f"{url}/docs")
    serving.send_signal(ending)
    out, err = serving.communicate(timeout=60)

    assert health.json() == {"status": "alive"}
    assert "swagger-ui-bundle.js" in page.text
    assert "http" not in page.text.replace("http://www.w3.org", "")
    assert (serving.returncode, out, err) == (0, "", "")


def test_a_port_that_is_taken_is_said_with_what_to_do(shell: Shell) -> None:
    first = shell.start("serve", "--port", "0", "--json")
    assert first.stdout is not None
    said = ""
    while not said.rstrip().endswith("}"):
        said += first.stdout.readline()
    port = json.loads(said)["url"].rsplit(":", 1)[1]

    second = shell.run("serve", "--port", port, "--json")
    first.send_signal(signal.SIGINT)
    first.communicate(timeout=60)

    assert (second.code, second.json["code"]) == (1, "port_taken")
    assert "--port" in str(second.json["next_step"])


def test_the_worker_releases_what_came_due(installed: Command, database: str, program: Path) -> None:
    """Given an order three weeks ago, when the worker looks once, then its beans can be spent."""
    installed("publish", program)
    token = installed(
        "keys", "add", "--brand", "corner-cafe", "--name", "test", "--scope", "admin", "--json"
    ).json["token"]
    then = datetime.now(UTC) - timedelta(days=21)
    order = {**ORDER, "occurred_at": then.isoformat()}
    with TestClient(create_app(database, now=lambda: then)) as client:
        client.post("/v1/events", json=order, headers={"Authorization": f"Bearer {token}"})

    first = installed("worker", "--once", "--json")
    again = installed("worker", "--once", "--json")

    assert (first.json, again.json) == ({"members": 1, "brands": 1}, {"members": 0, "brands": 1})
    told = installed("explain", "c-17", "--brand", "corner-cafe")
    assert "became spendable" in told.out


def test_the_worker_ends_in_order(shell: Shell) -> None:
    working = shell.start("worker", "--every", "0.05")
    assert working.stderr is not None
    working.stderr.readline()

    working.send_signal(signal.SIGINT)
    out, err = working.communicate(timeout=60)

    assert (working.returncode, out) == (130, ""), err
    assert "0 members is done" in err
