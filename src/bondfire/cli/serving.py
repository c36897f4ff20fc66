"""Serves the API in this process until somebody stops it."""

import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Final, NamedTuple

from bondfire.errors import NotReady
from bondfire.settings import Settings

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


class Service(NamedTuple):
    """What is served.

    Attributes:
        dsn: a migrated database.
        listening: the socket; several processes may share it.
        settings: what the installation sets for its door.
        log_level: how much is logged, on stderr.
    """

    dsn: str
    listening: socket.socket
    settings: Settings
    log_level: str


def serve_api(service: Service, *, ready: Callable[[], None]) -> None:
    """Serve in this process until Ctrl-C or SIGTERM; requests that have begun are answered first.

    Args:
        service: what.
        ready: called once when requests are answered.
    """
    import uvicorn

    from bondfire.access import Rate
    from bondfire.api import Terms, create_app, forward_libraries, make_log

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                ready()

    settings = service.settings
    log = make_log(sys.stderr, service.log_level)
    forward_libraries(log, "warning")
    terms = Terms(
        key_rate=Rate(settings.rate_key_per_minute, settings.rate_key_burst),
        brand_rate=Rate(settings.rate_brand_per_minute, settings.rate_brand_burst),
        key_cache_seconds=settings.key_cache_seconds,
        metrics_token=settings.metrics_token,
    )
    config = uvicorn.Config(
        create_app(service.dsn, terms=terms, log=log),
        access_log=False,
        log_config=None,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=20,
    )
    with suppress(KeyboardInterrupt):  # uvicorn raises it again after an orderly end
        Server(config).run(sockets=[service.listening])
