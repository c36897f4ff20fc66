"""Segments run in PostgreSQL: the same rows as in Python, errors and missing values included."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from bondfire.rules import (
    BOOL,
    DECIMAL,
    DOUBLE,
    DURATION,
    INT,
    STRING,
    TIMESTAMP,
    EvaluationError,
    ExpressionError,
    SqlColumn,
    compile_expression,
    compile_sql,
    list_of,
)
from rules.expressions import BOOLS, EXAMPLES, NUMBERS, ROWS, SEGMENTS

COLUMNS = {
    "member.visits": SqlColumn("m.visits", INT),
    "member.rank": SqlColumn("m.rank", INT),
    "member.spent": SqlColumn("m.spent", DECIMAL),
    "member.points": SqlColumn("m.points", DECIMAL),
    "member.name": SqlColumn("m.name", STRING),
    "member.note": SqlColumn("m.note #>> '{}'", STRING, null="m.note = 'null'"),
    "member.vip": SqlColumn("m.vip", BOOL),
    "member.tags": SqlColumn("m.tags", list_of(STRING)),
    "member.scores": SqlColumn("m.scores", list_of(INT)),
    "member.joined_at": SqlColumn("m.joined_at", TIMESTAMP),
    "member.stay": SqlColumn("m.stay", DURATION),
    "t": SqlColumn("m.t", STRING),
    "s": SqlColumn("m.s", INT),
}
SOURCE = (
    "(SELECT %s::bigint AS visits, %s::bigint AS rank, %s::numeric AS spent, %s::numeric AS points,"
    " %s::text AS name, %s::jsonb AS note, %s::boolean AS vip, %s::text[] AS tags, %s::bigint[] AS scores,"
    " %s::timestamptz AS joined_at, %s::interval AS stay,"
    " %s::text AS t, %s::bigint AS s) AS m"
)


@pytest.fixture(scope="module")
def connection(postgres: str) -> Iterator[psycopg.Connection]:
    """A connection in another time zone than UTC, which must not matter."""
    with psycopg.connect(postgres, options="-c timezone=Europe/Berlin", autocommit=True) as conn:
        yield conn


def row_of(variables: Mapping[str, Any]) -> list[Any]:
    """The columns of a member: absent is NULL, a null note is JSON null."""
    flat = {f"member.{name}": value for name, value in variables["member"].items()} | dict(variables)
    if "member.note" in flat:
        flat["member.note"] = Jsonb(flat["member.note"])
    return [flat.get(path) for path in COLUMNS]


def in_python(source: str, variables: Mapping[str, Any]) -> object:
    """The value, or None for an error."""
    try:
        return compile_expression(source, SEGMENTS).evaluate(variables)
    except EvaluationError:
        return None


def in_sql(connection: psycopg.Connection, source: str, variables: Mapping[str, Any]) -> object:
    """What PostgreSQL says."""
    sql = compile_sql(compile_expression(source, SEGMENTS), COLUMNS)
    query = f"SELECT {sql.text} FROM {SOURCE}"
    row = connection.execute(query, [*sql.parameters, *row_of(variables)]).fetchone()
    assert row is not None
    return row[0]


MODEST = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)


@MODEST
@given(source=st.one_of(BOOLS, NUMBERS), rows=st.lists(ROWS, min_size=2, max_size=2))
def test_a_segment_is_the_same_in_python_and_in_postgresql(
    connection: psycopg.Connection, source: str, rows: list[Mapping[str, Any]]
) -> None:
    for variables in rows:
        try:
            found = in_sql(connection, source, variables)
        except ExpressionError as refusal:
            reject() if refusal.code == "not_in_sql" else pytest.fail(str(refusal))
        assert found == in_python(source, variables), (source, variables)


FULL = {
    "visits": 3,
    "spent": Decimal("10.50"),
    "name": "Ada",
    "note": None,
    "vip": True,
    "tags": ["b", "a"],
    "scores": [3, 1, 2],
    "joined_at": datetime(2026, 3, 29, 0, 59, 59, 500000, tzinfo=UTC),
    "stay": timedelta(days=1, hours=2),
}


@pytest.mark.parametrize(
    "source",
    [
        "member.note == null",
        "member.note == 'x'",
        "member.note != null || member.name == 'Ada'",
        "member.name == null",
        "has(member.note) && has(member.name) && !has(member.points)",
        "member.points == null",
        "member.points > 1 || member.visits == 3",
        "member.visits / (member.visits - 3) > 1",
        "member.visits / (member.visits - 3) > 1 || true",
        "9223372036854775807 + member.visits > 0",
        "member.spent * 1000000000000000 * 1000000000000000 > 0",
        "member.spent / 8 == 1.3125",
        "member.visits % -2 == 1 && -7 / member.visits == -2",
        "'a' in member.tags && !(member.name in ['x', 'y'])",
        "member.tags.exists(t, t > 'a') && member.tags.all(t, size(t) == 1)",
        "member.tags.filter(t, t != 'b') == ['a']",
        "member.scores.map(s, s * 2).filter(s, s > 2).sum() == 10",
        "member.scores.map(s, s > 1, s * 2) == [6, 4]",
        "member.scores.exists_one(s, s == 2)",
        "member.scores.all(a, member.scores.exists(b, a != b))",
        "max(member.scores) == 3 && min(member.spent, 4) == 4",
        "member.vip ? member.visits > 1 : member.points > 1",
        "member.joined_at < timestamp('2026-03-29T01:00:00Z')",
        "member.joined_at.getHours('Europe/Berlin') == 1 && member.joined_at.getDayOfWeek() == 0",
        "member.stay > duration('25h')",
        "member.name.startsWith('A') && member.name.endsWith('da') && member.name.contains('d')",
        "member.name.contains('%') || member.name + '_' == 'Ada_'",
        "round(member.spent, 1) == 10.5 && floor(-member.spent) == -11 && abs(-member.visits) == 3",
        "member['visits'] == 3",
        "member.visits in [] || member.tags == [] || [] == member.scores",
        "1 in member.scores.map(s, s * 4611686018427387904)",
    ],
)
def test_what_segments_ask_is_the_same_in_python_and_in_postgresql(
    connection: psycopg.Connection, source: str
) -> None:
    variables = {"member": FULL}

    assert in_sql(connection, source, variables) == in_python(source, variables)


@pytest.mark.parametrize(
    "source",
    [
        "member.name.matches('A.*')",
        "member.spent / member.visits > 1",
        "member.spent / 3 > 1",
        "member.ratio > 1.0",
        "member.shoe > 1",
        "member.joined_at + duration('1s') > timestamp('2026-03-29T01:00:00Z')",
        "(member.vip ? member.note : member.name) == 'x'",
        "member.name == 'a\\u0000b'",
        "string(member.spent) == '1'",
        "'x' in {'x': member.visits}",
    ],
)
def test_what_postgresql_cannot_do_the_same_way_is_refused(source: str) -> None:
    expression = compile_expression(source, SEGMENTS)

    with pytest.raises(ExpressionError) as caught:
        compile_sql(expression, COLUMNS)

    assert caught.value.code == "not_in_sql"


def test_text_of_the_author_travels_only_as_a_parameter() -> None:
    sql = compile_sql(compile_expression('member.name == "\'; DROP TABLE lot; --"', SEGMENTS), COLUMNS)

    assert sql.text == "(m.name = %s::text)"
    assert sql.parameters == ("'; DROP TABLE lot; --",)
    assert sql.condition == "COALESCE((m.name = %s::text), FALSE)"


def test_nested_macros_grow_the_sql_only_in_proportion() -> None:
    source = "true"
    for level in range(7):
        source = f"member.tags.filter(t{level}, {source}) != []"

    sql = compile_sql(compile_expression(source, SEGMENTS), COLUMNS)

    assert len(sql.text) < 7 * 1000


def test_doubles_have_no_column() -> None:
    columns = {"member.ratio": SqlColumn("m.ratio", DOUBLE)}

    with pytest.raises(ExpressionError):
        compile_sql(compile_expression("member.ratio > 1.0", SEGMENTS), columns)
