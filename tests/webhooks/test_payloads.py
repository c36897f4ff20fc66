"""What receivers read: exact, complete, described by a published schema, and about nobody by name."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from bondfire.kit import member_id_of, show_id
from bondfire.members import Alias, Profile, claim_alias, save_profile
from bondfire.webhooks import TYPES, prepare_trial
from bondfire.webhooks.payloads import MOST_ENTRIES
from bondfire.webhooks.reference import payload_schemas, write_reference
from journal.store_makers import CAFE, T0, back, event_of, order
from webhooks.conftest import MakeBrand
from webhooks.makers import NOON, Brand, Receiver

PUBLISHED = Path(__file__).parents[2] / "docs" / "reference"
ONE_A_DAY = """
program: plain
brand: kaminrot
timezone: Europe/Berlin
currency: EUR
units:
  points: {pending: 14 days, decimals: 2}
earn:
  base: {on: order.placed, award: {points: event.total}}
"""


@pytest.fixture
def brand(make_brand: MakeBrand) -> Brand:
    return make_brand(CAFE)


def heard_by(brand: Brand) -> list[dict[str, Any]]:
    receiver = Receiver(brand.clock)
    brand.deliver(receiver)
    payloads = [one.payload for one in receiver.heard]
    for payload in payloads:
        Draft202012Validator(payload_schemas()[payload["type"]]).validate(payload)
    return payloads


def test_the_published_schemas_are_fresh(tmp_path: Path) -> None:
    written = write_reference(tmp_path)

    assert len(written) == len(TYPES) + 1
    for path in written:
        published = PUBLISHED / path.relative_to(tmp_path)
        assert published.read_text(encoding="utf-8") == path.read_text(encoding="utf-8"), (
            "run `make generate`"
        )


def test_each_type_has_a_schema_that_is_one() -> None:
    schemas = payload_schemas()

    assert set(schemas) == {*TYPES.values(), "webhook.test"}
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)


def test_a_year_of_a_member_is_told_in_every_type(brand: Brand) -> None:
    brand.endpoint()
    brand.tell(
        order(1, T0, total="512.30"),
        back(1, T0 + timedelta(days=1), order="1", total="500"),
        back(2, T0 + timedelta(days=2), order="unheard-of", total="5"),
        back(3, T0 + timedelta(days=3), total="5000"),
        event_of("reward.redeemed", T0 + timedelta(days=4), id="r", reward="coffee"),
    )

    payloads = heard_by(brand)

    assert {one["type"] for one in payloads} == set(TYPES.values())
    assert payloads[0]["type"] == "points.posted"
    assert payloads[0]["timestamp"] == "2026-01-05T09:00:00Z"
    told = payloads[0]["data"]
    assert (told["event"], told["source"], told["event_type"]) == ("ord-1", "shop", "order.placed")
    assert [(one["number"], one["unit"], one["kind"], one["amount"]) for one in told["entries"]] == [
        (1, "points", "earn", "512"),
        (2, "status", "earn", "512"),
    ]
    risen = next(one["data"] for one in payloads if one["type"] == "tier.reached")
    assert (risen["tier_set"], risen["before"], risen["after"], risen["benefits"]) == (
        "flame",
        "spark",
        "flame",
        ["early_access"],
    )
    redeemed = next(one["data"] for one in payloads if one["type"] == "reward.changed")
    assert (redeemed["reward"], redeemed["redemption"], redeemed["change"]) == ("coffee", "r", "redeemed")


def test_amounts_are_plain_decimal_strings(make_brand: MakeBrand) -> None:
    brand = make_brand(ONE_A_DAY)
    brand.endpoint()
    brand.tell(order(1, T0, total="1000000.50"), order(2, T0, total="300.00"))

    amounts = [entry["amount"] for one in heard_by(brand) for entry in one["data"]["entries"]]

    assert amounts == ["1000000.5", "300"]


def test_a_payload_stays_small_and_says_how_many_entries_there_are(make_brand: MakeBrand) -> None:
    """Given more awards released at one moment than are told, then the rest is left to the API."""
    brand = make_brand(ONE_A_DAY)
    brand.tell(*(order(number, T0) for number in range(MOST_ENTRIES + 5)))
    brand.endpoint()
    brand.tell(event_of("member.joined", T0 + timedelta(days=20), id="late"))
    brand.store.bring_to(T0 + timedelta(days=20))

    (told,) = [one["data"] for one in heard_by(brand)]

    assert (told["first_entry"], told["entry_count"]) == (MOST_ENTRIES + 6, MOST_ENTRIES + 5)
    assert [one["number"] for one in told["entries"]] == [
        MOST_ENTRIES + 6 + number for number in range(MOST_ENTRIES)
    ]


def test_the_member_is_named_by_id_and_claimed_references_and_by_nothing_else(brand: Brand) -> None:
    owner, member_id = brand.store.brand, member_id_of("kaminrot", "c-1")

    def know(conn: Any) -> None:
        for alias in (Alias("reference", "b-9"), Alias("reference", "a-9"), Alias("email", "ann@x.example")):
            claim_alias(conn, owner, member_id, alias, claimed_at=NOON)
        save_profile(conn, owner, member_id, Profile(name="Ann Example"), updated_at=NOON)

    brand.act(know)
    brand.endpoint()
    brand.tell(order(1, T0), order(2, T0, member="c-2"))

    first, second = sorted(heard_by(brand), key=lambda one: str(one["data"]["event"]))

    assert first["data"]["member_id"] == show_id("mem", member_id)
    assert (first["data"]["references"], second["data"]["references"]) == (["a-9", "b-9"], [])
    assert "ann" not in json.dumps(first).lower()


def test_a_reference_that_was_erased_is_not_sent_any_more(brand: Brand) -> None:
    owner, member_id = brand.store.brand, member_id_of("kaminrot", "c-1")
    alias = Alias("reference", "a-9")
    brand.act(lambda conn: claim_alias(conn, owner, member_id, alias, claimed_at=NOON))
    brand.endpoint()
    brand.tell(order(1, T0))
    brand.rows_gone("DELETE FROM member_alias")

    assert [one["data"]["references"] for one in heard_by(brand)] == [[]]
    assert "a-9" not in str(brand.rows("SELECT * FROM webhook_delivery"))


def test_a_message_that_tries_an_endpoint_is_described_too(brand: Brand) -> None:
    endpoint, _ = brand.endpoint(types=["tier.lost"])

    webhook_id, message = brand.act(
        lambda conn: prepare_trial(conn, brand.store.brand, endpoint.id, now=NOON, random=bytes(16))
    )

    payload = json.loads(message.body)
    Draft202012Validator(payload_schemas()["webhook.test"]).validate(payload)
    assert payload["data"] == {"endpoint": show_id("ep", endpoint.id)}
    assert message.headers["webhook-id"] == webhook_id
