"""Webhooks of shops over HTTP: signed or refused, taken once, and kept where they cannot be."""

import json
from collections.abc import Callable

import pytest

from api.conftest import Door
from api.doors.conftest import signed, stored
from bondfire.db import connect, transaction
from bondfire.deliveries import Hook, add_hook, revoke_hook
from bondfire.programs import brand_named
from deliveries.makers import fill_shelf
from doors.makers import PAYLOADS, payload

MakeHook = Callable[[str], Hook]
ORDERS = [
    ("shopify", "orders/paid", "shopify_order_tax_included"),
    ("woocommerce", "order.created", "woocommerce_order_tax_included"),
    ("stripe", "checkout.session.completed", "stripe_checkout_completed"),
]


@pytest.mark.parametrize("order", ORDERS)
def test_an_order_is_taken_once_however_often_it_is_delivered(
    quizzes: Door, hook: MakeHook, order: tuple[str, str, str]
) -> None:
    shop, topic, name = order
    path = hook(shop).path
    body = (PAYLOADS / f"{name}.json").read_bytes()

    first = quizzes.client.post(path, content=body, headers=signed(shop, topic, body, quizzes))
    before = stored(quizzes)
    again = quizzes.client.post(path, content=body, headers=signed(shop, topic, body, quizzes))

    assert (first.status_code, first.json()["outcomes"]) == (200, {"accepted": 1})
    assert first.json()["results"][0]["events"][0]["source"] == f"{shop}-de"
    assert (again.status_code, again.json()["outcomes"]) == (200, {"duplicate": 1})
    assert stored(quizzes) == before


@pytest.mark.parametrize("order", ORDERS)
def test_a_delivery_that_the_shop_did_not_sign_is_refused_and_nothing_is_stored(
    quizzes: Door, hook: MakeHook, order: tuple[str, str, str]
) -> None:
    shop, topic, name = order
    path = hook(shop).path
    body = (PAYLOADS / f"{name}.json").read_bytes()
    before = stored(quizzes)
    good = signed(shop, topic, body, quizzes)

    for headers, sent in (
        ({}, body),
        (signed(shop, topic, body, quizzes, secret="other-secret"), body),
        (good, body + b"\n"),
        (good, body.replace(b"119", b"999").replace(b"99.90", b"999.90").replace(b"11400", b"91400")),
    ):
        answer = quizzes.client.post(path, content=sent, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "bad_signature")
    assert stored(quizzes) == before


def test_shopifys_headers_are_known_with_and_without_their_x(quizzes: Door, hook: MakeHook) -> None:
    body = (PAYLOADS / "shopify_order_tax_included.json").read_bytes()
    headers = signed("shopify", "orders/paid", body, quizzes, old=True)

    answer = quizzes.client.post(hook("shopify").path, content=body, headers=headers)

    assert answer.json()["outcomes"] == {"accepted": 1}


def test_a_signature_of_stripes_grows_old(quizzes: Door, hook: MakeHook) -> None:
    path = hook("stripe").path
    body = (PAYLOADS / "stripe_checkout_completed.json").read_bytes()
    headers = signed("stripe", "", body, quizzes)

    quizzes.clock.pass_(seconds=301)
    late = quizzes.client.post(path, content=body, headers=headers)
    quizzes.clock.pass_(seconds=-1)
    in_time = quizzes.client.post(path, content=body, headers=headers)

    assert (late.status_code, in_time.status_code) == (401, 200)


def test_both_secrets_are_good_while_one_replaces_the_other(quizzes: Door, hook: MakeHook) -> None:
    made = hook("shopify")
    with connect(quizzes.dsn) as conn, transaction(conn):
        brand = brand_named(conn, "corner-cafe")
        add_hook(
            conn,
            brand.id,
            shop="shopify",
            name=made.name,
            secret="shop-secret-2",
            added_at=quizzes.clock(),
            random=bytes(10),
        )
    body = (PAYLOADS / "shopify_order_tax_included.json").read_bytes()

    def deliver(secret: str) -> int:
        headers = signed("shopify", "orders/paid", body, quizzes, secret=secret)
        return quizzes.client.post(made.path, content=body, headers=headers).status_code

    assert (deliver("shop-secret-1"), deliver("shop-secret-2")) == (200, 200)
    with connect(quizzes.dsn) as conn, transaction(conn):
        revoke_hook(conn, brand.id, made.name, mark=made.secrets[0].mark, revoked_at=quizzes.clock())
    assert (deliver("shop-secret-1"), deliver("shop-secret-2")) == (401, 200)


