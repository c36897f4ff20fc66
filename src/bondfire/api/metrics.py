"""What is counted and timed here, in the form that Prometheus reads."""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import choose_encoder

from bondfire.db import Pool

_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_EVENTS: Final = (1, 10, 100, 500, 1_000, 2_500, 5_000, 10_000)


class Metrics:
    """The metrics of one server process; labels come from closed lists, never from a member.

    Attributes:
        requests: how long answers took, by route template, method and status; its count is how many.
        events: decided and undecided, by type and outcome; the type of what could not be read is `unknown`.
        batches: how many rows they had.
        refused: answers that are problems, by code.
        limited: requests turned away, by policy (key or brand).
        retries: units of work that were run again after an error that may pass.
    """

    def __init__(self, pool: Pool) -> None:
        self.registry: Final = CollectorRegistry()
        labels = ["route", "method", "status"]
        self.requests: Final = Histogram(
            "bondfire_http_request_seconds",
            "Time from the first byte to the last.",
            labels,
            registry=self.registry,
            buckets=_SECONDS,
        )
        self.events: Final = Counter(
            "bondfire_events", "Events by outcome.", ["type", "outcome"], registry=self.registry
        )
        self.batches: Final = Histogram(
            "bondfire_batch_rows", "Rows of a batch.", registry=self.registry, buckets=_EVENTS
        )
        self.refused: Final = Counter(
            "bondfire_refused", "Answers that are problems.", ["code"], registry=self.registry
        )
        self.limited: Final = Counter(
            "bondfire_rate_limited", "Requests turned away.", ["policy"], registry=self.registry
        )
        self.retries: Final = Counter(
            "bondfire_database_retries", "Units of work run again.", registry=self.registry
        )
        busy = Gauge("bondfire_pool_busy", "Database connections in use.", registry=self.registry)
        busy.set_function(lambda: pool.busy)
        size = Gauge("bondfire_pool_size", "Database connections at most.", registry=self.registry)
        size.set(pool.size)

    def render(self, accept: str) -> tuple[bytes, str]:
        """Everything now, and its media type: OpenMetrics for who accepts it, else Prometheus text."""
        encode, media_type = choose_encoder(accept)
        return encode(self.registry), media_type
