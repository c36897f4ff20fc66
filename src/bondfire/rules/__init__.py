"""Conditions and amounts in CEL, the Common Expression Language, with exact decimals.

Owns: parsing, type checking, the exact interpreter, the compilers to Python and to SQL, and the bound
of what an expression can cost. Does not own: what events and members look like (the caller declares
that), or what a rule does with the value.

Invariants: an expression that compiles reads only declared fields, is bounded in cost, and has the same
value compiled, interpreted and in SQL. Missing, null and zero are three things. Decimals never meet a
binary float. No clock, no I/O: the same variables always give the same value.
"""

from bondfire.rules.conformance import conformance
from bondfire.rules.environment import Environment
from bondfire.rules.errors import EvaluationError, ExpressionError
from bondfire.rules.expression import Expression, Hit, compile_expression, fuse
from bondfire.rules.pieces import SqlColumn
from bondfire.rules.sql import Sql, compile_sql
from bondfire.rules.types import (
    BOOL,
    BYTES,
    DECIMAL,
    DOUBLE,
    DURATION,
    DYN,
    INT,
    NULL,
    STRING,
    TIMESTAMP,
    UINT,
    Type,
    list_of,
    map_of,
    record,
)
from bondfire.rules.values import Uint

__all__ = [
    "BOOL",
    "BYTES",
    "DECIMAL",
    "DOUBLE",
    "DURATION",
    "DYN",
    "INT",
    "NULL",
    "STRING",
    "TIMESTAMP",
    "UINT",
    "Environment",
    "EvaluationError",
    "Expression",
    "ExpressionError",
    "Hit",
    "Sql",
    "SqlColumn",
    "Type",
    "Uint",
    "compile_expression",
    "compile_sql",
    "conformance",
    "fuse",
    "list_of",
    "map_of",
    "record",
]
