"""Endpoints: what may be one, who may let it lie where, and secrets that are shown once."""

from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from psycopg.errors import UniqueViolation

from bondfire.db import Connection, connect
from bondfire.errors import BadInput, Conflict, NotAllowed, NotFound
from bondfire.programs import Brand as Owner
from bondfire.programs import ensure_brand
from bondfire.webhooks import (
    RANDOM_BYTES,
    SECRET_BYTES,
    Change,
    Endpoint,
    EndpointPlace,
    NewEndpoint,
    change_endpoint,
    create_endpoint,
    endpoints_page,
    list_endpoints,
    prepare_trial,
    read_endpoint,
    remove_endpoint,
    rotate_secret,
)
from bondfire.webhooks.model import MOST_ENDPOINTS
from webhooks.makers import NOON, OK, Brand, Receiver, orders

LOCAL = "http://127.0.0.1:9000/"


def made(brand: Brand) -> list[Endpoint]:
    return brand.act(lambda conn: list_endpoints(conn, brand.store.brand))  # type: ignore[no-any-return]


def create(brand: Brand, url: str, *, is_operator: bool, **wanted: Any) -> tuple[Endpoint, str]:
    return brand.act(  # type: ignore[no-any-return]
        lambda conn: create_endpoint(
            conn,
            brand.store.brand,
            NewEndpoint(url, **wanted),
            is_operator=is_operator,
            created_at=NOON,
            random=Random(5).randbytes(RANDOM_BYTES),
        )
    )


def change(brand: Brand, endpoint: Endpoint, *, is_operator: bool = False, **changed: Any) -> Endpoint:
    return brand.act(  # type: ignore[no-any-return]
        lambda conn: change_endpoint(
            conn,
            brand.store.brand,
            endpoint.id,
            Change(**changed),
            is_operator=is_operator,
            changed_at=brand.clock(),
        )
    )


def test_pages_of_endpoints_are_together_all_of_them(brand: Brand) -> None:
    for _ in range(5):
        brand.endpoint()
    paged: list[Endpoint] = []
    place: EndpointPlace | None = None
    while len(page := next_page(brand, place)) == 2:
        paged += page
        place = EndpointPlace(page[-1].created_at, page[-1].id)

    assert paged + page == made(brand)


def next_page(brand: Brand, after: EndpointPlace | None) -> list[Endpoint]:
    return brand.act(  # type: ignore[no-any-return]
        lambda conn: endpoints_page(conn, brand.store.brand, after=after, limit=2)
    )


def test_a_new_endpoint_is_active_and_its_secret_is_not_part_of_it(brand: Brand) -> None:
    endpoint, secret = brand.endpoint(types=["tier.lost", "points.posted"], description=" crm ")

    assert secret.startswith("whsec_")
    assert made(brand) == [endpoint]
    assert (endpoint.types, endpoint.description) == (("points.posted", "tier.lost"), "crm")
    assert endpoint.health.state == "active"
    assert secret.removeprefix("whsec_") not in repr(endpoint)


@pytest.mark.parametrize(
    ("url", "wanted", "code"),
    [
        ("http://shop.example/", {}, "needs_tls"),
        ("https://10.1.2.3/", {}, "private_target"),
        ("https://shop.example/", {"types": ["points.postd"]}, "unknown_type"),
        ("https://shop.example/", {"description": "a\nb"}, "bad_input"),
        ("https://shop.example/", {"may_private": True}, "operator_only"),
        (LOCAL, {"may_private": True}, "operator_only"),
    ],
)
def test_what_cannot_be_an_endpoint_is_refused_and_none_is_made(
    brand: Brand, url: str, wanted: dict[str, Any], code: str
) -> None:
    with pytest.raises((BadInput, NotAllowed)) as refused:
        create(brand, url, is_operator=False, **wanted)

    assert (refused.value.code, made(brand)) == (code, [])


def test_an_operator_may_let_it_lie_in_a_private_network(brand: Brand) -> None:
    endpoint, _ = create(brand, LOCAL, is_operator=True, may_private=True)

    assert endpoint.url == LOCAL
    with pytest.raises(NotAllowed):
        change(brand, endpoint, url="http://127.0.0.1:5432/")
    assert [one.url for one in made(brand)] == [LOCAL]
    assert change(brand, endpoint, is_operator=True, url="http://127.0.0.1:9001/").url.endswith("9001/")
    assert change(brand, endpoint, description="till").description == "till"


def test_one_that_may_not_lie_there_cannot_be_moved_there(brand: Brand) -> None:
    endpoint, _ = brand.endpoint()

    with pytest.raises(BadInput, match="private network"):
        change(brand, endpoint, is_operator=True, url="https://192.168.1.1/")

    assert made(brand) == [endpoint]


