"""Plain rows are read fast, and never other than the exact reader reads them."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bondfire.benchmarks.workload import orders as workload
from bondfire.benchmarks.workload import write_json
from bondfire.events import (
    CATALOGUE,
    Catalogue,
    Event,
    EventError,
    EventType,
    Field,
    canonical_body,
    parse_live_event,
    plain_events,
    read_json,
)
from events.makers import NOON, line, raw
from events.test_journal import orders

ENOUGH = 10
"""Rows that are read together."""

OWN = CATALOGUE.with_types(
    {
        "quiz.finished": EventType(
            "",
            "",
            {
                "score": Field("integer", presence="required", minimum=-5, maximum=100),
                "money": Field("decimal", decimals=3, negative=True),
                "won": Field("boolean", presence="required"),
                "began_at": Field("time"),
                "birthday": Field("date"),
                "level": Field("enum", values=("easy", "hard")),
                "words": Field("strings", size=3),
                "answers": Field(
                    "records",
                    fields={"type": Field("string", presence="required"), "points": Field("decimal")},
                ),
                "device": Field("record", fields={"name": Field("string", empty=True)}),
                "labels": Field("map"),
                "note": Field("string", personal=True, length=20),
            },
        )
    }
).with_attributes({"city": Field("string"), "born_on": Field("date"), "child": Field("boolean")})

QUIZ = raw(
    "quiz.finished",
    score=7,
    money="-1.250",
    won=True,
    began_at="2026-03-02T11:59:00+01:00",
    birthday="2001-02-28",
    level="hard",
    words=["a", "b c"],
    answers=[{"type": "open", "points": 3}, {"type": "closed", "points": "0.5"}],
    device={"name": ""},
    labels={"b": "x", "a": ""},
    note="to myself",
)
FULL = raw(
    id="e-9",
    order="1001",
    lines=[line("100", quantity="1.500", kind="product"), line("19.80", categories=["hats", "shoes"])],
    categories=["shoes"],
    paid_with_points="20.00",
    discount=5,
    channel="web",
    store="",
    coupon="SPRING",
)
EXAMPLES = [
    raw(),
    FULL,
    raw(source=None, order=None, total=0),
    raw("order.returned", currency="JPY", total="3"),
    raw("order.returned", total=None, lines=[line("1")], currency="EUR"),
    raw("order.cancelled", order="1"),
    raw("points.spent"),
    raw("points.adjusted", amount="-5.000001"),
    raw("member.joined", attributes={"city": "Köln", "born_on": None, "child": False}),
    raw("member.updated", attributes={}),
    raw("review.submitted", text="Schön warm, wärmt schnell.", sku="A1"),
    raw("survey.answered", comment=""),
    raw("page.viewed", url="https://example.com/a?b=c"),
    QUIZ,
    raw("quiz.finished", score=0, won=False),
]


def compact(event: object) -> bytes:
    return json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")


def exactly(row: bytes, catalogue: Catalogue, recorded_at: datetime | None) -> Event | None:
    try:
        read = read_json(row)
        assert isinstance(read, dict)
        return parse_live_event(read, catalogue, recorded_at=recorded_at)
    except (EventError, AssertionError):
        return None


def check(
    rows: Sequence[bytes], catalogue: Catalogue = OWN, recorded_at: datetime | None = None
) -> list[Event | None]:
    """What is read fast; each is just what the exact reader makes of the row, to the form of a number."""
    events = plain_events(rows, catalogue, recorded_at=recorded_at)
    assert len(events) == len(rows)
    for row, event in zip(rows, events, strict=True):
        if event is not None:
            exact = exactly(row, catalogue, recorded_at)
            assert exact == event, row
            assert shown(exact) == shown(event), row
    return events


def shown(event: Event) -> tuple[object, ...]:
    times = repr((event.occurred_at, event.recorded_at))
    return canonical_body(event), repr(in_order(event.body)), event.personal, times


def in_order(value: object) -> object:
    if isinstance(value, dict):
        return sorted((name, in_order(one)) for name, one in value.items())
    return [in_order(one) for one in value] if isinstance(value, list) else value


def quick(row: bytes, recorded_at: datetime | None = None) -> Event | None:
    """A row among others like it."""
    return check([row] * ENOUGH, recorded_at=recorded_at)[0]


@pytest.mark.parametrize("event", EXAMPLES, ids=lambda event: str(event["type"]))
def test_what_senders_write_is_read_fast_in_every_type(event: dict[str, object]) -> None:
    assert quick(compact(event)) is not None
    assert quick(json.dumps(event, ensure_ascii=False).encode(), recorded_at=NOON) is not None


def test_the_orders_of_the_benchmark_are_read_fast() -> None:
    rows = [write_json(one) for one in islice(workload(["c-17", "c-18"], "read", begin=NOON), 1_000)]
    assert None not in check(rows, CATALOGUE)


def test_rows_of_many_types_with_odd_ones_among_them_keep_their_places() -> None:
    sent = [compact({**EXAMPLES[number % len(EXAMPLES)], "id": f"e-{number}"}) for number in range(500)]
    odd = {7: b"{", 100: compact(raw(total=1.5)), 101: b'"type":"order.placed"', 499: compact([raw()])}
    for place, row in odd.items():
        sent[place] = row
    events = check(sent)
    assert [event.id for event in events if event is not None] == [
        f"e-{number}" for number, event in enumerate(events) if event is not None
    ]
    assert {place for place in odd if events[place] is None} == odd.keys()
    assert sum(event is None for event in events) < 100


def test_an_event_that_has_not_happened_yet_is_for_the_exact_reader() -> None:
    row = compact(raw())
    assert quick(row, recorded_at=NOON - timedelta(minutes=5)) is not None
    assert quick(row, recorded_at=NOON - timedelta(minutes=5, seconds=1)) is None


TEXTS = st.one_of(
    st.text(max_size=12),
    st.text(' ":\\,{}[]a\tü\x7f\u00a0\u2028\u200d\U0001f600', max_size=6),
    st.sampled_from(["x" * 200, "x" * 201, "ü" * 200, "ü" * 201, "\U0001f600" * 200, "\U0001f600" * 201]),
)
NUMBERS = st.one_of(
    st.integers(-(2**70), 2**70),
    st.integers(-3, 12),
    st.floats(allow_nan=True, allow_infinity=True),
    st.decimals(allow_nan=True).map(str),
    st.from_regex(r"-?\d{1,17}(\.\d{0,8})?", fullmatch=True),
    st.from_regex(r"[+-]?[0-9_ .eE\u0661]{1,8}", fullmatch=True),
)
TIMES = st.one_of(
    st.from_regex(
        r"(19|20|18|89|90)\d\d-[01]\d-[0-3]\d[Tt ][0-2]\d:[0-5]\d(:[0-6]\d([.,]\d{0,9})?)?"
        r"([Zz]|[+-][0-2]\d:?[0-5]\d(:\d\d)?)?",
        fullmatch=True,
    ),
    st.datetimes(timezones=st.just(UTC)).map(lambda at: at.isoformat()),
    st.from_regex(r"\d{4}-?W\d\d-?\d[T ]\d\d:?\d\d:?\d\d(Z|[+-]\d\d:\d\d)", fullmatch=True),
)
VALUES = st.one_of(
    TEXTS, NUMBERS, TIMES, st.none(), st.booleans(), st.lists(TEXTS, max_size=4), st.just({}), st.just([{}])
)


@given(orders(), st.booleans(), st.sampled_from([None, (",", ":"), (" ,", " :"), (", ", ":\t")]))
def test_generated_orders(sent: dict[str, object], ascii_only: object, signs: tuple[str, str] | None) -> None:
    quick(json.dumps(sent, ensure_ascii=bool(ascii_only), separators=signs).encode())


@given(st.sampled_from(EXAMPLES), st.data())
def test_any_value_in_any_field(event: dict[str, object], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from([*event, "total", "lines", "source", "nothing"]))
    quick(compact({**event, name: data.draw(VALUES)}))


@given(TEXTS, NUMBERS, TEXTS, st.sampled_from(["JPY", "KWD", "EUR", "CLF", "eur"]))
def test_any_value_in_a_line(sku: str, amount: object, category: str, currency: str) -> None:
    articles = [{"sku": sku, "amount": amount, "categories": [category], "description": sku}]
    quick(compact(raw(total=amount, currency=currency, lines=articles)))


@given(TIMES)
def test_times(time: str) -> None:
    quick(compact(raw(occurred_at=time)))
    quick(compact({**QUIZ, "began_at": time}))


@pytest.mark.parametrize("second", ["59", "59.1", "59.123456"])
@pytest.mark.parametrize("offset", ["Z", "+00:00", "-00:00", "+01:00", "-09:30"])
def test_times_that_are_read_fast(second: str, offset: str) -> None:
    assert quick(compact(raw(occurred_at=f"2026-03-29T01:59:{second}{offset}"))) is not None


@pytest.mark.parametrize("second", ["59.1234567", "59.0000000", "59.12345678901", "60"])
@pytest.mark.parametrize("offset", ["Z", "+01:00"])
def test_times_finer_than_microseconds_are_for_the_exact_reader(second: str, offset: str) -> None:
    assert quick(compact(raw(occurred_at=f"2026-03-29T01:59:{second}{offset}"))) is None


@pytest.mark.parametrize(
    "time", ["2026-03-29T01:59:59+0100", "2026-03-29T01:59:59.12+0100", "1899-12-31T23:59:59Z"]
)
def test_times_of_another_form_are_for_the_exact_reader(time: str) -> None:
    assert quick(compact(raw(occurred_at=time))) is None


SNIPPETS = [
    b'"', b":", b",", b"{", b"}", b"[", b"]", b" ", b"\t", b"\n", b"\\", b"\\u0000", b"\\u0061", b"0", b"-",
    b".", b"e9", b"null", b"true", b"\xff", b"\xc3\xbc", b"\x7f", b"\xc2\x85", b'"id":"x",', b'"sku":"",',
    b'"type":"order.placed",', b'"total": "1",', b"NaN", b'"a" :', b":x",
]  # fmt: skip


@given(st.sampled_from(EXAMPLES), st.lists(st.tuples(st.integers(0, 400), st.sampled_from(SNIPPETS))))
def test_broken_rows(event: dict[str, object], breaks: list[tuple[int, bytes]]) -> None:
    row = compact(event)
    for place, snippet in breaks:
        at = place % (len(row) + 1)
        row = row[:at] + snippet + row[at + place % 3 :]
    quick(row)
    check([compact(event)] * ENOUGH + [row] + [compact(event)] * ENOUGH)


@pytest.mark.parametrize("event", EXAMPLES, ids=lambda event: str(event["type"]))
def test_no_key_is_taken_twice(event: dict[str, object]) -> None:
    row = compact(event)
    for name, value in event.items():
        again = compact({name: value})[1:-1]
        for doubled in (row[:-1] + b"," + again + b"}", b"{" + again + b"," + row[1:]):
            assert quick(doubled) is None
            # nor when another row has one key fewer, or a text that looks like one
            check([*[row] * ENOUGH, doubled, compact({**event, "id": ":"})])
            check([*[row] * ENOUGH, doubled, row.replace(b'":', b'" :', 1)])
    inner = compact(raw(lines=[line()])).replace(b'"sku":', b'"sku":"B","sku":')
    assert quick(inner) is None


def test_naughty_strings_in_every_text(corpora: Path) -> None:
    strings: list[str] = json.loads(next((corpora / "naughty-strings").glob("*.json")).read_bytes())
    taken = 0
    for text in strings:
        for ascii_only in (False, True):
            for name in ("id", "source", "member", "order", "currency", "channel", "coupon", "total"):
                sent = json.dumps({**FULL, name: text}, ensure_ascii=ascii_only, separators=(",", ":"))
                taken += quick(sent.encode()) is not None
            articles = [line(sku=text, description=text, brand=text, categories=[text])]
            taken += quick(compact(raw(lines=articles, categories=[text]))) is not None
    assert taken > len(strings)


def test_the_json_test_suite_in_every_field(corpora: Path) -> None:
    for path in (corpora / "json-test-suite").glob("*.json"):
        case = path.read_bytes()
        quick(case)
        for event in (FULL, QUIZ):
            for name in event:
                quick(compact({**event, name: "?!"}).replace(b'"?!"', case))
