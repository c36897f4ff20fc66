"""The CEL specification's own test cases: bindings and expected results as values of ours, and who passes."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bondfire.rules.comparisons import equal
from bondfire.rules.environment import Environment
from bondfire.rules.errors import EvaluationError, ExpressionError
from bondfire.rules.expression import Expression, compile_expression
from bondfire.rules.interpreter import interpret
from bondfire.rules.types import (
    BOOL,
    BYTES,
    DOUBLE,
    DURATION,
    DYN,
    INT,
    NULL,
    STRING,
    UINT,
    Type,
    list_of,
    map_of,
)
from bondfire.rules.values import TypeValue, Uint, kind_of

CORE = (
    "basic",
    "comparisons",
    "conversions",
    "fields",
    "fp_math",
    "integer_math",
    "lists",
    "logic",
    "macros",
    "namespace",
    "parse",
    "plumbing",
    "string",
    "timestamps",
    "type_deductions",
)
ALSO = ("macros2", "string_ext")
_SECTIONS_NOT_HAD = frozenset({"format", "format_errors", "quote"})
_TYPES = {
    "bool_value": BOOL,
    "int64_value": INT,
    "uint64_value": UINT,
    "double_value": DOUBLE,
    "string_value": STRING,
    "bytes_value": BYTES,
    "null_value": NULL,
    "list": list_of(DYN),
    "map": map_of(DYN, DYN),
    "object_value": DURATION,
}
_MESSAGES = (
    "TestAllTypes",
    "NestedTestAllTypes",
    "Value{",
    "Any{",
    "Struct{",
    "GlobalEnum",
    "optional",
    "msg",
    "sort(",
    "tuple(",
    "fn(",
)
Row = Mapping[str, Any]
"""A case as the JSON of the specification's files has it."""

_DURATION = "type.googleapis.com/google.protobuf.Duration"


@dataclass(frozen=True)
class Case:
    """One case of the specification."""

    name: str
    source: str
    container: str
    checked: bool
    bindings: Mapping[str, Any]
    result: list[Any]


def cases_of(rows: Sequence[Row], file: str) -> list[Case]:
    """The cases of a file that need no protocol buffer messages and have a result."""
    return [
        Case(
            name=f"{row['section']}/{row['name']}",
            source=row["expr"],
            container=row["container"],
            checked=not row["disable_check"],
            bindings=row["bindings"],
            result=_without_reading_errors(row),
        )
        for row in rows
        if row["file"] == file and _runs_without_messages(row)
    ]


def _runs_without_messages(row: Row) -> bool:
    if row["file"] == "string_ext" and row["section"] in _SECTIONS_NOT_HAD:
        return False
    needed = row["expr"] + json.dumps(row["result"]) + row["container"]
    return not any(word in needed for word in _MESSAGES) and not (
        row["check_only"] and row["result"][1] is None and "optional" in row["expr"]
    )


def _without_reading_errors(row: Row) -> Any:
    r"""The expected result; the JSON kept a `\?` of the text form that stands for `?` alone."""
    if row["section"] == "bytes_literals" and "unescaped_punctuation" in row["name"]:
        return [row["result"][0], ["bytes_value", row["result"][1][1].replace("5c3f", "3f")]]
    return row["result"]


def value_of(tagged: Any) -> Any:
    """A tagged value of the file as a value of ours."""
    kind, content = tagged[0], tagged[1]
    if kind == "uint64_value":
        return Uint(int(content))
    if kind == "double_value":
        return float(content)
    if kind == "bytes_value":
        return bytes.fromhex(content)
    if kind == "type_value":
        return TypeValue(content)
    if kind == "list":
        return [value_of(element) for element in content]
    if kind == "map":
        return {value_of(key): value_of(value) for key, value in content}
    if kind == "object_value" and content == _DURATION:
        return timedelta(seconds=123, microseconds=321456)
    return content


def is_same(left: object, right: object) -> bool:
    """Same kind and same value; no number equals itself here, and the sign of zero counts."""
    if kind_of(left) != kind_of(right):
        return False
    if isinstance(left, float) and isinstance(right, float):
        return (math.isnan(left) and math.isnan(right)) or (
            left == right and math.copysign(1, left) == math.copysign(1, right)
        )
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(is_same, left, right))
    return equal(left, right)


def compiled(case: Case) -> tuple[Expression, dict[str, Any]]:
    """The expression of a case and its bindings."""
    types: dict[str, Type] = {name: _TYPES[value[0]] for name, value in case.bindings.items()}
    environment = Environment(types, container=case.container, specification=True)
    variables = {name: value_of(value) for name, value in case.bindings.items()}
    return compile_expression(case.source, environment, checked=case.checked), variables


def failure_of(case: Case) -> str:
    """What is wrong with the case, by the interpreter and by the compiled function; nothing if nothing."""
    try:
        expression, variables = compiled(case)
        outcomes = [_outcome(expression.evaluate, variables)]
        outcomes.append(_outcome(lambda given: interpret(expression.tree, given), variables))
    except ExpressionError as error:
        outcomes = [error]
    if case.result[1] is None:
        return ""
    for outcome in outcomes:
        refused = isinstance(outcome, ExpressionError | EvaluationError)
        if case.result[0] == "error" and not refused:
            return f"{case.name}: {case.source} gave {outcome!r}, expected an error"
        if case.result[0] == "value" and (refused or not is_same(outcome, value_of(case.result[1]))):
            return f"{case.name}: {case.source} gave {outcome!r}, expected {case.result[1]!r}"
    return ""


def conformance(rows: Sequence[Row]) -> float:
    """The share of the cases of the core files that pass, compiled and interpreted.

    Args:
        rows: the cases of the specification, as the objects of `cases.json`.
    """
    failures = [failure_of(case) for file in CORE for case in cases_of(rows, file)]
    return failures.count("") / len(failures)


def _outcome(evaluate: Any, variables: Mapping[str, Any]) -> object:
    try:
        return evaluate(variables)
    except EvaluationError as error:
        return error
