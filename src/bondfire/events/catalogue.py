"""The catalogue: which event types exist and what each holds; programmes add their own."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from bondfire.events.builtin import BUILT_IN, HEADER
from bondfire.events.errors import CatalogueError
from bondfire.events.fields import EventType, Field
from bondfire.events.model import Event

_TYPE_NAME: Final = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+", re.ASCII)
_FIELD_NAME: Final = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
_WITH_ATTRIBUTES: Final = ("member.joined", "member.updated")

PlainReader = Callable[[Sequence[bytes], bytes, datetime | None], list[Event]]
"""Reads rows that together are a plain text, given when they came (see `plain_events`)."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Event types by name; made from the built-in ones by `with_types` and `with_attributes`."""

    types: Mapping[str, EventType]

    plain_readers: dict[str, PlainReader] = field(default_factory=dict, init=False, compare=False, repr=False)
    """Readers of plain JSON by type; made when first used."""

    def with_types(self, types: Mapping[str, EventType]) -> "Catalogue":
        """This catalogue and a programme's own event types.

        Raises:
            CatalogueError: a name without a dot or already taken, or a field that cannot be.
        """
        added: dict[str, EventType] = {}
        for name, declared in types.items():
            if not _TYPE_NAME.fullmatch(name):
                raise CatalogueError(
                    f"The event type {name!r} is not a name of lower-case words with a dot.",
                    next_step='Name it like "quiz.finished".',
                )
            if name in self.types:
                raise CatalogueError(
                    f"The event type {name!r} is there already.", next_step="Choose another name."
                )
            _check_fields(name, declared.fields, reserved=HEADER)
            fields = {**HEADER, **_nullable(declared.fields)}
            added[name] = replace(declared, name=name, fields=fields)
        return Catalogue({**self.types, **added})

    def with_attributes(self, attributes: Mapping[str, Field]) -> "Catalogue":
        """This catalogue and the member attributes that a programme declares.

        Raises:
            CatalogueError: a name that is none, or a kind that an attribute cannot be.
        """
        _check_fields("member.attributes", attributes, reserved={})
        optional = {name: replace(spec, presence="optional") for name, spec in attributes.items()}
        changed = dict(self.types)
        for name in _WITH_ATTRIBUTES:
            known = self.types[name]
            holder = known.fields["attributes"]
            holder = replace(holder, fields={**holder.fields, **_nullable(optional)})
            changed[name] = replace(known, fields={**known.fields, "attributes": holder})
        return Catalogue(changed)

    def type_named(self, name: object) -> EventType | None:
        """The event type of this name, or None."""
        return self.types.get(name) if isinstance(name, str) else None


def _check_fields(owner: str, fields: Mapping[str, Field], *, reserved: Mapping[str, Field]) -> None:
    for name, spec in fields.items():
        if not _FIELD_NAME.fullmatch(name):
            raise CatalogueError(
                f"{owner}.{name} is not a name of lower-case letters, digits and underscores.",
                next_step='Name it like "favourite_colour".',
            )
        if name in reserved:
            raise CatalogueError(f"{owner}.{name} is a field of every event.", next_step="Leave it out.")
        if spec.kind == "enum" and not spec.values:
            raise CatalogueError(f"{owner}.{name} is an enum without values.", next_step="List its words.")
        if spec.personal and spec.kind != "string":
            raise CatalogueError(
                f"{owner}.{name} is personal but not a string.", next_step="Only text can be kept apart."
            )
        if spec.presence == "derived":
            raise CatalogueError(f"{owner}.{name} cannot be derived.", next_step="Use required or optional.")
        for inner, part in spec.fields.items():
            if part.personal:
                raise CatalogueError(
                    f"{owner}.{name}.{inner} is personal inside of a record.",
                    next_step="Make it a field of the event.",
                )
        _check_fields(f"{owner}.{name}", spec.fields, reserved={})


def _nullable(fields: Mapping[str, Field]) -> dict[str, Field]:
    return {name: replace(spec, nullable=spec.presence == "optional") for name, spec in fields.items()}


CATALOGUE: Final = Catalogue(BUILT_IN)
"""The types that every programme has, without attributes."""
