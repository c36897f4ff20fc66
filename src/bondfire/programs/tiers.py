"""The section `tier_sets`: ladders of tiers over what counts within a window."""

from decimal import Decimal
from typing import Final, get_args

from bondfire.kit import Period, format_amount, local_time
from bondfire.programs.earn import EVENT_TYPE, UNDOING, judge_award, refuse_undoing
from bondfire.programs.environment import environment_of
from bondfire.programs.expressions import compile_at
from bondfire.programs.findings import Fields, Place
from bondfire.programs.ladder import Tier, TierBy, TierFall, TierSet, TierUpgrade, TierWindow
from bondfire.programs.leaves import LocalMoment, amount, choice, expression, moment, name, period
from bondfire.programs.model import Unit
from bondfire.programs.scope import Scope, known_event_type, known_unit, of_unit
from bondfire.programs.shapes import RESERVED, SLUG, WORD, Key, ListOf, MapOf, Record
from bondfire.rules import DECIMAL, Expression, compile_expression

_DAYS: Final = Unit("days")
_ORDERS: Final = "order.placed"
_SPEND: Final = "event.total"
_YEAR: Final = Period(months=12)
_LONGEST_MONTHS: Final = 60
"""What counts within a rolling window is kept by day, so it cannot be as long as one likes."""
_KEYS_OF: Final[dict[TierBy, tuple[set[str], set[str]]]] = {
    "unit": ({"unit"}, set()),
    "spend": (set(), set()),
    "visits": (set(), {"on"}),
    "value": ({"on", "value"}, set()),
}
"""The keys that say what counts: those that each way needs, and those it may have."""
_WHAT: Final[dict[TierBy, str]] = {
    "unit": "what is earned of a unit",
    "spend": "the money of orders",
    "visits": "days with an event",
    "value": "a value of each event",
}
_TIER: Final = Record(
    "One tier.",
    {
        "from": Key(amount("How much must count within the window; exactly this much is in."), required=True),
        "benefits": Key(ListOf("What the tier gives, as words other parts know.", name("", "benefit", SLUG))),
    },
)
COUNTS: Final = choice(
    "What counts: unit (default), what is earned of a unit; spend, the money of orders less returns "
    "and what was paid with points; visits, days with an event; value, an amount of each event.",
    *get_args(TierBy),
)
_KEYS: Final = {
    "by": Key(COUNTS),
    "unit": Key(name("The unit whose earnings count.", "unit", WORD)),
    "on": Key(EVENT_TYPE),
    "value": Key(expression("What one event counts, as a number or an expression over event.", "amount")),
    "window": Key(choice("Over which time it counts.", *get_args(TierWindow)), required=True),
    "length": Key(period("How long a rolling window is; 12 months by default.")),
    "upgrade": Key(
        choice(
            "at_once (default): a tier is reached with the event that earns it; period_end: when the period "
            "ends in which it was earned.",
            *get_args(TierUpgrade),
        )
    ),
    "fall": Key(
        choice(
            "to_earned (default): a fall ends at the tier that was earned; one_step: one tier lower.",
            *get_args(TierFall),
        )
    ),
    "grace": Key(period("How long a tier stays after the window in which it was not reached again.")),
    "no_falls_before": Key(
        moment(
            "The announced day, or local time, before which nobody falls, whatever the thresholds say now."
        )
    ),
    "tiers": Key(MapOf("The tiers, in any order.", _TIER, "tier", least=1), required=True),
}
TIER_SETS: Final = MapOf(
    "Ladders of tiers, by name; several are independent of each other.",
    Record("One ladder.", _KEYS),
    noun="tier set",
    pattern=WORD,
    reserved=RESERVED,
)


def read_tier_sets(fields: Fields | None, scope: Scope) -> dict[str, TierSet]:
    """The ladders, each ascending whatever the order written.

    Args:
        fields: the section.
        scope: the names of the programme; its tier sets are what is read here.
    """
    if fields is None:
        return {}
    return {name: _tier_set(name, fields.get(name), scope) for name in fields.places}


