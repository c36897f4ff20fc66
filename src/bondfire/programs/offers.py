"""The sections `challenges` and `rewards`: checked and kept in the document, not decided by this version."""

from typing import Final

from bondfire.programs.earn import EVENT_TYPE
from bondfire.programs.expressions import compile_at
from bondfire.programs.findings import Fields
from bondfire.programs.leaves import amount, choice, expression, flag, moment, name, period, whole
from bondfire.programs.scope import Scope, known_event_type, of_unit, read_schedule
from bondfire.programs.shapes import SLUG, WORD, Key, MapOf, Record, Shape
from bondfire.rules import BOOL, DECIMAL

_AMOUNTS: Final = amount("How much of this unit.")


def _units(about: str, least: int) -> Shape:
    return MapOf(about, _AMOUNTS, "unit", WORD, least=least)


CHALLENGES: Final = MapOf(
    "Goals that members reach over time, by name. Checked and kept; not decided by this version.",
    Record(
        "One challenge. Without count_distinct and sum it counts events.",
        {
            "on": Key(EVENT_TYPE, required=True),
            "when": Key(expression("Which events count; without it, all.", "condition")),
            "count_distinct": Key(expression("Counts different values of this expression.", "value")),
            "sum": Key(expression("Adds up this amount.", "amount")),
            "target": Key(amount("How many or how much is needed."), required=True),
            "within": Key(period("All within such a time; without it, ever.")),
            "award": Key(_units("How much of which unit is given, as plain numbers.", 0)),
            "badge": Key(name("The badge that is given.", "badge", SLUG)),
            "starts": Key(moment("First day or local time it runs.")),
            "ends": Key(moment("Last day (included), or the local time it stops.")),
        },
    ),
    noun="challenge",
)
REWARDS: Final = MapOf(
    "What members can get for their points, by name. Checked and kept; not decided by this version.",
    Record(
        "One reward.",
        {
            "price": Key(_units("What it costs, in which unit; 0 is free.", 1), required=True),
            "kind": Key(
                choice(
                    "What it is: article (default), voucher, event or donation.",
                    "article",
                    "voucher",
                    "event",
                    "donation",
                )
            ),
            "tier": Key(name("Only members of this tier or a higher one may have it.", "tier", SLUG)),
            "seats": Key(whole("How many there are in all.", 0, 1_000_000_000)),
            "waiting_list": Key(flag("true: members can wait for a seat that comes free.")),
            "starts": Key(moment("First day or local time it can be had.")),
            "ends": Key(moment("Last day (included), or the local time it ends.")),
        },
    ),
    noun="reward",
)


def check_challenges(fields: Fields | None, scope: Scope) -> None:
    """Record what is wrong with the challenges, and that they are not decided yet."""
    if fields is None:
        return
    for challenge in fields.values.values():
        _check_challenge(challenge, scope)
    if fields.places:
        names = ", ".join(fields.places)
        fields.place.note(
            "kept_not_decided", f"kept, not decided: this version does not run challenges yet ({names})."
        )


def _check_challenge(fields: Fields, scope: Scope) -> None:
    read_schedule(fields, scope.zone)
    _check_units(fields.get("award"), scope)
    if "count_distinct" in fields.places and "sum" in fields.places:
        fields.places["sum"].head.refuse(
            "bad_value",
            f"{fields.place.where} has both count_distinct and sum.",
            "Keep the one that is meant.",
        )
    on = known_event_type(fields, scope.catalogue)
    for key, expects in (("when", BOOL), ("count_distinct", None), ("sum", DECIMAL)):
        if on and key in fields.values:
            compile_at(fields.places[key], scope, on, expects=expects)


def check_rewards(fields: Fields | None, scope: Scope) -> None:
    """Record what is wrong with the rewards, and that they are not decided yet."""
    if fields is None:
        return
    for reward in fields.values.values():
        _check_reward(reward, scope)
    if fields.places:
        names = ", ".join(fields.places)
        fields.place.note(
            "kept_not_decided", f"kept, not decided: this version does not give rewards yet ({names})."
        )


def _check_reward(fields: Fields, scope: Scope) -> None:
    read_schedule(fields, scope.zone)
    price: Fields | None = fields.get("price")
    _check_units(price, scope)
    for unit, place in price.places.items() if price else ():
        if unit in scope.units and scope.units[unit].qualifying:
            place.head.refuse(
                "not_spendable", f"{place.where}: {unit!r} is qualifying and can never be spent."
            )
    tier = fields.get("tier")
    tiers = {each.name for tier_set in scope.tier_sets.values() for each in tier_set.tiers}
    if tier and tier not in tiers:
        fields.places["tier"].unknown("tier", tier, tiers)


def _check_units(fields: Fields | None, scope: Scope) -> None:
    for unit, place in fields.places.items() if fields else ():
        if unit not in scope.units:
            place.head.unknown("unit", unit, scope.units)
        elif fields and unit in fields.values:
            of_unit(place, fields.values[unit], scope.units[unit])
