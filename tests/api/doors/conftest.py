"""The café's API with its own event types, and endpoints of its shops."""

import base64
from collections.abc import Callable
from hashlib import sha256
from hmac import digest, new
from typing import Any

import pytest

from api.conftest import Door
from bondfire.db import connect, transaction
from bondfire.deliveries import HOOK_RANDOM_BYTES, Hook, add_hook
from bondfire.journal import digest as journal_digest
from bondfire.programs import brand_named, ensure_brand, publish_program
from doors.makers import PROGRAM

SECRET = "shop-secret-1"


@pytest.fixture
def quizzes(door: Door) -> Door:
    """A café whose programme knows quizzes and attributes."""
    with connect(door.dsn) as conn, transaction(conn):
        owner = ensure_brand(conn, "corner-cafe", "wall", created_at=door.clock())
        publish_program(conn, owner.id, PROGRAM, published_at=door.clock(), published_by="test")
    return door


@pytest.fixture
def hook(quizzes: Door) -> Callable[[str], Hook]:
    """Makes an endpoint for a kind of shop."""

    def act(shop: str) -> Hook:
        random = shop[:1].encode() * HOOK_RANDOM_BYTES
        with connect(quizzes.dsn) as conn, transaction(conn):
            brand = brand_named(conn, "corner-cafe")
            return add_hook(
                conn,
                brand.id,
                shop=shop,
                name=f"{shop}-de",
                secret=SECRET,
                added_at=quizzes.clock(),
                random=random,
            )

    return act


def token_of(headers: dict[str, str]) -> str:
    """The key in headers that were made with `Door.key`."""
    return headers["Authorization"].removeprefix("Bearer ")


def basic(token: str) -> dict[str, str]:
    """Headers with a write key, as Segment's clients send it."""
    return {"Authorization": "Basic " + base64.b64encode(f"{token}:".encode()).decode()}


def stored(door: Door) -> tuple[object, ...]:
    """What is stored: the journal's digest, and how many profiles, aliases and rejects there are."""
    with connect(door.dsn) as conn:
        row = conn.execute(
            "SELECT (SELECT count(*) FROM member_profile), (SELECT count(*) FROM member_alias), "
            "(SELECT count(*) FROM reject), (SELECT count(*) FROM order_owner)"
        ).fetchone()
        return journal_digest(conn, brand_named(conn, "corner-cafe")), *(row or ())


def signed(shop: str, topic: str, body: bytes, door: Door, *, secret: str = SECRET, old: bool = False) -> Any:
    """Headers as the shop sends them."""
    signature = base64.b64encode(digest(secret.encode(), body, sha256)).decode()
    if shop == "shopify":
        dash = "" if old else "X-"
        return {f"{dash}Shopify-Topic": topic, f"{dash}Shopify-Hmac-Sha256": signature}
    if shop == "woocommerce":
        return {"X-WC-Webhook-Topic": topic, "X-WC-Webhook-Signature": signature}
    stamp = int(door.clock().timestamp())
    value = new(secret.encode(), f"{stamp}.".encode() + body, sha256).hexdigest()
    return {"Stripe-Signature": f"t={stamp},v1={value}"}
