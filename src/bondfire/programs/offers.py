"""The section `rewards`: checked and kept in the document, not decided by this version."""

from typing import Final

from bondfire.programs.findings import Fields
from bondfire.programs.leaves import amount, choice, flag, moment, name, whole
from bondfire.programs.scope import Scope, of_unit, read_schedule
from bondfire.programs.shapes import SLUG, WORD, Key, MapOf, Record, Shape

_AMOUNTS: Final = amount("How much of this unit.")


def _units(about: str, least: int) -> Shape:
    return MapOf(about, _AMOUNTS, "unit", WORD, least=least)


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
