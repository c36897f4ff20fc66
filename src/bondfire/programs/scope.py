"""What the parts of a document refer to: units, tier sets, event types, the time zone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from bondfire.events import Catalogue
from bondfire.kit import AmountError, local_time, parse_amount
from bondfire.programs.findings import Fields, Place
from bondfire.programs.funds import Budget
from bondfire.programs.ladder import TierSet
from bondfire.programs.leaves import LocalMoment
from bondfire.programs.model import Unit
from bondfire.rules import Environment, Type


@dataclass(frozen=True, slots=True)
class Scope:
    """The names of one programme.

    Attributes:
        attributes: types of the members' attributes.
        environments: what expressions may read, by event type and whether they see a line; filled when
            first asked for.
    """

    zone: ZoneInfo
    units: Mapping[str, Unit]
    tier_sets: Mapping[str, TierSet]
    catalogue: Catalogue
    attributes: Mapping[str, Type]
    budgets: Mapping[str, Budget] = field(default_factory=dict)
    environments: dict[tuple[str, bool], Environment] = field(default_factory=dict)


def known_unit(place: Place | None, name: str, units: Mapping[str, Unit]) -> str:
    """The name, after recording the mistake when no unit has it."""
    if place and name and name not in units:
        place.unknown("unit", name, units)
    return name


def of_unit(place: Place, amount: Decimal, unit: Unit | None) -> None:
    """Refuse an amount that is finer than its unit."""
    if unit is None:
        return
    try:
        parse_amount(amount, decimals=unit.decimals, name=place.where)
    except AmountError as refusal:
        place.refuse("bad_value", refusal.message, f"The unit {unit.name!r} has {unit.decimals} decimals.")


def known_event_type(fields: Fields, catalogue: Catalogue) -> str | None:
    """The event type named by `on`, or None after recording that it is unknown."""
    on: str = fields.get("on", "")
    if on and on not in catalogue.types:
        fields.places["on"].unknown("event type", on, catalogue.types)
    return on if on in catalogue.types else None


def read_schedule(fields: Fields, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
    """`starts` and `ends` as a half-open interval in UTC; a date as the end includes that day."""
    starts: LocalMoment | None = fields.get("starts")
    ends: LocalMoment | None = fields.get("ends")
    starts_at = local_time(starts.at, zone) if starts else None
    ends_at = local_time(ends.following, zone) if ends else None
    if starts_at and ends_at and ends_at <= starts_at:
        place = fields.places["ends"]
        place.refuse(
            "ends_before_start", f"{place.where}: it ends before it starts.", "Exchange the two dates."
        )
    return starts_at, ends_at
