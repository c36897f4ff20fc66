"""Records every visit: its id and headers in the answer, one line in the log, its place in the metrics."""

from collections.abc import Iterator
from time import perf_counter
from typing import Final

from bondfire.access import Allowance
from bondfire.api.asgi import Application, Header, Message, Receive, Scope, Send
from bondfire.api.house import House
from bondfire.api.logs import where
from bondfire.api.problems import internal_problem
from bondfire.api.visits import Visit, begin_visit

_SUPERVISION: Final = frozenset({"/health", "/ready", "/metrics"})
"""Asked every few seconds; told only in a log of everything."""

_SECURITY: Final[tuple[Header, ...]] = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
)


class RecordVisits:
    """ASGI middleware, the outermost; it also answers what nobody expected, and tells nobody what it was."""

    def __init__(self, app: Application, house: House) -> None:
        self.app = app
        self.house = house

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on as a visit, and say afterwards what became of it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        visit = begin_visit(scope)

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                visit.status = message["status"]
                message["headers"] = [*message["headers"], *self._headers(visit, message)]
            await send(message)

        try:
            await self.app(scope, receive, answer)
        except Exception as error:  # noqa: BLE001 - the edge
            self._tell(visit, error)
            if visit.status:
                raise ConnectionAbortedError from None
            await internal_problem()(scope, receive, answer)
        finally:
            self._record(visit)

    def _headers(self, visit: Visit, message: Message) -> Iterator[Header]:
        there = {name.lower() for name, _ in message["headers"]}
        yield from ((name, value) for name, value in _SECURITY if name not in there)
        yield b"x-request-id", visit.request_id.encode()
        if visit.allowance is not None:
            yield from _rate_headers(visit.allowance, self.house)

    def _tell(self, visit: Visit, error: Exception) -> None:
        """What broke and where; not its message, which may hold what somebody sent."""
        kind = type(error)
        name = f"{kind.__module__}.{kind.__qualname__}"
        self.house.log.error("unexpected", request_id=visit.request_id, error=name, where=where(error))

    def _record(self, visit: Visit) -> None:
        seconds = perf_counter() - visit.began
        status = str(visit.status or "gone")
        self.house.metrics.requests.labels(visit.template, visit.method, status).observe(seconds)
        if visit.code:
            self.house.metrics.refused.labels(visit.code).inc()
        write = self.house.log.debug if visit.template in _SUPERVISION else self.house.log.info
        write(
            "request",
            request_id=visit.request_id,
            method=visit.method,
            route=visit.template,
            status=visit.status or None,
            code=visit.code or None,
            duration_ms=round(seconds * 1000, 1),
            key=visit.key.key_id if visit.key else None,
            brand=visit.brand.name if visit.brand else None,
        )


def _rate_headers(allowance: Allowance, house: House) -> Iterator[Header]:
    """`RateLimit-Policy` and `RateLimit` of draft-ietf-httpapi-ratelimit-headers-10."""
    left = allowance.left(house.now())
    if left:
        policies = (f'"{one.policy}";q={one.rate.burst};w={one.rate.window_seconds}' for one in left)
        states = (f'"{one.policy}";r={one.remaining};t={one.reset_seconds}' for one in left)
        yield b"ratelimit-policy", ", ".join(policies).encode()
        yield b"ratelimit", ", ".join(states).encode()