def _tier_set(name: str, fields: Fields | None, scope: Scope) -> TierSet:
    if fields is None:
        return TierSet(name, "", "lifetime", ())
    by: TierBy = fields.get("by", "unit")
    check_counted(fields, by)
    _check_times(fields)
    unit = counted_unit(fields, by, scope)
    on = counted_type(fields, by, scope)
    counted = {"unit": scope.units.get(unit), "visits": _DAYS}.get(by)
    announced: LocalMoment | None = fields.get("no_falls_before")
    return TierSet(
        name,
        unit,
        fields.get("window", "lifetime"),
        _ladder(fields.get("tiers"), counted),
        grace=fields.get("grace", Period()),
        by=by,
        on=on,
        value=counted_value(fields, by, on, scope),
        length=fields.get("length", _YEAR),
        upgrade=fields.get("upgrade", "at_once"),
        fall=fields.get("fall", "to_earned"),
        no_falls_before=local_time(announced.at, scope.zone) if announced else None,
    )


def counted_unit(fields: Fields, by: TierBy, scope: Scope) -> str:
    """The unit whose earnings count, "" when something else does."""
    return known_unit(fields.places.get("unit"), fields.get("unit", ""), scope.units) if by == "unit" else ""


def check_counted(fields: Fields, by: TierBy) -> None:
    """What counts is said once, by the keys that belong to it."""
    needed, allowed = _KEYS_OF[by]
    where = fields.place.where
    for key in sorted(needed - fields.places.keys()):
        fields.place.head.refuse(
            "missing_key",
            f"{where} lacks the key {key!r}: it counts {_WHAT[by]}.",
            f"Add {key}, or another `by`.",
        )
    for key in sorted(({"unit", "on", "value"} & fields.places.keys()) - needed - allowed):
        place = fields.places[key]
        place.head.refuse(
            "bad_value",
            f"{place.where} means nothing here: {where} counts {_WHAT[by]}.",
            f"Leave {key} out, or say what counts with `by`.",
        )


def _check_times(fields: Fields) -> None:
    """The length belongs to a rolling window; what waits for a period's end needs one that ends."""
    window: TierWindow = fields.get("window", "rolling")
    length: Period = fields.get("length", _YEAR)
    if "length" in fields.places and (
        window != "rolling" or length.months + length.days / 30 > _LONGEST_MONTHS
    ):
        place = fields.places["length"]
        place.refuse(
            "bad_value",
            f"{place.where} is the length of a rolling window, at most {_LONGEST_MONTHS} months.",
            "Set window: rolling, or leave length out.",
        )
    if (
        fields.get("upgrade") == "period_end"
        and window in {"rolling", "lifetime"}
        and "window" in fields.values
    ):
        place = fields.places["upgrade"]
        place.refuse(
            "bad_value",
            f"{place.where} waits for the end of a period, and a {window} window has none.",
            "Use calendar_year, membership_year or tier_year, or upgrade: at_once.",
        )


def counted_type(fields: Fields, by: TierBy, scope: Scope) -> str:
    """The event type that counts, "" for a unit or a type that is none."""
    if by == "unit":
        return ""
    if "on" not in fields.places or by == "spend":
        return "" if by == "value" else _ORDERS
    on = known_event_type(fields, scope.catalogue)
    if on is not None and on in UNDOING:
        refuse_undoing(fields.places["on"], on)
        return ""
    return on or ""


def counted_value(fields: Fields, by: TierBy, on: str, scope: Scope) -> Expression | None:
    """What one event counts; it reads the event alone, so that what comes back counts the same for ever."""
    if by == "spend":
        return compile_expression(_SPEND, environment_of(scope, _ORDERS, line=False), expects=DECIMAL)
    if by != "value" or not on or "value" not in fields.values:
        return None
    place = fields.places["value"]
    value = compile_at(place, scope, on, expects=DECIMAL)
    if value is None:
        return None
    judge_award(place, value)
    others = sorted(path for path in value.paths if not path.startswith("event.") or path == "event.member")
    if others:
        place.refuse(
            "not_of_the_event",
            f"{place.where} reads {others[0]}; what counts is read from the event alone.",
            "Award a qualifying unit by a rule, and count that.",
        )
    return value


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
