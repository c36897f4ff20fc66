"""Serves the API in this process until somebody stops it."""

import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from bondfire.errors import NotReady

_TRIES: Final = 20


def take_port(host: str, port: int, *, or_next: bool = False) -> socket.socket:
    """A socket that listens, so that nobody else gets the port while the rest is prepared.

    Args:
        host: where to listen.
        port: which port; 0 for any.
        or_next: take the next free one when it is taken.

    Raises:
        NotReady: the port is taken, or the address is not of this machine.
    """
    for number in range(port, port + (_TRIES if or_next else 1)):
        with suppress(OSError):
            return socket.create_server((host, number), backlog=128)
    raise NotReady(
        f"Nobody can listen at {host}, port {port}: it is taken, or not of this machine.",
        next_step="Stop the other program, or choose another with --port (BONDFIRE_PORT, BONDFIRE_HOST).",
        code="port_taken",
    )


def address_of(listening: socket.socket) -> str:
    """The URL of a listening socket, one that a browser on this machine can open."""
    host, port = listening.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{shown}:{port}"


def serve_api(dsn: str, listening: socket.socket, *, ready: Callable[[], None]) -> None:
    """Serve until Ctrl-C or SIGTERM; requests that have begun are answered first.

    Args:
        dsn: a migrated database.
        listening: the socket.
        ready: called once when requests are answered.
    """
    import uvicorn

    from bondfire.api import create_app

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                ready()

    config = uvicorn.Config(
        create_app(dsn),
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=20,
    )
    with suppress(KeyboardInterrupt):  # uvicorn raises it again after an orderly end
        Server(config).run(sockets=[listening])
