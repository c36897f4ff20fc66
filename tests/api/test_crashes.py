"""A server that is killed in the middle of a change has done it wholly or not at all, and knows which."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import httpx2
import pytest

from api.conftest import CAFE, Door
from api.serving import Server, serving
from bondfire.db import connect

CONSENTS = 120
KILLS = 3


def count(door: Door, table: str) -> int:
    with connect(door.dsn) as conn:
        row = conn.execute(f"SELECT count(*) FROM {table}").fetchone()
    return row[0] if row else 0


def test_killed_before_the_commit_nothing_was_done_and_the_request_can_be_sent_again(
    door: Door, tmp_path: Path
) -> None:
    """Given a publication that has claimed its key and waits for the brand, when the server is killed ..."""
    headers = {**door.key("programs:write"), "Idempotency-Key": "publish-1"}
    sent: dict[str, Any] = {"content": CAFE.format(brand="corner-cafe"), "headers": headers}
    with serving(door.dsn, tmp_path) as server, connect(door.dsn) as holder, ThreadPoolExecutor(1) as thread:
        holder.execute("SELECT 1 FROM brand FOR UPDATE")
        waiting = thread.submit(httpx2.post, f"{server.url}/v1/programs", timeout=60, **sent)
        while not holder.execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchone():
            pass
        server.kill()
        with pytest.raises(httpx2.TransportError):
            waiting.result()
        holder.rollback()

    assert (count(door, "program_version"), count(door, "given_answer")) == (0, 0)
    first, again = (door.client.post("/v1/programs", **sent) for _ in range(2))
    assert (first.status_code, again.headers.get("idempotency-replayed")) == (201, "true")
    assert again.content == first.content
    assert (count(door, "program_version"), count(door, "given_answer")) == (1, 1)


class _Sender:
    """Sends consents, each under its own key, until every one of them was answered."""

    def __init__(self, client: httpx2.Client) -> None:
        self.client = client
        self.answers: dict[int, bytes] = {}

    def send(self, url: str, number: int) -> None:
        """One of them; a server that goes away meanwhile leaves it unanswered."""
        said = {"kind": f"k{number}", "granted": True, "text_version": "1", "source": "till"}
        where = f"{url}/v1/members/c-{number % 5}/consents"
        with suppress(httpx2.TransportError):
            answer = self.client.post(where, json=said, headers={"Idempotency-Key": f"consent-{number}"})
            if answer.status_code == 201:
                assert self.answers.setdefault(number, answer.content) == answer.content

    def unanswered(self) -> Iterator[int]:
        return (number for number in range(CONSENTS) if number not in self.answers)


def send_until_killed(server: Server, sender: _Sender, kill_after: int) -> None:
    """Send what is unanswered; after so many answers the server dies while others are on their way."""
    enough = len(sender.answers) + kill_after

    def send(number: int) -> None:
        if len(sender.answers) >= enough and server.process.poll() is None:
            server.process.kill()
        sender.send(server.url, number)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(send, list(sender.unanswered())))


def test_killed_at_any_moment_each_change_is_done_once(door: Door, tmp_path: Path) -> None:
    chance = Random(11)
    with httpx2.Client(headers=door.key("members:write"), timeout=60) as client:
        sender = _Sender(client)
        for _ in range(KILLS):
            with serving(door.dsn, tmp_path) as server:
                send_until_killed(server, sender, chance.randrange(5, 30))
        with serving(door.dsn, tmp_path) as server:
            for number in (*sender.unanswered(), *range(CONSENTS)):
                sender.send(server.url, number)

    assert list(sender.unanswered()) == []
    assert (count(door, "consent"), count(door, "given_answer")) == (CONSENTS, CONSENTS)
