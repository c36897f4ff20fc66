"""`bondfire serve` and `bondfire worker` as processes, ended by real signals."""

import json
import os
import re
import signal
import socket
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from fastapi.testclient import TestClient

from acceptance.group_makers import GIFTS
from bondfire.api import create_app
from bondfire.api.examples import ORDER
from cli.conftest import Command, Shell


def url_of(serving: "subprocess.Popen[str]") -> str:
    """Where a server that was just started answers."""
    assert serving.stdout is not None
    said = ""
    while not said.rstrip().endswith("}"):
        said += serving.stdout.readline()
    url: str = json.loads(said)["url"]
    return url


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_the_api_is_served_until_a_signal_and_ends_in_order(shell: Shell, ending: signal.Signals) -> None:
    serving = shell.start("serve", "--port", "0", "--json")
    url = url_of(serving)

    health = httpx2.get(f"{url}/health")
    page = httpx2.get(f"{url}/docs")
    serving.send_signal(ending)
    out, err = serving.communicate(timeout=60)

    assert health.json() == {"status": "alive"}
    assert "swagger-ui-bundle.js" in page.text
    assert "http" not in page.text.replace("http://www.w3.org", "")
    assert (serving.returncode, out) == (0, "")
    lines = [json.loads(line) for line in err.splitlines()]
    assert [(line["route"], line["status"]) for line in lines] == [("/docs", 200)]


def children_of(pid: int) -> set[int]:
    """The processes that serve for a leader; its other child tracks what multiprocessing shares."""
    answer = subprocess.run(
        ["ps", "-ww", "--ppid", str(pid), "-o", "pid=", "-o", "args="],
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line.split(maxsplit=1) for line in answer.stdout.splitlines()]
    return {int(child) for child, words in lines if "spawn_main" in words}


def is_alive(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"


def test_of_several_servers_one_that_is_killed_is_replaced_and_all_end_together(shell: Shell) -> None:
    serving = shell.start("serve", "--port", "0", "--workers", "2", "--json")
    url = url_of(serving)
    first = children_of(serving.pid)

    os.kill(min(first), signal.SIGKILL)
    said = serving.stderr.readline() if serving.stderr else ""
    health = [httpx2.get(f"{url}/health").json() for _ in range(20)]
    while len(after := children_of(serving.pid)) < 2:
        pass
    serving.send_signal(signal.SIGTERM)
    serving.communicate(timeout=60)

    assert (len(first), len(after & first)) == (2, 1)
    assert "another takes its place" in said
    assert health == [{"status": "alive"}] * 20
    assert serving.returncode == 0
    assert [pid for pid in first | after if is_alive(pid)] == []


def test_servers_whose_leader_is_killed_end_by_themselves(shell: Shell) -> None:
    serving = shell.start("serve", "--port", "0", "--workers", "2", "--json")
    url_of(serving)
    servers = children_of(serving.pid)

    serving.kill()
    serving.communicate(timeout=60)  # they hold its output open: it ends with the last of them

    assert len(servers) == 2
    assert [pid for pid in servers if is_alive(pid)] == []


def test_a_port_that_is_taken_is_said_with_what_to_do(shell: Shell) -> None:
    first = shell.start("serve", "--port", "0", "--json")
    port = url_of(first).rsplit(":", 1)[1]

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

    assert (first.json["members"], again.json["members"]) == (1, 0)
    assert first.json["brands"] == again.json["brands"] == 1
    assert first.json["webhooks"] == {"delivered": 0, "failed": 0, "given_up": 0}
    told = installed("explain", "c-17", "--brand", "corner-cafe")
    assert "became spendable" in told.out


def test_l17_the_worker_carries_on_what_members_send_each_other(
    installed: Command, database: str, tmp_path: Path
) -> None:
    """Given points sent over the API, when the worker looks, then the other has them, once."""
    document = tmp_path / "gifts.yaml"
    document.write_text(GIFTS)
    installed("publish", document)
    words = ("--brand", "kaminrot", "--name", "test", "--scope", "admin", "--json")
    headers = {"Authorization": f"Bearer {installed('keys', 'add', *words).json['token']}"}
    at = {"source": "shop", "occurred_at": "2026-01-05T09:00:00Z", "currency": "EUR", "type": "order.placed"}
    orders = [at | {"id": name, "member": name, "total": "100"} for name in ("a", "b")]
    gift = {"id": "g", "type": "points.sent", "member": "a", "to": "b", "unit": "points", "amount": "30"}
    with TestClient(create_app(database, now=lambda: datetime(2026, 1, 6, tzinfo=UTC))) as client:
        for event in [*orders, gift | {"occurred_at": "2026-01-05T10:00:00Z"}]:
            assert client.post("/v1/events", json=event, headers=headers).json()["outcome"] == "accepted"

        carried = [installed("worker", "--once", "--json").json["transfers"] for _ in range(2)]
        wallets = [
            client.get(f"/v1/members/{name}", headers=headers).json()["wallets"]["points"]
            for name in ("a", "b")
        ]

    assert carried == [1, 0]
    assert [wallet["in_transit"] for wallet in wallets] == ["30", "-30"]


def test_the_settings_hold_for_what_is_served(shell: Shell, program: Path) -> None:
    """Given a rate of one request, an open /metrics and a quiet log, when it is served, then so it is."""
    token = "a-token-of-the-settings"
    shell.environment.update(
        BONDFIRE_RATE_KEY_PER_MINUTE="1",
        BONDFIRE_RATE_KEY_BURST="1",
        BONDFIRE_METRICS_TOKEN=token,
        BONDFIRE_LOG_LEVEL="warning",
    )
    shell.run("publish", program)
    key = shell.run("keys", "add", "--brand", "corner-cafe", "--name", "test", "--scope", "admin", "--json")
    serving = shell.start("serve", "--port", "0", "--json")
    url = url_of(serving)

    headers = {"Authorization": f"Bearer {key.json['token']}"}
    statuses = [httpx2.get(f"{url}/v1/programs", headers=headers).status_code for _ in range(2)]
    metrics = httpx2.get(f"{url}/metrics", headers={"Authorization": f"Bearer {token}"})
    serving.send_signal(signal.SIGINT)
    _, err = serving.communicate(timeout=60)

    assert statuses == [200, 429]
    assert 'bondfire_rate_limited_total{policy="key"} 1.0' in metrics.text
    assert err == ""


def clock_of(ago: timedelta) -> Callable[[], datetime]:
    """A wall clock that stands at a moment of the past."""
    then = datetime.now(UTC) - ago
    return lambda: then


def test_the_worker_forgets_answers_after_a_day(installed: Command, database: str, program: Path) -> None:
    installed("publish", program)
    token = installed(
        "keys", "add", "--brand", "corner-cafe", "--name", "test", "--scope", "admin", "--json"
    ).json["token"]
    for hours in (30, 20):
        with TestClient(create_app(database, now=clock_of(timedelta(hours=hours)))) as client:
            headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"{hours}-hours-ago"}
            client.put("/v1/members/c-17/profile", json={"name": "Ann"}, headers=headers)

    first = installed("worker", "--once", "--json")
    again = installed("worker", "--once", "--json")

    assert (first.json["answers_forgotten"], again.json["answers_forgotten"]) == (1, 0)


