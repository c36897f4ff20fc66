"""Only what a shop has signed comes in: over the raw body, with the right secret, in time."""

import base64
from datetime import timedelta
from hashlib import sha256
from hmac import digest, new

import pytest

from bondfire.doors import BadSignature, Shop, is_ping, verify
from doors.makers import NOW

BODY = b'{"id": 1, "note": "\xc3\xa4"}'


def base64_of(secret: str, body: bytes = BODY) -> str:
    """The signature of Shopify and WooCommerce."""
    return base64.b64encode(digest(secret.encode(), body, sha256)).decode()


def stripe_of(secret: str, *, seconds: int = 0, body: bytes = BODY, version: str = "v1") -> str:
    """The signature of Stripe, made so many seconds ago."""
    stamp = int((NOW - timedelta(seconds=seconds)).timestamp())
    signed = new(secret.encode(), f"{stamp}.".encode() + body, sha256).hexdigest()
    return f"t={stamp},{version}={signed}"


GOOD: list[tuple[Shop, str, str]] = [
    ("shopify", "x-shopify-hmac-sha256", base64_of("secret-1")),
    ("shopify", "shopify-hmac-sha256", base64_of("secret-1")),
    ("woocommerce", "x-wc-webhook-signature", base64_of("secret-1")),
    ("stripe", "stripe-signature", stripe_of("secret-1")),
    ("stripe", "stripe-signature", stripe_of("secret-1", seconds=300)),
    ("stripe", "stripe-signature", stripe_of("other") + "," + stripe_of("secret-1").split(",")[1]),
    ("stripe", "stripe-signature", stripe_of("secret-1") + ",v0=abc"),
]


@pytest.mark.parametrize(("shop", "header", "signature"), GOOD)
def test_what_the_shop_signed_passes(shop: Shop, header: str, signature: str) -> None:
    verify(shop, {header: signature}, BODY, secrets=["secret-1"], now=NOW)


@pytest.mark.parametrize(("shop", "header", "signature"), GOOD)
@pytest.mark.parametrize("secrets", [["secret-2"], []])
def test_another_secret_does_not(shop: Shop, header: str, signature: str, secrets: list[str]) -> None:
    with pytest.raises(BadSignature) as refusal:
        verify(shop, {header: signature}, BODY, secrets=secrets, now=NOW)
    assert (refusal.value.status, refusal.value.code) == (401, "bad_signature")
    assert "secret-" not in str(refusal.value)


@pytest.mark.parametrize(("shop", "header", "signature"), GOOD)
def test_another_body_does_not(shop: Shop, header: str, signature: str) -> None:
    with pytest.raises(BadSignature):
        verify(shop, {header: signature}, BODY + b" ", secrets=["secret-1"], now=NOW)


@pytest.mark.parametrize(("shop", "header", "signature"), GOOD)
def test_while_a_secret_is_replaced_both_are_good(shop: Shop, header: str, signature: str) -> None:
    verify(shop, {header: signature}, BODY, secrets=["secret-0", "secret-1"], now=NOW)
    verify(shop, {header: signature}, BODY, secrets=["secret-1", "secret-0"], now=NOW)


@pytest.mark.parametrize(
    ("shop", "headers"),
    [
        ("shopify", {}),
        ("shopify", {"x-shopify-hmac-sha256": ""}),
        ("shopify", {"x-shopify-hmac-sha256": "not base64"}),
        ("shopify", {"x-shopify-hmac-sha256": "ä"}),
        ("shopify", {"x-wc-webhook-signature": base64_of("secret-1")}),
        ("woocommerce", {"x-wc-webhook-signature": base64_of("secret-1").rstrip("=")}),
        ("stripe", {}),
        ("stripe", {"stripe-signature": "t=1,v1=00"}),
        ("stripe", {"stripe-signature": stripe_of("secret-1", seconds=301)}),
        ("stripe", {"stripe-signature": stripe_of("secret-1", seconds=-301)}),
        ("stripe", {"stripe-signature": stripe_of("secret-1", version="v0")}),
        ("stripe", {"stripe-signature": stripe_of("secret-1").replace("t=", "t=0x")}),
        ("stripe", {"stripe-signature": "t=9" + "9" * 5000 + ",v1=00"}),
        ("stripe", {"stripe-signature": stripe_of("secret-1") + ",t=1"}),
        ("stripe", {"stripe-signature": stripe_of("secret-1").split(",")[1]}),
        ("stripe", {"stripe-signature": stripe_of("secret-1").split(",")[0] + ",v1=ä\udc80"}),
    ],
)
def test_what_is_no_signature_is_refused(shop: Shop, headers: dict[str, str]) -> None:
    with pytest.raises(BadSignature):
        verify(shop, headers, BODY, secrets=["secret-1"], now=NOW)


def test_woocommerces_ping_is_a_form_with_a_number_and_nothing_else() -> None:
    form = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}

    assert is_ping("woocommerce", form, b"webhook_id=7")
    assert not is_ping("woocommerce", form, b"webhook_id=7&order=1")
    assert not is_ping("woocommerce", {"content-type": "application/json"}, b"webhook_id=7")
    assert not is_ping("shopify", form, b"webhook_id=7")
