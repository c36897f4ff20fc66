"""A server that is killed before it commits has done nothing; `campaign` kills it at any other moment."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import pytest

from api.conftest import CAFE, Door
from api.serving import serving
from bondfire.db import connect


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
