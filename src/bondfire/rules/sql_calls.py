"""The functions and arithmetic of SQL: NULL for every error of CEL, and never an error of SQL."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from bondfire.rules.overloads import spoken
from bondfire.rules.pieces import Piece, checked_decimals, made, not_in_sql
from bondfire.rules.syntax import Call, Literal

_LIMITS: Final = {
    "int": ("9223372036854775808", "-9223372036854775809"),
    "decimal": ("1000000000000000000000000000000", "-1000000000000000000000000000000"),
}
_MARKS: Final = {"_+_": "+", "_-_": "-", "_*_": "*"}
_PARTS: Final = {
    "getFullYear": "extract(year FROM {})",
    "getMonth": "extract(month FROM {}) - 1",
    "getDate": "extract(day FROM {})",
    "getDayOfMonth": "extract(day FROM {}) - 1",
    "getDayOfWeek": "extract(dow FROM {})",
    "getDayOfYear": "extract(doy FROM {}) - 1",
    "getHours": "extract(hour FROM {})",
    "getMinutes": "extract(minute FROM {})",
}


def within(piece: Piece, kind: str, node: Call) -> Piece:
    """The number, or NULL when it is beyond what its type holds; LEAST and GREATEST skip NULL."""
    high, low = _LIMITS[kind]
    template = f"NULLIF(NULLIF(GREATEST(LEAST({{}}, {high}), {low}), {high}), {low})"
    return made(template, piece, decimals=checked_decimals(piece.decimals, node))


def call(node: Call, operands: Sequence[Piece]) -> Piece:
    """The SQL of a function or operator whose overload is known.

    Raises:
        Fault: not_in_sql.
    """
    kinds = {argument.type.kind for argument in node.arguments}
    if node.function in _ARITHMETIC and kinds <= {"int", "decimal"}:
        return _ARITHMETIC[node.function](node, operands)
    if node.function in _PARTS and kinds <= {"timestamp", "string"}:
        return _part(node, operands)
    maker = _FUNCTIONS.get((node.function, node.arguments[0].type.kind))
    if maker is None or len(operands) > 2:
        hint = "PostgreSQL's patterns differ from CEL's." if node.function == "matches" else ""
        raise not_in_sql(f"{spoken(node.function)} of ({', '.join(sorted(kinds))})", node, hint)
    return maker(node, operands)


def _sum(node: Call, operands: Sequence[Piece]) -> Piece:
    left, right = operands
    scale = left.decimals + right.decimals if node.function == "_*_" else max(left.decimals, right.decimals)
    mark = _MARKS[node.function]
    return within(made(f"(({{}})::numeric {mark} {{}})", left, right, decimals=scale), node.type.kind, node)


def _quotient(node: Call, operands: Sequence[Piece]) -> Piece:
    if node.type.kind == "int":
        return within(made("div(({})::numeric, NULLIF({}, 0))", *operands), "int", node)
    divisor = node.arguments[1]
    inverse = _inverse(divisor.value) if isinstance(divisor, Literal) else None
    if inverse is None:
        raise not_in_sql(
            "Division by anything but a number such as 2, 5 or 100",
            node,
            "Compare with a multiplication instead.",
        )
    digits = max(0, -int(inverse.as_tuple().exponent))
    factor = Piece("%s::numeric", (inverse,), digits)
    product = made("(({})::numeric * {})", operands[0], factor, decimals=operands[0].decimals + digits)
    return within(product, "decimal", node)


def _inverse(value: object) -> Decimal | None:
    """1/value when that has few decimals, so that multiplying is the same as dividing."""
    if not isinstance(value, int | Decimal) or not value:
        return None
    numerator, denominator = Decimal(value).as_integer_ratio()
    for digits in range(13):
        if denominator * 10**digits % numerator == 0:
            return Decimal(denominator * 10**digits // numerator).scaleb(-digits)
    return None


def _remainder(node: Call, operands: Sequence[Piece]) -> Piece:  # noqa: ARG001 - one shape for all makers
    scale = max(operand.decimals for operand in operands)
    return made("mod(({})::numeric, NULLIF(({})::numeric, 0))", *operands, decimals=scale)


def _minus(node: Call, operands: Sequence[Piece]) -> Piece:
    negative = made("(- ({})::numeric)", operands[0], decimals=operands[0].decimals)
    return within(negative, node.type.kind, node)


def _absolute(node: Call, operands: Sequence[Piece]) -> Piece:
    size = made("abs(({})::numeric)", operands[0], decimals=operands[0].decimals)
    return within(size, node.type.kind, node)


def _whole(node: Call, operands: Sequence[Piece]) -> Piece:
    if len(operands) == 1:
        return made(f"{node.function}(({{}})::numeric)", operands[0])
    digits = node.arguments[1]
    if not isinstance(digits, Literal) or not isinstance(digits.value, int) or not 0 <= digits.value <= 18:
        raise not_in_sql("round() to digits that are not a literal", node)
    scale = min(digits.value, operands[0].decimals)
    return made(f"round(({{}})::numeric, {digits.value})", operands[0], decimals=scale)


def _part(node: Call, operands: Sequence[Piece]) -> Piece:
    zone: object = "UTC"
    if len(operands) == 2:
        given = node.arguments[1]
        zone = given.value if isinstance(given, Literal) else None
    if not isinstance(zone, str) or not _is_zone(zone):
        raise not_in_sql("A time zone that is not a literal name", node, "Write it like 'Europe/Berlin'.")
    template = _PARTS[node.function].format("(({}) AT TIME ZONE {})")
    return made(f"({template})", operands[0], Piece("%s", (zone,)))


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def _template(text: str) -> Callable[[Call, Sequence[Piece]], Piece]:
    def maker(node: Call, operands: Sequence[Piece]) -> Piece:  # noqa: ARG001 - one shape for all makers
        return made(text, *operands, decimals=max(operand.decimals for operand in operands))

    return maker


_ARITHMETIC: Final[Mapping[str, Callable[[Call, Sequence[Piece]], Piece]]] = {
    "_+_": _sum,
    "_-_": _sum,
    "_*_": _sum,
    "_/_": _quotient,
    "_%_": _remainder,
    "-_": _minus,
    "abs": _absolute,
    "floor": _whole,
    "ceil": _whole,
    "round": _whole,
}
_FUNCTIONS: Final[Mapping[tuple[str, str], Callable[[Call, Sequence[Piece]], Piece]]] = {
    ("_+_", "string"): _template("({} || {})"),
    ("_+_", "bytes"): _template("({} || {})"),
    ("contains", "string"): _template("(strpos({}, {}) > 0)"),
    ("startsWith", "string"): _template("(strpos({}, {}) = 1)"),
    ("endsWith", "string"): _template("(strpos(reverse({}), reverse({})) = 1)"),
    ("size", "string"): _template("length({})"),
    ("size", "bytes"): _template("octet_length({})"),
    ("size", "list"): _template("cardinality({})"),
    ("decimal", "int"): _template("({})::numeric"),
    ("decimal", "decimal"): _template("{}"),
    ("int", "int"): _template("{}"),
    ("string", "string"): _template("{}"),
    ("string", "int"): _template("({})::text"),
}
