"""The outside world: posts a message to a receiver, and keeps the door to private networks shut."""

import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from http.client import HTTPConnection, HTTPException, HTTPResponse
from io import BufferedReader, RawIOBase
from time import monotonic
from typing import Any, Final, NamedTuple, Protocol, cast
from urllib.parse import urlsplit

import bondfire
from bondfire.webhooks.addresses import is_public
from bondfire.webhooks.model import Answer

TIMEOUT_S: Final = 15.0
"""For everything from the connection to the answer's last byte; the specification suggests 15 to 30."""
TEXT_BYTES: Final = 500
"""So much of an answer that is not 2xx is kept, for whoever looks for the reason."""

_AGENT: Final = f"bondfire/{bondfire.__version__} (Standard Webhooks 1.0.0)"


class Message(NamedTuple):
    """What is posted, and where to."""

    url: str
    headers: Mapping[str, str]
    body: bytes
    may_private: bool


class Gateway(Protocol):
    """Whoever posts messages."""

    def post(self, message: Message) -> Answer:
        """Post a message once and say what came of it; what goes wrong outside is an answer too."""


class HttpGateway:
    """Posts over HTTP/1.1, one connection a message; follows no redirect and uses no proxy.

    The name is resolved once, every address of it is judged, and the connection goes to one of those that
    were judged: a name that answers differently the next moment opens nothing.
    """

    def __init__(
        self,
        *,
        timeout_s: float = TIMEOUT_S,
        context: ssl.SSLContext | None = None,
        resolve: Callable[..., Sequence[Any]] = socket.getaddrinfo,
    ) -> None:
        self._timeout_s = timeout_s
        self._given_context = context
        self._resolve = resolve

    @cached_property
    def _context(self) -> ssl.SSLContext:
        """Made when it is needed: reading all certificates takes a while."""
        return self._given_context or ssl.create_default_context()

    def post(self, message: Message) -> Answer:
        """See `Gateway.post`."""
        began = monotonic()
        try:
            answer = self._exchange(message, began + self._timeout_s)
        except _PrivateAddressError:
            answer = Answer(None, "private_address")
        except (OSError, HTTPException, UnicodeError) as error:
            answer = Answer(None, _word_for(error))
        return answer._replace(took_ms=round((monotonic() - began) * 1000))

    def _exchange(self, message: Message, deadline: float) -> Answer:
        url = urlsplit(message.url)
        host, secure = url.hostname or "", url.scheme == "https"
        addresses = self._addresses(
            host, url.port or (443 if secure else 80), may_private=message.may_private
        )
        with _connected(addresses, deadline) as plain:
            plain.settimeout(_left(deadline))
            sock = self._context.wrap_socket(plain, server_hostname=host) if secure else plain
            with sock:
                connection = HTTPConnection(url.netloc)
                connection.sock = cast("socket.socket", _Timed(sock, deadline))
                headers = {
                    "host": url.netloc,
                    "content-type": "application/json",
                    "user-agent": _AGENT,
                    "connection": "close",
                    **message.headers,
                }
                path = (url.path or "/") + (f"?{url.query}" if url.query else "")
                connection.request("POST", path, message.body, headers)
                return _answer_of(connection.getresponse())

    def _addresses(self, host: str, port: int, *, may_private: bool) -> list[tuple[Any, ...]]:
        """Where to connect to, in the resolver's order.

        Raises:
            _PrivateAddressError: one of the addresses is not public, and the endpoint may not.
        """
        found = self._resolve(host, port, type=socket.SOCK_STREAM)
        addresses = [(family, place) for family, _, _, _, place in found]
        if not may_private and not all(is_public(place[0]) for _, place in addresses):
            raise _PrivateAddressError(host)
        return addresses


class _PrivateAddressError(Exception):
    pass


def _connected(addresses: Sequence[tuple[Any, ...]], deadline: float) -> socket.socket:
    """A connection to the first address that takes it; each gets its part of the time that is left."""
    failed: OSError = socket.gaierror("no address")
    for number, (family, place) in enumerate(addresses):
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.settimeout(_left(deadline) / (len(addresses) - number))
            sock.connect(place)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # headers and body go out apart
        except OSError as error:
            sock.close()
            failed = error
        else:
            return sock
    raise failed


def _left(deadline: float) -> float:
    left = deadline - monotonic()
    if left <= 0:
        raise TimeoutError
    return left


class _Timed:
    """What http.client wants of a socket; everything has to happen before one deadline."""

    def __init__(self, sock: socket.socket, deadline: float) -> None:
        self._sock = sock
        self._deadline = deadline

    def sendall(self, data: bytes) -> None:
        self._sock.settimeout(_left(self._deadline))
        self._sock.sendall(data)

    def makefile(self, _mode: str) -> BufferedReader:
        return BufferedReader(_Incoming(self._sock, self._deadline))

    def close(self) -> None:
        """Leaves it to the one who opened it: what was answered is still to be read."""


class _Incoming(RawIOBase):
    """What comes in, until the deadline: a receiver that sends a byte now and then holds nobody."""

    def __init__(self, sock: socket.socket, deadline: float) -> None:
        self._sock = sock
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._sock.settimeout(_left(self._deadline))
        return self._sock.recv_into(buffer)


def _answer_of(response: HTTPResponse) -> Answer:
    answer = Answer(response.status, retry_after=response.headers.get("retry-after", "")[:100])
    if answer.is_success:
        return answer
    text = b""
    with suppress(OSError, HTTPException):  # the status has come, and it counts
        text = response.read(TEXT_BYTES)
    shown = "".join(sign if sign.isprintable() else " " for sign in text.decode(errors="replace"))
    return answer._replace(text=shown.strip())


def _word_for(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return "bad_certificate"
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, socket.gaierror | UnicodeError):
        return "unknown_host"
    if isinstance(error, HTTPException) and not isinstance(error, ConnectionError):
        return "not_http"
    return "no_connection"
