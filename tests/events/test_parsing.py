"""An event is read strictly: what is wrong is refused with its field, a code and the next step."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from bondfire.events import CATALOGUE, parse_event, read_json
from events.makers import line, parsed, raw, refusal


def test_the_order_of_the_design_becomes_exact_values() -> None:
    # given the order as the design shows it
    text = (
        '{"id": "ord-1001", "type": "order.placed", "source": "shop", "member": "c-17", "occurred_at": '
        '"2026-03-29T01:59:59+01:00", "order": "1001", "currency": "EUR", "total": "119.80", "lines": '
        '[{"sku": "A1", "quantity": 2, "amount": "119.80", "categories": ["shoes"]}]}'
    )
    # when it is read
    event = parse_event(read_json(text), CATALOGUE)  # type: ignore[arg-type]  # an object, as the text shows
    # then amounts are exact, times are UTC, and what was not said is derived
    assert event.identity == ("shop", "ord-1001")
    assert event.occurred_at == event.recorded_at == datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC)
    assert event.body == {
        "id": "ord-1001",
        "type": "order.placed",
        "source": "shop",
        "member": "c-17",
        "occurred_at": event.occurred_at,
        "order": "1001",
        "currency": "EUR",
        "total": Decimal("119.8"),
        "lines": [
            {
                "sku": "A1",
                "quantity": Decimal(2),
                "amount": Decimal("119.8"),
                "categories": ["shoes"],
                "kind": "product",
            }
        ],
        "categories": ["shoes"],
    }


def test_the_time_of_recording_is_what_the_edge_says() -> None:
    later = datetime(2026, 3, 5, tzinfo=UTC)
    assert parse_event(raw(), CATALOGUE, recorded_at=later).recorded_at == later


@pytest.mark.parametrize("field", ["id", "type", "member", "occurred_at", "currency", "total"])
def test_a_missing_field_is_named(field: str) -> None:
    sent = raw()
    del sent[field]
    code, where, text = refusal(sent)
    assert (code, where) == ("missing_field", field)
    assert f'"{field}"' in text


def test_a_missing_source_is_the_api() -> None:
    assert parsed(raw(source=None)).source == "api"


@pytest.mark.parametrize(
    ("wrong", "code", "where", "says"),
    [
        (raw("order.plased"), "unknown_type", "type", '"order.placed"'),
        (raw("zzz"), "unknown_type", "type", "Declare it"),
        (raw(type=7), "unknown_type", "type", "7"),
        (raw(curency="EUR"), "unknown_field", "curency", '"currency"'),
        (
            raw(lines=[line("60"), line("59.80", catgories=[])]),
            "unknown_field",
            "lines[1].catgories",
            "categories",
        ),
        (raw(currency="EURO"), "unknown_currency", "currency", '"EUR"'),
        (raw(currency=5), "unknown_currency", "currency", "three capital letters"),
        (raw(total="1,50"), "bad_amount", "total", "'1,50'"),
        (raw(total="1e3"), "bad_amount", "total", "plain decimal"),
        (raw(total="NaN"), "bad_amount", "total", "plain decimal"),
        (raw(total=""), "bad_amount", "total", "plain decimal"),
        (raw(total=1.5), "bad_amount", "total", "decimal string"),
        (raw(total=True), "bad_amount", "total", "True"),
        (raw(total=Decimal("Infinity")), "bad_amount", "total", "plain decimal"),
        (raw(total=Decimal("1e999999999")), "bad_amount", "total", "plain decimal"),
        (raw(total=10**5000), "bad_amount", "total", "10^15"),
        (raw(total="-1"), "bad_amount", "total", "below zero"),
        (raw(total="1.999"), "bad_amount", "total", "at most 2 digits"),
        (raw(currency="JPY", total="1.5"), "bad_amount", "total", "at most 0 digits"),
        (raw(lines=[line("1.999")]), "bad_amount", "lines[0].amount", "at most 2 digits"),
        (raw(lines=[line(quantity="1.0001")]), "bad_amount", "lines[0].quantity", "at most 3 digits"),
        (raw(lines=[line(kind="tip")]), "not_one_of", "lines[0].kind", "product, shipping"),
        (raw(lines=[line(kind=["product"])]), "not_one_of", "lines[0].kind", "a list"),
        (raw(lines=[line(categories="shoes")]), "wrong_kind", "lines[0].categories", "a list"),
        (raw(lines=[line(categories=["a", 3])]), "wrong_kind", "lines[0].categories[1]", "text"),
        (raw(lines={}), "wrong_kind", "lines", "a list"),
        (raw(lines=["A1"]), "wrong_kind", "lines[0]", "an object"),
        (raw(lines=[line("0")] * 1001), "too_many", "lines", "1001 items, more than 1000"),
        (
            raw(lines=[line("60"), line("59")]),
            "lines_do_not_add_up",
            "lines",
            "add up to 119, but total is 119.8",
        ),
        (
            raw(paid_with_points="119.81"),
            "out_of_range",
            "paid_with_points",
            "119.81, more than",
        ),
        (raw(id=""), "empty", "id", "is empty"),
        (raw(member=" \n"), "empty", "member", "is empty"),
        (raw(id="x" * 201), "too_long", "id", "201 characters, more than 200"),
        (raw(id=17), "wrong_kind", "id", "17"),
        (raw(id="a\0b"), "bad_text", "id", "a NUL at character 2"),
        (raw(member="\ud800"), "bad_text", "member", "U+D800"),
        (raw(member=" c-17"), "bad_text", "member", "blanks around it"),
        (raw(member="c-17\u2029"), "bad_text", "member", "blanks around it"),
        (raw(member="c-\x01\x02"), "bad_text", "member", "U+0001 at character 3"),
        (raw("points.spent", amount="0"), "bad_amount", "amount", "above 0"),
        (raw("points.spent", amount="-1"), "bad_amount", "amount", "below zero"),
        (raw("points.adjusted", amount="0"), "bad_amount", "amount", "above 0"),
        (raw("points.adjusted", reason=None), "missing_field", "reason", "reason"),
        (raw("points.adjusted", actor=None), "missing_field", "actor", "actor"),
        (raw("review.submitted", rating=6), "out_of_range", "rating", "1 to 5"),
        (raw("review.submitted", rating="5"), "wrong_kind", "rating", "a whole number"),
        (raw("review.submitted", rating=True), "wrong_kind", "rating", "true"),
        (raw("review.submitted", rating=10**5000), "out_of_range", "rating", "1 to 5"),
        (raw("review.submitted", text="x" * 10_001), "too_long", "text", "10000"),
        (raw("survey.answered", score=Decimal("7.5")), "wrong_kind", "score", "7.5"),
        (raw("order.returned", order=None), "missing_field", "order", "which order comes back"),
        (raw("order.returned", total="-5"), "bad_amount", "total", "below zero"),
        (raw("order.returned", lines=[line("-5")]), "bad_amount", "total", "above zero"),
        (raw("order.returned", lines=[line(quantity=-1)]), "bad_amount", "lines[0].quantity", "below zero"),
        (raw("member.updated"), "missing_field", "attributes", "attributes"),
        (raw("member.updated", attributes={"city": "Kiel"}), "unknown_field", "attributes.city", "none"),
        ([], "wrong_kind", "", "JSON object"),
    ],
)
def test_what_is_wrong_is_named_with_its_field(wrong: object, code: str, where: str, says: str) -> None:
    found_code, found_field, text = refusal(wrong)
    assert (found_code, found_field) == (code, where)
    assert says in text
    text.encode()


@pytest.mark.parametrize(
    ("time", "says"),
    [
        ("2026-03-29T01:59:59", "no offset"),
        ("2026-02-30T12:00:00Z", "does not exist"),
        ("10000-01-01T00:00:00Z", "not a time"),
        ("0000-01-01T00:00:00Z", "does not exist"),
        ("2016-12-31T23:59:60Z", "a leap second is its second 59"),
        ("2026-03-29T24:00:01Z", "does not exist"),
        ("2026-03-29T12:00:00+25:00", "does not exist"),
        ("0001-01-01T00:00:00+14:00", "does not exist"),
        ("1899-12-31T23:59:59Z", "1900 to 9000"),
        ("29.03.2026", "not a time"),
        (1774749599, "not a time"),
        (datetime(2026, 3, 29), "no offset"),  # noqa: DTZ001 - it must be refused
        (datetime(1, 1, 1, tzinfo=UTC), "1900 to 9000"),
    ],
)
def test_a_time_that_is_not_sure_is_refused(time: object, says: str) -> None:
    code, where, text = refusal(raw(occurred_at=time))
    assert (code, where) == ("bad_time", "occurred_at")
    assert says in text


def test_an_aware_time_is_taken_as_utc() -> None:
    local = datetime(2026, 3, 29, 1, 59, 59, tzinfo=UTC) + timedelta(hours=1)
    assert parsed(raw(occurred_at=local)).occurred_at == local


@pytest.mark.parametrize(
    ("sent", "currency", "exact"),
    [
        ("119.80", "EUR", "119.8"),
        ("100.0000", "JPY", "100"),
        ("1.234", "KWD", "1.234"),
        (5, "EUR", "5"),
        ("-0.00", "EUR", "0"),
        (Decimal("1E+2"), "EUR", "100"),
        ("1000000000000000", "EUR", "1000000000000000"),
    ],
)
def test_an_amount_is_exact_and_has_one_form(sent: object, currency: str, exact: str) -> None:
    total = parsed(raw(total=sent, currency=currency)).body["total"]
    assert str(total) == exact


def test_an_order_of_nothing_and_a_negative_line_are_accepted() -> None:
    assert parsed(raw(total="0")).body["total"] == 0
    event = parsed(raw(total="10", lines=[line("12"), line("-2", quantity=-1), line("0")]))
    assert event.body["total"] == 10


def test_a_return_without_total_is_worth_its_lines() -> None:
    event = parsed(raw("order.returned", order=None, currency="EUR", lines=[line("0.50"), line("0.50")]))
    assert str(event.body["total"]) == "1"


def test_a_return_that_names_only_its_order_is_the_rest_of_it() -> None:
    assert "total" not in parsed(raw("order.returned")).body


def test_categories_of_the_order_are_those_of_its_lines_unless_sent() -> None:
    lines = [line("60", categories=["b", "a"]), line("59.80", categories=["a", "c"])]
    assert parsed(raw(lines=lines)).body["categories"] == ["b", "a", "c"]
    assert parsed(raw(lines=lines, categories=["x"])).body["categories"] == ["x"]
    assert parsed(raw()).body["categories"] == []


def test_categories_without_end_are_refused_before_they_reach_the_journal() -> None:
    lines = [line("0", categories=[f"{number}-{word}" for word in range(100)]) for number in range(11)]
    code, where, _ = refusal(raw(total="0", lines=lines))
    assert (code, where) == ("too_many", "categories")


def test_null_in_a_built_in_field_means_that_it_is_not_there() -> None:
    sent = {**raw("order.returned", total="5"), "order": None, "source": None}
    event = parsed(sent)
    assert "order" not in event.body
    assert event.source == "api"
    code, where, _ = refusal({**raw(), "colour": None})
    assert (code, where) == ("unknown_field", "colour")


def test_what_a_person_wrote_stays_out_of_the_body() -> None:
    event = parsed(raw("review.submitted", text="Lovely \N{HEAVY BLACK HEART}"))
    assert event.personal == {"text": "Lovely \N{HEAVY BLACK HEART}"}
    assert "text" not in event.body
    assert event.body["text_length"] == 8


def test_the_sent_object_is_not_changed() -> None:
    sent = raw("review.submitted", text="fine")
    before = dict(sent)
    parsed(sent)
    assert sent == before
