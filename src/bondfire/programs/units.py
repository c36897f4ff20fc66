"""The section `units`: what is counted, when it can be spent, when it ends, who may send it on."""

from dataclasses import replace
from decimal import Decimal
from typing import Final

from bondfire.kit import End, Period
from bondfire.programs.findings import Fields, Place
from bondfire.programs.leaves import amount, choice, flag, period, whole
from bondfire.programs.model import Cap, Expiry, Transfers, Unit
from bondfire.programs.scope import of_unit
from bondfire.programs.shapes import RESERVED, WORD, Key, MapOf, Record

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
    return {name: _unit(name, fields.get(name)) for name in fields.places}


def _unit(name: str, fields: Fields | None) -> Unit:
    if fields is None:
        return Unit(name)
    pending: Period | None = fields.get("pending")
    expires: Fields | None = fields.get("expires")
    expiry = _expiry(expires) if expires and "after" in expires.values else None
    if expiry:
        _refuse_dead_on_arrival(expiry, pending, fields.places["expires"])
    unit = Unit(
        name,
        decimals=fields.get("decimals", 0),
        qualifying=fields.get("qualifying", False),
        pending=pending if pending and any(pending) else None,
        expiry=expiry,
    )
    transfers: Fields | None = fields.get("transfers")
    return replace(unit, transfers=_transfers(unit, transfers)) if transfers else unit


def _transfers(unit: Unit, fields: Fields) -> Transfers:
    if unit.qualifying:
        place = fields.place
        place.refuse(
            "not_transferable",
            f"{place.where}: {unit.name!r} is qualifying: what a member has done cannot be given away.",
            "Leave it out.",
        )
    limits: dict[str, Decimal] = {}
    for name in fields.values:
        limits[name] = fields.values[name]
        of_unit(fields.places[name], limits[name], unit)
    most, per_month = limits.get("most"), limits.get("per_month")
    if per_month is None:
        return Transfers(most)
    return Transfers(most, Cap(unit.name, per_month, "month", key=f"/{unit.name}/sent"))


def _expiry(fields: Fields) -> Expiry:
    return Expiry(
        after=fields.values["after"],
        end=_ENDS.get(fields.get("round", "")),
        start=fields.get("from", "available"),
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
