"""Macros and sums over arrays in SQL."""

from collections.abc import Mapping
from typing import Final, Protocol

from bondfire.rules.pieces import Piece, made, not_in_sql, sql_type
from bondfire.rules.sql_calls import within
from bondfire.rules.syntax import Call, Macro, Node
from bondfire.rules.types import element_of

Scope = Mapping[str, Piece]

_VERDICTS: Final = {
    "exists": "CASE WHEN bool_or(c) THEN TRUE WHEN bool_or(c IS NULL) THEN NULL ELSE FALSE END",
    "all": "CASE WHEN bool_or(NOT c) THEN FALSE WHEN bool_or(c IS NULL) THEN NULL ELSE TRUE END",
    "exists_one": "CASE WHEN bool_or(c IS NULL) THEN NULL ELSE count(*) FILTER (WHERE c) = 1 END",
}


class Compiler(Protocol):
    """What this needs of the compiler: the SQL of a node, and new names."""

    def alias(self) -> str:
        """A name for a subquery."""

    def piece(self, node: Node, scope: Scope) -> Piece:
        """The SQL of a node whose value may not be null."""

    def operand(self, node: Node, scope: Scope) -> Piece:
        """The SQL of a node for an operation where null is an error."""


def macro(compiler: Compiler, node: Macro, scope: Scope) -> Piece:
    """A macro with one variable over an array.

    The array is named once, in a subquery that is kept apart by OFFSET 0: written out twice at each
    level, nested macros would grow exponentially.
    """
    if node.target.type.kind != "list" or len(node.variables) != 1 or node.kind == "map_of":
        raise not_in_sql("This macro", node)
    target = compiler.piece(node.target, scope)
    array, row, kept = compiler.alias(), compiler.alias(), compiler.alias()
    element = Piece(f"{row}.v", decimals=target.decimals)
    condition = Piece("TRUE")
    if node.condition:
        condition = compiler.operand(node.condition, {**scope, node.variables[0]: element})
    result = element = Piece(f"{kept}.v", decimals=target.decimals)
    if node.result:
        result = compiler.piece(node.result, {**scope, node.variables[0]: element})
    verdict, decimals = _verdict(node, result)
    template = (
        f"(SELECT CASE WHEN {array}.a IS NULL THEN NULL ELSE (SELECT {verdict}"  # noqa: S608 - aliases are ours
        f" FROM (SELECT {kept}.c, {kept}.n, CASE WHEN {kept}.c THEN {{}} END AS r"
        f" FROM (SELECT {row}.v, {row}.n, {{}} AS c FROM unnest({array}.a) WITH ORDINALITY AS {row}(v, n)"
        f" OFFSET 0) AS {kept} OFFSET 0) AS rows) END FROM (SELECT {{}} AS a OFFSET 0) AS {array})"
    )
    return made(template, result, condition, target, decimals=decimals)


def _verdict(node: Macro, result: Piece) -> tuple[str, int]:
    if node.kind in _VERDICTS:
        return _VERDICTS[node.kind], 0
    array_type = sql_type(node.type, node)
    missing = "bool_or(c IS NULL OR (c AND r IS NULL))"
    kept = f"COALESCE(array_agg(r ORDER BY n) FILTER (WHERE c), ARRAY[]::{array_type})"
    return f"CASE WHEN {missing} THEN NULL ELSE ({kept})::{array_type} END", result.decimals


def total(compiler: Compiler, node: Call, scope: Scope) -> Piece:
    """`list.sum()`: NULL when the sum, or the sum up to some element, is beyond its type."""
    target = compiler.piece(node.arguments[0], scope)
    kind = element_of(node.arguments[0].type).kind
    array, rows = compiler.alias(), compiler.alias()
    running = within(Piece(f"sum({rows}.v::numeric) OVER (ORDER BY {rows}.n)"), kind, node)
    template = (
        f"(SELECT CASE WHEN {array}.a IS NULL THEN NULL ELSE"  # noqa: S608 - aliases are ours
        " (SELECT CASE WHEN bool_or(r IS NULL) THEN NULL"
        f" ELSE COALESCE(sum(v), 0) END FROM (SELECT {rows}.v AS v, {running.text} AS r"
        f" FROM unnest({array}.a) WITH ORDINALITY AS {rows}(v, n) OFFSET 0) AS rows)"
        f" END FROM (SELECT {{}} AS a OFFSET 0) AS {array})"
    )
    return made(template, target, decimals=target.decimals)
