"""The types of CEL, and our exact `decimal` and declared records."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Type:
    """A type; use the constants and `list_of`, `map_of`, `record` to make one.

    Attributes:
        kind: what values are at run time: int, string, list, map, dyn ... (records are maps).
        name: the name of a record.
        parameters: element type of a list; key and value type of a map.
        fields: names and types of a record's fields.
        optional: fields of a record that may be missing.
        most: declared largest number of elements or characters; None takes the environment's.
    """

    kind: str
    name: str = ""
    parameters: tuple["Type", ...] = ()
    fields: tuple[tuple[str, "Type"], ...] = ()
    optional: frozenset[str] = frozenset()
    most: int | None = None

    def __str__(self) -> str:
        if self.name or not self.parameters:
            return self.name or self.kind
        return f"{self.kind}<{', '.join(map(str, self.parameters))}>"

    def field(self, name: str) -> "Type | None":
        """The type of a record's field, or None."""
        return dict(self.fields).get(name)


BOOL: Final = Type("bool")
INT: Final = Type("int")
UINT: Final = Type("uint")
DOUBLE: Final = Type("double")
DECIMAL: Final = Type("decimal")
STRING: Final = Type("string")
BYTES: Final = Type("bytes")
TIMESTAMP: Final = Type("timestamp")
DURATION: Final = Type("duration")
NULL: Final = Type("null")
DYN: Final = Type("dyn")
TYPE: Final = Type("type")
NUMBERS: Final = frozenset({"int", "uint", "double", "decimal"})
SCALARS: Final = NUMBERS | {"bool", "string", "bytes", "timestamp", "duration", "type"}


def list_of(element: Type, *, most: int | None = None) -> Type:
    """A list; `most` is the declared largest number of elements, for the cost bound."""
    return Type("list", parameters=(element,), most=most)


def map_of(key: Type, value: Type, *, most: int | None = None) -> Type:
    """A map from keys (string, int, uint or bool) to values."""
    return Type("map", parameters=(key, value), most=most)


def record(name: str, fields: Mapping[str, Type], optional: Collection[str] = ()) -> Type:
    """A map with declared fields: reading another one is refused when the expression is compiled."""
    return Type("map", name=name, fields=tuple(fields.items()), optional=frozenset(optional))


LIST: Final = list_of(DYN)
MAP: Final = map_of(DYN, DYN)


def element_of(collection: Type) -> Type:
    """What a macro's first variable is: the element of a list, the key of a map or record."""
    if collection.fields or collection.name:
        return STRING
    return collection.parameters[0] if collection.parameters else DYN


def value_of(collection: Type) -> Type:
    """What indexing gives: the element of a list, the value of a map."""
    return collection.parameters[-1] if collection.parameters else DYN


def assignable(actual: Type, wanted: Type) -> bool:
    """Whether a value of the actual type may stand where the other is wanted; dyn fits anywhere."""
    if "dyn" in (actual.kind, wanted.kind) or actual == wanted:
        return True
    if actual.kind != wanted.kind:
        return False
    if actual.name or wanted.name:
        return not (actual.name and wanted.name) or actual.name == wanted.name
    return all(map(assignable, actual.parameters, wanted.parameters))


def joined(left: Type, right: Type) -> Type:
    """The narrowest type that holds both: equal types stay, int and decimal are decimal, else dyn."""
    if left == right:
        return left
    if {left.kind, right.kind} == {"int", "decimal"}:
        return DECIMAL
    if left.kind == right.kind == "list":
        return list_of(joined(left.parameters[0], right.parameters[0]), most=None)
    return DYN


def is_dynamic(kind: Type) -> bool:
    """Whether some part of a value is only known at run time."""
    if kind.kind == "dyn":
        return True
    return any(map(is_dynamic, kind.parameters)) or any(is_dynamic(t) for _, t in kind.fields)
