"""/v1/finance: what is owed, periods, estimates, reconciliation and the export; and what cannot be asked."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from api.conftest import CAFE, Door, everything
from bondfire.api.examples import ORDER, RETURN, SPENDING
from bondfire.db import connect, transaction
from bondfire.programs import ensure_brand, publish_program

VALUED = CAFE.replace("pending: 14 days, ", "value: 0.1, redemption: 0.9, ")
PATHS = (
    *("/liability", "/periods/2026-04", "/redemption", "/reconciliation", "/recognition?"),
    *("/journal?from=2026-03-01&to=2026-04-30", "/allocation?price=10&product=10&unit=beans&amount=5"),
)
RECOGNITION = "/recognition?allocated=8676&redeemed=4500&expected=9500"


@pytest.fixture
def books(door: Door) -> Door:
    """The API of a café whose beans are worth ten cents, with a member who bought, returned and spent."""
    with connect(door.dsn) as conn, transaction(conn):
        owner = ensure_brand(conn, "corner-cafe", "wall", created_at=door.clock())
        text = VALUED.format(brand="corner-cafe")
        publish_program(conn, owner.id, text, published_at=door.clock(), published_by="test")
    headers, now = door.key("events:write"), door.clock.at
    for event in (ORDER, RETURN, {**SPENDING, "amount": "50", "unit": "beans"}):
        door.clock.at = datetime.fromisoformat(str(event["occurred_at"])).astimezone(UTC)
        assert door.client.post("/v1/events", json=event, headers=headers).status_code == 200
    door.clock.at = now
    return door


def ask(door: Door, path: str) -> Any:
    """The answer to an accountant."""
    answer = door.client.get(f"/v1/finance{path}", headers=door.key("finance:read"))
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_what_is_owed_is_told_by_unit_vintage_and_month(books: Door) -> None:
    told = ask(books, "/liability")
    before = ask(books, "/liability?on=2026-03-31")

    (beans,) = told["units"]
    assert told["on"] == "2026-05-01"
    assert (beans["liability"]["open"], beans["liability"]["deferred"]) == ("10", "0.9")
    assert (beans["liability"]["basis"], beans["liability"]["urr"]) == ("declared", "0.9")
    assert [row["earned_in"] for row in beans["liability"]["vintages"]] == ["2026-03-01"]
    assert before["units"][0]["liability"]["open"] == "119"
    assert [end["month"] for end in beans["months"]] == ["2026-03-01", "2026-04-01", "2026-05-01"]
    assert sum(Decimal(end["recognised"]) for end in beans["months"]) == Decimal("4.5")


def test_a_period_is_told_with_when_it_closes(books: Door) -> None:
    told = ask(books, "/periods/2026-04")

    beans = next(step for step in told["steps"] if step["unit"] == "beans")
    assert (beans["opening"], beans["closing"], beans["open_lots"]) == ("119", "10", "10")
    assert (beans["figures"]["spent"], beans["figures"]["clawed_back"]) == ("50", "59")
    assert (told["closes_at"], told["is_final"]) == ("2026-05-10T22:00:00Z", False)
    books.clock.pass_(days=11)
    assert ask(books, "/periods/2026-04") == {**told, "is_final": True}


def test_the_books_tie_out_by_day_and_by_month(books: Door) -> None:
    for by in ("day", "month"):
        told = ask(books, f"/reconciliation?by={by}")
        assert (told["ties"], told["untied"]) == (True, [])
    assert ask(books, "/reconciliation")["steps"][0]["figures"]["issued"] == "119"


def test_an_estimate_is_told_with_its_triangle_and_its_test(books: Door) -> None:
    (beans,) = ask(books, "/redemption?fit=2026-03")["units"]

    assert (beans["estimate"]["basis"], beans["estimate"]["urr"]) == ("assumed", "1")
    assert beans["estimate"]["vintages"][0]["spent"] == ["0", "50"]
    assert beans["back_test"]["total"]["came"] == "50"


def test_the_export_is_csv_that_balances(books: Door) -> None:
    answer = books.client.get(f"/v1/finance{PATHS[5]}", headers=books.key("finance:read"))
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))

    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert [(row["debit"], row["credit"], row["amount"]) for row in rows if row["unit"] == "beans"] == [
        ("issued", "active", "119"),
        ("active", "clawed_back", "59"),
        ("active", "spent", "50"),
    ]
    assert {row["currency"] for row in rows if row["unit"] == "beans"} == {"EUR"}
    assert books.client.app.state.house.pool.busy == 0  # type: ignore[attr-defined] # the application's own


def test_a_price_is_shared_and_recognised(books: Door) -> None:
    shared = ask(books, "/allocation?price=100&product=100&unit=beans&amount=100")

    assert (shared["stand_alone"], shared["expected"]) == ("9", "90")
    assert (shared["product"], shared["points"]) == ("91.74", "8.26")
    assert ask(books, RECOGNITION) == {"in_all": "4109.68", "now": "4109.68"}
    assert ask(books, f"{RECOGNITION}&before=4000")["now"] == "109.68"


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/liability?on=yesterday", 422, "bad_date"),
        ("/liability?on=2026-02-29", 422, "bad_date"),
        ("/liability?on=2026-05-02", 422, "bad_date"),
        ("/liability?om=2026-05-01", 422, "unknown_parameter"),
        ("/periods/2026", 422, "bad_date"),
        ("/periods/2026-06", 422, "bad_date"),
        ("/periods/0001-01", 422, "bad_date"),
        ("/redemption?fit=2026-04", 422, "bad_date"),
        ("/redemption?fit=2026-4", 422, "bad_date"),
        ("/reconciliation?by=week", 422, "bad_request"),
        ("/journal", 422, "bad_request"),
        ("/journal?from=2026-04-01&to=2026-03-01", 422, "bad_date"),
        ("/journal?from=2026-04-01&to=9999-99-99", 422, "bad_date"),
        ("/allocation?price=1&product=1&unit=bean&amount=5", 404, "unknown_unit"),
        ("/allocation?price=1&product=1&unit=status&amount=5", 422, "bad_allocation"),
        ("/allocation?price=1&product=0&unit=beans&amount=0", 422, "bad_allocation"),
        ("/allocation?price=1e3&product=1&unit=beans&amount=5", 422, "bad_amount"),
        ("/recognition?allocated=1&redeemed=1&expected=0", 422, "bad_allocation"),
        ("/recognition?allocated=-1&redeemed=1&expected=1", 422, "bad_amount"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_what_to_do(
    books: Door, path: str, status: int, code: str
) -> None:
    answer = books.client.get(f"/v1/finance{path}", headers=books.key("finance:read"))

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["next_step"]


@pytest.mark.parametrize("path", [*PATHS[:4], *PATHS[5:], RECOGNITION])
def test_each_needs_its_scope_and_changes_nothing(books: Door, path: str) -> None:
    reader, before = books.key("finance:read"), everything(books)
    others = books.key("members:read", "members:write", "programs:read", "events:read")

    assert books.client.get(f"/v1/finance{path}").status_code == 401
    refused = books.client.get(f"/v1/finance{path}", headers=others)
    assert (refused.status_code, refused.json()["code"]) == (403, "missing_scope")
    assert books.client.get(f"/v1/finance{path}", headers=reader).status_code == 200
    assert everything(books) == before


def test_a_brand_that_published_nothing_is_told_so(door: Door) -> None:
    for path in (*PATHS[:4], *PATHS[5:], RECOGNITION):
        answer = door.client.get(f"/v1/finance{path}", headers=door.key("finance:read"))
        assert (answer.status_code, answer.json()["code"]) == (404, "no_program"), path


def test_the_books_of_another_brand_are_not_seen(books: Door, publish: Callable[[str], None]) -> None:
    publish("other-cafe")

    answer = books.client.get(
        "/v1/finance/reconciliation", headers=books.key("finance:read", brand="other-cafe")
    )

    assert answer.json() == {"ties": True, "steps": [], "untied": []}
