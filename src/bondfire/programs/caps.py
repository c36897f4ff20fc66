"""The key `cap` of an earn rule: limits on what it gives one member within a window."""

from collections.abc import Collection
from decimal import Decimal
from typing import Final, get_args

from bondfire.programs.findings import Fields
from bondfire.programs.leaves import amount, choice
from bondfire.programs.limits import Cap, CapWindow
from bondfire.programs.scope import Scope, of_unit
from bondfire.programs.shapes import Key, ListOf, Record

DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CAP: Final = Record(
    "A limit: how much of each unit, per which window.",
    {
        "per": Key(
            choice("The window, in the programme's time zone.", *get_args(CapWindow)),
            required=True,
        ),
        "week_starts": Key(choice("The first day of a week: monday (default) to sunday.", *DAYS)),
        "counts": Key(
            choice(
                "Limits what is given (final, default) or what would be without the multiplier (base).",
                "final",
                "base",
            )
        ),
        "over": Key(
            choice(
                "When an award does not fit: clip (default) gives what is left, nothing gives none.",
                "clip",
                "nothing",
            )
        ),
    },
    rest=amount("How much of this unit at most."),
)
CAP: Final = ListOf("Limits on what the rule gives one member: one, or a list.", _CAP, alone=True)


def read_caps(fields: Fields, rule: str, awarded: Collection[str], scope: Scope) -> tuple[Cap, ...]:
    """All limits of a rule, one for each unit named."""
    return tuple(cap for each in fields.get("cap", ()) for cap in _caps(each, rule, awarded, scope))


def _caps(fields: Fields, rule: str, awarded: Collection[str], scope: Scope) -> list[Cap]:
    window: CapWindow = fields.get("per", "lifetime")
    if "week_starts" in fields.places and window != "week":
        place = fields.places["week_starts"]
        place.refuse("bad_value", f"{place.where}: only a cap per week has a first day.", "Leave it out.")
    limits = [key for key in fields.places if key not in _CAP.keys]
    if not limits:
        fields.place.refuse(
            "missing_key", f"{fields.place.where} limits no unit.", "Write it like {points: 1000, per: day}."
        )
    caps = []
    for unit in limits:
        place = fields.places[unit]
        limit: Decimal | None = fields.get(unit)
        if unit not in scope.units:
            place.head.unknown("unit", unit, [*scope.units, *_CAP.keys])
        elif unit not in awarded:
            place.head.refuse(
                "cap_without_award",
                f"{place.where}: the rule does not award {unit!r}.",
                "Cap a unit it awards.",
            )
        if limit is not None:
            of_unit(place, limit, scope.units.get(unit))
            counts = fields.get("counts", "final")
            caps.append(
                Cap(
                    unit,
                    limit,
                    window,
                    counts=counts,
                    over=fields.get("over", "clip"),
                    week_starts=DAYS.index(fields.get("week_starts", "monday")),
                    key=f"{rule}/{unit}/{window}/{counts}",
                )
            )
    return caps
