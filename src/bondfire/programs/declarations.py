"""The sections `events` and `member`: a programme's own event types and the attributes of its members."""

from typing import Final, get_args

from bondfire.events import CATALOGUE, Catalogue, CatalogueError, Cost, EventType, Field, Kind
from bondfire.programs.environment import type_of
from bondfire.programs.findings import Fields, Place
from bondfire.programs.leaves import choice, flag, name, whole, words
from bondfire.programs.shapes import RESERVED, SLUG, WORD, Either, Key, ListOf, MapOf, Record
from bondfire.rules import Type

_KINDS: Final = ("string", "decimal", "integer", "boolean", "time", "date", "enum", "strings")
_KIND: Final = choice("What the value is.", *_KINDS)
_FIELD: Final = Either(
    "A kind, or a kind and its limits.",
    _KIND,
    Record(
        "A field.",
        {
            "kind": Key(_KIND, required=True),
            "about": Key(words("One sentence for people.", "a sentence")),
            "required": Key(flag("true: an event without it is refused.")),
            "values": Key(ListOf("The words of an enum.", name("", "value", SLUG))),
            "decimals": Key(whole("Digits after the point of a decimal, 0 to 6 (default).", 0, 6)),
            "negative": Key(flag("true: a decimal may be below zero.")),
            "personal": Key(flag("true: text of a person; kept apart, never seen by rules.")),
        },
    ),
)
EVENTS: Final = MapOf(
    "The programme's own event types, by name.",
    Record(
        "One event type.",
        {
            "about": Key(words("One sentence for people.", "a sentence")),
            "cost": Key(
                choice(
                    "What it costs the member: what is free (default) must be capped where it earns.",
                    *get_args(Cost),
                )
            ),
            "fields": Key(MapOf("Its fields, beside those of every event.", _FIELD, "field", WORD, RESERVED)),
        },
    ),
    noun="event type",
    pattern=r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+",
)
MEMBER: Final = Record(
    "What is known of members.",
    {"attributes": Key(MapOf("Attributes that rules may read.", _FIELD, "attribute", WORD, RESERVED))},
)


def read_catalogue(events: Fields | None, member: Fields | None) -> tuple[Catalogue, dict[str, Type]]:
    """The built-in catalogue with the programme's own types and attributes, and the attributes' types."""
    catalogue = CATALOGUE
    for type_name, place in events.places.items() if events else ():
        assert events is not None  # noqa: S101 - there is nothing to loop over without it
        catalogue = _with_type(catalogue, type_name, events.get(type_name), place)
    declared: Fields | None = member.get("attributes") if member else None
    attributes = _fields(declared)
    if member and attributes:
        try:
            catalogue = catalogue.with_attributes(attributes)
        except CatalogueError as refusal:
            member.places["attributes"].refuse("bad_attribute", refusal.message, refusal.next_step)
    return catalogue, {key: type_of(key, field) for key, field in attributes.items()}


def _with_type(catalogue: Catalogue, type_name: str, fields: Fields | None, place: Place) -> Catalogue:
    declared = _fields(fields.get("fields") if fields else None)
    about = fields.get("about", "") if fields else ""
    cost: Cost = fields.get("cost", "free") if fields else "free"
    try:
        return catalogue.with_types({type_name: EventType(type_name, about, declared, cost)})
    except CatalogueError as refusal:
        place.head.refuse("bad_event_type", refusal.message, refusal.next_step)
        return catalogue


def _fields(fields: Fields | None) -> dict[str, Field]:
    if fields is None:
        return {}
    return {key: _field(fields.get(key)) for key in fields.places}


def _field(read: str | Fields | None) -> Field:
    if read is None or isinstance(read, str):
        return Field(_kind(read))
    return Field(
        _kind(read.get("kind")),
        read.get("about", ""),
        "required" if read.get("required") else "optional",
        values=tuple(read.get("values", ())),
        decimals=read.get("decimals", 6),
        negative=read.get("negative", False),
        personal=read.get("personal", False),
    )


def _kind(text: str | None) -> Kind:
    """A kind that could not be read has been refused; a string then stands in for it."""
    kinds: dict[str, Kind] = {kind: kind for kind in get_args(Kind)}
    return kinds.get(text or "string", "string")
