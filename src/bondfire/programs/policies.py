"""The sections `returns`, `earning`, `books` and `restored`: what holds for the programme as a whole."""

from typing import Final, get_args

from bondfire.events import CATALOGUE
from bondfire.kit import Period
from bondfire.programs.findings import Fields
from bondfire.programs.leaves import choice, period
from bondfire.programs.model import Books, Clawback, Earning, Returns
from bondfire.programs.shapes import Key, ListOf, Record

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
