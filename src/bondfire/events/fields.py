"""What a field of an event may hold, as data that people, schemas and the parser all read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

Kind = Literal[
    "string", "decimal", "integer", "boolean", "time", "date", "enum", "strings", "records", "record", "map"
]
"""What a value is. In an event's body: str, Decimal, int, bool, aware UTC datetime, str (a date is its
ISO text, so that it sorts and compares), str, list[str], list[dict], dict, dict[str, str]."""

Presence = Literal["required", "derived", "optional"]
"""`required`: the sender must send it. `derived`: bondfire fills it in when it is not sent. Both are
always in the body; an `optional` field may be missing."""

SHORT: Final = 200
LONG: Final = 10_000
MOST_LINES: Final = 1_000
MOST_NAMES: Final = 100
INT64: Final = 2**63 - 1
NO_FIELDS: Final[Mapping[str, "Field"]] = {}


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its kind, whether it is there, its limits and one sentence for people.

    Attributes:
        kind: what the value is.
        doc: one sentence for the reference.
        presence: required, derived or optional.
        values: the words of an enum.
        decimals: digits after the point of a decimal; None means those of the event's currency.
        negative: whether a decimal may be below zero.
        zero: whether a decimal may be zero.
        minimum: lowest integer.
        maximum: highest integer.
        length: most characters of a string (or of each in a list or map).
        size: most items of a list or map.
        empty: whether a string may be empty or blank.
        name: whether a string names somebody: no blanks around it, no control characters.
        fields: what a record holds.
        nullable: keeps null as a value of its own; otherwise null means that the field is not there.
        personal: free text of a person; kept apart from the body, never seen by rules or journal.
        default: what a derived field is when it is not sent and nothing else says it.
        own: whether only bondfire itself says it; nobody can send it.
    """

    kind: Kind
    doc: str = ""
    presence: Presence = "optional"
    values: tuple[str, ...] = ()
    decimals: int | None = 6
    negative: bool = False
    zero: bool = True
    minimum: int = -INT64 - 1
    maximum: int = INT64
    length: int = SHORT
    size: int = MOST_NAMES
    empty: bool = False
    name: bool = False
    fields: Mapping[str, "Field"] = field(default_factory=lambda: NO_FIELDS)
    nullable: bool = False
    personal: bool = False
    default: str | int | tuple[()] | None = None
    own: bool = False

    @property
    def always(self) -> bool:
        """Whether every accepted event of this type has the field."""
        return self.presence != "optional"


Cost = Literal["money", "effort", "free"]
"""What an event costs the member: an award for a `free` one needs a cap, or it can be farmed."""


@dataclass(frozen=True, slots=True)
class EventType:
    """One type of event.

    Attributes:
        name: two or more words with dots, such as `order.placed`.
        doc: one sentence for people.
        fields: by name; a catalogue adds those that every event has.
        cost: what it costs the member to make one happen.
        complete: derives fields and checks those that must fit together; changes the body it gets.
        own: whether only bondfire itself makes such events; nobody can send one.
    """

    name: str
    doc: str
    fields: Mapping[str, Field]
    cost: Cost = "free"
    complete: Callable[[dict[str, object]], None] | None = None
    own: bool = False

    readers: dict[int, Callable[[object], dict[str, object]]] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )
    """Compiled readers by the decimals of money; filled by the parser when first used."""

    personal_fields: tuple[str, ...] = field(default=(), init=False, compare=False, repr=False)
    """Names of the fields that are kept apart from the body; a dot reaches into a record."""

    own_fields: tuple[str, ...] = field(default=(), init=False, compare=False, repr=False)
    """Names of the fields that nobody can send."""

    def __post_init__(self) -> None:
        names = [name for name, spec in self.fields.items() if spec.personal]
        for name, spec in self.fields.items():
            names += [f"{name}.{inner}" for inner, part in spec.fields.items() if part.personal]
        object.__setattr__(self, "personal_fields", tuple(names))
        own = tuple(name for name, spec in self.fields.items() if spec.own)
        object.__setattr__(self, "own_fields", own)
