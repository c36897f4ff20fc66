"""What nobody needs any more goes, some at a time, and never what still waits."""

from datetime import timedelta

from bondfire.webhooks import SECRET_BYTES, Answer, remove_endpoint, rotate_secret
from bondfire.webhooks.model import KEPT_FOR, REMOVED_AFTER
from bondfire.webhooks.tidying import tidy
from webhooks.makers import OK, Brand, Receiver, orders


def tidied(brand: Brand, most: int = 1_000) -> int:
    return int(brand.act(lambda conn: tidy(conn, [brand.store.brand.id], now=brand.clock(), most=most)))


def count(brand: Brand, table: str) -> int:
    return int(brand.rows(f"SELECT count(*) FROM {table}")[0][0])


def test_what_is_done_goes_after_thirty_days_with_its_attempts_and_what_waits_stays(
    brand: Brand, receiver: Receiver
) -> None:
    brand.endpoint()
    brand.tell(*orders(1, 2), *orders(3, member="c-2"))
    receiver.answer = lambda heard: Answer(500) if heard.event == "ord-3" else OK
    brand.deliver(receiver)

    brand.clock.pass_(seconds=KEPT_FOR.total_seconds())
    assert tidied(brand) == 0
    brand.clock.pass_(seconds=1)
    assert tidied(brand) == 2
    assert brand.states() == ["waiting"]
    assert count(brand, "webhook_attempt") == 1


def test_it_goes_in_bounded_batches(brand: Brand, receiver: Receiver) -> None:
    brand.endpoint()
    brand.tell(*orders(*range(7)))
    brand.deliver(receiver)
    brand.clock.pass_(days=31)

    assert [tidied(brand, most=3) for _ in range(4)] == [3, 3, 1, 0]


def test_a_worker_tidies_now_and_then_until_all_is_gone(brand: Brand, receiver: Receiver) -> None:
    brand.endpoint()
    brand.tell(*orders(1))
    with brand.worker(receiver) as postman:
        postman.deliver()
        brand.clock.pass_(days=31)
        postman.deliver()
        assert brand.states() == []

        brand.tell(*orders(2))
        postman.deliver()
        brand.clock.pass_(days=31)
        brand.clock.at -= timedelta(days=30, hours=23, minutes=30)
        postman.deliver()
        assert brand.states() == ["delivered"]


def test_a_removed_endpoint_goes_with_everything_an_hour_later(brand: Brand, receiver: Receiver) -> None:
    endpoint, _ = brand.endpoint()
    kept, _ = brand.endpoint()
    brand.tell(*orders(1, 2), *orders(3, member="c-2"))
    receiver.answer = lambda heard: Answer(500) if heard.event == "ord-1" else OK
    brand.deliver(receiver)
    brand.act(lambda conn: remove_endpoint(conn, brand.store.brand, endpoint.id, removed_at=brand.clock()))

    brand.clock.pass_(seconds=REMOVED_AFTER.total_seconds() - 1)
    assert tidied(brand) == 0
    brand.clock.pass_(seconds=1)
    assert [tidied(brand, most=2) for _ in range(2)] == [2, 1]

    for table in ("webhook_endpoint", "webhook_position", "webhook_queue", "webhook_delivery"):
        left = brand.rows(f"SELECT DISTINCT endpoint_id FROM {table}")
        assert left == [(kept.id,)], table


def test_an_old_secret_goes_when_its_overlap_is_over(brand: Brand) -> None:
    endpoint, _ = brand.endpoint()
    brand.act(
        lambda conn: rotate_secret(
            conn,
            brand.store.brand,
            endpoint.id,
            overlap=timedelta(hours=1),
            rotated_at=brand.clock(),
            random=bytes(SECRET_BYTES),
        )
    )
    tidied(brand)
    assert brand.rows("SELECT previous_secret IS NULL FROM webhook_endpoint") == [(False,)]

    brand.clock.pass_(hours=1)
    tidied(brand)
    assert brand.rows("SELECT previous_secret IS NULL FROM webhook_endpoint") == [(True,)]
