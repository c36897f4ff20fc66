"""The API under load: a server as a user starts it, and a load generator beside it on the same machine."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import count
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from bondfire.access import RANDOM_BYTES, create_key
from bondfire.benchmarks.load import Answers, Task
from bondfire.benchmarks.workload import BRAND
from bondfire.db import connect, transaction
from bondfire.programs import brand_named

_SERVERS: Final = "2"


class Server:
    """A running server, and the key that opens it; `pid` of the process that was started."""

    def __init__(self, url: str, token: str, *, pid: int, members: int, begin: datetime) -> None:
        address = urlsplit(url)
        self._place = {"host": address.hostname, "port": address.port, "token": token}
        self.pid = pid
        self._members = members
        self._begin = begin
        self._runs = count()

    def send(self, *, rows: int, connections: int, seconds: float, pause: float = 0.0) -> Answers:
        """Send orders; see `Task`."""
        task: dict[str, Any] = {
            **self._place,
            "run": f"http{next(self._runs)}",
            "members": self._members,
            "begin": self._begin,
            "rows": rows,
            "connections": connections,
            "seconds": seconds,
            "pause": pause,
        }
        ended = subprocess.run(
            [sys.executable, "-c", "from bondfire.benchmarks.load import main; main()"],
            input=msgspec.json.encode(msgspec.convert(task, Task)),
            stdout=subprocess.PIPE,
            check=True,
        )
        return msgspec.json.decode(ended.stdout, type=Answers)


@contextmanager
def served(dsn: str, members: int, *, begin: datetime) -> Iterator[Server]:
    """`bondfire serve --workers 2` over a database with members, logging as it is delivered."""
    with connect(dsn) as conn, transaction(conn):
        owner = brand_named(conn, BRAND)
        random = b"bench".ljust(RANDOM_BYTES)
        _, token = create_key(conn, owner.id, ["events:write"], "bench", created_at=begin, random=random)
    words = [sys.executable, "-m", "bondfire.cli", "serve", "--port", "0", "--workers", _SERVERS, "--json"]
    process = subprocess.Popen(  # noqa: S603 - ourselves
        words,
        env={**os.environ, "BONDFIRE_DATABASE_URL": dsn},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert process.stdout is not None  # noqa: S101 - a pipe
        said = b""
        while not said.rstrip().endswith(b"}"):
            said += process.stdout.readline()
        url = msgspec.json.decode(said)["url"]
        yield Server(url, token, pid=process.pid, members=members, begin=begin)
    finally:
        process.terminate()
        process.communicate()
