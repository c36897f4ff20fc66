"""Several processes that serve the API at one socket, and one that looks after them."""

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from threading import Thread
from typing import NamedTuple

from bondfire.cli.output import say
from bondfire.cli.serving import Service, serve_api
from bondfire.errors import NotReady
from bondfire.kit import collect_rarely


class _Server(NamedTuple):
    """A process, and the pipe on which it says that it is ready, and learns that we are gone."""

    process: BaseProcess
    pipe: Connection


def serve_with(processes: int, service: Service, *, ready: Callable[[], None]) -> None:
    """Serve in several processes until Ctrl-C or SIGTERM; one that ends by itself is replaced.

    Args:
        processes: how many.
        service: what.
        ready: called once when all of them answer.

    Raises:
        NotReady: one of them ended before it answered.
    """
    servers = [_start(service) for _ in range(processes)]
    try:
        for server in servers:
            _await(server)
        ready()
        while True:
            for number, server in enumerate(servers):
                if not server.process.is_alive():
                    say(f"A server ended (exit code {server.process.exitcode}); another takes its place.")
                    servers[number] = _start(service)
            wait([server.process.sentinel for server in servers])
    except KeyboardInterrupt:
        pass
    finally:
        _end(servers)


def _start(service: Service) -> _Server:
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(service, theirs), name="bondfire-serve")
    process.start()
    theirs.close()
    return _Server(process, ours)


def _await(server: _Server) -> None:
    try:
        server.pipe.recv()
    except EOFError:
        server.process.join()
        raise NotReady(
            f"A server ended before it answered (exit code {server.process.exitcode}).",
            next_step="What it said stands above; start again when that is put right.",
            code="server_lost",
        ) from None


def _end(servers: list[_Server]) -> None:
    for server in servers:
        server.process.terminate()
    for server in servers:
        server.process.join()
        server.pipe.close()


def _serve(service: Service, pipe: Connection) -> None:
    """The life of one server; it ends when whoever started it is gone, even when that was killed."""
    collect_rarely()
    Thread(target=_end_with, args=(pipe,), daemon=True).start()
    serve_api(service, ready=lambda: pipe.send("ready"))


def _end_with(pipe: Connection) -> None:
    with suppress(EOFError, OSError):
        pipe.recv()
    os.kill(os.getpid(), signal.SIGTERM)
