"""What moved and when, as accountants count it: days, months, vintages, and the figures of a roll-forward."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final, Literal, NamedTuple, TypeVar

import msgspec

from bondfire.errors import BadInput
from bondfire.journal import MOVES, Moved
from bondfire.kit import local_midnight
from bondfire.ledger import ZERO, Account
from bondfire.programs import Timeline, Version

Figure = Literal[
    "issued", "restored", "received", "spent", "sent", "expired", "clawed_back", "corrected", "debt_paid"
]
FIGURES: Final[tuple[Figure, ...]] = (
    *("issued", "restored", "received", "spent", "sent", "expired", "clawed_back", "corrected", "debt_paid"),
)
"""What can change what is open: the first three add to it, the others take from it."""
ADDING: Final[frozenset[Figure]] = frozenset({"issued", "restored", "received"})
_FIGURES_OF: Final[Mapping[str, tuple[Figure, ...]]] = {
    "earn.pending": ("issued",),
    "earn.active": ("issued",),
    "earn.expired": ("issued", "expired"),
    "restore": ("restored",),
    "spend": ("spent",),
    "capture": ("spent",),
    "send": ("sent",),
    "send_back": ("received",),
    "receive.active": ("received",),
    "receive.expired": ("received", "expired"),
    "merge.active": ("sent",),
    "merge.pending": ("sent",),
    "merge.held": ("sent",),
    "absorb.active": ("received",),
    "absorb.pending": ("received",),
    "absorb.held": ("received",),
    "expire": ("expired",),
    "claw_back.pending": ("clawed_back",),
    "claw_back.active": ("clawed_back",),
    "adjust": ("corrected",),
    "pay_debt": ("debt_paid",),
}
"""Which figures a movement counts in; those that are not here leave what is open as it is."""
_MONTH: Final = re.compile(r"\d{4}-(0[1-9]|1[0-2])", re.ASCII)
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_YEARS: Final = range(1900, 9001)


class BadDate(BadInput):
    """A day or a month that cannot be asked for."""

    code = "bad_date"


def parse_day(text: str, name: str) -> date:
    """Read a day such as 2026-03-31.

    Raises:
        BadDate: it is none of the calendar.
    """
    try:
        day = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None or day.year not in _YEARS:
        raise BadDate(
            f"{name} is {text[:40]!r}, which is not a day.", next_step="Write a day like 2026-03-31."
        )
    return day


def parse_month(text: str, name: str) -> date:
    """Read a month such as 2026-03, as its first day.

    Raises:
        BadDate: it is none of the calendar.
    """
    if not _MONTH.fullmatch(text) or int(text[:4]) not in _YEARS:
        raise BadDate(
            f"{name} is {text[:40]!r}, which is not a month.", next_step="Write a month like 2026-03."
        )
    return date(int(text[:4]), int(text[5:]), 1)


def month_of(day: date) -> date:
    """The first day of its month."""
    return day.replace(day=1)


def next_month(month: date) -> date:
    """The first day of the month after it."""
    return (month.replace(day=1) + timedelta(days=31)).replace(day=1)


def months_between(earlier: date, later: date) -> int:
    """How many months lie between two months."""
    return (later.year - earlier.year) * 12 + later.month - earlier.month


def last_day(month: date) -> date:
    """The last day of a month."""
    return next_month(month) - timedelta(days=1)


class Price(NamedTuple):
    """What one unit is worth."""

    value: Decimal
    currency: str


def version_on(timeline: Timeline, day: date) -> Version:
    """The version that is valid at the end of a day, in its own time zone."""
    return _known_by(timeline, day)[-1]


def closing_of(timeline: Timeline, month: date, until: date) -> datetime:
    """When a month is closed for everything in it, as far as is known on a day."""
    before = len(_known_by(timeline, month - timedelta(days=1)))
    programs = [version.program for version in _known_by(timeline, until)[before - 1 :]]
    return max(
        one.books.close_after.after(local_midnight(next_month(month), one.zone), one.zone) for one in programs
    )


def _known_by(timeline: Timeline, day: date) -> list[Version]:
    first, *later = timeline.versions
    end = day + timedelta(days=1)
    return [first, *(one for one in later if one.valid_from < local_midnight(end, one.program.zone))]


def price_of(timeline: Timeline, unit: str, earned_by: int, day: date) -> Price | None:
    """What one unit of a lot is worth on a day: what the version that gave it says.

    A price that changes later changes nothing about it (IFRS 15.88). Where the version says nothing, the
    first later one counts that does and is valid by that day; None when there is none.
    """
    for version in _known_by(timeline, day):
        declared = version.program.units.get(unit)
        if version.number >= earned_by and declared is not None and declared.value is not None:
            return Price(declared.value, version.program.currency)
    return None


class Figures(msgspec.Struct):
    """What changed what is open, each as an amount that is not negative."""

    issued: Decimal = ZERO
    restored: Decimal = ZERO
    received: Decimal = ZERO
    spent: Decimal = ZERO
    sent: Decimal = ZERO
    expired: Decimal = ZERO
    clawed_back: Decimal = ZERO
    corrected: Decimal = ZERO
    debt_paid: Decimal = ZERO

    def count(self, move: str, amount: Decimal) -> None:
        """Count a movement."""
        for figure in _FIGURES_OF.get(move, ()):
            setattr(self, figure, getattr(self, figure) + amount)

    @property
    def change(self) -> Decimal:
        """How much more is open afterwards."""
        return sum((self._signed(figure) for figure in FIGURES), ZERO)

    def _signed(self, figure: Figure) -> Decimal:
        amount: Decimal = getattr(self, figure)
        return amount if figure in ADDING else -amount

    @property
    def kept(self) -> Decimal:
        """What was issued or received, less what was taken back or sent on: spent or expired in the end."""
        gone = self.sent + self.clawed_back + self.corrected + self.debt_paid
        return self.issued + self.received - gone

    @property
    def redeemed(self) -> Decimal:
        """What was spent and did not come back."""
        return self.spent - self.restored


class History(msgspec.Struct, frozen=True):
    """What was posted, added up by unit, vintage, version, time of posting and kind of movement."""

    moved: tuple[Moved, ...]

    def until(self, day: date) -> "History":
        """What was posted up to a day; a history told by month, up to the end of a month."""
        return History(tuple(one for one in self.moved if one.posted <= day))

    def of_unit(self, unit: str) -> "History":
        """What was posted of one unit."""
        return History(tuple(one for one in self.moved if one.unit == unit))

    @property
    def units(self) -> list[str]:
        """What was ever posted, by name."""
        return sorted({one.unit for one in self.moved})

    @property
    def broken(self) -> int:
        """Movements after which a lot held less than nothing or more than was earned; always none."""
        return sum(one.broken for one in self.moved)

    def by_posting(self) -> dict[date, Figures]:
        """The figures by day or month of posting, in order."""
        return _counted((one.posted, one) for one in self.moved)

    def by_vintage(self) -> dict[date, Figures]:
        """The figures by month of earning, in order."""
        return _counted((one.earned_in, one) for one in self.moved)

    def by_lot_value(self) -> dict[tuple[date, int], Figures]:
        """The figures by month of earning and by the version that gave the lots, in order."""
        return _counted(((one.earned_in, one.earned_by), one) for one in self.moved)

    def balances(self) -> dict[Account, Decimal]:
        """What each account holds: credits less debits."""
        held: dict[Account, Decimal] = defaultdict(lambda: ZERO)
        for one in self.moved:
            _, debit, credit = MOVES[one.move]
            held[debit] -= one.amount
            held[credit] += one.amount
        return held


K = TypeVar("K", date, tuple[date, int])


def _counted(keyed: Iterator[tuple[K, Moved]]) -> dict[K, Figures]:
    found: dict[K, Figures] = {}
    for key, one in keyed:
        found.setdefault(key, Figures()).count(one.move, one.amount)
    return dict(sorted(found.items()))


def history_of(moved: Iterable[Moved]) -> History:
    """The history of movements that may come in several parts."""
    sums: dict[tuple[str, date, int, date, str], tuple[Decimal, int]] = {}
    for one in moved:
        amount, broken = sums.get(one[:5], (ZERO, 0))
        sums[one[:5]] = amount + one.amount, broken + one.broken
    return History(tuple(Moved(*key, *value) for key, value in sorted(sums.items())))
