"""Compiles a checked expression to PostgreSQL: NULL is CEL's error, and SQL's logic is CEL's logic.

SQL's three-valued AND, OR and NOT treat NULL as CEL treats an error. Everything else is made so that it
is NULL when CEL has an error, and never raises: divisors pass NULLIF, results beyond their range become
NULL. Integers are computed as numeric and kept within 64 bits.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from bondfire.kit import nearest
from bondfire.rules import sql_calls, sql_lists
from bondfire.rules.errors import EvaluationError, Fault
from bondfire.rules.expression import Expression
from bondfire.rules.interpreter import interpret, path_of
from bondfire.rules.overloads import spoken
from bondfire.rules.pieces import (
    Piece,
    SqlColumn,
    constant,
    made,
    not_in_sql,
    sql_type,
)
from bondfire.rules.syntax import Call, ListLiteral, Literal, Macro, Name, Node, Select, walk


@dataclass(frozen=True, slots=True)
class Sql:
    """An expression in PostgreSQL, with `%s` for its parameters as psycopg takes them.

    Attributes:
        text: NULL where CEL has an error. In a WHERE clause NULL counts as false.
        parameters: in the order of their places.
    """

    text: str
    parameters: tuple[object, ...]

    @property
    def condition(self) -> str:
        """The text of a condition, with errors as false."""
        return f"COALESCE({self.text}, FALSE)"


def compile_sql(expression: Expression, columns: Mapping[str, SqlColumn]) -> Sql:
    """The expression over the columns of a query.

    Args:
        expression: compiled for an environment in which every value has a declared type.
        columns: paths such as `member.visits` and where they are found.

    Raises:
        ExpressionError: `not_in_sql` when it reads no column, or does what SQL cannot do the same way.
    """
    try:
        piece = _Compiler(columns).piece(expression.tree, {})
    except Fault as fault:
        raise fault.at(expression.source) from None
    return Sql(piece.text, piece.parameters)


Scope = Mapping[str, Piece]
_ORDER: Final = {"_<_": "<", "_<=_": "<=", "_>_": ">", "_>=_": ">="}


class _Compiler:
    def __init__(self, columns: Mapping[str, SqlColumn]) -> None:
        self.columns = columns
        self.aliases = 0

    def alias(self) -> str:
        """A name for a subquery, unique in the statement."""
        self.aliases += 1
        return f"q{self.aliases}"

    def piece(self, node: Node, scope: Scope) -> Piece:
        """The SQL of a node whose value may not be null."""
        piece = self.nullable(node, scope)
        if piece.null or piece.is_null:
            raise not_in_sql("null in this place", node, "Compare it with == or has().")
        return piece

    def operand(self, node: Node, scope: Scope) -> Piece:
        """The SQL of a node for an operation where null is an error, as NULL is."""
        return replace(self.nullable(node, scope), null="", is_null=False)

    def nullable(self, node: Node, scope: Scope) -> Piece:
        """The SQL of a node that may be a null."""
        if _is_constant(node):
            return _folded(node)
        if isinstance(node, Name) and node.local:
            return scope[node.name]
        if isinstance(node, Name | Select) or (isinstance(node, Call) and node.function == "_[_]"):
            return self._column(node)
        if isinstance(node, Call):
            return self._call(node, scope)
        if isinstance(node, Macro):
            return sql_lists.macro(self, node, scope)
        raise not_in_sql("A list or map made of columns" if isinstance(node, ListLiteral) else "A map", node)

    def _column(self, node: Node) -> Piece:
        path = _key_path(node)
        if isinstance(node, Select) and node.test:
            column = self._known(path, node)
            null = f" OR COALESCE({column.null}, FALSE)" if column.null else ""
            return Piece(f"({column.sql} IS NOT NULL{null})")
        column = self._known(path, node)
        if node.type.kind not in (column.type.kind, "dyn"):
            raise not_in_sql(f"{path}, which is a {column.type} there and a {node.type} here", node)
        sql_type(column.type, node)
        return Piece(
            column.sql, decimals=column.decimals if "decimal" in str(column.type) else 0, null=column.null
        )

    def _known(self, path: str, node: Node) -> SqlColumn:
        if path not in self.columns:
            close = nearest(path, self.columns)
            raise not_in_sql(path or "This", node, f"Did you mean `{close}`?" if close else "")
        return self.columns[path]

    def _call(self, node: Call, scope: Scope) -> Piece:
        own = _OWN.get(node.function)
        if own:
            return own(self, node, scope)
        if node.overload < 0:
            raise not_in_sql(f"{spoken(node.function)} of values whose type is not declared", node)
        if node.function == "sum":
            return sql_lists.total(self, node, scope)
        operands = [self.operand(argument, scope) for argument in node.arguments]
        if node.function in _ORDER:
            return _compared(_ORDER[node.function], node, operands)
        return sql_calls.call(node, operands)


def _is_constant(node: Node) -> bool:
    """Whether it has a value without any variable; macros are left to the database."""
    return not any(isinstance(inner, Name | Macro) for inner in walk(node))


def _folded(node: Node) -> Piece:
    try:
        return constant(interpret(node, {}), node.type, node)
    except EvaluationError:
        return Piece(f"NULL::{sql_type(node.type, node)}")


def _key_path(node: Node) -> str:
    """The path of a selection, where `a['b']` is `a.b`."""
    match node:
        case Call(function="_[_]", arguments=(collection, Literal(value=str() as key))):
            before = _key_path(collection)
            return f"{before}.{key}" if before else ""
        case Select(operand=Call()):
            before = _key_path(node.operand)
            return f"{before}.{node.field}" if before else ""
    return path_of(node)


def _compared(mark: str, node: Call, operands: list[Piece]) -> Piece:
    collation = ' COLLATE "C"' if node.arguments[0].type.kind == "string" else ""
    return made(f"({{}}{collation} {mark} {{}}{collation})", *operands)


def _logic(compiler: _Compiler, node: Call, scope: Scope) -> Piece:
    word = " AND " if node.function == "_&&_" else " OR "
    parts = [compiler.operand(argument, scope) for argument in node.arguments]
    return made(f"({word.join('{}' for _ in parts)})", *parts)


def _negation(compiler: _Compiler, node: Call, scope: Scope) -> Piece:
    return made("(NOT {})", compiler.operand(node.arguments[0], scope))


def _ternary(compiler: _Compiler, node: Call, scope: Scope) -> Piece:
    condition = compiler.operand(node.arguments[0], scope)
    yes, no = (compiler.piece(argument, scope) for argument in node.arguments[1:])
    sql_type(node.type, node)
    template = "(CASE {} WHEN TRUE THEN {} WHEN FALSE THEN {} END)"
    return made(template, condition, yes, no, decimals=max(yes.decimals, no.decimals))


def _equality(compiler: _Compiler, node: Call, scope: Scope) -> Piece:
    left, right = (compiler.nullable(argument, scope) for argument in node.arguments)
    if any(argument.type.kind == "list" for argument in node.arguments):
        left, right = _alike(node, [left, right])
    same = "=" if node.function == "_==_" else "<>"
    plain = made(f"({{}} {same} {{}})", left, right)
    if not (left.null or right.null or left.is_null or right.is_null):
        return plain
    if any(isinstance(argument, Call | Macro) and not _is_constant(argument) for argument in node.arguments):
        raise not_in_sql("null and a computed value", node, "Compare two fields, or a field and a literal.")
    return _equality_with_null(left, right, plain, equal=node.function == "_==_")


def _alike(node: Call, pieces: list[Piece]) -> list[Piece]:
    """Two arrays of one type; an empty literal takes the type of the other side."""
    names = [sql_type(argument.type, node) for argument in node.arguments if not _is_empty(argument)]
    if len(set(names)) > 1:
        raise not_in_sql("Equality of lists of different types", node)
    pairs = zip(node.arguments, pieces, strict=True)
    return [Piece(f"'{{}}'::{(names or ['text[]'])[0]}") if _is_empty(a) else piece for a, piece in pairs]


def _is_empty(node: Node) -> bool:
    return isinstance(node, ListLiteral) and not node.elements


def _equality_with_null(left: Piece, right: Piece, plain: Piece, *, equal: bool) -> Piece:
    """Null equals only null; NULL without being null is missing, and stays NULL."""
    nulls = [
        "TRUE" if side.is_null else f"COALESCE({side.null}, FALSE)" if side.null else "FALSE"
        for side in (left, right)
    ]
    both, one = ("TRUE", "FALSE") if equal else ("FALSE", "TRUE")
    there = [f"({side.text}) IS NULL AND NOT {null}" for side, null in zip((left, right), nulls, strict=True)]
    doubled = Piece(there[0], left.parameters), Piece(there[1], right.parameters)
    template = (
        f"(CASE WHEN {{}} THEN NULL WHEN {{}} THEN NULL WHEN {nulls[0]} AND {nulls[1]} THEN {both}"
        f" WHEN {nulls[0]} OR {nulls[1]} THEN {one} ELSE {{}} END)"
    )
    return made(template, *doubled, plain)


def _member(compiler: _Compiler, node: Call, scope: Scope) -> Piece:
    value, collection = node.arguments
    if collection.type.kind != "list":
        raise not_in_sql("A key in a map", node, "Ask has() of the field.")
    left, right = compiler.nullable(value, scope), compiler.piece(collection, scope)
    if left.null or left.is_null:
        raise not_in_sql("null in a list", node)
    empty = _is_empty(collection)
    listed = f"{sql_type(value.type, node)}[]" if empty else sql_type(collection.type, node)
    if empty:
        right = Piece("'{}'")
    if _is_constant(value) or (isinstance(collection, ListLiteral) and collection.elements):
        return made(f"({{}} = ANY(({{}})::{listed}))", left, right)
    name = compiler.alias()
    return made(
        f"(SELECT CASE WHEN {name}.v IS NULL THEN NULL"  # noqa: S608 - aliases are ours
        f" ELSE {name}.v = ANY(({{}})::{listed}) END"
        f" FROM (SELECT {{}} AS v OFFSET 0) AS {name})",
        right,
        left,
    )


def _extreme(compiler: _Compiler, node: Call, scope: Scope) -> Piece:
    parts = [compiler.piece(argument, scope) for argument in node.arguments]
    if node.type.kind not in ("int", "decimal"):
        raise not_in_sql(f"{node.function} of this type", node)
    listed = len(parts) == 1 and node.arguments[0].type.kind == "list"
    source = "{}" if listed else f"ARRAY[{', '.join('{}' for _ in parts)}]"
    name = compiler.alias()
    template = (
        f"(SELECT CASE WHEN bool_or({name}.v IS NULL)"  # noqa: S608 - aliases and min or max are ours
        f" THEN NULL ELSE {node.function}({name}.v) END"
        f" FROM unnest(({source})::numeric[]) AS {name}(v))"
    )
    return made(template, *parts, decimals=max(part.decimals for part in parts))


_OWN: Final[Mapping[str, Callable[[_Compiler, Call, Scope], Piece]]] = {
    "_&&_": _logic,
    "_||_": _logic,
    "!_": _negation,
    "_?_:_": _ternary,
    "_==_": _equality,
    "_!=_": _equality,
    "@in": _member,
    "min": _extreme,
    "max": _extreme,
}
