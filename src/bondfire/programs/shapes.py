"""The shapes a key can have: each reads a node with its mistakes and describes itself as JSON Schema.

One declaration makes the reader, the published schema and the reference, so they cannot disagree.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from bondfire.errors import BadInput
from bondfire.programs.findings import Fields, Place, suggest
from bondfire.programs.reader import Row, Scalar, Table

SLUG: Final = r"[a-z0-9][a-z0-9_-]{0,59}"
WORD: Final = r"[a-z][a-z0-9_]{0,39}"
RESERVED: Final = frozenset(
    {"as", "break", "const", "continue", "else", "false", "for", "function", "if", "import", "in", "let"}
    | {"loop", "namespace", "null", "package", "return", "true", "var", "void", "while"}
    | {"per", "counts", "over", "week_starts"}
)
"""Words of the expression language and of caps: not names of units, tier sets, attributes or fields."""


class _Unread:
    """Stands for a value that could not be read; its mistake has been recorded."""


UNREAD: Final = _Unread()


class Shape(Protocol):
    """What may stand under a key."""

    def read(self, place: Place) -> Any:
        """The value, or UNREAD after recording why not."""

    def schema(self) -> dict[str, Any]:
        """The same as JSON Schema 2020-12."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One value.

    Attributes:
        about: one sentence for the schema and the reference.
        expected: what belongs here, in words, for messages.
        rule: its JSON Schema.
        convert: makes the value of a scalar; raises ValueError or BadInput.
    """

    about: str
    expected: str
    rule: Mapping[str, Any]
    convert: Callable[[Scalar, str], Any]

    def read(self, place: Place) -> Any:
        """The converted value."""
        if not isinstance(place.node, Scalar) or place.node.kind == "null":
            what = "is empty" if isinstance(place.node, Scalar) else "holds a list or a mapping"
            place.refuse("wrong_shape", f"{place.where} {what}; {self.expected} belongs here.")
            return UNREAD
        try:
            return self.convert(place.node, place.where)
        except BadInput as refusal:
            place.refuse("bad_value", refusal.message, refusal.next_step)
        except ValueError as reason:
            place.refuse(
                "bad_value",
                f"{place.where} is {place.node.text[:60]!r}; {self.expected} belongs here.",
                str(reason),
            )
        return UNREAD

    def schema(self) -> dict[str, Any]:
        """Its rule with its description."""
        return {"description": self.about, **self.rule}


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a record."""

    shape: Shape
    required: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """A mapping with known keys.

    Attributes:
        keys: the keys it may have.
        rest: the shape of further keys (units in a cap), or None when there are none.
        nullable: whether it may be left empty.
    """

    about: str
    keys: Mapping[str, Key]
    rest: Shape | None = None
    nullable: bool = False

    def read(self, place: Place) -> Fields | _Unread:
        """The keys that could be read; a missing required key is a mistake and stays absent."""
        if self.nullable and isinstance(place.node, Scalar) and place.node.kind == "null":
            return Fields(place, {}, {})
        if not isinstance(place.node, Table):
            known = ", ".join(self.keys)
            place.refuse(
                "wrong_shape", f"{place.where or 'The document'} must be a mapping.", f"Its keys: {known}."
            )
            return UNREAD
        fields = Fields(place, {}, {})
        for name, (key, value) in place.node.entries.items():
            here = place.under(key, value)
            shape = self.keys[name].shape if name in self.keys else self.rest
            if shape is None:
                owner = place.where or "the document"
                here.head.refuse("unknown_key", f"{owner} has no key {name!r}.", suggest(name, self.keys))
                continue
            fields.places[name] = here
            read = shape.read(here)
            if read is not UNREAD:
                fields.values[name] = read
        for name, known_key in self.keys.items():
            if known_key.required and name not in place.node.entries:
                place.head.refuse("missing_key", f"{place.where or 'The document'} lacks the key {name!r}.")
        return fields

    def schema(self) -> dict[str, Any]:
        """An object of these properties and no others."""
        required = [name for name, key in self.keys.items() if key.required]
        return {
            "description": self.about,
            "type": ["object", "null"] if self.nullable else "object",
            "properties": {name: key.shape.schema() for name, key in self.keys.items()},
            "additionalProperties": self.rest.schema() if self.rest else False,
            **({"required": required} if required else {}),
        }


@dataclass(frozen=True, slots=True)
class MapOf:
    """A mapping whose keys are names the author chooses.

    Attributes:
        noun: what a key names, for messages.
        pattern: what the names look like.
        reserved: names that are not allowed.
        least, most: how many there may be.
    """

    about: str
    of: Shape
    noun: str
    pattern: str = SLUG
    reserved: frozenset[str] = field(default=frozenset())
    least: int = 0
    most: int = 300

    def read(self, place: Place) -> Fields | _Unread:
        """The named values that could be read."""
        if not isinstance(place.node, Table):
            place.refuse("wrong_shape", f"{place.where} must map a name of a {self.noun} to what it is.")
            return UNREAD
        fields = Fields(place, {}, {})
        for name, (key, value) in place.node.entries.items():
            here = place.under(key, value)
            if not re.fullmatch(self.pattern, name, re.ASCII) or name in self.reserved:
                reason = "is a reserved word" if name in self.reserved else "is not a name"
                here.head.refuse(
                    "bad_name",
                    f"{here.where}: {name[:60]!r} {reason} for a {self.noun}.",
                    "Use small letters, digits and _, such as 'gold_2'.",
                )
                continue
            fields.places[name] = here
            read = self.of.read(here)
            if read is not UNREAD:
                fields.values[name] = read
        count = len(place.node.entries)
        if not self.least <= count <= self.most:
            place.refuse(
                "wrong_shape", f"{place.where} has {count}; {self.least} to {self.most} are allowed."
            )
        return fields

    def schema(self) -> dict[str, Any]:
        """An object of any such names."""
        names: dict[str, Any] = {"pattern": f"^{self.pattern}$"}
        if self.reserved:
            names["not"] = {"enum": sorted(self.reserved)}
        return {
            "description": self.about,
            "type": "object",
            "propertyNames": names,
            "additionalProperties": self.of.schema(),
            "minProperties": self.least,
            "maxProperties": self.most,
        }


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list; `alone` allows one item to stand without a list around it."""

    about: str
    of: Shape
    alone: bool = False

    def read(self, place: Place) -> Any:
        """The items that could be read."""
        if isinstance(place.node, Row):
            read = [self.of.read(place.item(index, item)) for index, item in enumerate(place.node.items)]
            return [value for value in read if value is not UNREAD]
        if not self.alone:
            place.refuse("wrong_shape", f"{place.where} must be a list.", "Write it like [one, two].")
            return UNREAD
        value = self.of.read(place)
        return UNREAD if value is UNREAD else [value]

    def schema(self) -> dict[str, Any]:
        """An array, or one item of it."""
        many = {"type": "array", "items": self.of.schema()}
        if self.alone:
            return {"description": self.about, "anyOf": [self.of.schema(), many]}
        return {"description": self.about, **many}


@dataclass(frozen=True, slots=True)
class Either:
    """One value in short, or a mapping in full."""

    about: str
    short: Leaf
    full: Record

    def read(self, place: Place) -> Any:
        """What the short or the full form gives."""
        return self.full.read(place) if isinstance(place.node, Table) else self.short.read(place)

    def schema(self) -> dict[str, Any]:
        """Any of the two."""
        return {"description": self.about, "anyOf": [self.short.schema(), self.full.schema()]}
