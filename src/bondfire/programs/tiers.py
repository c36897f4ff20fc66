"""The section `tier_sets`: ladders of tiers over what is earned within a window."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from bondfire.kit import Period, format_amount
from bondfire.programs.findings import Fields, Place
from bondfire.programs.leaves import amount, choice, name, period
from bondfire.programs.model import Tier, TierSet, TierWindow, Unit
from bondfire.programs.scope import known_unit, of_unit
from bondfire.programs.shapes import RESERVED, SLUG, WORD, Key, ListOf, MapOf, Record

_TIER: Final = Record(
    "One tier.",
    {
        "from": Key(
            amount("How much must be earned within the window; exactly this much is in."), required=True
        ),
        "benefits": Key(ListOf("What the tier gives, as words other parts know.", name("", "benefit", SLUG))),
    },
)
TIER_SETS: Final = MapOf(
    "Ladders of tiers, by name; several are independent of each other.",
    Record(
        "One ladder.",
        {
            "unit": Key(name("The unit whose earnings count.", "unit", WORD), required=True),
            "window": Key(
                choice("Over which time they count.", "calendar_year", "membership_year", "lifetime"),
                required=True,
            ),
            "grace": Key(period("How long a tier stays after the window in which it was not reached again.")),
            "tiers": Key(MapOf("The tiers, in any order.", _TIER, "tier", least=1), required=True),
        },
    ),
    noun="tier set",
    pattern=WORD,
    reserved=RESERVED,
)


def read_tier_sets(fields: Fields | None, units: Mapping[str, Unit]) -> dict[str, TierSet]:
    """The ladders, each ascending whatever the order written."""
    if fields is None:
        return {}
    return {name: _tier_set(name, fields.get(name), units) for name in fields.places}


def _tier_set(name: str, fields: Fields | None, units: Mapping[str, Unit]) -> TierSet:
    if fields is None:
        return TierSet(name, "", "lifetime", ())
    unit = known_unit(fields.places.get("unit"), fields.get("unit", ""), units)
    window: TierWindow = fields.get("window", "lifetime")
    tiers: Fields | None = fields.get("tiers")
    return TierSet(name, unit, window, _ladder(tiers, units.get(unit)), fields.get("grace", Period()))


def _ladder(fields: Fields | None, unit: Unit | None) -> tuple[Tier, ...]:
    if fields is None:
        return ()
    ladder: dict[Decimal, Tier] = {}
    broken = []
    for tier_name in fields.places:
        tier: Fields | None = fields.get(tier_name)
        threshold: Decimal | None = tier.get("from") if tier else None
        if tier is None or threshold is None:
            broken.append(Tier(tier_name, Decimal(-1)))
            continue
        of_unit(tier.places["from"], threshold, unit)
        if threshold in ladder:
            _refuse_same_threshold(tier.places["from"], tier_name, ladder[threshold])
        ladder.setdefault(threshold, Tier(tier_name, threshold, tuple(tier.get("benefits", ()))))
    return (*broken, *(ladder[threshold] for threshold in sorted(ladder)))


def _refuse_same_threshold(place: Place, name: str, other: Tier) -> None:
    place.refuse(
        "unreachable_tier",
        f"{place.where}: {name!r} and {other.name!r} both begin at {format_amount(other.threshold)}, "
        "so one of them can never be reached.",
        "Give each tier its own threshold.",
    )
