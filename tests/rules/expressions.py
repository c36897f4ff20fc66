"""Random well-typed expressions over a member, and random members with values missing."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from bondfire.rules import (
    BOOL,
    DECIMAL,
    DOUBLE,
    DURATION,
    INT,
    STRING,
    TIMESTAMP,
    Environment,
    list_of,
    record,
)

EXAMPLES = 150
MEMBER = {
    "visits": INT,
    "rank": INT,
    "spent": DECIMAL,
    "points": DECIMAL,
    "name": STRING,
    "note": STRING,
    "vip": BOOL,
    "tags": list_of(STRING, most=5),
    "scores": list_of(INT, most=5),
    "joined_at": TIMESTAMP,
    "stay": DURATION,
}
SEGMENTS = Environment(
    {"member": record("member", {**MEMBER, "ratio": DOUBLE, "shoe": INT}, MEMBER), "t": STRING, "s": INT},
    specification=True,
)
"""`t` and `s` are variables outside the macros that use these names, too; 1 / 0 may be written."""

Source = st.SearchStrategy[str]

_TEXTS = ["", "a", "ab", "B", "ä", "a%_b", "'\"", "\\\\"]
_INTS = [0, 1, 2, 3, -1, -7, 100, 2**62, 2**63 - 1, -(2**63)]
_DECIMALS = [f"decimal('{text}')" for text in ("0.5", "1.25", "100", "0.000001", "999999999999999.5", "-2.5")]
_TIMES = ["2026-03-29T00:59:59Z", "1999-12-31T23:59:59.123456Z", "2024-02-29T12:00:00+02:00"]


def _row_values() -> dict[str, st.SearchStrategy[Any]]:
    texts = st.sampled_from(["", "a", "ab", "B", "ä", "a%_b", "'\"", "\\"])
    amounts = st.decimals(-(10**15), 10**15, places=6, allow_nan=False) | st.integers(-5, 5).map(Decimal)
    ints = st.sampled_from(_INTS) | st.integers(-9, 9)
    times = [datetime.fromisoformat(text).astimezone(UTC) for text in _TIMES]
    return {
        "visits": ints,
        "rank": ints,
        "spent": amounts,
        "points": amounts,
        "name": texts,
        "note": texts | st.none(),
        "vip": st.booleans(),
        "tags": st.lists(texts, max_size=3),
        "scores": st.lists(ints, max_size=3),
        "joined_at": st.sampled_from(times),
        "stay": st.integers(-100_000, 100_000).map(lambda seconds: timedelta(seconds=seconds)),
    }


MEMBERS = st.fixed_dictionaries({}, optional=_row_values())
ROWS = st.fixed_dictionaries(
    {"member": MEMBERS}, optional={"t": st.sampled_from(["a", "B"]), "s": st.integers(-3, 3)}
)
"""Variables of an expression."""


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '\\"') + '"'


def _joined(template: str, *parts: Source) -> Source:
    return st.tuples(*parts).map(lambda found: template.format(*found))


def _any(template: str, choices: list[str], *parts: Source) -> Source:
    """The template with one of the choices for each `@`."""
    return st.sampled_from(choices).flatmap(lambda mark: _joined(template.replace("@", mark), *parts))


_INT = st.sampled_from([*(str(n) for n in _INTS), *["member.visits", "member.rank", "s"] * 4])
_DECIMAL = st.sampled_from([*_DECIMALS, "member.spent", "member.points", "member.spent", "member.points"])
_TEXT = st.sampled_from([*map(_quoted, _TEXTS), *["member.name", "t"] * 3])
_TIME = st.sampled_from(
    [*(f"timestamp('{text}')" for text in _TIMES), "member.joined_at", "member.joined_at"]
)
_SPAN = st.sampled_from(["duration('90s')", "duration('-25h')", "member.stay"])
_TAGS = st.sampled_from(["member.tags", "['a', 'ab']", "member.tags.filter(t, t != 'a')"])
_SCORES = st.sampled_from(
    ["member.scores", "[1, 2, 3]", "member.scores.map(s, s * 2)", "member.scores.filter(s, s > 1)"]
)
_LEAF = st.sampled_from(
    [
        "true",
        "member.vip",
        "has(member.note)",
        "has(member.visits)",
        "member.note == null",
        "member.note != 'a'",
        "member.name == null",
        "1 / (member.rank - member.rank) == 1",
    ]
)


def _numbers(numbers: Source) -> Source:
    return st.one_of(
        _any("({} @ {})", ["+", "-", "*", "%"], numbers, numbers),
        _any("@({})", ["floor", "ceil", "abs", "round", "-"], numbers),
        _any("@({}, {})", ["min", "max"], numbers, numbers),
        _joined("({} / 4)", numbers),
        _joined("round({}, 2)", _DECIMAL),
        _joined("(member.vip ? {} : {})", numbers, numbers),
    )


def _plain_ints(ints: Source) -> Source:
    return st.one_of(
        _any("({} @ {})", ["+", "-", "*", "/", "%"], ints, ints),
        _joined("size({})", st.one_of(_TEXT, _TAGS, _SCORES)),
    )


def _ints(ints: Source) -> Source:
    return st.one_of(
        _plain_ints(ints),
        _joined("{}.sum()", _SCORES),
        _any("{}.@", ["getHours()", "getDayOfWeek('Asia/Kathmandu')", "getMonth()", "getDayOfYear()"], _TIME),
        _any("@({})", ["min", "max"], _SCORES),
    )


_SUMS = st.recursive(_INT, _ints, max_leaves=4)
NUMBERS: Source = st.recursive(st.one_of(_DECIMAL, _SUMS), _numbers, max_leaves=4)
_ORDERED = st.sampled_from([_SUMS, _DECIMAL, _TEXT, _TIME, _SPAN])


def _bools(bools: Source) -> Source:
    return st.one_of(
        _any("(({}) @ ({}))", ["&&", "||", "==", "!="], bools, bools),
        _joined("!({})", bools),
        _joined("({} ? {} : {})", bools, bools, bools),
        _any("{}.@(t, {})", ["all", "exists", "exists_one"], _TAGS, bools),
        _any("{}.@(s, {})", ["all", "exists", "exists_one"], _SCORES, bools),
    )


_RELATIONS = st.one_of(
    _LEAF,
    _ORDERED.flatmap(lambda kind: _any("({} @ {})", ["<", "<=", ">", ">=", "==", "!="], kind, kind)),
    _any("{}.@({})", ["startsWith", "endsWith", "contains"], _TEXT, _TEXT),
    _joined("({} in {})", _TEXT, _TAGS),
    _joined("({} in {})", _SUMS, _SCORES),
    _joined("({} in [1, 2, 100])", _SUMS),
    _joined("({} == {})", _TAGS, _TAGS),
    _joined("({} + {} == {})", _TEXT, _TEXT, _TEXT),
)
BOOLS: Source = st.recursive(_RELATIONS, _bools, max_leaves=5)

_PLAIN_SUMS = st.recursive(_INT, _plain_ints, max_leaves=4)
_PLAIN_RELATIONS = st.one_of(
    st.sampled_from(["true", "member.vip", "1 / (member.rank - member.rank) == 1"]),
    st.sampled_from([_PLAIN_SUMS, _TEXT]).flatmap(
        lambda kind: _any("({} @ {})", ["<", "<=", ">", ">=", "==", "!="], kind, kind)
    ),
    _any("{}.@({})", ["startsWith", "endsWith", "contains"], _TEXT, _TEXT),
    _joined("({} in {})", _TEXT, _TAGS),
    _joined("({} in {})", _PLAIN_SUMS, _SCORES),
    _joined("({} + {} == {})", _TEXT, _TEXT, _TEXT),
)
PLAIN_BOOLS: Source = st.recursive(_PLAIN_RELATIONS, _bools, max_leaves=5).map(
    lambda text: text.replace("member.", "")
)
"""Conditions of standard CEL alone, over variables that are not in a record."""
