"""The sections `households` and `companies`: members who spend together, and within which limits (G2)."""

from collections.abc import Mapping
from typing import Final

from bondfire.programs.findings import Fields
from bondfire.programs.leaves import amount, flag, whole
from bondfire.programs.model import Pooling, Unit
from bondfire.programs.scope import of_unit
from bondfire.programs.shapes import WORD, Key, MapOf, Record

_MOST: Final = 100
"""A spending locks the buckets of all of them."""
_MEMBERS: Final[Mapping[str, int]] = {"household": 6, "company": 50}


def _section(about: str, kind: str) -> Record:
    return Record(
        about,
        {
            "members": Key(
                whole(
                    f"How many members it can have; {_MEMBERS[kind]} by default, at most {_MOST}.", 2, _MOST
                )
            ),
            "pooling": Key(
                flag("Whether a new one spends from all its members (default), or each from their own.")
            ),
            "spend_per_month": Key(
                MapOf(
                    "How much of a unit one member may spend in a calendar month; without it, any amount.",
                    amount("The most in a month."),
                    noun="unit",
                    pattern=WORD,
                )
            ),
        },
    )


HOUSEHOLDS: Final = _section("Households whose members spend together.", "household")
COMPANIES: Final = _section("Companies whose employees earn, and some of whom spend.", "company")


def read_groups(
    households: Fields | None, companies: Fields | None, units: Mapping[str, Unit]
) -> dict[str, Pooling]:
    """What members of each kind of group may do; a section that is there switches its kind on."""
    sections = {"household": households, "company": companies}
    return {kind: _read(kind, fields, units) for kind, fields in sections.items() if fields is not None}


def _read(kind: str, fields: Fields, units: Mapping[str, Unit]) -> Pooling:
    limits: Fields | None = fields.get("spend_per_month")
    for name, place in limits.places.items() if limits else ():
        if name not in units:
            place.head.unknown("unit", name, units)
        elif limits is not None and name in limits.values:
            of_unit(place, limits.values[name], units[name])
    return Pooling(
        fields.get("members", _MEMBERS[kind]),
        fields.get("pooling", True),
        dict(limits.values) if limits else {},
    )
