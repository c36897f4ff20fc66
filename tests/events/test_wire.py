"""JSON is read exactly and strictly."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bondfire.events import EventError, read_json


def test_numbers_are_exact() -> None:
    assert read_json('{"a": 119.80, "b": 1e400, "c": 12345678901234567890123}') == {
        "a": Decimal("119.80"),
        "b": Decimal("1e400"),
        "c": Decimal(12345678901234567890123),
    }


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1, "a": 2}',
        '{"a":1,"a":1}',
        '{"a": "x", "b": [{"c": 1, "d": 2, "c": 1}]}',
        '{"a" : 1, "b": ":", "a" :2}',
        '{"a":"\\u003a", "b":1,"b":1}',
        '{"a":"::::", "\\u0061":1}',
    ],
)
def test_a_key_that_is_there_twice_is_refused(text: str) -> None:
    with pytest.raises(EventError) as caught:
        read_json(text)
    assert caught.value.code == "duplicate_key"
    assert caught.value.field in {"a", "b", "c"}


@given(st.dictionaries(st.text(':"\\ a\n', max_size=3), st.text(':"\\ a\n,{}', max_size=5), min_size=1))
def test_keys_and_texts_full_of_colons_and_quotes_are_not_mistaken(texts: dict[str, str]) -> None:
    plain = json.dumps(texts)
    assert read_json(plain) == texts
    key = json.dumps(next(iter(texts)))
    with pytest.raises(EventError, match="twice"):
        read_json(f"{plain[:-1]}, {key}: 1}}")


@pytest.mark.parametrize("text", ["NaN", "[Infinity]", "{'a': 1}", '{"a": 1}}', "", '"\ud800"', '"\\ud800"'])
def test_what_is_not_json_is_refused(text: str) -> None:
    with pytest.raises(EventError) as caught:
        read_json(text)
    assert caught.value.code == "bad_json"
    assert str(caught.value)


def test_the_json_test_suite_is_read_as_it_says(corpora: Path) -> None:
    cases = {path.name: path.read_bytes() for path in (corpora / "json-test-suite").glob("*.json")}
    accepted = {name for name, text in cases.items() if _is_accepted(text)}
    # a doubled key is legal JSON, and refused here on purpose
    doubled = {"y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json"}
    assert {name for name in cases if name.startswith("y")} - accepted == doubled
    assert {name for name in accepted if name.startswith("n")} == set()


def _is_accepted(text: bytes) -> bool:
    try:
        read_json(text)
    except EventError:
        return False
    return True
