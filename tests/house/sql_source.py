"""All SQL of the product: where it stands, and what sqlglot reads in it."""

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from house.source import Module

VERBS = (
    "SELECT INSERT UPDATE DELETE WITH COPY MERGE LOCK CREATE ALTER DROP COMMENT TRUNCATE NOTIFY LISTEN GRANT"
)
_STARTS_LIKE_SQL = rf"\s*({VERBS.replace(' ', '|')})\s+\S"
_IS_SQL = re.compile(_STARTS_LIKE_SQL, re.ASCII)
_IS_NAMED_SQL = re.compile(_STARTS_LIKE_SQL, re.ASCII | re.IGNORECASE)
_COPY_OPTIONS = re.compile(r"\b(FROM STDIN|TO STDOUT)\s+(WITH\s+)?\(.*\)", re.IGNORECASE)
_PLACEHOLDER = re.compile(r"%\(\w+\)[sbt]|%[sbt]")
_STRING_OR_COMMENT = re.compile(r"'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/", re.DOTALL)


class Statement(NamedTuple):
    """One SQL statement: where it stands, the constant that holds it ('' for none), its text."""

    where: str
    constant: str
    text: str

    @property
    def bare(self) -> str:
        """The text without strings and comments, in capitals, with single spaces."""
        return " ".join(_STRING_OR_COMMENT.sub("''", self.text).upper().split())

    @property
    def is_report(self) -> bool:
        """Reports may read all buckets; their constants say so."""
        return self.constant.lstrip("_").startswith("REPORT_")

    def parse(self) -> exp.Expr:
        """The statement as PostgreSQL reads it.

        Raises:
            SqlglotError: it cannot be read.
        """
        text = _PLACEHOLDER.sub("$1", _COPY_OPTIONS.sub(r"\1", self.text)).replace("%%", "%")
        parsed = sqlglot.parse(text, dialect="postgres")
        statements = [one for one in parsed if one is not None]
        if len(statements) != 1:
            raise SqlglotError(f"{len(statements)} statements in one string")
        return statements[0]


def statements_in(module: Module) -> list[Statement]:
    """Every SQL string of a module; one that is put together from constants is read as a whole."""
    known: dict[str, str] = {}
    found = []
    for node in module.tree.body:
        name, value = _assignment(node)
        text = _text(value, known) if value is not None else None
        if name and text is not None:
            known[name] = text
        if name.isupper() and text is not None:
            if _IS_NAMED_SQL.match(text):
                found.append(Statement(f"{module.path}:{node.lineno}", name, text))
        else:
            found += _loose(module, node, name if name.isupper() else "")
    return found


def _loose(module: Module, node: ast.stmt, constant: str) -> Iterator[Statement]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str) and _IS_SQL.match(inner.value):
            yield Statement(f"{module.path}:{inner.lineno}", constant, inner.value)


def _assignment(node: ast.stmt) -> tuple[str, ast.expr | None]:
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id, node.value
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return node.target.id, node.value
    return "", None


def _text(node: ast.expr, known: dict[str, str]) -> str | None:
    """The text of an expression over string constants, or None."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.Name):
        return known.get(node.id)
    if isinstance(node, ast.FormattedValue):
        return _text(node.value, known)
    if isinstance(node, ast.Call) and len(node.args) == 1:
        return _text(node.args[0], known)
    parts: list[ast.expr] = []
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        parts = [node.left, node.right]
    elif isinstance(node, ast.JoinedStr):
        parts = node.values
    texts = [_text(part, known) for part in parts]
    return "".join(text for text in texts if text is not None) if parts and None not in texts else None
