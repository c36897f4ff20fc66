"""Whether a delivery is from the shop: signatures over the raw body, compared in constant time."""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest, digest
from typing import Final

from bondfire.doors.model import Shop
from bondfire.errors import NotAuthenticated

TOLERANCE_S: Final = 300
"""How far the time of a signature of Stripe's may lie from ours; Stripe's own libraries use the same."""


class BadSignature(NotAuthenticated):
    """Nobody who knows the secret has signed this body."""

    code = "bad_signature"


def verify(
    shop: Shop, headers: Mapping[str, str], body: bytes, *, secrets: Sequence[str], now: datetime
) -> None:
    """Let a delivery pass that one of the secrets has signed; each is tried, so that all take the same time.

    Args:
        shop: whose way of signing.
        headers: by lower-case name.
        body: as it came, before anything has read it.
        secrets: those of the endpoint, two while one replaces the other.
        now: aware time.

    Raises:
        BadSignature: no signature, one that is none, too old, or of another secret or body.
    """
    verdicts = [_VERIFIERS[shop](headers, body, secret.encode(), now) for secret in secrets]
    if not any(verdicts):
        raise BadSignature(
            f"The body is not signed with a secret of this endpoint ({_SIGNED_IN[shop]}).",
            next_step="Give the endpoint the shop's secret: bondfire hooks add. Pass bodies on unchanged.",
        )


def _base64_of_body(header: str | None, body: bytes, secret: bytes) -> bool:
    try:
        sent = base64.b64decode(header or "", validate=True)
    except (binascii.Error, ValueError):
        return False
    return compare_digest(sent, digest(secret, body, sha256))


def _shopify(headers: Mapping[str, str], body: bytes, secret: bytes, _now: datetime) -> bool:
    sent = headers.get("x-shopify-hmac-sha256") or headers.get("shopify-hmac-sha256")
    return _base64_of_body(sent, body, secret)


def _woocommerce(headers: Mapping[str, str], body: bytes, secret: bytes, _now: datetime) -> bool:
    return _base64_of_body(headers.get("x-wc-webhook-signature"), body, secret)


def _stripe(headers: Mapping[str, str], body: bytes, secret: bytes, now: datetime) -> bool:
    parts = [part.strip().partition("=") for part in headers.get("stripe-signature", "").split(",")]
    stamps = [value for name, _, value in parts if name == "t"]
    if len(stamps) != 1 or not (stamps[0].isascii() and stamps[0].isdecimal() and len(stamps[0]) <= 12):
        return False
    if abs(int(stamps[0]) - now.timestamp()) > TOLERANCE_S:
        return False
    wanted = digest(secret, stamps[0].encode() + b"." + body, sha256).hex().encode()
    sent = [value.encode("utf-8", "surrogatepass") for name, _, value in parts if name == "v1"]
    return any([compare_digest(one, wanted) for one in sent])  # noqa: C419 - a list: all are compared


_VERIFIERS: Final[dict[str, Callable[[Mapping[str, str], bytes, bytes, datetime], bool]]] = {
    "shopify": _shopify,
    "woocommerce": _woocommerce,
    "stripe": _stripe,
}
_SIGNED_IN: Final[dict[str, str]] = {
    "shopify": "X-Shopify-Hmac-Sha256",
    "woocommerce": "X-WC-Webhook-Signature",
    "stripe": f"Stripe-Signature, within {TOLERANCE_S} seconds",
}
