"""The real gateway at real sockets: what is sent, what goes wrong, and what is never spoken to."""

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from bondfire.webhooks import Answer, HttpGateway, Message
from webhooks.makers import Site, site

CERTIFICATE = Path(__file__).parent / "shop.example.pem"
"""Of nobody, with its key: it is good for these tests only."""
HEADERS = {"webhook-id": "msg_1", "webhook-timestamp": "1", "webhook-signature": "v1,x"}


@pytest.fixture
def shop() -> Iterator[Site]:
    with site() as made:
        yield made


@pytest.fixture
def shop_context() -> ssl.SSLContext:
    """How shop.example speaks TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context


def message(url: str, *, may_private: bool = True, body: bytes = b"{}") -> Message:
    return Message(url, HEADERS, body, may_private)


def post(url: str, **wanted: Any) -> Answer:
    return HttpGateway(timeout_s=20).post(message(url, **wanted))


def resolving_to(*addresses: str, port: int = 9) -> Callable[..., list[Any]]:
    """A resolver that gives these for every name, and writes down that it was asked."""

    def resolve(host: str, _port: int, **_: object) -> list[Any]:
        resolve.asked.append(host)  # type: ignore[attr-defined]
        families = {address: socket.AF_INET6 if ":" in address else socket.AF_INET for address in addresses}
        return [(families[one], socket.SOCK_STREAM, 6, "", (one, port)) for one in addresses]

    resolve.asked = []  # type: ignore[attr-defined]
    return resolve


@contextmanager
def talker(say: Callable[[socket.socket, Event], None]) -> Iterator[str]:
    """A server that says to each caller what a test wants, whatever was asked, until the end of the block."""
    over = Event()
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            while True:
                caller, _ = listening.accept()
                with caller, suppress(OSError):
                    say(caller, over)

    thread = Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
    finally:
        over.set()
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()


def test_the_message_arrives_as_it_was_made(shop: Site) -> None:
    body = '{"name": "Ä ☃"}'.encode()

    answer = post(shop.url, body=body)

    (heard,) = shop.heard
    assert (answer.status, answer.error) == (204, "")
    assert (heard.url, heard.body) == ("/hooks?from=bondfire", body)
    assert heard.headers.items() >= HEADERS.items()
    assert heard.headers["content-type"] == "application/json"
    assert heard.headers["host"] == shop.url.split("/")[2]
    assert heard.headers["user-agent"].startswith("bondfire/")


@pytest.mark.parametrize("status", [400, 404, 410, 429, 500, 503])
def test_what_a_receiver_answers_is_told(shop: Site, status: int) -> None:
    shop.answers(status, b"no,\nnot \xff now" + b"!" * 1_000, Retry_After="120")

    answer = post(shop.url)

    assert (answer.status, answer.retry_after, answer.is_success) == (status, "120", False)
    assert answer.text.startswith("no, not � now!")
    assert len(answer.text) <= 500


def test_a_redirect_is_not_followed(shop: Site) -> None:
    shop.answers(302, Location=shop.url)

    answer = post(shop.url)

    assert (answer.status, answer.is_success) == (302, False)
    assert len(shop.heard) == 1


def test_the_text_of_what_was_taken_is_not_read(shop: Site) -> None:
    shop.answers(200, b"thank you")

    assert post(shop.url)._replace(took_ms=0) == Answer(200)


def test_a_receiver_that_does_not_answer_is_not_waited_for() -> None:
    def silent(_: socket.socket, over: Event) -> None:
        over.wait(60)

    with talker(silent) as url:
        answer = HttpGateway(timeout_s=0.2).post(message(url))

    assert answer.error == "timeout"


def test_a_receiver_that_drips_is_not_waited_for_either() -> None:
    """Given a byte now and then, each in good time, when the deadline for all of it has come, it ends."""

    def drip(caller: socket.socket, over: Event) -> None:
        caller.sendall(b"HTTP/1.1 200 OK\r\nx: ")
        while not over.wait(0.01):
            caller.sendall(b"x")

    with talker(drip) as url:
        answer = HttpGateway(timeout_s=0.3).post(message(url))

    assert answer.error == "timeout"


def test_a_receiver_that_sips_is_not_waited_for_either(shop_context: ssl.SSLContext) -> None:
    """Given a long body that is read a little at a time over TLS, when the deadline has come, it ends."""
    body = bytes(30_000_000)
    sips: list[int] = []

    def sip(caller: socket.socket, over: Event) -> None:
        with shop_context.wrap_socket(caller, server_side=True) as secure:
            while not over.wait(0.001) and (taken := secure.recv(8_192)):
                sips.append(len(taken))

    with talker(sip) as url:
        port = int(url.split(":")[2].strip("/"))
        gateway = HttpGateway(
            timeout_s=0.5,
            context=ssl.create_default_context(cafile=str(CERTIFICATE)),
            resolve=resolving_to("127.0.0.1", port=port),
        )
        answer = gateway.post(message("https://shop.example/", body=body))

    assert answer.error == "timeout"
    assert sum(sips) < len(body)


@pytest.mark.parametrize(
    ("said", "word"),
    [
        (b"", "no_connection"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "not_http"),
        (b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 200, "not_http"),
        (b"HTTP/1.1 200 OK\r\nx: " + b"y" * 70_000, "not_http"),
    ],
    ids=["nothing", "another protocol", "too many headers", "a header without end"],
)
def test_what_is_no_answer_has_a_word(said: bytes, word: str) -> None:
    def say(caller: socket.socket, _: Event) -> None:
        caller.recv(65_536)
        caller.sendall(said)

    with talker(say) as url:
        assert post(url)._replace(took_ms=0) == Answer(None, word)


def test_a_status_counts_although_the_rest_does_not_come() -> None:
    def cut_off(caller: socket.socket, _: Event) -> None:
        caller.recv(65_536)
        caller.sendall(b"HTTP/1.1 500 Oh\r\ncontent-length: 100\r\n\r\nhalf")

    with talker(cut_off) as url:
        assert post(url).status == 500


def test_nobody_at_home_has_a_word() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    assert post(f"http://127.0.0.1:{port}/").error == "no_connection"


def test_an_unknown_name_has_a_word() -> None:
    def unknown(*_: object, **__: object) -> list[Any]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    gateway = HttpGateway(resolve=unknown)

    assert gateway.post(message("https://shop.example/")).error == "unknown_host"
    assert HttpGateway(resolve=resolving_to()).post(message("https://shop.example/")).error == "unknown_host"


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["169.254.169.254"],
        ["::1"],
        ["::ffff:127.0.0.1"],
        ["93.184.216.34", "10.0.0.1"],
        ["10.0.0.1", "93.184.216.34"],
    ],
    ids=" ".join,
)
def test_a_name_that_leads_into_a_private_network_is_not_spoken_to(addresses: list[str], shop: Site) -> None:
    resolve = resolving_to(*addresses, port=shop.server.server_port)
    gateway = HttpGateway(resolve=resolve)

    answer = gateway.post(message(f"http://shop.example:{shop.server.server_port}/", may_private=False))

    assert (answer.status, answer.error) == (None, "private_address")
    assert resolve.asked == ["shop.example"]  # type: ignore[attr-defined]
    assert shop.heard == []


def test_with_permission_it_is_and_the_name_is_looked_up_once(shop: Site) -> None:
    resolve = resolving_to("127.0.0.1", port=shop.server.server_port)

    answer = HttpGateway(resolve=resolve).post(message("http://shop.example/"))

    assert answer.status == 204
    assert shop.heard[0].headers["host"] == "shop.example"
    assert resolve.asked == ["shop.example"]  # type: ignore[attr-defined]


def test_when_the_first_address_does_not_take_it_the_next_is_tried(shop: Site) -> None:
    resolve = resolving_to("127.0.0.2", "127.0.0.1", port=shop.server.server_port)

    assert HttpGateway(resolve=resolve, timeout_s=20).post(message("http://shop.example/")).status == 204


@pytest.fixture
def secure_shop(shop: Site, shop_context: ssl.SSLContext) -> Site:
    """The same behind TLS, with the certificate of shop.example."""
    shop.server.socket = shop_context.wrap_socket(shop.server.socket, server_side=True)
    return shop


def test_tls_is_spoken_with_whom_the_certificate_names(secure_shop: Site) -> None:
    resolve = resolving_to("127.0.0.1", port=secure_shop.server.server_port)
    trusting = ssl.create_default_context(cafile=str(CERTIFICATE))

    gateway = HttpGateway(resolve=resolve, context=trusting)

    assert gateway.post(message("https://shop.example/")).status == 204
    assert gateway.post(message("https://other.example/")).error == "bad_certificate"
    assert len(secure_shop.heard) == 1


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(secure_shop: Site) -> None:
    resolve = resolving_to("127.0.0.1", port=secure_shop.server.server_port)

    answer = HttpGateway(resolve=resolve).post(message("https://shop.example/"))

    assert (answer.status, answer.error) == (None, "bad_certificate")
    assert secure_shop.heard == []


def test_plain_http_on_a_tls_port_has_a_word(shop: Site) -> None:
    resolve = resolving_to("127.0.0.1", port=shop.server.server_port)

    assert HttpGateway(resolve=resolve, timeout_s=20).post(message("https://shop.example/")).status is None