def test_woocommerces_ping_gets_200_and_nothing_is_stored(quizzes: Door, hook: MakeHook) -> None:
    before = stored(quizzes)
    form = {"content-type": "application/x-www-form-urlencoded"}

    answer = quizzes.client.post(hook("woocommerce").path, content=b"webhook_id=7", headers=form)
    shopify = quizzes.client.post(hook("shopify").path, content=b"webhook_id=7", headers=form)

    assert (answer.status_code, answer.json()["results"]) == (200, [])
    assert shopify.status_code == 401
    assert stored(quizzes) == before


@pytest.mark.parametrize(
    ("topic", "name"),
    [
        ("customers/data_request", "shopify_privacy_data_request"),
        ("customers/redact", "shopify_privacy_customer_redact"),
        ("shop/redact", "shopify_privacy_shop_redact"),
    ],
)
def test_what_the_law_asks_is_answered_and_kept_for_a_person(
    quizzes: Door, hook: MakeHook, topic: str, name: str
) -> None:
    body = (PAYLOADS / f"{name}.json").read_bytes()

    answer = quizzes.client.post(
        hook("shopify").path, content=body, headers=signed("shopify", topic, body, quizzes)
    )

    listed = quizzes.client.get("/v1/rejects", headers=quizzes.key("members:read")).json()["rejects"]
    assert (answer.status_code, answer.json()["results"][0]["code"]) == (200, "privacy_request")
    assert [(one["code"], one["topic"], json.loads(one["raw"])) for one in listed] == [
        ("privacy_request", topic, payload(name))
    ]


def test_a_customer_of_a_shop_joins_with_their_data_in_the_profile(quizzes: Door, hook: MakeHook) -> None:
    body = (PAYLOADS / "shopify_customer.json").read_bytes()

    quizzes.client.post(
        hook("shopify").path, content=body, headers=signed("shopify", "customers/create", body, quizzes)
    )

    member = quizzes.client.get("/v1/members/706405506930370084", headers=quizzes.key("members:read")).json()
    assert member["attributes"] == {"tags": "newsletter, wanderer"}
    with connect(quizzes.dsn) as conn:
        assert conn.execute("SELECT name, email FROM member_profile").fetchall() == [
            ("Ann Beispiel", "ann@example.com")
        ]


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'{"id": 1, "id": 2}', b'{"total_price": 1e400, "id": 1}', b'{"id": "\xff"}']
)
@pytest.mark.parametrize("shop", ["shopify", "woocommerce", "stripe"])
def test_nonsense_that_is_signed_is_kept(quizzes: Door, hook: MakeHook, shop: str, body: bytes) -> None:
    topic = {"shopify": "orders/paid", "woocommerce": "order.updated", "stripe": ""}[shop]

    answer = quizzes.client.post(hook(shop).path, content=body, headers=signed(shop, topic, body, quizzes))

    assert (answer.status_code, answer.json()["outcomes"]) == (200, {"rejected": 1})
    assert stored(quizzes)[3] == 1


@pytest.mark.parametrize("address", ["shopify/aaaaaaaaaaaaaaaa", "shopfy/x", "stripe/ä"])
def test_an_address_that_is_none_is_told_so(quizzes: Door, address: str) -> None:
    answer = quizzes.client.post(f"/v1/webhooks/{address}", content=b"{}")

    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_hook")


def test_a_delivery_beyond_five_megabytes_is_not_taken(quizzes: Door, hook: MakeHook) -> None:
    body = b" " * 5_000_001

    answer = quizzes.client.post(
        hook("shopify").path, content=body, headers=signed("shopify", "orders/paid", body, quizzes)
    )

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_when_nothing_more_can_be_kept_the_shop_is_asked_to_come_again(quizzes: Door, hook: MakeHook) -> None:
    fill_shelf(quizzes.dsn, 1, 10_000)
    path = hook("shopify").path

    def deliver(topic: str, name: str) -> tuple[int, str | None]:
        body = (PAYLOADS / f"{name}.json").read_bytes()
        answer = quizzes.client.post(path, content=body, headers=signed("shopify", topic, body, quizzes))
        return answer.status_code, answer.json().get("code")

    assert deliver("products/update", "shopify_customer") == (507, "rejects_full")
    assert deliver("orders/paid", "shopify_order_tax_included") == (200, None)
    assert deliver("shop/redact", "shopify_privacy_shop_redact") == (200, None)
