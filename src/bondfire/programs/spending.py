"""The key `spending` of a unit: how it may be spent at the till (U15)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from bondfire.kit import format_amount
from bondfire.programs.findings import Fields
from bondfire.programs.leaves import name, positive
from bondfire.programs.limits import Spending
from bondfire.programs.model import Unit
from bondfire.programs.scope import Scope, of_unit
from bondfire.programs.shapes import SLUG, Key, Record
from bondfire.programs.times import TIMES, read_times, set_with_tier

SPENDING: Final = Record(
    "What holds when members pay with it (points.spent, points.held). Rewards have rules of their own.",
    {
        "least": Key(positive("The smallest payment.")),
        "most": Key(positive("The largest payment.")),
        "multiple": Key(positive("A payment is a multiple of this.")),
        "share": Key(positive("The part of an order that it may pay, such as 0.5; needs `worth`.", most=1)),
        "worth": Key(positive("What one pays of an order, in the programme's currency.")),
        "tier": Key(name("Only members of this tier or a higher one may pay with it.", "tier", SLUG)),
        "limit": Key(TIMES),
    },
)


def with_spending(fields: Fields | None, units: Mapping[str, Unit], scope: Scope) -> dict[str, Unit]:
    """The units with what limits paying with them; it may name tiers, so it is read after those."""
    read = dict(units)
    for unit, section in fields.values.items() if fields else ():
        spending: Fields | None = section.get("spending")
        if spending is not None:
            read[unit] = replace(units[unit], spending=_spending(units[unit], spending, scope))
    return read


def _spending(unit: Unit, fields: Fields, scope: Scope) -> Spending:
    if unit.qualifying:
        fields.place.head.refuse(
            "not_spendable", f"{fields.place.where}: {unit.name!r} is qualifying and can never be spent."
        )
    for key in ("least", "most", "multiple"):
        if key in fields.values:
            of_unit(fields.places[key], fields.values[key], unit)
    tier: str = fields.get("tier", "")
    spending = Spending(
        least=fields.get("least"),
        most=fields.get("most"),
        multiple=fields.get("multiple"),
        share=fields.get("share"),
        worth=fields.get("worth"),
        tier_set=set_with_tier(fields.places["tier"], tier, scope) if tier else "",
        tier=tier,
        limits=read_times(fields.get("limit"), f"/{unit.name}/paid"),
    )
    _judge(fields, spending)
    return spending


def _judge(fields: Fields, spending: Spending) -> None:
    """Refuse what leaves no payment that is allowed, and a share of what has no worth (U9)."""
    least, most, multiple = spending.least, spending.most, spending.multiple
    if "share" in fields.places and "worth" not in fields.places:
        fields.places["share"].head.refuse(
            "share_without_worth",
            f"{fields.place.where} limits a share of the order, but does not say what one pays of it.",
            "Add worth, such as worth: 0.01.",
        )
    if most is None:
        return
    first = least or most
    if multiple is not None:
        wanted = least or multiple
        first = wanted + (multiple - wanted % multiple) % multiple
    if first > most:
        fields.places["most"].refuse(
            "nothing_allowed",
            f"{fields.place.where}: the smallest payment that is allowed is {format_amount(first)}, and the "
            f"largest {format_amount(most)}.",
            "Raise most, or lower least or multiple.",
        )
