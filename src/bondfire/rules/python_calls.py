"""Python source of the calls that are faster written out: what cannot overflow is not checked."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final

from bondfire.rules.bounds import bounds_of, bounds_unchecked
from bondfire.rules.numbers import HIGHEST, LOWEST
from bondfire.rules.syntax import Call, Literal, Node
from bondfire.rules.types import SCALARS, Type

Fresh = Callable[[], str]
"""Gives a name that nothing else in the function has."""

_SMALL: Final = 2**30 - 1
"""Up to here Python keeps an int in one digit and compares it in one step; beyond it a call decides."""
_WRITTEN: Final = {"_+_": "{} + {}", "_-_": "{} - {}", "_*_": "{} * {}", "-_": "-{}"}
_DIVISIONS: Final = {"_/_": ("//", "divided"), "_%_": ("%", "remainder")}
_AFFIXES: Final = {"startsWith": "removeprefix", "endsWith": "removesuffix"}


def plain(kind: Type) -> bool:
    """Whether Python's own == is CEL's for two values of this type."""
    return kind.kind in SCALARS


def written_out(node: Call, operands: Sequence[str], fresh: Fresh) -> str:
    """The source of a call whose overload is known, or nothing when its row of the table says enough."""
    if node.function in _AFFIXES:
        return _affix(node, operands, fresh)
    if any(argument.type.kind != "int" for argument in node.arguments):
        return ""
    if node.function in _WRITTEN:
        return _checked(node, _WRITTEN[node.function].format(*operands), fresh)
    if node.function in _DIVISIONS:
        return _division(node, operands, fresh)
    return ""


def _checked(node: Call, text: str, fresh: Fresh) -> str:
    """The operation, with a check of those ends of 64 bits that its operands can pass."""
    low, high = bounds_unchecked(node, (Decimal(LOWEST), Decimal(HIGHEST)))
    checks = (low is None or low < LOWEST, high is None or high > HIGHEST)
    if not any(checks):
        return f"({text})"
    name = fresh()
    least, most = f"{-_SMALL} <= " if checks[0] else "", f" <= {_SMALL}" if checks[1] else ""
    return f"({name} if {least}({name} := {text}){most} else as_int({name}))"


def _division(node: Call, operands: Sequence[str], fresh: Fresh) -> str:
    """Division towards zero; Python's own goes down, which is the same for what is not negative."""
    mark, function = _DIVISIONS[node.function]
    dividend, divisor = node.arguments
    by = _constant(divisor)
    if by <= 0:
        return f"as_int({function}({operands[0]}, {operands[1]}))"
    low = bounds_of(dividend)[0]
    if low is not None and low >= 0:
        return f"({operands[0]} {mark} {by})"
    first, name = _named(operands[0], fresh)
    return f"({name} {mark} {by} if {first} >= 0 else -(-{name} {mark} {by}))"


def _named(text: str, fresh: Fresh) -> tuple[str, str]:
    """How to read a value that is needed twice for the first time, and then by its name."""
    if text.isidentifier():
        return text, text
    name = fresh()
    return f"({name} := {text})", name


def _constant(node: Node) -> int:
    return node.value if isinstance(node, Literal) and isinstance(node.value, int) else 0


def is_divisibility(node: Call) -> bool:
    """Whether it is `a % 5 == 0`: CEL and Python differ in the sign of what is left, and zero has none."""
    left, right = node.arguments
    return (
        isinstance(left, Call)
        and left.function == "_%_"
        and left.type.kind == right.type.kind == "int"
        and left.overload >= 0
        and _constant(left.arguments[1]) > 0
        and isinstance(right, Literal)
        and right.value == 0
    )


def _affix(node: Call, operands: Sequence[str], fresh: Fresh) -> str:
    """Taking away a text that is not empty changes what has it; it is half the time of str.startswith."""
    text, part = operands
    literal = node.arguments[1]
    if not (isinstance(literal, Literal) and literal.value):
        return ""
    first, name = _named(text, fresh)
    return f"({first}.{_AFFIXES[node.function]}({part}) != {name})"
