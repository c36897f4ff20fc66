"""The UCI Online Retail history: every invoice of a customer is one event, to the penny."""

import csv
import gzip
from collections import Counter
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from bondfire.events import CATALOGUE, Event, FileError
from bondfire.examples import History, events_of_online_retail, read_online_retail
from bondfire.examples.online_retail.categories import categories_of, kind_of
from bondfire.examples.online_retail.history import pennies_of


@pytest.fixture(scope="module")
def history() -> History:
    return read_online_retail()


@pytest.fixture(scope="module")
def events(history: History) -> list[Event]:
    return list(history.events(CATALOGUE))


def lines_of(event: Event) -> list[dict[str, Any]]:
    lines: Any = event.body["lines"]
    return list(lines)


def test_the_summary_says_what_is_in_the_file_and_what_was_left_out(history: History) -> None:
    summary = history.summary
    assert (summary.lines, summary.lines_without_customer) == (541_909, 135_080)
    assert (summary.orders, summary.returns, summary.members) == (18_536, 3_654, 4_372)
    assert summary.first_at.isoformat() == "2010-12-01T08:26:00+00:00"
    assert summary.last_at.isoformat() == "2011-12-09T12:50:00+00:00"
    assert len(history) == summary.orders + summary.returns == 22_190


def test_each_invoice_is_one_event_in_the_order_of_time(history: History, events: list[Event]) -> None:
    assert len({event.identity for event in events}) == len(events) == 22_190
    assert Counter(event.type for event in events) == {"order.placed": 18_536, "order.returned": 3_654}
    assert len({event.member for event in events}) == history.summary.members
    assert sum(len(lines_of(event)) for event in events) == 541_909 - 135_080
    assert all(one.occurred_at <= next_one.occurred_at for one, next_one in pairwise(events))


def test_the_events_agree_with_the_baskets_made_elsewhere(events: list[Event], shared_data: Path) -> None:
    with gzip.open(shared_data / "online_retail" / "baskets.csv.gz", "rt", encoding="utf-8") as stream:
        baskets = {row["invoice"]: row for row in csv.DictReader(stream)}
    assert len(baskets) == 22_190
    for event in events:
        basket = baskets.pop(event.id)
        sign = -1 if event.type == "order.returned" else 1
        total: Any = event.body["total"]
        assert (event.member, sign * total) == (basket["customer_id"], Decimal(basket["value"]))
        assert len(lines_of(event)) == int(basket["lines"])
    assert baskets == {}


def test_a_cancellation_is_a_return_that_names_no_order(events: list[Event]) -> None:
    for event in events:
        returned = event.type == "order.returned"
        assert returned == event.id.startswith("C")
        assert event.body.get("order") == (None if returned else event.id)
        assert all(line["amount"] >= 0 and line["quantity"] > 0 for line in lines_of(event))


def test_the_first_order_is_as_it_stands_in_the_file(events: list[Event]) -> None:
    first = events[0]
    assert (first.id, first.member, first.source) == ("536365", "17850", "online-retail")
    assert first.body["total"] == Decimal("139.12")
    assert lines_of(first)[0] == {
        "sku": "85123A",
        "description": "WHITE HANGING HEART T-LIGHT HOLDER",
        "quantity": Decimal(6),
        "amount": Decimal("15.3"),
        "categories": ["lighting", "decoration"],
        "kind": "product",
    }


def test_wall_clock_times_are_those_of_london(events: list[Event]) -> None:
    summer = next(event for event in events if event.id == "550193")
    assert summer.occurred_at.isoformat() == "2011-04-15T08:27:00+00:00"


def test_most_articles_have_a_category_and_none_has_many(events: list[Event]) -> None:
    lines = [line for event in events for line in lines_of(event)]
    assert max(len(line["categories"]) for line in lines) == 3
    assert sum(bool(line["categories"]) for line in lines) > 0.8 * len(lines)


@pytest.mark.parametrize(
    ("sku", "description", "categories"),
    [
        ("1", "JUMBO BAG RED RETROSPOT", ["bags"]),
        ("1", "SET OF 6 CHRISTMAS CAKE CASES IN A TIN", ["christmas", "kitchen", "storage"]),
        ("1", "LIGHT PINK CHERRY", []),
        ("1", "LIGHTHOUSE", []),
        ("M", "Manual", ["billing"]),
        ("POST", "POSTAGE", []),
    ],
)
def test_categories_are_told_by_whole_words(sku: str, description: str, categories: list[str]) -> None:
    assert categories_of(sku, description) == categories


def test_postage_is_shipping() -> None:
    assert [kind_of(sku) for sku in ("POST", "C2", "DOT", "M", "22423")] == ["shipping"] * 3 + ["product"] * 2


def test_amounts_are_exact_to_the_penny_and_half_goes_to_even() -> None:
    assert pennies_of(6, 2.55) == 1530
    assert pennies_of(5, 0.001) == 0
    assert pennies_of(15, 0.001) == 2
    assert pennies_of(80995, 2.08) == 16_846_960


def test_another_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.parquet"
    path.write_bytes(b"PAR1")
    with pytest.raises(FileError, match="not the Online Retail file"):
        events_of_online_retail(CATALOGUE, path)
