"""What a programme declares, found under the names of others: "Quiz Finished" is `quiz.finished`."""

import re
from collections.abc import Mapping
from typing import Final

from bondfire.doors.fields import moment, text
from bondfire.doors.model import Raw, Terms
from bondfire.events import Catalogue, EventType, Field

_SEPARATORS: Final = re.compile(r"[\W_]+")
_OF_VALUE: Final = ("order.", "points.")
_NO_COUNTERPART: Final[Mapping[str, Field]] = {}


def folded(name: str) -> str:
    """A name without case and separators: `Favourite Colour` and `favourite_colour` are one."""
    return _SEPARATORS.sub("", name).casefold()


def type_called(name: str, catalogue: Catalogue) -> EventType | None:
    """The event type that somebody else's name means, or None.

    Never one of orders or points: those are only made from what says an order's amounts.
    """
    wanted = folded(name)
    if not wanted:
        return None
    return next(
        (
            kind
            for type_name, kind in sorted(catalogue.types.items())
            if folded(type_name) == wanted and not type_name.startswith(_OF_VALUE)
        ),
        None,
    )


def fields_of(kind: EventType, properties: Mapping[str, object], *, but: frozenset[str]) -> Raw:
    """The properties that the event type declares, under its names; what it does not declare is left out."""
    wanted = {name: spec for name, spec in kind.fields.items() if name not in but}
    return _taken(wanted, properties)


def attributes_of(traits: Mapping[str, object], terms: Terms) -> Raw:
    """The traits that the programme declares as attributes of its members."""
    kind = terms.catalogue.type_named("member.updated")
    holder = kind.fields.get("attributes") if kind else None
    return _taken(holder.fields if holder else _NO_COUNTERPART, traits)


def _taken(wanted: Mapping[str, Field], said: Mapping[str, object]) -> Raw:
    by_name = {folded(name): value for name, value in said.items()}
    taken: Raw = {}
    for name, spec in wanted.items():
        if name in said:
            taken[name] = _fitting(said[name], spec)
        elif folded(name) in by_name:
            taken[name] = _fitting(by_name[folded(name)], spec)
    return taken


def _fitting(value: object, spec: Field) -> object:
    """Numbers declared as texts (a postcode) become texts; times lose what is finer than microseconds."""
    if spec.kind == "string" and not isinstance(value, str | bool):
        return text(value) or value
    return moment(value) if spec.kind == "time" else value
