"""The sections `returns`, `earning`, `books`, `restored`, `adjustments`: what holds for a whole programme."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final, get_args

from bondfire.events import CATALOGUE
from bondfire.kit import Period
from bondfire.programs.findings import Fields
from bondfire.programs.leaves import amount, choice, period
from bondfire.programs.model import Books, Clawback, Earning, Returns, Unit
from bondfire.programs.scope import of_unit
from bondfire.programs.shapes import WORD, Key, ListOf, MapOf, Record

LINE_KINDS: Final = CATALOGUE.types["order.placed"].fields["lines"].fields["kind"].values

RETURNS: Final = Record(
    "What a return takes back.",
    {
        "clawback": Key(
            choice(
                "When more is taken back than is there: allow_negative (default) makes a debt, clamp writes "
                "the rest off, pending_only takes only what is pending.",
                *get_args(Clawback),
            )
        ),
        "window": Key(period("How far back a return that names no order is matched; 100 days by default.")),
    },
)
EARNING: Final = Record(
    "What of an order earns.",
    {
        "exclude": Key(
            ListOf(
                "Kinds of lines that earn nothing; shipping, deposit, tax and gift_card by default.",
                choice("A kind of line.", *LINE_KINDS),
            )
        ),
        "paid_with_points": Key(
            choice(
                "after (default): what is paid with points earns nothing; before: it earns.",
                "after",
                "before",
            )
        ),
    },
)
BOOKS: Final = Record(
    "The accounting periods.",
    {"close_after": Key(period("A month closes this long after its end; 10 days by default."))},
)
RESTORED: Final = Record(
    "Points that come back with a returned order.",
    {"grace": Key(period("How long those live that expired meanwhile; 14 days by default."))},
)


ADJUSTMENTS: Final = Record(
    "Corrections by hand.",
    {
        "approval_above": Key(
            MapOf(
                "Above how much of a unit, added or taken, a second person must approve; without it, never.",
                amount("The most that one person may correct at once."),
                noun="unit",
                pattern=WORD,
            )
        )
    },
)


def read_approvals(fields: Fields | None, units: Mapping[str, Unit]) -> dict[str, Decimal]:
    """How much of each unit one person may correct at once."""
    limits: Fields | None = fields.get("approval_above") if fields else None
    if limits is None:
        return {}
    for name, place in limits.places.items():
        if name not in units:
            place.head.unknown("unit", name, units)
        elif name in limits.values:
            of_unit(place, limits.values[name], units[name])
    return dict(limits.values)


def read_returns(fields: Fields | None) -> Returns:
    """What a return takes back."""
    known = Returns()
    if fields is None:
        return known
    return Returns(fields.get("clawback", known.clawback), fields.get("window", known.window))


def read_earning(fields: Fields | None) -> Earning:
    """What of an order earns."""
    known = Earning()
    if fields is None:
        return known
    excluded = frozenset(fields.get("exclude", known.excluded_kinds))
    return Earning(excluded, fields.get("paid_with_points", known.paid_with_points))


def read_books(fields: Fields | None) -> Books:
    """When an accounting month closes."""
    return Books(fields.get("close_after", Books().close_after)) if fields else Books()


def read_grace(fields: Fields | None) -> Period:
    """How long restored points live that expired meanwhile."""
    known = Period(days=14)
    return fields.get("grace", known) if fields else known
