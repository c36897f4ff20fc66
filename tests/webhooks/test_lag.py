"""How far behind a brand's webhooks are, as the worker shows it to who supervises."""

from bondfire.webhooks import Answer, Lag, lag_of
from webhooks.makers import Brand, Receiver, orders


def lag(brand: Brand) -> Lag:
    found = brand.act(lambda conn: lag_of(conn, brand.store.brand, now=brand.clock()))
    assert isinstance(found, Lag)
    return found


def test_a_brand_without_an_active_endpoint_is_not_behind(brand: Brand) -> None:
    endpoint, _ = brand.endpoint()
    brand.change(endpoint, is_active=False)
    brand.tell(*orders(1, 2))

    assert lag(brand) == Lag(0, 0)


def test_what_nobody_has_collected_is_counted_and_then_heard(brand: Brand, receiver: Receiver) -> None:
    brand.endpoint()
    brand.tell(*orders(1, 2, 3))
    before = lag(brand)

    brand.deliver(receiver)

    assert (before, lag(brand)) == (Lag(0, 3), Lag(0, 0))


def test_the_slowest_endpoint_counts(brand: Brand, receiver: Receiver) -> None:
    brand.endpoint()
    brand.tell(*orders(1, 2))
    brand.deliver(receiver)
    brand.endpoint("https://crm.example/hooks", from_beginning=True)

    assert lag(brand) == Lag(0, 2)


def test_an_endpoint_out_of_reach_is_late_from_the_moment_it_could_be_tried_again(brand: Brand) -> None:
    """Given a failure after which 5 to 6 seconds are waited, when a minute passes, then it is that late."""
    brand.endpoint()
    brand.tell(*orders(1))
    brand.deliver(Receiver(brand.clock, lambda _: Answer(None, "timeout")))

    assert lag(brand) == Lag(0, 0)
    brand.clock.pass_(seconds=60)
    assert 54 <= lag(brand).late_seconds <= 55
