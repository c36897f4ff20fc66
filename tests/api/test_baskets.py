"""Baskets and codes over HTTP."""

from typing import Any

import pytest

from api.conftest import CAFE, Door, everything
from bondfire.db import connect, transaction
from bondfire.programs import ensure_brand, publish_program

COUPONS = """\
coupons:
  five_off: {discount: {amount: 5.00}, minimum: 20}
  thanks: {discount: {amount: 3.00}, issue: {on: order.placed, when: event.total >= 100, valid: 30 days}}
"""


@pytest.fixture
def till(door: Door) -> Door:
    """The API of a café that has coupons."""
    with connect(door.dsn) as conn, transaction(conn):
        brand = ensure_brand(conn, "corner-cafe", "wall", created_at=door.clock())
        document = CAFE.format(brand=brand.name) + COUPONS
        publish_program(conn, brand.id, document, published_at=door.clock(), published_by="test")
    return door


def codes_of(till: Door, **fields: Any) -> list[str]:
    headers = till.key("programs:write")
    wanted = {"coupon": "five_off", "batch": "b", **fields}
    answer = till.client.post("/v1/coupons/codes", json=wanted, headers=headers)
    assert answer.status_code == 201, answer.text
    return [one["code"] for one in answer.json()["codes"]]


def sent(number: str, total: str, *coupons: str, **fields: Any) -> dict[str, Any]:
    basket = {"member": "c-17", "order": number, "currency": "EUR", "total": total, "coupons": list(coupons)}
    return basket | fields


def test_a_basket_is_evaluated_without_a_trace_and_confirmed_once(till: Door) -> None:
    (code,) = codes_of(till, count=1)
    headers, before = till.key("events:write"), everything(till)
    basket = sent("1", "250.00", code.lower(), lines=[{"sku": "A", "amount": "250.00"}])

    told = till.client.post("/v1/baskets/evaluate", json=basket, headers=headers).json()

    assert (told["total"], told["discount"], told["pays"]) == ("250", "5", "245")
    assert told["lines"] == [{"sku": "A", "amount": "250", "discount": "5", "pays": "245"}]
    (coupon,) = told["coupons"]
    assert (coupon["coupon"], coupon["applies"], coupon["lines"]) == ("five_off", True, ["5"])
    assert [(one["unit"], one["amount"], one["available_at"]) for one in told["points"]] == [
        ("beans", "245", "2026-05-15T12:00:00Z"),
        ("status", "245", "2026-05-01T12:00:00Z"),
    ]
    assert [(one["before"], one["after"]) for one in told["tier_changes"]] == [("basic", "gold")]
    assert everything(till) == before

    done = till.client.post("/v1/baskets/confirm", json={**basket, "pays": "245"}, headers=headers)
    assert done.status_code == 200, done.text
    assert (done.json()["pays"], done.json()["lines"]) == ("245", told["lines"])
    assert done.json()["decision"]["wallets"]["beans"]["pending"] == "245"
    after = everything(till)
    again = till.client.post("/v1/baskets/confirm", json=basket, headers=headers).json()
    assert again["decision"]["duplicate"] is True
    assert again["lines"] == done.json()["lines"]
    assert everything(till) == after


def test_a_basket_of_nobody_says_what_somebody_who_joins_would_earn(till: Door) -> None:
    basket = {"currency": "EUR", "total": "30.00", "coupons": ["no-such-code"]}

    told = till.client.post("/v1/baskets/evaluate", json=basket, headers=till.key("events:write")).json()

    assert (told["member"], told["pays"]) == (None, "30")
    assert [one["code"] for one in told["coupons"]] == ["code_not_valid"]
    assert {one["unit"]: one["amount"] for one in told["points"]} == {"beans": "30", "status": "30"}


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"coupons": ["wrong-code"]}, 409, "code_not_valid"),
        ({"coupons": [5]}, 422, "wrong_kind"),
        ({"coupons": "x"}, 422, "wrong_kind"),
        ({"pays": "29"}, 409, "total_changed"),
        ({"pays": "many"}, 422, "bad_amount"),
        ({"currency": "USD"}, 409, "wrong_currency"),
        ({"order": None}, 422, "missing_field"),
        ({"member": None}, 422, "missing_field"),
        ({"lines": [{"amount": "1.00"}]}, 422, "lines_do_not_add_up"),
        ({"discounts": []}, 422, "unknown_field"),
        ({"basket": "mine"}, 422, "reserved_field"),
    ],
)
def test_a_basket_that_cannot_be_confirmed_is_refused_and_nothing_moves(
    till: Door, fields: dict[str, Any], status: int, code: str
) -> None:
    headers = till.key("events:write")
    before = everything(till)

    answer = till.client.post("/v1/baskets/confirm", json=sent("1", "30.00") | fields, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["next_step"]
    assert everything(till) == before


def test_codes_are_made_imported_counted_and_revoked(till: Door) -> None:
    write, read = till.key("programs:write"), till.key("programs:read")
    own, _ = codes_of(till, members=["c-17", "c-18"])
    given = {"coupon": "five_off", "batch": "partner", "uses": None, "codes": [{"code": "SPRING-26"}]}
    for added in (1, 0):
        answer = till.client.post("/v1/coupons/codes/import", json=given, headers=write)
        assert answer.json() == {"coupon": "five_off", "batch": "partner", "added": added}
    events = till.key("events:write")
    till.client.post("/v1/baskets/confirm", json=sent("1", "30.00", own), headers=events)
    till.client.post("/v1/baskets/confirm", json=sent("2", "30.00", "spring 26"), headers=events)

    revoked = till.client.post("/v1/coupons/codes/revoke", json={"batch": "b"}, headers=write)
    assert revoked.json() == {"revoked": 2}
    page = till.client.get("/v1/coupons/batches?limit=1", headers=read).json()
    (first,) = page["batches"]
    assert (first["batch"], first["codes"], first["used"], first["revoked"]) == ("b", 2, 1, 2)
    page = till.client.get(f"/v1/coupons/batches?cursor={page['next_cursor']}", headers=read).json()
    assert ([one["batch"] for one in page["batches"]], page["next_cursor"]) == (["partner"], None)


def test_codes_are_shown_once_even_to_who_asks_again_with_the_same_key(till: Door) -> None:
    headers = {**till.key("programs:write"), "Idempotency-Key": "k-1"}
    wanted = {"coupon": "five_off", "batch": "b", "count": 2}

    first = till.client.post("/v1/coupons/codes", json=wanted, headers=headers)
    again = till.client.post("/v1/coupons/codes", json=wanted, headers=headers)

    assert len(first.json()["codes"]) == 2
    assert again.json() == {**first.json(), "codes": None}


def test_a_members_coupons_are_listed_with_what_became_of_them(till: Door) -> None:
    headers = till.key("events:write", "members:read")
    till.client.post("/v1/baskets/confirm", json=sent("1", "120.00"), headers=headers)
    (coupon,) = till.client.get("/v1/members/c-17/coupons", headers=headers).json()["coupons"]
    assert (coupon["coupon"], coupon["can_be_used"]) == ("thanks", True)
    assert coupon["ends_at"] == "2026-05-31T12:00:00Z"

    till.client.post("/v1/baskets/confirm", json=sent("2", "10.00", coupon["id"]), headers=headers)

    (coupon,) = till.client.get("/v1/members/c-17/coupons", headers=headers).json()["coupons"]
    assert (coupon["used_by"], coupon["worth"], coupon["can_be_used"]) == ("2", "3", False)
