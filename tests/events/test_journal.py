"""The canonical body: equal meaning, equal text; and what is read back is what was written."""

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bondfire.events import EventError, canonical_body, read_json
from events.makers import from_journal, line, parsed, raw, read_back

_CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
TEXTS = st.text(_CHARACTERS, min_size=1, max_size=30).filter(lambda text: bool(text.strip()))
NAMES = st.text("abc-é 17", min_size=1, max_size=30).filter(lambda text: text == text.strip())
ZONES = [UTC, timezone(timedelta(hours=14)), timezone(-timedelta(hours=9, minutes=30))]
AMOUNTS = st.decimals(min_value=-(10**9), max_value=10**9, places=2)
TIMES = st.datetimes(
    min_value=datetime(1901, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(8999, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from(ZONES),
)
LINES: st.SearchStrategy[list[dict[str, object]]] = st.lists(
    st.fixed_dictionaries(
        {"amount": AMOUNTS.map(str)},
        optional={
            "sku": TEXTS,
            "quantity": st.decimals(min_value=0, max_value=1000, places=3).map(str),
            "categories": st.lists(TEXTS, max_size=3),
            "kind": st.sampled_from(["product", "shipping", "tax"]),
            "description": st.just(""),
        },
    ),
    max_size=5,
)


@st.composite
def orders(draw: st.DrawFn) -> dict[str, object]:
    """Orders and returns as shops could send them."""
    lines: list[dict[str, object]] = draw(LINES)
    total = sum((Decimal(str(each["amount"])) for each in lines), Decimal(0))
    sent = raw(
        draw(st.sampled_from(["order.placed", "order.returned"])),
        id=draw(TEXTS),
        member=draw(NAMES),
        order=draw(TEXTS),
        currency="EUR",
        occurred_at=draw(TIMES).isoformat(),
        total=str(total) if lines else str(abs(draw(AMOUNTS))),
    )
    if total < 0:
        return {**sent, "total": "0", "lines": []}
    with_lines = bool(lines) or draw(st.booleans())
    return {**sent, "lines": lines} if with_lines else sent


@given(orders())
def test_an_event_read_back_from_the_journal_is_the_same(sent: dict[str, object]) -> None:
    event = parsed(sent)
    again = from_journal(event)
    assert again == event
    assert canonical_body(again) == canonical_body(event)


@given(orders(), st.randoms())
def test_the_order_of_fields_and_the_form_of_json_do_not_matter(
    sent: dict[str, object], random: object
) -> None:
    shuffled = dict(sorted(sent.items(), key=lambda _: random.random()))  # type: ignore[attr-defined]  # Random
    pretty = read_json(json.dumps(shuffled, indent=2))
    assert isinstance(pretty, dict)
    assert canonical_body(parsed(pretty)) == canonical_body(parsed(sent))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (raw(total="119.80"), raw(total=Decimal("119.8"))),
        (raw(total="5.00"), raw(total=5)),
        (raw(occurred_at="2026-03-02T13:00:00+01:00"), raw(occurred_at="2026-03-02T12:00:00.000Z")),
        (raw(order=None), raw(order="e-1")),
        (raw(lines=[line(kind="product", quantity="2.0")]), raw(lines=[line(brand=None)])),
        (raw(lines=[line()], categories=["shoes"]), raw(lines=[line()])),
        (raw("order.returned", total="1", lines=[line("1")]), raw("order.returned", lines=[line("1")])),
        (raw("review.submitted", text="abc"), raw("review.submitted", text_length=3)),
    ],
)
def test_what_means_the_same_has_the_same_body(one: dict[str, object], other: dict[str, object]) -> None:
    assert canonical_body(parsed(one)) == canonical_body(parsed(other))


@pytest.mark.parametrize(
    "other",
    [raw(total="119.81"), raw(order="1"), raw(currency="CHF"), raw(categories=["shoes"])],
)
def test_what_means_something_else_has_another_body(other: dict[str, object]) -> None:
    assert canonical_body(parsed(other)) != canonical_body(parsed(raw()))


def test_the_canonical_body_is_plain_sorted_json_of_what_has_no_column() -> None:
    event = parsed(raw(total="100.00", member="c-secret", occurred_at="2026-03-02T12:00:00.5Z"))
    assert canonical_body(event) == '{"categories":[],"currency":"EUR","order":"e-1","total":"100"}'


def test_personal_words_are_not_in_the_journal() -> None:
    event = parsed(raw("survey.answered", comment="my name is Ada"))
    assert "Ada" not in canonical_body(event)
    erased = read_back(canonical_body(event), event)
    assert erased.body == event.body
    assert erased.personal == {}


@pytest.mark.parametrize("text", ["[]", "{", '{"total": "1", "currency": 7}'])
def test_a_journal_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(EventError):
        read_back(text, parsed(raw()))


def test_naughty_strings_are_kept_exactly_or_refused_with_a_reason(corpora: Path) -> None:
    # given the big list of naughty strings
    strings: list[str] = json.loads(next((corpora / "naughty-strings").glob("*.json")).read_bytes())
    refused = set()
    for text in strings:
        articles = [line("1", description=text, categories=[text], sku=text)]
        # when each is an id, a member, an article and a category
        try:
            event = parsed(raw(id=text, member=text, total="1", lines=articles))
        except EventError as error:
            refused.add((error.code, error.field))
            continue
        # then it comes back as it was
        assert event.id == event.member == text
        assert from_journal(event) == event
    # or is refused for being empty, too long or nobody's name, naming the field
    assert refused == {("empty", "id"), ("too_long", "id"), ("bad_text", "member")}
