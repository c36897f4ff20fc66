"""Puts the API together: routes, problems, limits, the page, and the OpenAPI document."""

import re
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Final

from fastapi import FastAPI
from fastapi.routing import APIRoute

import bondfire
from bondfire.api import (
    baskets,
    challenges,
    coupons,
    creators,
    docs_page,
    events,
    finance,
    games,
    groups,
    health,
    histories,
    holdings,
    keys,
    leaderboards,
    members,
    merging,
    people,
    programs,
    referrals,
    reports,
    review,
    rewards,
)
from bondfire.api.addresses import CheckAddress
from bondfire.api.answers import RefusedEvent
from bondfire.api.doors import cloudevents, rejects, segment, webhooks
from bondfire.api.doors.pages import OpenToPages
from bondfire.api.express import Express
from bondfire.api.house import NO_TERMS, POOL_SIZE, House, Terms, wall_clock
from bondfire.api.limits import LimitBody
from bondfire.api.logs import Log, make_log
from bondfire.api.outgoing import deliveries as outgoing_deliveries
from bondfire.api.outgoing import endpoints as outgoing_endpoints
from bondfire.api.problems import Problem, add_handlers
from bondfire.api.recording import RecordVisits
from bondfire.db import Pool

_DESCRIPTION: Final = """\
Send what customers do, get back what follows: points, tiers, and a reason for every one of them.

- **Amounts** are decimal strings (`"119.80"`), **times** RFC 3339 with an offset. Binary floats are refused.
- An **event** counts once for ever: the same `source`, `id` and `member` again answers with the first
  decision; the same with another body is a conflict (409).
- Every refusal is a **problem** (RFC 9457) with a stable `code` and a `next_step`.
- **Lists** come in pages: send `next_cursor` back as `cursor` until it is null.
- A change with an **Idempotency-Key** is done once, however often it is sent, for 24 hours.
- Authorise with an **API key**: `Authorization: Bearer bf_...`.

What all routes share, with every code: docs/reference/api.md.
"""
_TAGS: Final = [
    {"name": "events", "description": "What customers did, and what follows from it."},
    {"name": "baskets", "description": "What a basket costs and earns, and the order that it becomes."},
    {"name": "members", "description": "Wallets, tiers, entries with reasons; personal data and consents."},
    {"name": "rewards", "description": "What members get for their points: catalogue, redemptions, codes."},
    {"name": "referrals", "description": "Members who invite others, and what is held for a person."},
    {
        "name": "review",
        "description": "What goes beyond the limits of the programme, and waits for a person.",
    },
    {"name": "creators", "description": "Tracked codes, what they bring, and content that is submitted."},
    {"name": "groups", "description": "Households and companies: members who spend together."},
    {"name": "programs", "description": "The brand's programme: check, publish, versions."},
    {"name": "coupons", "description": "Codes of the programme's coupons, and what members have."},
    {"name": "keys", "description": "The API keys of the brand: which there are, and revoking one."},
    {"name": "reports", "description": "Sums over all members, and what needs a person."},
    {
        "name": "finance",
        "description": "What is owed, periods, reconciliation, the journal as CSV.",
    },
    {"name": "doors", "description": "For clients and shops that speak their own language already."},
    {"name": "rejects", "description": "What came through those doors and could not be an event."},
    {"name": "outgoing webhooks", "description": "What the brand's own systems hear of what was decided."},
    {"name": "health", "description": "For supervisors; no key is needed."},
]
_ROUTERS: Final = (
    events.router,
    baskets.router,
    members.router,
    challenges.router,
    coupons.of_members,
    leaderboards.router,
    games.router,
    holdings.router,
    histories.router,
    people.router,
    referrals.router,
    review.router,
    creators.router,
    merging.router,
    groups.router,
    programs.router,
    coupons.router,
    keys.router,
    rewards.router,
    reports.router,
    finance.router,
    segment.router,
    cloudevents.router,
    webhooks.router,
    rejects.router,
    outgoing_endpoints.router,
    outgoing_deliveries.router,
    health.router,
    docs_page.router,
)


def create_app(
    dsn: str,
    *,
    now: Callable[[], datetime] = wall_clock,
    pool_size: int = POOL_SIZE,
    terms: Terms = NO_TERMS,
    log: Log | None = None,
) -> FastAPI:
    """The application, ready to be served.

    Args:
        dsn: a migrated database.
        now: the wall clock.
        pool_size: how many requests may use the database at once.
        terms: what the installation sets for its door.
        log: where each request gets its line; warnings on stderr without it.
    """
    pool = Pool(dsn, size=pool_size)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        house.teller.close()
        pool.close()

    house = House(pool, now, terms, log or make_log(sys.stderr, "warning"))
    app = _application(lifespan)
    app.state.house = house
    app.add_middleware(Express, house=house, lanes=events.LANES)
    app.add_middleware(LimitBody)
    app.add_middleware(OpenToPages, paths=segment.PATHS)
    app.add_middleware(CheckAddress)
    app.add_middleware(RecordVisits, house=house)
    return app


def openapi_document() -> dict[str, Any]:
    """The OpenAPI document, without a database."""
    return _application(None).openapi()


def _application(lifespan: Any) -> FastAPI:
    app = _Api(
        title="bondfire",
        version=bondfire.__version__,
        summary="The customer-loyalty platform a brand runs itself.",
        description=_DESCRIPTION,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        openapi_tags=_TAGS,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=_name_of,
        lifespan=lifespan,
    )
    for router in _ROUTERS:
        for route in router.routes:
            if isinstance(route, APIRoute):
                route.summary = _headline(route.description)
        app.include_router(router)
    add_handlers(app)
    return app


def _headline(description: str) -> str:
    """What a list of operations shows: the first sentence, up to its first colon or semicolon."""
    return re.split(r"[:;.](?:\s|$)", description, maxsplit=1)[0]


def _name_of(route: APIRoute) -> str:
    return route.name


class _Api(FastAPI):
    """FastAPI whose document has our problems in place of the framework's own errors."""

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document."""
        if self.openapi_schema is None:
            schemas = super().openapi()["components"]["schemas"]
            for shape in (Problem, RefusedEvent):
                schema = shape.model_json_schema(ref_template="#/components/schemas/{model}")
                schemas.update(schema.pop("$defs", {}))
                schemas[shape.__name__] = schema
            for unused in ("HTTPValidationError", "ValidationError"):
                schemas.pop(unused, None)
        return super().openapi()
