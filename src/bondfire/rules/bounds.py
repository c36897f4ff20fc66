"""The interval in which a number must lie, as far as the expression alone tells."""

from collections.abc import Callable
from decimal import Context, Decimal
from typing import Final

from bondfire.rules.syntax import Call, Literal, Node

Bounds = tuple[Decimal | None, Decimal | None]
ANY: Final[Bounds] = (None, None)
_WIDE: Final = Context(prec=120)
"""Wide enough that the product of two numbers of 50 digits is not rounded."""
_FAR: Final = 400
"""Doubles written with a larger exponent have no bounds."""


def bounds_of(node: Node) -> Bounds:
    """Least and largest value; None where unknown."""
    match node:
        case Literal(value=bool()):
            return ANY
        case Literal(value=int() | float() | Decimal(), text=text) if text:
            number = _number(node.value, text)
            return (number, number) if abs(number.adjusted()) < _FAR else ANY
        case Call():
            rule = _RULES.get(node.function)
            return rule([bounds_of(argument) for argument in node.arguments]) if rule else ANY
    return ANY


def bounds_unchecked(node: Call, limits: tuple[Decimal, Decimal]) -> Bounds:
    """What an operation can give, before anything checks it, when its operands are within the limits.

    The operation has a rule of its own here: it is +, -, * or the unary -.
    """
    least, most = limits
    ends = map(bounds_of, node.arguments)
    parts: list[Bounds] = [
        (least if low is None else low, most if high is None else high) for low, high in ends
    ]
    return _RULES[node.function](parts)


def branch_bounds_of(node: Node) -> tuple[Bounds, ...]:
    """The bounds of each outcome of the outermost conditions, so that an unknown one hides no other."""
    if isinstance(node, Call) and node.function == "_?_:_":
        return branch_bounds_of(node.arguments[1]) + branch_bounds_of(node.arguments[2])
    return (bounds_of(node),)


def _number(value: object, text: str) -> Decimal:
    return Decimal(int(value)) if isinstance(value, int) else Decimal(text)


def _sum(parts: list[Bounds]) -> Bounds:
    (a, b), (c, d) = parts
    low = None if a is None or c is None else _WIDE.add(a, c)
    return low, None if b is None or d is None else _WIDE.add(b, d)


def _minus(parts: list[Bounds]) -> Bounds:
    low, high = parts[-1]
    return (None if high is None else high.copy_negate()), (None if low is None else low.copy_negate())


def _plus(parts: list[Bounds]) -> Bounds:
    return _sum(parts) if len(parts) == 2 else ANY


def _difference(parts: list[Bounds]) -> Bounds:
    return _sum([parts[0], _minus([parts[1]])])


def _product(parts: list[Bounds]) -> Bounds:
    (a, b), (c, d) = parts
    if a is None or b is None or c is None or d is None:
        both_positive = a is not None and c is not None and a >= 0 and c >= 0
        return (_WIDE.multiply(a, c), None) if both_positive and a is not None and c is not None else ANY
    corners = [_WIDE.multiply(x, y) for x in (a, b) for y in (c, d)]
    return min(corners), max(corners)


def _quotient(parts: list[Bounds]) -> Bounds:
    (a, b), (c, d) = parts
    if c is None or c <= 0:
        return ANY
    low = None if a is None else Decimal(0) if a >= 0 else _WIDE.divide(a, c).to_integral_value("ROUND_FLOOR")
    if b is None:
        return low, None
    exact = a is not None and a >= 0 and d is not None
    if exact and a is not None and d is not None:
        low = _WIDE.divide(a, d).to_integral_value("ROUND_FLOOR")
    return low, (_WIDE.divide(b, c) if b >= 0 else Decimal(0))


def _either(parts: list[Bounds]) -> Bounds:
    lows, highs = zip(*parts[-2:], strict=True)
    return _all(min, list(lows)), _all(max, list(highs))


def _all(pick: Callable[[list[Decimal]], Decimal], ends: list[Decimal | None]) -> Decimal | None:
    known = [end for end in ends if end is not None]
    return pick(known) if len(known) == len(ends) else None


def _known(pick: Callable[[list[Decimal]], Decimal], ends: list[Decimal | None]) -> Decimal | None:
    known = [end for end in ends if end is not None]
    return pick(known) if known else None


def _smallest(parts: list[Bounds]) -> Bounds:
    if len(parts) == 1:
        return ANY
    return _all(min, [low for low, _ in parts]), _known(min, [high for _, high in parts])


def _largest(parts: list[Bounds]) -> Bounds:
    if len(parts) == 1:
        return ANY
    return _known(max, [low for low, _ in parts]), _all(max, [high for _, high in parts])


def _absolute(parts: list[Bounds]) -> Bounds:
    low, high = parts[0]
    if low is not None and low >= 0:
        return low, high
    ends = None if low is None or high is None else max(low.copy_abs(), high.copy_abs())
    return (high.copy_abs() if high is not None and high <= 0 else Decimal(0)), ends


def _rounded(mode: str) -> Callable[[list[Bounds]], Bounds]:
    def rounded(parts: list[Bounds]) -> Bounds:
        low, high = (None if end is None else end.to_integral_value(mode) for end in parts[0])
        return (low, high) if len(parts) == 1 else ANY

    return rounded


def _size(parts: list[Bounds]) -> Bounds:  # noqa: ARG001 - whatever it is the size of
    return Decimal(0), None


def _same(parts: list[Bounds]) -> Bounds:
    return parts[0]


_RULES: Final[dict[str, Callable[[list[Bounds]], Bounds]]] = {
    "_+_": _plus,
    "_-_": _difference,
    "_*_": _product,
    "_/_": _quotient,
    "-_": _minus,
    "_?_:_": _either,
    "min": _smallest,
    "max": _largest,
    "abs": _absolute,
    "floor": _rounded("ROUND_FLOOR"),
    "ceil": _rounded("ROUND_CEILING"),
    "round": _rounded("ROUND_HALF_UP"),
    "size": _size,
    "decimal": _same,
    "dyn": _same,
}
