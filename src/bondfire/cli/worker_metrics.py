"""What the worker counts, and a small server that shows it to who has the token of the settings."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hmac import compare_digest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge
from prometheus_client.exposition import choose_encoder

from bondfire.errors import NotReady
from bondfire.settings import Settings


class WorkerMetrics:
    """The metrics of one worker.

    Attributes:
        due_lag: how late the work was, by brand, when the worker last looked: since when the first
            release, expiry or tier window waited; 0 when nothing did.
        passed: members for whom time did something.
        carried: transfers between members of which one was told.
        forgotten: answers of requests that were old enough to go.
        messages: attempts to send a webhook, by outcome: delivered, failed (tried again), given_up.
        webhook_lag: by brand, since when its slowest active endpoint could have been sent something; 0
            when nothing was due.
        webhook_rows: by brand, how many rows of the journal its slowest active endpoint had not heard.
    """

    def __init__(self) -> None:
        self.registry: Final = CollectorRegistry()
        self.due_lag: Final = Gauge(
            "bondfire_due_lag_seconds", "How late due work was.", ["brand"], registry=self.registry
        )
        self.passed: Final = Counter(
            "bondfire_due_members", "Members for whom something was due.", ["brand"], registry=self.registry
        )
        self.carried: Final = Counter(
            "bondfire_transfers_carried",
            "Transfers between members that were carried on.",
            ["brand"],
            registry=self.registry,
        )
        self.forgotten: Final = Counter(
            "bondfire_answers_forgotten", "Stored answers removed after a day.", registry=self.registry
        )
        self.messages: Final = Counter(
            "bondfire_webhook_messages",
            "Attempts to send a webhook, by outcome.",
            ["outcome"],
            registry=self.registry,
        )
        self.webhook_lag: Final = Gauge(
            "bondfire_webhook_lag_seconds",
            "How late the slowest endpoint is served.",
            ["brand"],
            registry=self.registry,
        )
        self.webhook_rows: Final = Gauge(
            "bondfire_webhook_unheard_rows",
            "Rows of the journal that the slowest endpoint has not heard.",
            ["brand"],
            registry=self.registry,
        )

    def count_messages(self, outcomes: Mapping[str, int]) -> None:
        """Count what became of attempts to send a webhook."""
        for outcome, messages in outcomes.items():
            self.messages.labels(outcome).inc(messages)


@contextmanager
def served(metrics: WorkerMetrics, settings: Settings) -> Iterator[None]:
    """Serve the metrics for as long as the block runs, if a port is set.

    Raises:
        NotReady: the port is taken, or there is no token.
    """
    if not settings.worker_metrics_port:
        yield
        return
    if settings.metrics_token is None:
        raise NotReady(
            "BONDFIRE_WORKER_METRICS_PORT is set, but BONDFIRE_METRICS_TOKEN is not.",
            next_step="Set the token that whoever reads the metrics sends, or unset the port.",
            code="bad_setting",
        )
    place = (settings.host, settings.worker_metrics_port)
    try:
        server = ThreadingHTTPServer(place, _handler(metrics, settings.metrics_token))
    except OSError:
        raise NotReady(
            f"Nobody can listen at {place[0]}, port {place[1]}.",
            next_step="Stop the other program, or set another BONDFIRE_WORKER_METRICS_PORT.",
            code="port_taken",
        ) from None
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


def _handler(metrics: WorkerMetrics, token: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 10

        def do_GET(self) -> None:
            sent = self.headers.get("Authorization", "").removeprefix("Bearer ")
            encode, media_type = choose_encoder(self.headers.get("Accept", ""))
            if self.path != "/metrics":
                self._answer(404, b"There is nothing but /metrics.\n", "text/plain")
            elif not compare_digest(sent.encode(), token.encode()):
                self._answer(401, b"Send the token of BONDFIRE_METRICS_TOKEN.\n", "text/plain")
            else:
                self._answer(200, encode(metrics.registry), media_type)

        def _answer(self, status: int, body: bytes, media_type: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(body)))
            if status == 401:
                self.send_header("WWW-Authenticate", "Bearer")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name it has there
            """Say nothing: what is asked every few seconds is no news."""

    return Handler
