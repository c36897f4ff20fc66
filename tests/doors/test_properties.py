"""Whatever arrives at a door, the answer is a reading; and what is an order adds up."""

import json
from contextlib import suppress
from decimal import Decimal
from typing import Any, get_args

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bondfire.doors import BadCall, Door, Parcel, Reading, people_in, read_batch, read_parcel
from bondfire.doors.basket import Line, closed, refunded
from bondfire.events import EventError, parse_event
from doors.makers import NOW, PAYLOADS, adds_up, events_of, parcel, payload, read, terms

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.decimals(allow_nan=False, allow_infinity=False).map(float)
    | st.text(max_size=20)
    | st.sampled_from(
        ["", "0", "-1", "1e400", "2026-03-01T10:00:00Z", "EUR", "JPY", "\0", "\ud800", "9" * 400]
    )
)
WORDS = """
id type event userId anonymousId previousId groupId messageId timestamp traits context properties
total products price quantity tax shipping discount currency order_id customer email line_items
total_price transactions amount status refund_line_items subtotal order_adjustments kind data object
created amount_total total_details billing refunds prices_include_tax specversion source subject
time rating
"""
NAMES = st.sampled_from(WORDS.split()) | st.text(max_size=8)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=8),
    max_leaves=25,
)
TOPICS = {
    "segment": ["track", "identify", "page", "alias", "unknown"],
    "cloudevents": ["order.placed"],
    "shopify": [
        "orders/create",
        "orders/cancelled",
        "refunds/create",
        "customers/create",
        "x",
    ],
    "woocommerce": ["order.updated", "order.deleted", "customer.created", "customer.deleted", "x"],
    "stripe": ["checkout.session.completed", "payment_intent.succeeded", "charge.refunded", "x"],
}
DOORS = st.sampled_from(get_args(Door)).flatmap(
    lambda door: st.tuples(st.just(door), st.sampled_from(TOPICS[door]))
)
MANY = settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)


def is_sound(reading: Reading) -> None:
    """It has a problem with a next step, or its events are taken or refused with a field; orders add up."""
    if reading.problem is not None:
        assert reading.problem.code
        assert reading.problem.next_step or reading.problem.code in {"bad_time", "bad_date"}
    for raw in reading.events:
        with suppress(EventError):
            event = parse_event({"member": "c-17", **raw}, terms().catalogue)
            assert event.type != "order.placed" or "lines" not in event.body or adds_up(event)


@MANY
@given(DOORS, JSON)
def test_any_json_at_any_door_gets_a_reading(door: tuple[Door, str], value: object) -> None:
    one = parcel(door[0], door[1], value)

    is_sound(read_parcel(one, terms()))
    assert all(name.isprintable() and name for name in people_in(one))


@MANY
@given(DOORS, st.binary(max_size=60))
@example(("shopify", "orders/paid"), b'{"total_price": 1e400}')
@example(("segment", "track"), b"[" * 20_000)
@example(("stripe", "charge.refunded"), b'{"a": 1, "a": 2}')
def test_any_bytes_at_any_door_get_a_reading(door: tuple[Door, str], raw: bytes) -> None:
    one = parcel(door[0], door[1], raw)

    is_sound(read_parcel(one, terms()))
    people_in(one)


@MANY
@given(st.binary(max_size=60) | JSON.map(lambda value: json.dumps({"batch": [value, value]}).encode()))
def test_any_batch_is_read_or_refused_as_segment_refuses(body: bytes) -> None:
    with suppress(BadCall):
        for one in read_batch(body, received_at=NOW).parcels:
            is_sound(read_parcel(one, terms()))


@st.composite
def damaged(draw: st.DrawFn) -> tuple[Door, str, Any]:
    """A real payload in which some fields were replaced by something else."""
    name = draw(st.sampled_from(sorted(path.stem for path in PAYLOADS.glob("*.json"))))
    door: Door = next(door for door in get_args(Door) if name.startswith(door))
    body = payload(name)
    places = list(_places(body))
    for holder, key in draw(st.lists(st.sampled_from(places), min_size=1, max_size=3)):
        holder[key] = draw(JSON)
    return door, draw(st.sampled_from(TOPICS[door])), body


def _places(value: Any) -> Any:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield value, key
        yield from _places(inner)


@MANY
@given(damaged())
def test_a_real_payload_with_any_damage_gets_a_reading(delivery: tuple[Door, str, Any]) -> None:
    is_sound(read(*delivery))


AMOUNTS = st.decimals(-1_000, 1_000, places=3)
LINES = st.lists(
    st.builds(Line, amount=AMOUNTS, kind=st.sampled_from(["product", "shipping", "tax"])),
    min_size=1,
    max_size=8,
)


@given(LINES, st.decimals(0, 3000, places=2), st.sampled_from(["EUR", "JPY", "KWD", "???"]))
def test_closed_lines_add_up_to_any_total(lines: list[Line], total: Decimal, currency: str) -> None:
    raw: list[Any] = closed(lines, total, currency)

    wanted = total.quantize({"JPY": Decimal(1), "KWD": Decimal("0.001")}.get(currency, Decimal("0.01")))
    assert sum((Decimal(line["amount"]) for line in raw), Decimal(0)) == wanted
    assert len(raw) in {len(lines), len(lines) + 1}


@given(LINES, st.decimals(0, 3000, places=2))
def test_the_lines_of_a_refund_add_up_or_there_are_none(lines: list[Line], total: Decimal) -> None:
    raw: list[Any] = refunded(lines, total, "EUR")

    assert not raw or sum((Decimal(line["amount"]) for line in raw), Decimal(0)) == total


MONEY = st.integers(0, 100_000).map(lambda cents: f"{cents / 100:.2f}")


@st.composite
def shopify_orders(draw: st.DrawFn) -> dict[str, Any]:
    """Orders as Shopify sends them, of any prices, discounts and taxes, with a total that may be anything."""
    body = payload("shopify_order_tax_on_top", taxes_included=draw(st.booleans()), total_tax=draw(MONEY))
    line = body["line_items"][0]
    body["line_items"] = [
        {
            **line,
            "sku": f"A{place}",
            "price": draw(MONEY),
            "quantity": draw(st.integers(0, 9)),
            "discount_allocations": [{"amount": draw(MONEY)} for _ in range(draw(st.integers(0, 2)))],
        }
        for place in range(draw(st.integers(0, 5)))
    ]
    body["total_price"] = draw(MONEY)
    return body


@MANY
@given(shopify_orders())
def test_shopify_orders_add_up_whatever_the_shop_reckons(body: dict[str, Any]) -> None:
    reading = read("shopify", "orders/paid", body)

    for event in events_of(reading):
        assert event.body["total"] == Decimal(body["total_price"])
        assert "lines" not in event.body or adds_up(event)


def test_a_parcel_reads_the_same_whenever_it_is_read() -> None:
    one: Parcel = parcel("shopify", "orders/paid", payload("shopify_order_tax_included"))

    assert read_parcel(one, terms()) == read_parcel(one, terms())
