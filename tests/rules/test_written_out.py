"""What the compiler writes out as one would by hand says what the interpreter says, at every border.

Each of these shapes has source of its own in the compiled function: int arithmetic with only the checks
that it needs, division by a constant, prefixes, loops of macros, conditions that jump.
"""

import math
from collections.abc import Mapping
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bondfire.benchmarks.conditions import CONDITIONS
from bondfire.rules import (
    BOOL,
    DOUBLE,
    DYN,
    INT,
    STRING,
    Environment,
    fuse,
    list_of,
    map_of,
)
from bondfire.rules.python import compile_python
from rules.made import disagreements, outcome, rule

FLAT = Environment(
    {
        **dict.fromkeys(("amount", "ratio"), DOUBLE),
        **dict.fromkeys(("total", "visits"), INT),
        **dict.fromkeys(("tier", "channel", "email"), STRING),
        **dict.fromkeys(("first", "vip"), BOOL),
        "categories": list_of(STRING, most=5),
        "scores": list_of(INT, most=5),
        "names": map_of(STRING, INT, most=5),
        "any": DYN,
    },
    specification=True,
)
USUAL = {
    "amount": 119.8,
    "ratio": 0.5,
    "total": 119,
    "visits": 7,
    "tier": "gold",
    "channel": "app",
    "email": "c-17@shop.example",
    "first": False,
    "vip": True,
    "categories": ["books", "shoes"],
    "scores": [3, 1, 2],
    "names": {"a": 1},
    "any": 1,
}
LOWEST, HIGHEST, DIGIT = -(2**63), 2**63 - 1, 2**30
BORDERS = (
    *(0, 1, -1, 2, -2, 3, 4, 5, -5, 7, -7, DIGIT - 2, DIGIT - 1, DIGIT, DIGIT + 1, 1 - DIGIT, -DIGIT),
    *(2**31, 2**32, -(2**32), 2**62, -(2**62), HIGHEST // 3, LOWEST // 3),
    *(HIGHEST - 2, HIGHEST - 1, HIGHEST, LOWEST, LOWEST + 1, LOWEST + 2, None),
)
CONSTANTS = (0, 1, 2, 3, 5, 7, DIGIT, 2**62, HIGHEST - 1, HIGHEST, -1, -2, -5, LOWEST + 1, LOWEST)
TEXTS = ("", "a", "ap", "app", "apple", "ab", "b", "ä", "äp", "\U0010ffff", "ap\U0010ffff", "a\0", None)


@pytest.mark.parametrize("mark", ["+", "-", "*", "/", "%"])
@pytest.mark.parametrize("constant", CONSTANTS)
def test_int_arithmetic_with_a_constant_is_exact_at_every_border(mark: str, constant: int) -> None:
    rows = [{"visits": border} for border in BORDERS]

    assert disagreements(rule(f"visits {mark} {constant}", environment=FLAT), rows) == []
    assert disagreements(rule(f"{constant} {mark} visits", environment=FLAT), rows) == []
    assert (
        disagreements(
            rule(f"visits {mark} {constant} == 0 || visits {mark} {constant} != 0", environment=FLAT), rows
        )
        == []
    )


@pytest.mark.parametrize("mark", ["+", "-", "*", "/", "%"])
def test_int_arithmetic_of_two_variables_is_exact_at_every_border(mark: str) -> None:
    rows = [{"visits": left, "total": right} for left, right in product(BORDERS, repeat=2)]

    assert disagreements(rule(f"visits {mark} total", environment=FLAT), rows) == []


@pytest.mark.parametrize(
    "source",
    [
        "-visits",
        "-(-visits)",
        "-(visits / 2) * 2",
        "-(visits % 5) % 3",
        "visits % 5 == 0",
        "visits % 5 != 0",
        "visits % -5 == 0",
        "visits % 5 == -2",
        "visits * 3 - visits * 2 > 1",
        "visits + 1 + 1 > visits",
        "min(visits, 5) + 1",
        "max(visits, 0) - 1",
        "abs(visits) % 3",
        "(visits > 0 ? visits : 0 - visits) / 3",
        "size(tier) - 3 < 0 && size(tier) * 2 + visits > 3",
        "size(tier) / 2 + size(tier) % 2",
        "visits + 1 > 0 || true",
        "visits + 1 > 0 && false",
        "true || visits * visits > 0",
        "scores.exists(s, s + visits > 0)",
        "scores.all(s, s * visits != 5)",
        "scores.exists_one(s, s - visits == 0)",
        "scores.map(s, s % 2 == 0, s / 2 + visits)",
        "scores.filter(s, s > visits - 1)",
    ],
)
def test_ints_inside_of_larger_conditions_are_exact_at_every_border(source: str) -> None:
    rows = [
        {**USUAL, "visits": border, "scores": scores}
        for border in BORDERS
        for scores in ([], [0, 5, -5], [HIGHEST, 1, LOWEST], [1, None], None)
    ]

    assert disagreements(rule(source, environment=FLAT), rows) == []


@pytest.mark.parametrize("part", ["", "a", "ap", "äp", "\U0010ffff"])
@pytest.mark.parametrize("method", ["startsWith", "endsWith", "contains"])
def test_a_text_begins_and_ends_with_what_it_does(method: str, part: str) -> None:
    rows = [{"tier": text, "channel": other} for text, other in product(TEXTS, repeat=2)]

    assert disagreements(rule(f"tier.{method}('{part}')", environment=FLAT), rows) == []
    assert (
        disagreements(
            rule(f"tier.{method}(channel) || (tier + channel).{method}('{part}')", environment=FLAT), rows
        )
        == []
    )


DOUBLES = (0.0, -0.0, 1.5, -1.5, 1e308, 5e-324, math.inf, -math.inf, math.nan, None)


@pytest.mark.parametrize("mark", ["<", "<=", ">", ">=", "==", "!=", "+", "-", "*", "/"])
def test_doubles_are_those_of_ieee(mark: str) -> None:
    rows = [{"amount": left, "ratio": right} for left, right in product(DOUBLES, repeat=2)]

    assert disagreements(rule(f"amount {mark} ratio", environment=FLAT), rows) == []
    assert disagreements(rule(f"amount {mark} 1.5", environment=FLAT), rows) == []


VERDICTS = (True, False, None, ...)
LOGIC = (
    "first",
    "!first",
    "!!first",
    "first && vip",
    "first || vip",
    "!first && vip",
    "!(first || !vip)",
    "first ? vip : !vip",
    "(first ? vip : false) || !vip",
    "!(first ? vip : !vip)",
    "first == vip",
    "(first && vip) == (vip || first)",
    "[true].exists(x, x && first) || vip",
    "[true, false].all(x, x == first || vip)",
    "[first, vip].exists(x, x)",
    "[first, vip].all(x, !x)",
    "first == true ? 'a' : 'b'",
)


@pytest.mark.parametrize("source", LOGIC)
def test_a_bool_that_is_missing_or_null_is_neither_true_nor_false(source: str) -> None:
    pairs = [dict(zip(("first", "vip"), pair, strict=True)) for pair in product(VERDICTS, repeat=2)]
    rows = [{name: value for name, value in pair.items() if value is not ...} for pair in pairs]

    assert disagreements(rule(source, environment=FLAT), rows) == []


@pytest.mark.parametrize(
    "source",
    ["any == 1", "any == true", "1 in [any]", "true in [any]", "any + 1 == 2", "any && true", "!any"],
)
def test_true_is_not_one(source: str) -> None:
    rows = [{"any": value} for value in (True, False, 1, 0, 1.0, "1", None)]

    assert disagreements(rule(source, environment=FLAT), rows) == []


@pytest.mark.parametrize(
    "source",
    [
        "categories.exists(c, c.startsWith('sh'))",
        "categories.all(c, size(c) > 3)",
        "categories.exists_one(c, c != tier)",
        "categories.filter(c, c != tier)",
        "categories.map(c, c.startsWith('b'), c + tier)",
        "categories.filter(c, c != tier).map(c, size(c)).filter(c, c > 3)",
        "categories.filter(c, categories.exists(d, d != c && d > tier))",
        "categories.map(c, categories.map(d, d + c).exists(e, e == tier))",
        "categories.map(c, categories.filter(c, c != tier).exists_one(c, c == 'shoes'))",
        "first || categories.exists(c, c == tier && scores.all(s, s > size(c) - visits))",
        "names.all(n, n < tier) && names.exists(n, names[n] == visits)",
        "scores.exists(i, s, i == s)",
        "scores.transformList(i, s, i > 0, s * visits)",
        "scores.transformMap(i, s, s + i)",
        "names['a'] + 1 > visits || names[tier] == 1",
        "names.a + names['b'] == 2",
    ],
)
def test_loops_say_what_the_macros_say(source: str) -> None:
    lists: tuple[list[str | None] | None, ...] = (
        [],
        ["books"],
        ["books", "shoes"],
        ["shoes", "shoes"],
        ["shoes", None],
        [None, "shoes"],
        None,
    )
    rows = [
        {**USUAL, "categories": categories, "scores": scores, "visits": visits}
        for categories, scores, visits in product(lists, ([], [1, 2], [HIGHEST, 0]), (0, 1, 3, None))
    ]

    assert disagreements(rule(source, environment=FLAT), rows) == []


PARTS = st.sampled_from(
    [
        *CONDITIONS,
        *LOGIC[:10],
        "visits - total > 3",
        "total / 7 == visits",
        "visits * total % 7 == 0",
        "scores.exists(s, s % 2 == visits)",
    ]
)
MARKS = st.sampled_from(["&&", "||", "==", "!="])
SHAPES = st.recursive(
    PARTS,
    lambda parts: st.one_of(
        st.tuples(parts, st.sampled_from(["&&", "||", "==", "!="]), parts).map(
            "(({0[0]}) {0[1]} ({0[2]}))".format
        ),
        parts.map("!({})".format),
        st.tuples(parts, parts, parts).map("(({0[0]}) ? ({0[1]}) : ({0[2]}))".format),
        parts.map("categories.exists(c, ({}))".format),
        parts.map("scores.all(s, ({}))".format),
    ),
    max_leaves=4,
)
INTS = st.sampled_from(BORDERS) | st.integers(-9, 9)
VALUES = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("amount", "ratio"), st.sampled_from([*DOUBLES, 10.0, 119.8])),
        **dict.fromkeys(("visits", "total"), INTS),
        **dict.fromkeys(
            ("tier", "channel", "email"), st.sampled_from([*TEXTS, "gold", "velvet", "c@x.example"])
        ),
        **dict.fromkeys(("first", "vip"), st.sampled_from([True, False, None])),
        "categories": st.lists(st.sampled_from([*TEXTS, "shoes", "toys"]), max_size=3) | st.none(),
        "scores": st.lists(INTS, max_size=3),
    },
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(source=SHAPES, row=VALUES)
def test_conditions_made_of_all_shapes_agree_alone_and_fused(source: str, row: dict[str, Any]) -> None:
    expression = rule(source, environment=FLAT)
    assert disagreements(expression, [row]) == []

    every_name = {**dict.fromkeys(FLAT.variables), **row}
    exact = outcome(expression.exactly, every_name)
    two = rule("1 + 1", environment=FLAT)
    hits = fuse([(expression, [two]), (None, [two]), (expression, [])])(every_name)
    expected = {"True": [(0, 2), (1, 2), (2,)], "False": [(1, 2)]}

    assert hits == expected.get(str(exact[1]), [(~0,), (1, 2), (~2,)])


@pytest.mark.parametrize("source", CONDITIONS)
def test_usual_values_never_need_the_interpreter(source: str) -> None:
    def refuse(_: Mapping[str, object]) -> object:
        raise AssertionError("the interpreter was asked")

    expression = rule(source, environment=FLAT)

    assert compile_python(expression.tree, refuse)(USUAL) is expression.exactly(USUAL)
