"""Signatures are those of Standard Webhooks: its own library and its published vector judge them."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from bondfire.webhooks import SECRET_BYTES, HttpGateway, rotate_secret
from bondfire.webhooks.model import Keys, headers_of, new_secret, show_secret, sign
from webhooks.makers import Brand, orders, site


def test_the_published_vector() -> None:
    """Of the libraries of the specification: `test_sign_function`."""
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    at = datetime.fromtimestamp(1614265330, UTC)

    signature = sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}')

    assert show_secret(secret) == "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@given(
    secret=st.binary(min_size=SECRET_BYTES, max_size=SECRET_BYTES),
    text=st.text(),
    at=st.datetimes(min_value=datetime(1970, 1, 2), timezones=st.just(UTC)),  # noqa: DTZ001 - given next
)
def test_the_specifications_library_signs_alike(secret: bytes, text: str, at: datetime) -> None:
    theirs = Webhook(show_secret(secret)).sign("msg_1", at, text)

    assert sign(new_secret(secret), "msg_1", at, text.encode()) == theirs


def test_a_secret_has_256_bits() -> None:
    with pytest.raises(ValueError, match="needs 32 random bytes"):
        new_secret(bytes(24))


def test_during_a_rotation_both_secrets_sign_and_then_the_new_one_only() -> None:
    now = datetime.now(UTC)
    old, new = bytes(32), bytes(range(32))
    keys = Keys(new, old, now + timedelta(hours=1))
    during = headers_of(keys.at(now), "msg_1", now, b"{}")
    after = headers_of(keys.at(now + timedelta(hours=1)), "msg_1", now, b"{}")

    assert during["webhook-signature"].count("v1,") == 2
    for secret in (old, new):
        assert Webhook(secret).verify("{}", during) == {}
    assert Webhook(new).verify("{}", after) == {}
    with pytest.raises(WebhookVerificationError):
        Webhook(old).verify("{}", after)


def test_what_a_real_receiver_gets_is_verified_before_during_and_after_a_rotation(brand: Brand) -> None:
    brand.clock.at = datetime.now(UTC)
    with site() as shop:
        endpoint, first = brand.endpoint(shop.url, may_private=True)

        def rotate(overlap: timedelta) -> str:
            _, secret = brand.act(
                lambda conn: rotate_secret(
                    conn,
                    brand.store.brand,
                    endpoint.id,
                    overlap=overlap,
                    rotated_at=brand.clock(),
                    random=bytes([brand.endpoints, *range(31)]),
                )
            )
            brand.endpoints += 1
            return str(secret)

        brand.tell(*orders(1))
        brand.deliver(HttpGateway())
        second = rotate(timedelta(minutes=1))
        brand.tell(*orders(2))
        brand.deliver(HttpGateway())
        third = rotate(timedelta())
        brand.tell(*orders(3))
        brand.deliver(HttpGateway())

    knows = [
        [verified(secret, one.body.decode(), one.headers) for secret in (first, second, third)]
        for one in shop.heard
    ]
    assert knows == [[True, False, False], [True, True, False], [False, False, True]]


def verified(secret: str, body: str, headers: dict[str, str]) -> bool:
    try:
        Webhook(secret).verify(body, headers)
    except WebhookVerificationError:
        return False
    return True