def test_there_are_at_most_twenty(brand: Brand) -> None:
    for _ in range(MOST_ENDPOINTS):
        brand.endpoint()

    with pytest.raises(Conflict, match="20 endpoints"):
        brand.endpoint()

    assert len(made(brand)) == MOST_ENDPOINTS


def test_switched_off_by_hand_it_keeps_its_place(brand: Brand) -> None:
    endpoint, _ = brand.endpoint()
    receiver = Receiver(brand.clock)
    off = change(brand, endpoint, is_active=False)
    brand.tell(*orders(1))

    assert (off.health.state, off.health.reason) == ("disabled", "by_hand")
    assert brand.deliver(receiver, days=1) == {}
    view = brand.act(lambda conn: read_endpoint(conn, brand.store.brand, endpoint.id))
    assert (view.waiting, view.behind) == (0, 1)

    change(brand, endpoint, is_active=True)
    assert brand.deliver(receiver) == {"delivered": 1}


def test_what_is_left_to_do_is_told(brand: Brand) -> None:
    endpoint, _ = brand.endpoint()
    receiver = Receiver(brand.clock, lambda _: OK._replace(status=500))
    brand.tell(*orders(1, 2))
    brand.deliver(receiver)
    brand.tell(*orders(3))

    view = brand.act(lambda conn: read_endpoint(conn, brand.store.brand, endpoint.id))

    assert (view.waiting, view.waiting_since, view.behind) == (2, NOON, 1)
    assert view.endpoint.health.failing_since == NOON


def test_a_new_address_makes_an_endpoint_as_good_as_new(brand: Brand) -> None:
    endpoint, _ = brand.endpoint()
    receiver = Receiver(brand.clock, lambda _: OK._replace(status=503, retry_after="86400"))
    brand.tell(*orders(1), *orders(2, member="c-2"))
    brand.deliver(receiver)
    brand.tell(*orders(3, member="c-3"))
    receiver.answer = lambda _: OK

    changed = change(brand, endpoint, url="https://new.example/")

    assert changed.health.rests_until is None
    assert brand.deliver(receiver) == {"delivered": 1}
    assert receiver.heard[-1].url == "https://new.example/"


def test_a_removed_endpoint_hears_nothing_and_is_gone(brand: Brand) -> None:
    endpoint, _ = brand.endpoint()
    receiver = Receiver(brand.clock)
    brand.tell(*orders(1))
    brand.act(lambda conn: remove_endpoint(conn, brand.store.brand, endpoint.id, removed_at=NOON))

    assert made(brand) == []
    assert brand.deliver(receiver, days=1) == {}
    with connect(brand.store.dsn) as conn:
        for verb in (read_endpoint, prepared, removed, rotated):
            with pytest.raises(NotFound, match="no endpoint"):
                verb(conn, brand.store.brand, endpoint.id)


def prepared(conn: Connection, brand: Owner, endpoint_id: UUID) -> None:
    prepare_trial(conn, brand, endpoint_id, now=NOON, random=bytes(16))


def removed(conn: Connection, brand: Owner, endpoint_id: UUID) -> None:
    remove_endpoint(conn, brand, endpoint_id, removed_at=NOON)


def rotated(conn: Connection, brand: Owner, endpoint_id: UUID) -> None:
    rotate_secret(conn, brand, endpoint_id, overlap=timedelta(), rotated_at=NOON, random=bytes(SECRET_BYTES))


@pytest.mark.parametrize("hours", [-1, 169])
def test_an_overlap_is_a_week_at_most(brand: Brand, hours: int) -> None:
    endpoint, _ = brand.endpoint()

    with pytest.raises(BadInput, match="0 to 168 hours"):
        brand.act(
            lambda conn: rotate_secret(
                conn,
                brand.store.brand,
                endpoint.id,
                overlap=timedelta(hours=hours),
                rotated_at=NOON,
                random=bytes(SECRET_BYTES),
            )
        )

    assert made(brand) == [endpoint]


def test_another_brand_sees_and_changes_nothing(brand: Brand) -> None:
    endpoint, _ = brand.endpoint()
    other = brand.act(lambda conn: ensure_brand(conn, "other", "events", created_at=NOON))

    assert brand.act(lambda conn: list_endpoints(conn, other)) == []
    with pytest.raises(NotFound):
        brand.act(lambda conn: read_endpoint(conn, other, endpoint.id))
    with pytest.raises(NotFound):
        brand.act(lambda conn: remove_endpoint(conn, other, endpoint.id, removed_at=NOON))
    assert made(brand) == [endpoint]


def test_an_id_is_made_once(brand: Brand) -> None:
    create(brand, "https://shop.example/", is_operator=False)

    with pytest.raises(UniqueViolation):
        create(brand, "https://shop.example/", is_operator=False)
