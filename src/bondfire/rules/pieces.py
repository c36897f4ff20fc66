"""Pieces of PostgreSQL text with their parameters in order; each piece is used exactly once."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from bondfire.rules.errors import Fault
from bondfire.rules.syntax import Node
from bondfire.rules.types import Type
from bondfire.rules.values import kind_of

MOST_DECIMALS: Final = 20
"""With 30 digits before the point, more would be rounded in Python and not in PostgreSQL."""

_SQL_TYPES: Final = {
    "bool": "boolean",
    "int": "bigint",
    "decimal": "numeric",
    "string": "text",
    "bytes": "bytea",
    "timestamp": "timestamptz",
    "duration": "interval",
}


@dataclass(frozen=True, slots=True)
class SqlColumn:
    """Where a path is found in a query.

    Attributes:
        sql: expression of the developer's own, such as `m.visits`; never text of a user. SQL NULL
            means that the value is missing. Arrays hold no NULL.
        type: bool, int, decimal, string, bytes, timestamp, duration or a list of one of them.
        null: condition that is true when the value is there and is null, such as
            `m.attributes -> 'x' = 'null'`; left out when it never is.
        decimals: digits after the point that a decimal may have.
    """

    sql: str
    type: Type
    null: str = field(default="", kw_only=True)
    decimals: int = field(default=9, kw_only=True)


@dataclass(frozen=True, slots=True)
class Piece:
    """SQL text with `%s`, its parameters, and what is known of its value.

    Attributes:
        decimals: most digits after the point.
        null: condition that says it is a present null, for a column that may be.
        is_null: it is the literal null.
    """

    text: str
    parameters: tuple[object, ...] = ()
    decimals: int = 0
    null: str = ""
    is_null: bool = False


def made(template: str, *parts: Piece, decimals: int = 0) -> Piece:
    """The template with its `{}` filled in order."""
    texts = [part.text for part in parts]
    parameters = tuple(parameter for part in parts for parameter in part.parameters)
    return Piece(template.format(*texts), parameters, decimals)


def not_in_sql(what: str, node: Node, next_step: str = "") -> Fault:
    """The refusal of a node that has no SQL."""
    return Fault(
        f"{what} cannot be asked of the database.", node.offset, code="not_in_sql", next_step=next_step
    )


def sql_type(kind: Type, node: Node) -> str:
    """PostgreSQL's name of a type."""
    if kind.kind == "list" and kind.parameters[0].kind in _SQL_TYPES:
        return f"{_SQL_TYPES[kind.parameters[0].kind]}[]"
    if kind.kind not in _SQL_TYPES:
        raise not_in_sql(f"A value of type {kind}", node)
    return _SQL_TYPES[kind.kind]


def constant(value: object, kind: Type, node: Node) -> Piece:
    """A value as a parameter with its type."""
    if value is None:
        return Piece("NULL", is_null=True)
    if isinstance(value, list):
        return _constant_list(value, kind, node)
    _must_travel(value, node)
    name = _SQL_TYPES[kind_of(value)]
    return Piece(f"%s::{name}", (value,), _decimals(value, node))


def _constant_list(values: list[object], kind: Type, node: Node) -> Piece:
    name = sql_type(kind, node) if values else "text[]"
    for value in values:
        _must_travel(value, node)
    return Piece(f"%s::{name}", (list(values),), max([0, *(_decimals(value, node) for value in values)]))


def _must_travel(value: object, node: Node) -> None:
    """Refuses what PostgreSQL cannot hold."""
    if isinstance(value, str) and "\0" in value:
        raise not_in_sql("A text with a zero byte", node)
    if not isinstance(value, bool | int | Decimal | str | bytes | datetime | timedelta):
        raise not_in_sql(f"A value of type {kind_of(value)}", node)
    if kind_of(value) not in _SQL_TYPES:
        raise not_in_sql(f"A value of type {kind_of(value)}", node)


def _decimals(value: object, node: Node) -> int:
    if not isinstance(value, Decimal):
        return 0
    exponent = value.as_tuple().exponent
    return checked_decimals(max(0, -exponent) if isinstance(exponent, int) else 0, node)


def checked_decimals(count: int, node: Node) -> int:
    """The number of decimals, if both sides would keep them all."""
    if count > MOST_DECIMALS:
        raise not_in_sql(f"A number of {count} decimals", node)
    return count
