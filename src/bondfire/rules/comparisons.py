"""Equality, order, membership and indexing over values of any kind, as CEL defines them."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from bondfire.rules.errors import EvaluationError
from bondfire.rules.values import kind_of

_NUMBERS = frozenset({"int", "uint", "double", "decimal"})
_ORDERED = _NUMBERS | {"bool", "string", "bytes", "timestamp", "duration"}


def no_overload(function: str, *values: object) -> EvaluationError:
    """The error for values that a function does not take; a null among them has its own code."""
    kinds = [kind_of(value) for value in values]
    if "null" in kinds:
        return EvaluationError(f"{function} met null.", code="null_value")
    return EvaluationError(f"{function} does not take ({', '.join(kinds)}).", code="no_such_overload")


def equal(left: object, right: object) -> bool:
    """CEL equality: numbers compare across types, other types are never equal to each other."""
    kinds = kind_of(left), kind_of(right)
    if kinds[0] in _NUMBERS and kinds[1] in _NUMBERS:
        left, right = comparable(left, right)
        return bool(left == right)
    if kinds[0] != kinds[1]:
        return False
    if isinstance(left, Sequence) and kinds[0] == "list" and isinstance(right, Sequence):
        return len(left) == len(right) and all(map(equal, left, right))
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return len(left) == len(right) and all(
            has_key(right, key) and equal(value, right[key]) for key, value in left.items()
        )
    return left == right


def comparable(left: Any, right: Any) -> tuple[Any, Any]:
    """Numbers ready to compare: next to a double an int becomes one, next to a decimal exactly that."""
    if isinstance(left, float) and not isinstance(right, float):
        return left, right if isinstance(right, Decimal) else float(right)
    if isinstance(right, float) and not isinstance(left, float):
        return left if isinstance(left, Decimal) else float(left), right
    return left, right


def _ready(function: str, left: object, right: object) -> tuple[Any, Any]:
    kinds = kind_of(left), kind_of(right)
    if kinds[0] in _NUMBERS and kinds[1] in _NUMBERS and set(kinds) != {"double", "decimal"}:
        return comparable(left, right)
    if kinds[0] != kinds[1] or kinds[0] not in _ORDERED:
        raise no_overload(function, left, right)
    return left, right


def less(left: object, right: object) -> bool:
    """`<`."""
    first, second = _ready("<", left, right)
    return bool(first < second)


def less_or_equal(left: object, right: object) -> bool:
    """`<=`."""
    first, second = _ready("<=", left, right)
    return bool(first <= second)


def greater(left: object, right: object) -> bool:
    """`>`."""
    first, second = _ready(">", left, right)
    return bool(first > second)


def greater_or_equal(left: object, right: object) -> bool:
    """`>=`."""
    first, second = _ready(">=", left, right)
    return bool(first >= second)


def unequal(left: object, right: object) -> bool:
    """`!=`."""
    return not equal(left, right)


def has_key(mapping: Mapping[Any, object], key: object) -> bool:
    """Whether the map has the key; for Python True is 1, for CEL it is not."""
    kind = kind_of(key)
    if kind not in _NUMBERS | {"bool", "string"} or key not in mapping:
        return False
    if kind == "string" or key not in (0, 1):
        return True
    return any(found == key and (kind_of(found) == "bool") == (kind == "bool") for found in mapping)


def contained(value: object, collection: object) -> bool:
    """`in`: among the elements of a list or the keys of a map."""
    if isinstance(collection, Mapping):
        return has_key(collection, value)
    if kind_of(collection) != "list" or not isinstance(collection, Sequence):
        raise no_overload("in", value, collection)
    return any(equal(value, element) for element in collection)


def item(collection: Any, key: Any) -> object:
    """`collection[key]`."""
    if isinstance(collection, Mapping):
        if not has_key(collection, key):
            raise EvaluationError(f"The map has no key {key!r}.", code="no_such_key")
        return collection[key]
    if kind_of(collection) != "list" or kind_of(key) not in ("int", "uint", "double"):
        raise no_overload("[ ]", collection, key)
    if key != int(key) or not 0 <= key < len(collection):
        raise EvaluationError(f"The list of {len(collection)} has no element {key}.", code="no_such_element")
    element: object = collection[int(key)]
    return element


def select(value: object, field: str) -> object:
    """`value.field`.

    Raises:
        EvaluationError: `no_such_field` when it is missing, `null_value` of null.
    """
    if isinstance(value, Mapping):
        if field not in value:
            raise EvaluationError(f"{field} is missing.", code="no_such_field")
        found: object = value[field]
        return found
    if value is None:
        raise EvaluationError(f"{field} cannot be read: what should have it is null.", code="null_value")
    raise EvaluationError(f"A {kind_of(value)} has no field {field}.", code="no_such_overload")


def has_field(value: object, field: str) -> bool:
    """`has(value.field)`."""
    if isinstance(value, Mapping):
        return field in value
    select(value, field)
    return True


def elements(collection: object) -> Sequence[object]:
    """What a macro with one variable goes over."""
    if isinstance(collection, Mapping):
        return list(collection)
    if kind_of(collection) == "list" and isinstance(collection, Sequence):
        return collection
    raise no_overload("A macro", collection)


def pairs(collection: object) -> Iterator[tuple[object, object]]:
    """What a macro with two variables goes over: index and element, or key and value."""
    if isinstance(collection, Mapping):
        return iter(collection.items())
    return iter(enumerate(elements(collection)))


def as_bool(value: object) -> bool:
    """The value if it is a bool.

    Raises:
        EvaluationError: it is not.
    """
    if isinstance(value, bool):
        return value
    raise no_overload("A condition", value)


def map_from(entries: Sequence[tuple[Any, object]]) -> dict[object, object]:
    """A map literal.

    Raises:
        EvaluationError: a key of a type that maps do not have, or the same key twice.
    """
    made: dict[object, object] = {}
    for key, value in entries:
        if kind_of(key) not in ("int", "uint", "bool", "string"):
            raise EvaluationError(f"A {kind_of(key)} cannot be a key.", code="no_such_overload")
        if key in made:
            raise EvaluationError(f"The key {key!r} is there twice.", code="repeated_key")
        made[key] = value
    return made
