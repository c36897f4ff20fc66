"""The key `limit`: how often one member may have a reward, or pay with a unit, within a window."""

from decimal import Decimal
from typing import Final, get_args

from bondfire.programs.caps import DAYS
from bondfire.programs.findings import Fields, Place
from bondfire.programs.leaves import choice, whole
from bondfire.programs.limits import Cap, CapWindow
from bondfire.programs.scope import Scope
from bondfire.programs.shapes import Key, ListOf, Record

_WINDOWS: Final = tuple(window for window in get_args(CapWindow) if window != "event")
TIMES: Final = ListOf(
    "How often for one member: one limit, or a list.",
    Record(
        "So often within a window.",
        {
            "times": Key(whole("How often.", 1, 1_000_000), required=True),
            "per": Key(choice("The window, in the programme's time zone; lifetime by default.", *_WINDOWS)),
            "week_starts": Key(choice("The first day of a week: monday (default) to sunday.", *DAYS)),
        },
    ),
    alone=True,
)


def read_times(read: list[Fields] | None, key: str) -> tuple[Cap, ...]:
    """The limits that could be read; `key` is what their use is remembered under."""
    return tuple(cap for each in read or () for cap in _times(each, key))


def _times(fields: Fields, key: str) -> list[Cap]:
    window: CapWindow = fields.get("per", "lifetime")
    if "week_starts" in fields.places and window != "week":
        place = fields.places["week_starts"]
        place.refuse("bad_value", f"{place.where}: only a limit per week has a first day.", "Leave it out.")
    if "times" not in fields.values:
        return []
    week_starts = DAYS.index(fields.get("week_starts", "monday"))
    limit = Decimal(fields.values["times"])
    return [Cap("", limit, window, week_starts=week_starts, key=f"{key}/{window}")]


def set_with_tier(place: Place | None, tier: str, scope: Scope) -> str:
    """The tier set that has a tier; "" for none, after recording it. Of several the first by name counts."""
    having = [
        name for name, each in sorted(scope.tier_sets.items()) if tier in {one.name for one in each.tiers}
    ]
    if place and not having:
        place.unknown("tier", tier, {one.name for each in scope.tier_sets.values() for one in each.tiers})
    elif place and len(having) > 1:
        place.warn(
            "ambiguous_tier",
            f"{place.where}: {tier!r} is a tier of {' and of '.join(having)}; that of {having[0]} counts.",
            "Give the tiers different names, or say it in `when`: member.tiers.<tier set> == ...",
        )
    return having[0] if having else ""
