"""Refunds of shops that do not say whose they are: the order does, whichever comes first."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest

from bondfire.db import connect
from deliveries.makers import Cafe, cafe_in, outcomes
from doors.makers import parcel, payload

ORDER = parcel("shopify", "orders/paid", payload("shopify_order_tax_included"))
REFUND = parcel("shopify", "refunds/create", payload("shopify_refund_with_shipping"))
CUSTOMER = "706405506930370084"


def test_a_refund_is_of_whoever_placed_the_order(cafe: Cafe) -> None:
    cafe.deliver(ORDER)
    before = cafe.beans(CUSTOMER)

    assert outcomes(cafe.deliver(REFUND)) == ["accepted"]
    assert (before, cafe.beans(CUSTOMER)) == ("114", "99")  # of 114.70 for goods, 16.00 came back


def test_a_refund_that_comes_first_waits_and_is_taken_with_its_order(cafe: Cafe) -> None:
    first = cafe.deliver(REFUND)
    (kept,) = cafe.rejects()

    cafe.deliver(ORDER)

    assert outcomes(first) == ["unknown_order"]
    assert (kept.code, kept.waits_for) == ("unknown_order", "5620000000001")
    assert (cafe.beans(CUSTOMER), cafe.rejects()) == ("99", [])


def test_a_refund_at_the_very_moment_of_its_order_is_never_forgotten(database: str) -> None:
    """Twenty rounds of two who arrive at once, each on a connection of its own."""
    cafe = cafe_in(database)
    rounds = 20
    start = Barrier(2)

    def deliver(topic: str, body: dict[str, object]) -> None:
        start.wait(timeout=60)
        cafe.deliver(parcel("shopify", topic, body))

    with ThreadPoolExecutor(2) as both:
        for number in range(rounds):
            order = payload("shopify_order_tax_included", id=number)
            refund = payload("shopify_refund_with_shipping", id=number, order_id=number)
            done = [
                both.submit(deliver, "orders/paid", order),
                both.submit(deliver, "refunds/create", refund),
            ]
            for one in done:
                one.result(timeout=60)

    assert cafe.rejects() == []
    assert cafe.beans(CUSTOMER) == str(99 * rounds)


def test_a_delivery_that_comes_eight_times_at_once_counts_once(database: str) -> None:
    cafe = cafe_in(database)
    start = Barrier(8)

    def deliver(_: int) -> str:
        start.wait(timeout=60)
        return outcomes(cafe.deliver(ORDER))[0]

    with ThreadPoolExecutor(8) as all_at_once:
        seen = sorted(all_at_once.map(deliver, range(8)))

    assert seen == ["accepted"] + ["duplicate"] * 7
    assert cafe.beans(CUSTOMER) == "114"


def test_an_order_stays_with_whom_it_was_first(cafe: Cafe) -> None:
    guest = payload("woocommerce_order_tax_included", customer_id=0)
    cafe.deliver(parcel("woocommerce", "order.updated", guest))

    taken = cafe.deliver(parcel("woocommerce", "order.updated", payload("woocommerce_order_tax_included")))

    assert outcomes(taken) == ["duplicate"]
    assert (cafe.beans("ann@example.com"), cafe.beans("17")) == ("95", "")


def test_every_later_word_on_an_order_of_woocommerce_repeats_nothing(cafe: Cafe) -> None:
    for name in ("woocommerce_order_tax_included", "woocommerce_order_with_refunds"):
        cafe.deliver(parcel("woocommerce", "order.updated", payload(name)))
    before = cafe.digest()

    later = payload("woocommerce_order_with_refunds", date_modified_gmt="2026-04-20T10:00:00")
    taken = cafe.deliver(parcel("woocommerce", "order.updated", later))

    assert outcomes(taken) == ["duplicate conflict conflict"]
    assert (cafe.digest(), cafe.rejects()) == (before, [])


def test_what_was_changed_in_an_order_afterwards_is_left_to_a_person(cafe: Cafe) -> None:
    cafe.deliver(parcel("woocommerce", "order.updated", payload("woocommerce_order_tax_included")))

    changed = payload("woocommerce_order_tax_included", total="120.00")
    taken = cafe.deliver(parcel("woocommerce", "order.updated", changed))

    assert outcomes(taken) == ["identity_conflict"]


def test_an_unpaid_order_that_is_cancelled_concerns_only_who_placed_it_here(cafe: Cafe) -> None:
    unknown = cafe.deliver(parcel("woocommerce", "order.deleted", {"id": 727}))
    cafe.deliver(parcel("woocommerce", "order.updated", payload("woocommerce_order_tax_included")))

    known = cafe.deliver(parcel("woocommerce", "order.deleted", {"id": 727}))

    assert (outcomes(unknown), unknown[0].problem) == ([""], None)
    assert outcomes(known) == ["accepted"]
    assert (cafe.beans("17"), cafe.rejects()) == ("0", [])


def test_checkout_and_payment_of_stripe_are_one_order_also_for_its_refund(cafe: Cafe) -> None:
    checkout = payload("stripe_checkout_completed")
    payment = payload("stripe_payment_succeeded")
    payment["data"]["object"] |= {
        "id": checkout["data"]["object"]["payment_intent"],
        "currency": "eur",
        "amount_received": 11400,
    }

    first = cafe.deliver(parcel("stripe", "checkout.session.completed", checkout))
    second = cafe.deliver(parcel("stripe", "payment_intent.succeeded", payment))
    back = cafe.deliver(parcel("stripe", "charge.refunded", payload("stripe_charge_refunded")))

    assert (outcomes(first), outcomes(second), outcomes(back)) == (["accepted"], ["refused"], ["accepted"])
    assert second[0].results[0].code == "order_exists"
    assert cafe.beans("cus_NffrFeUfNV2Hib") == ""


def test_shops_of_a_brand_do_not_share_their_numbers(cafe: Cafe) -> None:
    body = payload("woocommerce_order_tax_included")
    cafe.deliver(parcel("woocommerce", "order.updated", body, prefix="de-"))
    cafe.deliver(replace(parcel("woocommerce", "order.updated", body, prefix="at-"), source="shop-at"))

    assert (cafe.beans("de-17"), cafe.beans("at-17"), cafe.beans("17")) == ("95", "95", "")


@pytest.mark.parametrize("name", ["shopify_order_tax_included", "shopify_order_tax_on_top"])
def test_a_whole_refund_takes_back_exactly_what_the_order_gave(cafe: Cafe, name: str) -> None:
    """Article by article, delivery and tax too, so that nothing of it is left."""
    order = payload(name, currency="EUR")
    net = 0 if order["taxes_included"] else 1
    lines = [
        {
            "line_item_id": line["id"],
            "quantity": line["quantity"],
            "subtotal": subtotal,
            "total_tax": tax if net else "0",
            "line_item": line,
        }
        for line, subtotal, tax in zip(
            order["line_items"],
            ("189.33", "6.35") if net else ("82.69", "32.01"),
            ("10.00", "0.98"),
            strict=True,
        )
    ]
    back = payload(
        "shopify_refund_with_shipping",
        order_id=order["id"],
        refund_line_items=lines,
        transactions=[
            {"kind": "refund", "status": "success", "amount": order["total_price"], "currency": "EUR"}
        ],
        order_adjustments=[
            {
                "kind": "shipping_refund",
                "amount": "-" + order["shipping_lines"][0]["price"],
                "tax_amount": "0",
            }
        ],
    )

    cafe.deliver(parcel("shopify", "orders/paid", order))
    earned = cafe.beans(str(order["customer"]["id"]))
    taken = cafe.deliver(parcel("shopify", "refunds/create", back))

    assert outcomes(taken) == ["accepted"]
    assert int(earned) > 100
    assert cafe.beans(str(order["customer"]["id"])) == "0"


def test_whose_an_order_is_stays_one_row(cafe: Cafe) -> None:
    cafe.deliver(REFUND)
    cafe.deliver(ORDER)
    cafe.deliver(ORDER, REFUND)

    with connect(cafe.dsn) as conn:
        assert conn.execute("SELECT source, order_number, member FROM order_owner").fetchall() == [
            ("shop-de", "5620000000001", CUSTOMER)
        ]
