"""The section `units`: what is counted, when it can be spent, when it ends, who may send it on."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from bondfire.kit import End, Period
from bondfire.programs.findings import Fields, Place
from bondfire.programs.leaves import amount, choice, flag, name, period, positive, whole
from bondfire.programs.limits import Cap
from bondfire.programs.model import Expiry, Transfers, Unit
from bondfire.programs.rule import EarnRule
from bondfire.programs.scope import Scope, of_unit
from bondfire.programs.shapes import RESERVED, SLUG, WORD, Key, ListOf, MapOf, Record
from bondfire.programs.spending import SPENDING

_ENDS: Final[dict[str, End]] = {
    "end_of_day": "day",
    "end_of_month": "month",
    "end_of_half_year": "half_year",
    "end_of_year": "year",
}
_EXPIRES: Final = Record(
    "When an amount ends. Without it, amounts never end.",
    {
        "after": Key(period("How long an amount lives."), required=True),
        "round": Key(
            choice("Moves the end to the end of this calendar unit in the programme's zone.", *_ENDS)
        ),
        "from": Key(
            choice("What the time is counted from: available (default) or earned.", "available", "earned")
        ),
        "prolonged": Key(
            Record(
                "Activity that keeps amounts alive: they end together, so long after the last of it.",
                {
                    "by": Key(
                        ListOf(
                            "The event types that count as activity.",
                            name("An event type.", "event type", r"[a-z0-9_.]{1,100}"),
                            alone=True,
                        ),
                        required=True,
                    ),
                    "rules": Key(
                        ListOf(
                            "The rules whose amounts are kept alive.",
                            name("A rule.", "rule", SLUG),
                            alone=True,
                        ),
                        required=True,
                    ),
                },
            )
        ),
    },
)
_TRANSFERS: Final = Record(
    "Members may send it to each other; left empty, any amount. Without this key they may not.",
    {
        "most": Key(amount("How much at most in one transfer.")),
        "per_month": Key(amount("How much at most one member may send in a calendar month.")),
    },
    nullable=True,
)
UNITS: Final = MapOf(
    "What is counted, by name. An empty unit has no decimals, is never pending and never ends.",
    Record(
        "One unit.",
        {
            "decimals": Key(
                whole("Digits after the point, 0 (default) to 6; an award is rounded to them.", 0, 6)
            ),
            "expires": Key(_EXPIRES),
            "pending": Key(period("How long an award waits, as for returns, before it can be spent.")),
            "qualifying": Key(
                flag("true: it only counts for tiers and can never be spent or sent to another member.")
            ),
            "transfers": Key(_TRANSFERS),
            "spending": Key(SPENDING),
            "value": Key(
                positive(
                    "What one is worth: its stand-alone selling price in the programme's currency. The books "
                    "defer revenue by it."
                )
            ),
            "redemption": Key(
                positive(
                    "The share that is expected to be spent in the end, such as 0.8; without it, it is "
                    "estimated from the history.",
                    most=1,
                )
            ),
        },
        nullable=True,
    ),
    noun="unit",
    pattern=WORD,
    reserved=RESERVED,
    least=1,
)


def read_units(fields: Fields) -> dict[str, Unit]:
    """The units; one with a mistake in it keeps its name, so that nothing else seems unknown."""
    return {unit: _unit(unit, fields.get(unit)) for unit in fields.places}


def _unit(unit: str, fields: Fields | None) -> Unit:
    if fields is None:
        return Unit(unit)
    pending: Period | None = fields.get("pending")
    expires: Fields | None = fields.get("expires")
    expiry = _expiry(expires) if expires and "after" in expires.values else None
    if expiry:
        _refuse_dead_on_arrival(expiry, pending, fields.places["expires"])
    _check_value(fields)
    read = Unit(
        unit,
        decimals=fields.get("decimals", 0),
        qualifying=fields.get("qualifying", False),
        value=fields.get("value"),
        redemption=fields.get("redemption"),
        pending=pending if pending and any(pending) else None,
        expiry=expiry,
    )
    transfers: Fields | None = fields.get("transfers")
    return replace(read, transfers=_transfers(read, transfers)) if transfers else read


def _transfers(unit: Unit, fields: Fields) -> Transfers:
    if unit.qualifying:
        place = fields.place
        place.refuse(
            "not_transferable",
            f"{place.where}: {unit.name!r} is qualifying: what a member has done cannot be given away.",
            "Leave it out.",
        )
    limits: dict[str, Decimal] = {}
    for key, limit in fields.values.items():
        limits[key] = limit
        of_unit(fields.places[key], limit, unit)
    most, per_month = limits.get("most"), limits.get("per_month")
    if per_month is None:
        return Transfers(most)
    return Transfers(most, Cap(unit.name, per_month, "month", key=f"/{unit.name}/sent"))


def _check_value(fields: Fields) -> None:
    """Refuse a value of what can never be spent, and a share of what has no value."""
    if "value" in fields.places and fields.get("qualifying", False):
        fields.places["value"].head.refuse(
            "value_never_spent",
            f"{fields.place.where} only counts for tiers, so nobody can claim its value.",
            "Leave value out, or let it be spent.",
        )
    if "redemption" in fields.places and "value" not in fields.places:
        fields.places["redemption"].head.refuse(
            "redemption_without_value",
            f"{fields.place.where} says which share is spent, but not what one is worth.",
            "Add value: its stand-alone selling price in the programme's currency.",
        )
    if fields.get("redemption", 1) < 1 and "expires" not in fields.places:
        fields.places["redemption"].head.warn(
            "unspent_for_ever",
            f"{fields.place.where} never ends, yet a part of it is expected never to be spent.",
            "Let it expire, or be ready to show an auditor why that part will not be claimed.",
        )


def check_prolonged(fields: Fields | None, scope: Scope, rules: Sequence[EarnRule]) -> None:
    """Refuse a policy that names what is not there, or amounts that their own event would not keep alive."""
    by_id = {rule.id: rule for rule in rules}
    for unit, section in fields.values.items() if fields else ():
        expires: Fields | None = section.get("expires")
        prolonged: Fields | None = expires.get("prolonged") if expires else None
        if prolonged is None:
            continue
        by, named = prolonged.get("by", ()), prolonged.get("rules", ())
        for on in by:
            if on not in scope.catalogue.types:
                prolonged.places["by"].unknown("event type", on, scope.catalogue.types)
        for rule in named:
            if rule not in by_id:
                prolonged.places["rules"].unknown("rule", rule, by_id)
            elif by and by_id[rule].on not in by:
                prolonged.places["rules"].refuse(
                    "never_prolonged",
                    f"{prolonged.places['rules'].where}: {rule!r} earns with {by_id[rule].on}, "
                    "which prolongs nothing.",
                    f"Add {by_id[rule].on} to `by`, or leave the rule out.",
                )
            elif unit not in {award.unit for award in by_id[rule].awards}:
                prolonged.places["rules"].refuse(
                    "never_prolonged",
                    f"{prolonged.places['rules'].where}: {rule!r} awards no {unit}.",
                    "Leave the rule out.",
                )


def _expiry(fields: Fields) -> Expiry:
    prolonged: Fields | None = fields.get("prolonged")
    return Expiry(
        after=fields.values["after"],
        end=_ENDS.get(fields.get("round", "")),
        start=fields.get("from", "available"),
        prolonged_by=tuple(dict.fromkeys(prolonged.get("by", ()))) if prolonged else (),
        sliding_rules=frozenset(prolonged.get("rules", ())) if prolonged else frozenset(),
    )


def _refuse_dead_on_arrival(expiry: Expiry, pending: Period | None, place: Place) -> None:
    """Refuse what may end before it can be spent (L8), taking the shortest life and the longest wait."""
    lives, waits = expiry.after, pending or Period()
    if not any(lives) and expiry.end is None:
        place.refuse("expires_at_once", f"{place.where}: an amount would end the moment it begins.")
    elif expiry.start == "earned" and _may_outlast(waits, lives):
        place.refuse(
            "expires_before_available",
            f"{place.where}: earned amounts end after {lives}, but are pending for {waits}.",
            "Count from: available, or let them live longer than they are pending.",
        )


def _may_outlast(waits: Period, lives: Period) -> bool:
    if bool(waits.months) == bool(lives.months):
        return waits >= lives and any(waits)
    return _days_at_most(waits) >= _days_at_least(lives)


def _days_at_most(length: Period) -> int:
    """The longest n months are never longer than this (30.5 days each and 2)."""
    return length.days + (length.months * 61 // 2 + 2 if length.months else 0)


def _days_at_least(length: Period) -> int:
    """The shortest n months are never shorter than this (30.4 days each less 2)."""
    return length.days + (length.months * 304 // 10 - 2 if length.months else 0)