def test_the_worker_shows_what_it_counts_to_who_has_the_token(
    shell: Shell, database: str, program: Path
) -> None:
    """Given an order three weeks ago, when the worker has looked, then it says how late it was."""
    token = "a-token-of-the-settings"
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    shell.environment.update(BONDFIRE_WORKER_METRICS_PORT=str(port), BONDFIRE_METRICS_TOKEN=token)
    shell.run("publish", program)
    key = shell.run("keys", "add", "--brand", "corner-cafe", "--name", "test", "--scope", "admin", "--json")
    then = datetime.now(UTC) - timedelta(days=21)
    with TestClient(create_app(database, now=lambda: then)) as client:
        order = {**ORDER, "occurred_at": then.isoformat()}
        client.post("/v1/events", json=order, headers={"Authorization": f"Bearer {key.json['token']}"})

    working = shell.start("worker", "--every", "1000")
    where = f"http://127.0.0.1:{port}"
    assert working.stderr is not None
    working.stderr.readline()
    told = ""
    while "bondfire_due_members_total{" not in told:
        told = httpx2.get(f"{where}/metrics", headers={"Authorization": f"Bearer {token}"}).text
    refused = [
        httpx2.get(f"{where}/metrics").status_code,
        httpx2.get(f"{where}/metrics", headers={"Authorization": "Bearer another"}).status_code,
        httpx2.get(where, headers={"Authorization": f"Bearer {token}"}).status_code,
    ]
    working.send_signal(signal.SIGINT)
    working.communicate(timeout=60)

    late = re.search(r'bondfire_due_lag_seconds{brand="corner-cafe"} (\S+)', told)
    assert 'bondfire_due_members_total{brand="corner-cafe"} 1.0' in told
    assert late is not None
    assert timedelta(days=6) < timedelta(seconds=float(late[1])) < timedelta(days=8)
    assert refused == [401, 401, 404]


def test_the_worker_shows_nothing_without_a_token(shell: Shell) -> None:
    shell.environment.update(BONDFIRE_WORKER_METRICS_PORT="9102")

    ended = shell.run("worker", "--once", "--json")

    assert (ended.code, ended.json["code"]) == (1, "bad_setting")
    assert "BONDFIRE_METRICS_TOKEN" in str(ended.json["detail"])


def test_the_worker_ends_in_order(shell: Shell) -> None:
    working = shell.start("worker", "--every", "0.05")
    assert working.stderr is not None
    working.stderr.readline()

    working.send_signal(signal.SIGINT)
    out, err = working.communicate(timeout=60)

    assert (working.returncode, out) == (130, ""), err
    assert "0 members is done, 0 messages delivered" in err
